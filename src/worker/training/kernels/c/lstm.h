// LSTM. State of a step: gates i f g o [block, 4 * width], c [block, width], tanh(c) [block, width].
#ifndef SWEEPYARD_LSTM_H
#define SWEEPYARD_LSTM_H
#include "layout.h"

typedef struct {
  Panels kernel, recurrent, kernel_transposed, recurrent_transposed;
} LstmWeights;

static LstmWeights lstm_weights(const Sizes *s, const Scratch *scratch, const float *kernel, const float *recurrent,
                                const float *bias, int backward) {
  LstmWeights w = {0};
  w.kernel = pack(scratch->kernel, kernel, s->inputs, 0, 4, s);
  w.recurrent = pack(scratch->recurrent, recurrent, s->units, 0, 4, s);
  pack(scratch->bias, bias, 1, 0, 4, s);
  if (backward) {
    w.kernel_transposed = pack_transposed(scratch->kernel_transposed, kernel, s->inputs, 0, 4, s);
    w.recurrent_transposed = pack_transposed(scratch->recurrent_transposed, recurrent, s->units, 0, 4, s);
  }
  return w;
}

INLINE void lstm_activate(int rows, int width, float *gates, const float *before, float *cell, float *tanh_cell,
                          float *h) {
  for (int r = 0; r < rows; r++, gates += 4 * width)
    for (int c = 0; c < width; c += LANES) {
      size_t at = (size_t)r * (size_t)width + (size_t)c;
      Vector i = sigmoid(load(gates + c)), f = sigmoid(load(gates + width + c));
      Vector g = hyperbolic_tangent(load(gates + 2 * width + c)), o = sigmoid(load(gates + 3 * width + c));
      Vector state = f * load(before + at) + i * g, squashed = hyperbolic_tangent(state);
      store(gates + c, i);
      store(gates + width + c, f);
      store(gates + 2 * width + c, g);
      store(gates + 3 * width + c, o);
      store(cell + at, state);
      store(tanh_cell + at, squashed);
      store(h + at, o * squashed);
    }
}

static void lstm_forward(const Sizes *s, const Scratch *scratch, const LstmWeights *w, const Block *b) {
  size_t width = (size_t)s->padded_units, plane = (size_t)s->block * width;
  const float *before = scratch->zeros;
  for (int t = 0; t < s->steps; t++) {
    float *gates = b->state + (size_t)t * b->state_step, *cell = gates + 4 * plane;
    Rows x = {b->x + t * b->x_step, (size_t)s->inputs, s->inputs};
    Rows h = {scratch->h, width, t > 0 ? s->units : 0};
    product(b->rows, 4 * (int)width, x, w->kernel, h, w->recurrent, scratch->bias, gates, 4 * width);
    lstm_activate(b->rows, (int)width, gates, before, cell, cell + plane, scratch->h);
    before = cell;
    if (b->y && (b->sequences || t == s->steps - 1))
      copy_rows(b->y + t * b->y_step, (size_t)s->units, scratch->h, width, b->rows, s->units);
  }
}

// From the gradient of h and of c after a step to those of the gates' arguments, of c before it, and of the bias.
// Writes h before the step, too.
INLINE void lstm_slopes(int rows, int width, const float *gates, const float *tanh_cell, const float *before,
                        const float *gates_before, const float *tanh_before, const float *dh, float *dc,
                        float *slopes, float *h, float *dbias) {
  for (int c = 0; c < width; c += LANES) {
    Vector di = load(dbias + c), df = load(dbias + width + c);
    Vector dg = load(dbias + 2 * width + c), d_o = load(dbias + 3 * width + c);
    for (int r = 0; r < rows; r++) {
      size_t at = (size_t)r * (size_t)width + (size_t)c, gate = 4 * (size_t)r * (size_t)width + (size_t)c;
      const float *now = gates + gate;
      float *slope = slopes + gate;
      Vector i = load(now), f = load(now + width), g = load(now + 2 * width), o = load(now + 3 * width);
      Vector squashed = load(tanh_cell + at), one = splat(1), of_h = load(dh + at);
      Vector of_c = load(dc + at) + of_h * o * (one - squashed * squashed);
      Vector slope_i = of_c * g * i * (one - i), slope_f = of_c * load(before + at) * f * (one - f);
      Vector slope_g = of_c * i * (one - g * g), slope_o = of_h * squashed * o * (one - o);
      store(slope, slope_i);
      store(slope + width, slope_f);
      store(slope + 2 * width, slope_g);
      store(slope + 3 * width, slope_o);
      store(dc + at, of_c * f);
      if (gates_before) store(h + at, load(gates_before + gate + 3 * width) * load(tanh_before + at));
      di += slope_i;
      df += slope_f;
      dg += slope_g;
      d_o += slope_o;
    }
    store(dbias + c, di);
    store(dbias + width + c, df);
    store(dbias + 2 * width + c, dg);
    store(dbias + 3 * width + c, d_o);
  }
}

static void lstm_backward(const Sizes *s, const Scratch *scratch, const LstmWeights *w, const Block *b) {
  size_t width = (size_t)s->padded_units, plane = (size_t)s->block * width, all = 4 * width;
  Rows none = {scratch->zeros, 0, 0};
  Panels nothing = {scratch->zeros, 0};
  clear(scratch->dh, plane);
  clear(scratch->dc, plane);
  for (int t = s->steps - 1; t >= 0; t--) {
    const float *gates = b->state + (size_t)t * b->state_step;
    const float *earlier = t > 0 ? gates - b->state_step : 0;
    if (b->sequences || t == s->steps - 1)
      add_rows(scratch->dh, width, b->dy + t * b->y_step, (size_t)s->units, b->rows, s->units);
    lstm_slopes(b->rows, (int)width, gates, gates + 5 * plane, earlier ? earlier + 4 * plane : scratch->zeros, earlier,
                earlier ? earlier + 5 * plane : 0, scratch->dh, scratch->dc, scratch->slopes, scratch->h,
                scratch->dbias);
    add_outer_product(s->inputs, (int)all, b->rows, b->x + t * b->x_step, (size_t)s->inputs, scratch->slopes,
                      all, scratch->dkernel, all);
    Rows slopes = {scratch->slopes, all, (int)all};
    if (b->dx) {
      product(b->rows, s->padded_inputs, slopes, w->kernel_transposed, none, nothing, 0, scratch->dx,
              (size_t)s->padded_inputs);
      write_dx(b, s, t, scratch->dx);
    }
    if (!earlier) break;
    add_outer_product(s->units, (int)all, b->rows, scratch->h, width, scratch->slopes, all, scratch->drecurrent, all);
    product(b->rows, (int)width, slopes, w->recurrent_transposed, none, nothing, 0, scratch->dh, width);
  }
}

#endif
