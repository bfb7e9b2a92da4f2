// Sizes that follow from a call, where things lie in its scratch memory, and the packing of weights.
#ifndef SWEEPYARD_LAYOUT_H
#define SWEEPYARD_LAYOUT_H
#include "call.h"
#include "products.h"

typedef struct {
  int models, steps, batch, inputs, units;
  int gates;          // products of width H in the weights: 4 for an LSTM, 3 for a GRU
  int padded_units;   // the next multiple of LANES; the columns above `units` are zero everywhere
  int padded_inputs;
  int block;          // samples that go through the whole sequence before the next ones do, to stay in the cache
  int blocks;
  size_t state_step;  // floats that describe one step of a block, see lstm.h and gru.h
} Sizes;

INLINE int round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

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

static float *take(uintptr_t memory, size_t *used, size_t floats) {
  float *start = (float *)(memory + *used);
  *used += (floats * sizeof(float) + 63) / 64 * 64;
  return start;
}

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

static void clear(float *to, size_t count) {
  for (size_t i = 0; i < count; i++) to[i] = 0;
}

// Some gates of a weight matrix [rows, gates * units], each padded, as panels.
static Panels pack(float *to, const float *from, int rows, int first_gate, int count, const Sizes *s) {
  float *next = to;
  int width = count * s->padded_units;
  for (int column = 0; column < width; column += 4 * LANES) {
    int end = column + 4 * LANES < width ? column + 4 * LANES : width;
    for (int row = 0; row < rows; row++)
      for (int c = column; c < end; c++) {
        int gate = first_gate + c / s->padded_units, unit = c % s->padded_units;
        *next++ = unit < s->units ? from[(size_t)row * (size_t)(s->gates * s->units) + (size_t)(gate * s->units + unit)] : 0;
      }
  }
  return (Panels){to, rows};
}

// The transpose of `count` gates of a weight matrix [columns, gates * units], beginning with `first_gate` and going
// round: rows are gates * padded units, columns padded likewise.
static Panels pack_transposed(float *to, const float *from, int columns, int first_gate, int count, const Sizes *s) {
  float *next = to;
  int width = round_up(columns, LANES);
  for (int column = 0; column < width; column += 4 * LANES) {
    int end = column + 4 * LANES < width ? column + 4 * LANES : width;
    for (int g = 0; g < count; g++) {
      int gate = (first_gate + g) % s->gates;
      for (int unit = 0; unit < s->padded_units; unit++)
        for (int c = column; c < end; c++)
          *next++ = unit < s->units && c < columns
                        ? from[(size_t)c * (size_t)(s->gates * s->units) + (size_t)(gate * s->units + unit)]
                        : 0;
    }
  }
  return (Panels){to, count * s->padded_units};
}

// to[rows, gates * units] = from[rows, gates * padded units], whose gates begin with `first_gate` and go round.
static void unpack(float *to, const float *from, int rows, int first_gate, const Sizes *s) {
  for (int row = 0; row < rows; row++)
    for (int g = 0; g < s->gates; g++) {
      int gate = (first_gate + g) % s->gates;
      const float *source = from + ((size_t)row * (size_t)s->gates + (size_t)g) * (size_t)s->padded_units;
      float *target = to + ((size_t)row * (size_t)s->gates + (size_t)gate) * (size_t)s->units;
      for (int unit = 0; unit < s->units; unit++) target[unit] = source[unit];
    }
}

static void copy_rows(float *to, size_t to_stride, const float *from, size_t from_stride, int rows, int width) {
  for (int r = 0; r < rows; r++, to += to_stride, from += from_stride) {
    int c = 0;
    for (; c + LANES <= width; c += LANES) store(to + c, load(from + c));
    for (; c < width; c++) to[c] = from[c];
  }
}

static void add_rows(float *to, size_t to_stride, const float *from, size_t from_stride, int rows, int width) {
  for (int r = 0; r < rows; r++, to += to_stride, from += from_stride) {
    int c = 0;
    for (; c + LANES <= width; c += LANES) store(to + c, load(to + c) + load(from + c));
    for (; c < width; c++) to[c] += from[c];
  }
}

// One block of one model: its slices of the tensors. Strides are in floats.
typedef struct {
  int rows;              // samples, at most sizes.block
  const float *x;        // [T, rows, I], steps `x_step` apart
  float *y;              // forward; none while the backward pass computes the states again
  const float *dy;       // backward
  float *dx;             // backward, may be none
  float *state;          // [T or 1] * state_step
  size_t x_step, y_step; // between two steps
  size_t state_step;     // 0 where only the last step is kept
  int sequences;
  int add_dx;            // dx is added to what is there: models that share x
} Block;

static void write_dx(const Block *b, const Sizes *s, int t, const float *dx) {
  float *to = b->dx + (size_t)t * b->x_step;
  if (b->add_dx)
    add_rows(to, (size_t)s->inputs, dx, (size_t)s->padded_inputs, b->rows, s->inputs);
  else
    copy_rows(to, (size_t)s->inputs, dx, (size_t)s->padded_inputs, b->rows, s->inputs);
}

#endif
