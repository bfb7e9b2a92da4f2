// Runs the kernels over random shapes in memory of which only the tensors of the call may be touched, and whose
// content is NaN where it was not written: what is read there shows in the results. Built with AddressSanitizer and
// UndefinedBehaviorSanitizer by scripts/sanitize-kernels.sh.
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "call.h"
#include "gather.h"

double scratch_bytes_sanitized(const Call *call, int backward);
double saved_bytes_sanitized(const Call *call);
void forward_sanitized(uintptr_t memory, const Call *call);
void backward_sanitized(uintptr_t memory, const Call *call);
double dense_scratch_bytes_sanitized(const DenseCall *call, int backward);
void dense_forward_sanitized(uintptr_t memory, const DenseCall *call);
void dense_backward_sanitized(uintptr_t memory, const DenseCall *call);

enum { MEMORY = 64 << 20, GAP = 64 };
static char *memory;
static size_t used;

static uint32_t tensor(size_t bytes) {
  uint32_t offset = (uint32_t)(used += GAP);
  used += (bytes + 15) / 16 * 16;
  if (used > MEMORY) {
    fprintf(stderr, "a case needs more than %d bytes\n", MEMORY);
    exit(2);
  }
  ASAN_UNPOISON_MEMORY_REGION(memory + offset, bytes);
  memset(memory + offset, 0xff, bytes);
  return offset;
}

static uint32_t values(size_t count) {
  uint32_t offset = tensor(count * sizeof(float));
  for (size_t i = 0; i < count; i++) ((float *)(memory + offset))[i] = (float)rand() / (float)RAND_MAX * 2 - 1;
  return offset;
}

static int finite(uint32_t offset, size_t count, const char *name, const char *call) {
  for (size_t i = 0; i < count; i++)
    if (!__builtin_isfinite(((float *)(memory + offset))[i])) {
      fprintf(stderr, "%s[%zu] is not finite: %s\n", name, i, call);
      return 0;
    }
  return 1;
}

static int between(int least, int most) { return least + rand() % (most - least + 1); }

static int run_recurrent(void) {
  ASAN_POISON_MEMORY_REGION(memory, MEMORY);
  used = 0;
  Call c = {0};
  c.cell = between(0, 2);
  c.relu = between(0, 1);
  c.models = between(1, 3);
  c.input_models = between(0, 1) ? 1 : c.models;
  c.steps = between(1, 5);
  c.batch = between(1, 70);
  c.inputs = between(1, 40);
  c.units = between(1, 70);
  c.sequences = between(0, 1);
  c.reverse = between(0, 1);
  char name[200];
  snprintf(name, sizeof name, "cell %d K %d/%d T %d B %d I %d H %d sequences %d reverse %d", c.cell, c.models,
           c.input_models, c.steps, c.batch, c.inputs, c.units, c.sequences, c.reverse);
  size_t width = (size_t)((c.cell == CELL_LSTM ? 4 : 3) * c.units), models = (size_t)c.models;
  size_t x = (size_t)(c.input_models * c.steps * c.batch * c.inputs), kernel = models * (size_t)c.inputs * width;
  size_t recurrent = models * (size_t)c.units * width, bias = models * width * (c.cell == CELL_GRU_RESET_AFTER ? 2 : 1);
  size_t y = models * (size_t)((c.sequences ? c.steps : 1) * c.batch * c.units);
  c.x = values(x);
  c.kernel = values(kernel);
  c.recurrent = values(recurrent);
  c.bias = values(bias);
  c.y = tensor(y * sizeof(float));
  if (between(0, 1)) c.saved = tensor((size_t)saved_bytes_sanitized(&c));
  c.scratch = tensor((size_t)scratch_bytes_sanitized(&c, 0));
  forward_sanitized((uintptr_t)memory, &c);
  c.dy = values(y);
  if (between(0, 1)) c.dx = tensor(x * sizeof(float));
  c.dkernel = tensor(kernel * sizeof(float));
  c.drecurrent = tensor(recurrent * sizeof(float));
  c.dbias = tensor(bias * sizeof(float));
  c.scratch = tensor((size_t)scratch_bytes_sanitized(&c, 1));
  backward_sanitized((uintptr_t)memory, &c);
  return finite(c.y, y, "y", name) && (!c.dx || finite(c.dx, x, "dx", name)) &&
         finite(c.dkernel, kernel, "dkernel", name) && finite(c.drecurrent, recurrent, "drecurrent", name) &&
         finite(c.dbias, bias, "dbias", name);
}

static int run_dense(void) {
  ASAN_POISON_MEMORY_REGION(memory, MEMORY);
  used = 0;
  DenseCall c = {0};
  c.relu = between(0, 1);
  c.models = between(1, 3);
  c.input_models = between(0, 1) ? 1 : c.models;
  c.rows = between(1, 300);
  c.inputs = between(1, 40);
  c.units = between(1, 140);
  char name[200];
  snprintf(name, sizeof name, "dense relu %d K %d/%d N %d I %d O %d", c.relu, c.models, c.input_models, c.rows, c.inputs,
           c.units);
  size_t models = (size_t)c.models, x = (size_t)(c.input_models * c.rows * c.inputs);
  size_t kernel = models * (size_t)(c.inputs * c.units), bias = models * (size_t)c.units;
  size_t y = models * (size_t)(c.rows * c.units);
  c.x = values(x);
  c.kernel = values(kernel);
  c.bias = values(bias);
  c.y = tensor(y * sizeof(float));
  c.scratch = tensor((size_t)dense_scratch_bytes_sanitized(&c, 0));
  dense_forward_sanitized((uintptr_t)memory, &c);
  c.dy = values(y);
  if (between(0, 1)) c.dx = tensor(x * sizeof(float));
  c.dkernel = tensor(kernel * sizeof(float));
  c.dbias = tensor(bias * sizeof(float));
  c.scratch = tensor((size_t)dense_scratch_bytes_sanitized(&c, 1));
  dense_backward_sanitized((uintptr_t)memory, &c);
  return finite(c.y, y, "y", name) && (!c.dx || finite(c.dx, x, "dx", name)) &&
         finite(c.dkernel, kernel, "dkernel", name) && finite(c.dbias, bias, "dbias", name);
}

// Through a buffer of exactly the right size: what is read or written beside it is noticed.
static int run_gather(void) {
  size_t planes = (size_t)between(1, 6), plane_rows = (size_t)between(1, 90), width = (size_t)between(1, 10);
  size_t count = (size_t)between(1, 120), wrong = 0;
  float *from = malloc(planes * plane_rows * width * sizeof(float)), *to = malloc(planes * count * width * sizeof(float));
  int32_t *rows = malloc(count * sizeof(int32_t));
  for (size_t i = 0; i < planes * plane_rows * width; i++) from[i] = (float)i;
  for (size_t i = 0; i < count; i++) rows[i] = between(0, (int)plane_rows - 1);
  gather_rows(from, planes, plane_rows, width, rows, count, to);
  for (size_t i = 0; i < planes * count * width; i++) {
    size_t plane = i / (count * width), row = (size_t)rows[i / width % count];
    wrong += to[i] != (float)((plane * plane_rows + row) * width + i % width);
  }
  free(from), free(to), free(rows);
  if (wrong) fprintf(stderr, "%zu gathered values are wrong: %zu planes of %zu x %zu\n", wrong, planes, plane_rows, width);
  return !wrong;
}

int main(int count, char **arguments) {
  int runs = count > 1 ? atoi(arguments[1]) : 100;
  srand(1);
  memory = aligned_alloc(64, MEMORY);
  for (int i = 0; i < runs; i++)
    if (!run_recurrent() || !run_dense() || !run_gather()) return 1;
  printf("%d calls\n", runs);
  return 0;
}
