// GRU. State of a step: gates z r [block, 2 * width], candidate c [block, width], h [block, width], and for the form
// reset-after the recurrent product u = h * Uc + bc' [block, width].
#ifndef SWEEPYARD_GRU_H
#define SWEEPYARD_GRU_H
#include "layout.h"

typedef struct {
  int after, relu;
  Panels gate_kernel, candidate_kernel, gate_recurrent, candidate_recurrent;
  Panels kernel_transposed;
  // reset-before: of z r, and of c; reset-after: of u z r together, which is the order of their slopes
  Panels recurrent_transposed, candidate_transposed;
} GruWeights;

static GruWeights gru_weights(const Sizes *s, const Scratch *scratch, const Call *call, const float *kernel,
                              const float *recurrent, const float *bias, int backward) {
  size_t width = (size_t)s->padded_units, inputs = (size_t)s->inputs, units = (size_t)s->units;
  GruWeights w = {0};
  w.after = call->cell == CELL_GRU_RESET_AFTER;
  w.relu = call->relu;
  w.gate_kernel = pack(scratch->kernel, kernel, s->inputs, 0, 2, s);
  w.candidate_kernel = pack(scratch->kernel + inputs * 2 * width, kernel, s->inputs, 2, 1, s);
  w.gate_recurrent = pack(scratch->recurrent, recurrent, s->units, 0, 2, s);
  w.candidate_recurrent = pack(scratch->recurrent + units * 2 * width, recurrent, s->units, 2, 1, s);
  pack(scratch->bias, bias, 1, 0, 3, s);
  if (w.after) {
    float *own = scratch->bias + 3 * width;
    pack(own, bias + 3 * units, 1, 0, 3, s);
    for (size_t i = 0; i < 2 * width; i++) scratch->bias[i] += own[i];
  }
  if (backward) {
    float *transposed = scratch->recurrent_transposed;
    w.kernel_transposed = pack_transposed(scratch->kernel_transposed, kernel, s->inputs, 0, 3, s);
    w.recurrent_transposed = pack_transposed(transposed, recurrent, s->units, w.after ? 2 : 0, w.after ? 3 : 2, s);
    if (!w.after)
      w.candidate_transposed = pack_transposed(transposed + 2 * width * width, recurrent, s->units, 2, 1, s);
  }
  return w;
}

// The gates from their arguments, and r * h for the candidate's product (reset-before).
INLINE void gru_gates(int rows, int width, float *gates, const float *before, float *reset) {
  for (int r = 0; r < rows; r++, gates += 2 * width)
    for (int c = 0; c < width; c += LANES) {
      size_t at = (size_t)r * (size_t)width + (size_t)c;
      Vector of_reset = sigmoid(load(gates + width + c));
      store(gates + c, sigmoid(load(gates + c)));
      store(gates + width + c, of_reset);
      if (reset) store(reset + at, of_reset * load(before + at));
    }
}

// The candidate from its argument (reset-after: plus r * u), and h after the step.
INLINE void gru_state(int rows, int width, int relu, const float *gates, const float *before, const float *u,
                      float *candidate, float *h) {
  for (int r = 0; r < rows; r++, gates += 2 * width)
    for (int c = 0; c < width; c += LANES) {
      size_t at = (size_t)r * (size_t)width + (size_t)c;
      Vector value = load(candidate + at);
      if (u) value += load(gates + width + c) * load(u + at);
      value = relu ? rectify(value) : hyperbolic_tangent(value);
      store(candidate + at, value);
      store(h + at, value + load(gates + c) * (load(before + at) - value));
    }
}

static void gru_forward(const Sizes *s, const Scratch *scratch, const GruWeights *w, const Block *b) {
  size_t width = (size_t)s->padded_units, plane = (size_t)s->block * width;
  Rows none = {scratch->zeros, 0, 0};
  const float *before = scratch->zeros, *candidate_bias = scratch->bias + 2 * width;
  for (int t = 0; t < s->steps; t++) {
    float *gates = b->state + (size_t)t * b->state_step;
    float *candidate = gates + 2 * plane, *h = gates + 3 * plane, *u = w->after ? gates + 4 * plane : 0;
    int units = t > 0 ? s->units : 0, rows = b->rows;
    Rows x = {b->x + t * b->x_step, (size_t)s->inputs, s->inputs}, state = {before, width, units};
    product(rows, 2 * (int)width, x, w->gate_kernel, state, w->gate_recurrent, scratch->bias, gates, 2 * width);
    gru_gates(rows, (int)width, gates, before, u ? 0 : scratch->hidden);
    if (u) {
      product(rows, (int)width, x, w->candidate_kernel, none, w->candidate_recurrent, candidate_bias, candidate, width);
      product(rows, (int)width, none, w->candidate_kernel, state, w->candidate_recurrent, scratch->bias + 5 * width, u,
              width);
    } else {
      Rows reset = {scratch->hidden, width, units};
      product(rows, (int)width, x, w->candidate_kernel, reset, w->candidate_recurrent, candidate_bias, candidate,
              width);
    }
    gru_state(rows, (int)width, w->relu, gates, before, u, candidate, h);
    before = h;
    if (b->y && (b->sequences || t == s->steps - 1))
      copy_rows(b->y + t * b->y_step, (size_t)s->units, h, width, rows, s->units);
  }
}

// Slopes of a row lie in the order [u] z r c.
typedef struct {
  const float *gates, *candidate, *before, *u;
  float *dh, *slopes, *hidden;
  float *dbias, *du_bias; // sums over samples and steps: of z r c, and of u
} GruStep;

// From the gradient of h after a step to those of c's and z's arguments; reset-after: of r's and u, too.
// dh becomes what of it reaches h before the step directly.
INLINE void gru_slopes(int rows, int width, int relu, const GruStep *step) {
  int after = step->u != 0, total = after ? 4 * width : 3 * width;
  float *z_slopes = step->slopes + (after ? width : 0);
  for (int c = 0; c < width; c += LANES) {
    Vector sum_z = splat(0), sum_r = splat(0), sum_c = splat(0), sum_u = splat(0), one = splat(1);
    for (int row = 0; row < rows; row++) {
      size_t at = (size_t)row * (size_t)width + (size_t)c;
      const float *gates = step->gates + 2 * (size_t)row * (size_t)width + c;
      float *slope = z_slopes + (size_t)row * (size_t)total + c;
      Vector z = load(gates), r = load(gates + width), value = load(step->candidate + at);
      Vector of_h = load(step->dh + at), of_c = of_h * (one - z);
      Vector slope_z = of_h * (load(step->before + at) - value) * z * (one - z);
      Vector bend = relu ? (Vector)((Integers)one & (value != splat(0))) : one - value * value;
      Vector slope_c = of_c * bend;
      store(step->dh + at, of_h * z);
      store(slope, slope_z);
      store(slope + 2 * width, slope_c);
      sum_z += slope_z;
      sum_c += slope_c;
      if (after) {
        Vector slope_r = slope_c * load(step->u + at) * r * (one - r), slope_u = slope_c * r;
        store(slope + width, slope_r);
        store(slope - width, slope_u);
        sum_r += slope_r;
        sum_u += slope_u;
      }
    }
    float *dbias = step->dbias + c;
    store(dbias, load(dbias) + sum_z);
    store(dbias + width, load(dbias + width) + sum_r);
    store(dbias + 2 * width, load(dbias + 2 * width) + sum_c);
    if (after) store(step->du_bias + c, load(step->du_bias + c) + sum_u);
  }
}

// reset-before: from the gradient of r * h, in `hidden`, to those of r's argument and of h; leaves r * h in `hidden`.
INLINE void gru_reset_slopes(int rows, int width, const GruStep *step) {
  for (int c = 0; c < width; c += LANES) {
    Vector sum = load(step->dbias + width + c);
    for (int row = 0; row < rows; row++) {
      size_t at = (size_t)row * (size_t)width + (size_t)c;
      Vector r = load(step->gates + 2 * (size_t)row * (size_t)width + width + c), before = load(step->before + at);
      Vector of_reset = load(step->hidden + at), slope = of_reset * before * r * (splat(1) - r);
      store(step->slopes + 3 * (size_t)row * (size_t)width + width + c, slope);
      store(step->dh + at, load(step->dh + at) + of_reset * r);
      store(step->hidden + at, before * r);
      sum += slope;
    }
    store(step->dbias + width + c, sum);
  }
}

static void gru_backward(const Sizes *s, const Scratch *scratch, const GruWeights *w, const Block *b) {
  size_t width = (size_t)s->padded_units, plane = (size_t)s->block * width, all = 3 * width;
  size_t stride = w->after ? 4 * width : 3 * width;
  Rows none = {scratch->zeros, 0, 0};
  Panels nothing = {scratch->zeros, 0};
  float *slopes = scratch->slopes, *z_slopes = slopes + (w->after ? width : 0);
  clear(scratch->dh, plane);
  for (int t = s->steps - 1; t >= 0; t--) {
    const float *gates = b->state + (size_t)t * b->state_step;
    const float *before = t > 0 ? gates - b->state_step + 3 * plane : scratch->zeros;
    GruStep step = {gates, gates + 2 * plane, before, w->after ? gates + 4 * plane : 0,
                    scratch->dh, slopes, scratch->hidden, scratch->dbias, scratch->dbias + 5 * width};
    if (b->sequences || t == s->steps - 1)
      add_rows(scratch->dh, width, b->dy + t * b->y_step, (size_t)s->units, b->rows, s->units);
    gru_slopes(b->rows, (int)width, w->relu, &step);
    if (!w->after) {
      Rows candidate = {slopes + 2 * width, stride, (int)width};
      product(b->rows, (int)width, candidate, w->candidate_transposed, none, nothing, 0, scratch->hidden, width);
      gru_reset_slopes(b->rows, (int)width, &step);
    }
    add_outer_product(s->inputs, (int)all, b->rows, b->x + t * b->x_step, (size_t)s->inputs, z_slopes, stride,
                      scratch->dkernel, all);
    if (b->dx) {
      Rows of_x = {z_slopes, stride, (int)all};
      product(b->rows, s->padded_inputs, of_x, w->kernel_transposed, none, nothing, 0, scratch->dx,
              (size_t)s->padded_inputs);
      write_dx(b, s, t, scratch->dx);
    }
    if (t == 0) break;
    int recurrent = w->after ? 3 * (int)width : 2 * (int)width;
    add_outer_product(s->units, recurrent, b->rows, before, width, slopes, stride, scratch->drecurrent, all);
    if (!w->after)
      add_outer_product(s->units, (int)width, b->rows, scratch->hidden, width, slopes + 2 * width, stride,
                        scratch->drecurrent + 2 * width, all);
    Rows of_h = {slopes, stride, recurrent};
    product(b->rows, (int)width, of_h, w->recurrent_transposed, none, nothing, 0, scratch->dc, width);
    add_rows(scratch->dh, width, scratch->dc, width, b->rows, (int)width);
  }
}

#endif
