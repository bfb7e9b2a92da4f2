// Sizes that follow from a call of the recurrent kernels, and where things lie in its scratch memory.
#ifndef SWEEPYARD_LAYOUT_H
#define SWEEPYARD_LAYOUT_H
#include "call.h"
#include "packing.h"

// Floats of one gate of one step of a block: then all gates, inputs and states of a step fit the first cache.
enum { BLOCK_FLOATS = 1024 };

static Sizes sizes_of(const Call *call) {
  Sizes s;
  s.models = call->models;
  s.steps = call->steps;
  s.batch = call->batch;
  s.inputs = call->inputs;
  s.units = call->units;
  s.gates = call->cell == CELL_LSTM ? 4 : 3;
  s.padded_units = round_up(s.units, LANES);
  s.padded_inputs = round_up(s.inputs, LANES);
  int most = BLOCK_FLOATS / s.padded_units;
  most = most < 8 ? 8 : round_up(most, 8);
  s.blocks = (s.batch + most - 1) / most;
  s.block = (s.batch + s.blocks - 1) / s.blocks;
  if (s.blocks > 1) s.block = round_up(s.block, 8);
  s.blocks = (s.batch + s.block - 1) / s.block;
  int widths = call->cell == CELL_LSTM ? 6 : call->cell == CELL_GRU_RESET_BEFORE ? 4 : 5;
  s.state_step = (size_t)s.block * (size_t)(widths * s.padded_units);
  return s;
}

typedef struct {
  float *kernel, *recurrent, *bias;                // packed for the way forward
  float *kernel_transposed, *recurrent_transposed; // packed for the way back
  float *zeros;                                    // [block, padded_units]: the state before the first step
  float *h, *hidden;                               // [block, padded_units]: what a cell keeps beside its state
  float *state;                                    // steps of one block, if they are not saved; forward alone: one step
  float *slopes;                                   // [block, 4 * padded_units]: gradients of the gates' arguments
  float *dh, *dc;                                  // [block, padded_units]
  float *dx;                                       // [block, padded_inputs]
  float *dkernel, *drecurrent, *dbias;             // sums, padded
} Scratch;

// Lays `scratch` out in `memory`; returns the bytes that this takes (also where memory is 0).
static size_t lay_out(Scratch *scratch, const Sizes *s, const Call *call, int backward, uintptr_t memory) {
  size_t used = 0, width = (size_t)(s->gates * s->padded_units), units = (size_t)s->padded_units;
  size_t inputs = (size_t)s->padded_inputs, block = (size_t)s->block;
  scratch->kernel = take(memory, &used, (size_t)s->inputs * width);
  scratch->recurrent = take(memory, &used, (size_t)s->units * width);
  scratch->bias = take(memory, &used, 2 * width);
  scratch->zeros = take(memory, &used, block * units);
  scratch->h = take(memory, &used, block * units);
  scratch->hidden = take(memory, &used, block * units);
  size_t steps = backward ? (size_t)s->steps : 1;
  scratch->state = take(memory, &used, call->saved ? 0 : s->state_step * steps);
  if (!backward) return used;
  scratch->kernel_transposed = take(memory, &used, width * inputs);
  scratch->recurrent_transposed = take(memory, &used, width * units);
  scratch->slopes = take(memory, &used, block * 4 * units);
  scratch->dh = take(memory, &used, block * units);
  scratch->dc = take(memory, &used, block * units);
  scratch->dx = take(memory, &used, block * inputs);
  scratch->dkernel = take(memory, &used, (size_t)s->inputs * width);
  scratch->drecurrent = take(memory, &used, (size_t)s->units * width);
  scratch->dbias = take(memory, &used, 2 * width);
  return used;
}

// One block of one model: its slices of the tensors. Strides are in floats.
typedef struct {
  int rows;              // samples, at most sizes.block
  const float *x;        // [T, rows, I], steps `x_step` apart
  float *y;              // forward; none while the backward pass computes the states again
  const float *dy;       // backward
  float *dx;             // backward, may be none
  float *state;          // [T or 1] * state_step
  ptrdiff_t x_step, y_step; // between two steps in the order of reading: negative where that is from the end
  size_t state_step;     // 0 where only the last step is kept
  int sequences;
  int add_dx;            // dx is added to what is there: models that share x
} Block;

static void write_dx(const Block *b, const Sizes *s, int t, const float *dx) {
  float *to = b->dx + t * b->x_step;
  if (b->add_dx)
    add_rows(to, (size_t)s->inputs, dx, (size_t)s->padded_inputs, b->rows, s->inputs);
  else
    copy_rows(to, (size_t)s->inputs, dx, (size_t)s->padded_inputs, b->rows, s->inputs);
}

#endif
