// What one call of the recurrent kernels is: the same 21 words of 32 bits for WebAssembly and for the native addon,
// written by call.ts. Tensors are given by their offset in bytes within one memory; 0 stands for "none".
#ifndef SWEEPYARD_CALL_H
#define SWEEPYARD_CALL_H
#include <stdint.h>

// Raised whenever the meaning of these words changes, so that a stale build is noticed.
#define CALL_VERSION 1

enum { CELL_LSTM = 0, CELL_GRU_RESET_BEFORE = 1, CELL_GRU_RESET_AFTER = 2 };

typedef struct {
  int32_t cell;
  int32_t relu;          // activation of the GRU's candidate: 1 relu, 0 tanh
  int32_t models;        // K
  int32_t input_models;  // 1 or K
  int32_t steps;         // T
  int32_t batch;         // B
  int32_t inputs;        // I
  int32_t units;         // H
  int32_t sequences;     // y and dy are 1: [K, T, B, H], 0: [K, B, H]
  uint32_t x;            // [input_models, T, B, I]
  uint32_t kernel;       // [K, I, G * H], G gates: see recurrent.ts for their order
  uint32_t recurrent;    // [K, H, G * H]
  uint32_t bias;         // [K, G * H], or [K, 2, G * H] for CELL_GRU_RESET_AFTER
  uint32_t y;            // forward: written
  uint32_t saved;        // saved_bytes: forward writes what backward reads; none: backward computes it again
  uint32_t dy;           // backward: as y
  uint32_t dx;           // backward: as x; none: not computed
  uint32_t dkernel;      // backward: as kernel
  uint32_t drecurrent;   // backward: as recurrent
  uint32_t dbias;        // backward: as bias
  uint32_t scratch;      // scratch_bytes, aligned to 16
} Call;

#endif
