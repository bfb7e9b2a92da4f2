// Whole-sequence LSTM and GRU, forward and backward through time, for K stacked models.
//
// A block of samples is taken through the whole sequence before the next one, so that its states stay in the cache;
// the backward pass finds them saved or computes them again. Weights are packed once a call. Nothing here is static
// data: several threads may be inside at once, each with its own call.
//
// Compiled once for WebAssembly (scripts/build-kernels.sh) and several times for the native addon, each with another
// VARIANT and another instruction set (scripts/build-native.mjs).
#include "export.h"
#include "gru.h"
#include "lstm.h"

typedef union {
  LstmWeights lstm;
  GruWeights gru;
} Weights;

static Weights weights_of(const Call *call, const Sizes *s, const Scratch *scratch, uintptr_t memory, int model,
                          int backward) {
  size_t width = (size_t)(s->gates * s->units);
  size_t rows = call->cell == CELL_GRU_RESET_AFTER ? 2 : 1;
  const float *kernel = part(memory, call->kernel, model, (size_t)s->inputs * width);
  const float *recurrent = part(memory, call->recurrent, model, (size_t)s->units * width);
  const float *bias = part(memory, call->bias, model, rows * width);
  Weights w;
  if (call->cell == CELL_LSTM)
    w.lstm = lstm_weights(s, scratch, kernel, recurrent, bias, backward);
  else
    w.gru = gru_weights(s, scratch, call, kernel, recurrent, bias, backward);
  return w;
}

static Block block_of(const Call *call, const Sizes *s, const Scratch *scratch, uintptr_t memory, int model, int index,
                      int backward) {
  size_t batch = (size_t)s->batch, steps = (size_t)s->steps, first = (size_t)index * (size_t)s->block;
  int source = call->input_models == 1 ? 0 : model;
  size_t inputs = batch * (size_t)s->inputs, units = batch * (size_t)s->units;
  size_t y_floats = call->sequences ? steps * units : units;
  Block b = {0};
  b.rows = s->batch - (int)first < s->block ? s->batch - (int)first : s->block;
  b.sequences = call->sequences;
  // Who reads from the end begins at the last step.
  size_t last = call->reverse ? steps - 1 : 0;
  size_t x_first = last * inputs + first * (size_t)s->inputs;
  size_t y_first = (call->sequences ? last * units : 0) + first * (size_t)s->units;
  b.x_step = call->reverse ? -(ptrdiff_t)inputs : (ptrdiff_t)inputs;
  b.y_step = !call->sequences ? 0 : call->reverse ? -(ptrdiff_t)units : (ptrdiff_t)units;
  b.x = part(memory, call->x, source, steps * inputs) + x_first;
  b.state_step = call->saved || backward ? s->state_step : 0;
  b.state = call->saved
                ? part(memory, call->saved, model * s->blocks + index, steps * s->state_step)
                : scratch->state;
  if (!backward) {
    b.y = part(memory, call->y, model, y_floats) + y_first;
    return b;
  }
  b.dy = part(memory, call->dy, model, y_floats) + y_first;
  if (call->dx) b.dx = part(memory, call->dx, source, steps * inputs) + x_first;
  b.add_dx = call->input_models == 1 && model > 0;
  return b;
}

static void cell_forward(const Call *call, const Sizes *s, const Scratch *scratch, const Weights *w, const Block *b) {
  if (call->cell == CELL_LSTM)
    lstm_forward(s, scratch, &w->lstm, b);
  else
    gru_forward(s, scratch, &w->gru, b);
}

static void write_weight_gradients(const Call *call, const Sizes *s, const Scratch *scratch, uintptr_t memory, int model) {
  size_t width = (size_t)(s->gates * s->units), padded = (size_t)s->padded_units;
  unpack(part(memory, call->dkernel, model, (size_t)s->inputs * width), scratch->dkernel, s->inputs, 0, s);
  int after = call->cell == CELL_GRU_RESET_AFTER;
  unpack(part(memory, call->drecurrent, model, (size_t)s->units * width), scratch->drecurrent, s->units,
         after ? 2 : 0, s);
  // z and r have one argument, to which both biases are added
  if (after) copy_rows(scratch->dbias + 3 * padded, 0, scratch->dbias, 0, 1, 2 * (int)padded);
  unpack(part(memory, call->dbias, model, (after ? 2 : 1) * width), scratch->dbias, after ? 2 : 1, 0, s);
}

int EXPORT(version)(void) { return CALL_VERSION; }

// Bytes of `scratch` that `forward` (backward = 0) or `backward` (1) needs for this call.
double EXPORT(scratch_bytes)(const Call *call, int backward) {
  Sizes s = sizes_of(call);
  Scratch scratch;
  return (double)lay_out(&scratch, &s, call, backward, 0);
}

// Bytes of `saved` for this call.
double EXPORT(saved_bytes)(const Call *call) {
  Sizes s = sizes_of(call);
  return (double)s.models * s.blocks * s.steps * (double)s.state_step * sizeof(float);
}

void EXPORT(forward)(uintptr_t memory, const Call *call) {
  Sizes s = sizes_of(call);
  Scratch scratch;
  lay_out(&scratch, &s, call, 0, memory + call->scratch);
  clear(scratch.zeros, (size_t)s.block * (size_t)s.padded_units);
  for (int model = 0; model < s.models; model++) {
    Weights w = weights_of(call, &s, &scratch, memory, model, 0);
    for (int index = 0; index < s.blocks; index++) {
      Block b = block_of(call, &s, &scratch, memory, model, index, 0);
      cell_forward(call, &s, &scratch, &w, &b);
    }
  }
}

void EXPORT(backward)(uintptr_t memory, const Call *call) {
  Sizes s = sizes_of(call);
  Scratch scratch;
  lay_out(&scratch, &s, call, 1, memory + call->scratch);
  size_t width = (size_t)(s.gates * s.padded_units);
  clear(scratch.zeros, (size_t)s.block * (size_t)s.padded_units);
  for (int model = 0; model < s.models; model++) {
    Weights w = weights_of(call, &s, &scratch, memory, model, 1);
    clear(scratch.dkernel, (size_t)s.inputs * width);
    clear(scratch.drecurrent, (size_t)s.units * width);
    clear(scratch.dbias, 2 * width);
    for (int index = 0; index < s.blocks; index++) {
      Block b = block_of(call, &s, &scratch, memory, model, index, 1);
      if (!call->saved) cell_forward(call, &s, &scratch, &w, &b);
      if (call->cell == CELL_LSTM)
        lstm_backward(&s, &scratch, &w.lstm, &b);
      else
        gru_backward(&s, &scratch, &w.gru, &b);
    }
    write_weight_gradients(call, &s, &scratch, memory, model);
  }
}
