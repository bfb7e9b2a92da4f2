// A dense layer over many rows (every step of every sequence of a batch), forward and backward, for K stacked models.
//
// A few rows go through all of it before the next ones do, so that what is computed of them stays in the first cache.
// Compiled like recurrent.c.
#include "export.h"
#include "packing.h"

enum { DENSE_BLOCK_FLOATS = 4096 };

typedef struct {
  Sizes sizes; // of a layer with one gate: what packing needs
  int rows, block;
  float *kernel, *bias;
  float *values; // [block, padded_units]: results, or the gradients of what the activation got
  float *kernel_transposed, *dx;
  float *dkernel, *block_dkernel, *dbias; // padded; sums of sums over blocks, so that many rows lose no precision
} Dense;

static size_t lay_out_dense(Dense *d, const DenseCall *call, int backward, uintptr_t memory) {
  size_t used = 0;
  Sizes s = {0};
  s.models = call->models;
  s.inputs = call->inputs;
  s.units = call->units;
  s.gates = 1;
  s.padded_units = round_up(s.units, LANES);
  s.padded_inputs = round_up(s.inputs, LANES);
  size_t units = (size_t)s.padded_units, inputs = (size_t)s.inputs;
  int block = DENSE_BLOCK_FLOATS / s.padded_units;
  d->sizes = s;
  d->rows = call->rows;
  d->block = block < 8 ? 8 : block > 128 ? 128 : block;
  d->kernel = take(memory, &used, inputs * units);
  d->bias = take(memory, &used, units);
  d->values = take(memory, &used, (size_t)d->block * units);
  if (!backward) return used;
  d->kernel_transposed = take(memory, &used, units * (size_t)s.padded_inputs);
  d->dx = take(memory, &used, (size_t)(d->block * s.padded_inputs));
  d->dkernel = take(memory, &used, inputs * units);
  d->block_dkernel = take(memory, &used, inputs * units);
  d->dbias = take(memory, &used, units);
  return used;
}

INLINE void rectify_rows(float *values, size_t stride, int rows, int width) {
  for (int r = 0; r < rows; r++, values += stride)
    for (int c = 0; c < width; c += LANES) store(values + c, rectify(load(values + c)));
}

static void dense_forward_model(const Dense *d, const DenseCall *call, uintptr_t memory, int model) {
  const Sizes *s = &d->sizes;
  size_t units = (size_t)s->units, inputs = (size_t)s->inputs, width = (size_t)s->padded_units, rows = (size_t)d->rows;
  const float *x = part(memory, call->x, call->input_models == 1 ? 0 : model, rows * inputs);
  float *y = part(memory, call->y, model, rows * units);
  Panels kernel = pack(d->kernel, part(memory, call->kernel, model, inputs * units), s->inputs, 0, 1, s);
  pack(d->bias, part(memory, call->bias, model, units), 1, 0, 1, s);
  Panels nothing = {d->kernel, 0};
  for (int first = 0; first < d->rows; first += d->block) {
    int count = d->rows - first < d->block ? d->rows - first : d->block;
    Rows from = {x + (size_t)first * inputs, inputs, s->inputs}, none = {d->kernel, 0, 0};
    float *to = y + (size_t)first * units, *values = width == units ? to : d->values;
    product(count, (int)width, from, kernel, none, nothing, d->bias, values, width);
    if (call->relu) rectify_rows(values, width, count, (int)width);
    if (values != to) copy_rows(to, units, values, width, count, s->units);
  }
}

// values[count, width] = dy, 0 where relu gave 0, and 0 in the columns above `units`. NaN stays NaN.
static void dense_slopes(float *values, int width, const float *dy, const float *y, int relu, int count, int units) {
  for (int r = 0; r < count; r++, values += width, dy += units, y += units) {
    int c = 0;
    for (; c + LANES <= units; c += LANES) {
      Vector slope = load(dy + c);
      if (relu) slope = (Vector)((Integers)slope & (load(y + c) != splat(0)));
      store(values + c, slope);
    }
    for (; c < units; c++) values[c] = relu && y[c] == 0 ? 0 : dy[c];
    for (; c < width; c++) values[c] = 0;
  }
}

INLINE void add_column_sums(float *sums, const float *values, int count, int width) {
  for (int c = 0; c < width; c += LANES) {
    Vector sum = splat(0);
    for (int r = 0; r < count; r++) sum += load(values + (size_t)r * (size_t)width + (size_t)c);
    store(sums + c, load(sums + c) + sum);
  }
}

static void dense_backward_model(const Dense *d, const DenseCall *call, uintptr_t memory, int model) {
  const Sizes *s = &d->sizes;
  size_t units = (size_t)s->units, inputs = (size_t)s->inputs, width = (size_t)s->padded_units, rows = (size_t)d->rows;
  size_t padded = (size_t)s->padded_inputs;
  int source = call->input_models == 1 ? 0 : model;
  const float *x = part(memory, call->x, source, rows * inputs), *dy = part(memory, call->dy, model, rows * units);
  const float *y = call->relu ? part(memory, call->y, model, rows * units) : dy;
  float *dx = part(memory, call->dx, source, rows * inputs);
  Rows none = {d->kernel, 0, 0};
  Panels nothing = {d->kernel, 0}, transposed = {0};
  if (dx) {
    const float *kernel = part(memory, call->kernel, model, inputs * units);
    transposed = pack_transposed(d->kernel_transposed, kernel, s->inputs, 0, 1, s);
  }
  clear(d->dkernel, inputs * width);
  clear(d->dbias, width);
  for (int first = 0; first < d->rows; first += d->block) {
    int count = d->rows - first < d->block ? d->rows - first : d->block;
    const float *from = x + (size_t)first * inputs, *slopes = dy + (size_t)first * units;
    if (call->relu || width != units) {
      dense_slopes(d->values, (int)width, slopes, y + (size_t)first * units, call->relu, count, s->units);
      slopes = d->values;
    }
    add_column_sums(d->dbias, slopes, count, (int)width);
    clear(d->block_dkernel, inputs * width);
    add_outer_product(s->inputs, (int)width, count, from, inputs, slopes, width, d->block_dkernel, width);
    add_rows(d->dkernel, 0, d->block_dkernel, 0, 1, s->inputs * (int)width);
    if (!dx) continue;
    Rows of_x = {slopes, width, (int)width};
    float *to = dx + (size_t)first * inputs;
    product(count, s->padded_inputs, of_x, transposed, none, nothing, 0, d->dx, padded);
    if (call->input_models == 1 && model > 0)
      add_rows(to, inputs, d->dx, padded, count, s->inputs);
    else
      copy_rows(to, inputs, d->dx, padded, count, s->inputs);
  }
  unpack(part(memory, call->dkernel, model, inputs * units), d->dkernel, s->inputs, 0, s);
  unpack(part(memory, call->dbias, model, units), d->dbias, 1, 0, s);
}

// Bytes of `scratch` that `dense_forward` (backward = 0) or `dense_backward` (1) needs for this call.
double EXPORT(dense_scratch_bytes)(const DenseCall *call, int backward) {
  Dense d;
  return (double)lay_out_dense(&d, call, backward, 0);
}

void EXPORT(dense_forward)(uintptr_t memory, const DenseCall *call) {
  Dense d;
  lay_out_dense(&d, call, 0, memory + call->scratch);
  for (int model = 0; model < call->models; model++) dense_forward_model(&d, call, memory, model);
}

void EXPORT(dense_backward)(uintptr_t memory, const DenseCall *call) {
  Dense d;
  lay_out_dense(&d, call, 1, memory + call->scratch);
  for (int model = 0; model < call->models; model++) dense_backward_model(&d, call, memory, model);
}
