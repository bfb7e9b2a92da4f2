// Sizes of a layer, and how weights and rows are laid out for products: padded to whole vectors.
#ifndef SWEEPYARD_PACKING_H
#define SWEEPYARD_PACKING_H
#include "call.h"
#include "products.h"

typedef struct {
  int models, steps, batch, inputs, units;
  int gates;          // products of width H in the weights: 4 for an LSTM, 3 for a GRU, 1 for a dense layer
  int padded_units;   // the next multiple of LANES; the columns above `units` are zero everywhere
  int padded_inputs;
  int block;          // samples that go through the whole sequence before the next ones do, to stay in the cache
  int blocks;
  size_t state_step;  // floats that describe one step of a block, see lstm.h and gru.h
} Sizes;

INLINE int round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

static float *take(uintptr_t memory, size_t *used, size_t floats) {
  float *start = (float *)(memory + *used);
  *used += (floats * sizeof(float) + 63) / 64 * 64;
  return start;
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

#endif
