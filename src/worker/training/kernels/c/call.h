// What one call of a kernel is: words of 32 bits, the same for WebAssembly and for the native addon, written by call.ts.
// Tensors are given by their offset in bytes within one memory; 0 stands for "none".
#ifndef SWEEPYARD_CALL_H
#define SWEEPYARD_CALL_H
#include <stdint.h>

// Raised whenever the meaning of these words changes, so that a stale build is noticed.
#define CALL_VERSION 2

enum { CELL_LSTM = 0, CELL_GRU_RESET_BEFORE = 1, CELL_GRU_RESET_AFTER = 2 };

// Of the recurrent kernels: 22 words.
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
  int32_t reverse;       // 1: the sequence is read from its end to its start
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

// Of the dense kernel: 15 words.
typedef struct {
  int32_t relu;          // 1: relu, 0: linear
  int32_t models;        // K
  int32_t input_models;  // 1 or K
  int32_t rows;          // N
  int32_t inputs;        // I
  int32_t units;         // O
  uint32_t x;            // [input_models, N, I]
  uint32_t kernel;       // [K, I, O]
  uint32_t bias;         // [K, O]
  uint32_t y;            // [K, N, O]: forward writes it; backward reads it where relu is 1
  uint32_t dy;           // backward: as y
  uint32_t dx;           // backward: as x; none: not computed
  uint32_t dkernel;      // backward: as kernel
  uint32_t dbias;        // backward: as bias
  uint32_t scratch;      // dense_scratch_bytes, aligned to 16
} DenseCall;

#endif
