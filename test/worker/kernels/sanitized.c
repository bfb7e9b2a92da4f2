// Runs the kernels over random shapes in memory of which only the tensors of the call may be touched, and whose
// content is NaN where it was not written: what is read there shows in the results. Built with AddressSanitizer and
// UndefinedBehaviorSanitizer by scripts/sanitize-kernels.sh.
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "call.h"

double scratch_bytes_sanitized(const Call *call, int backward);
double saved_bytes_sanitized(const Call *call);
void forward_sanitized(uintptr_t memory, const Call *call);
void backward_sanitized(uintptr_t memory, const Call *call);

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

static int finite(uint32_t offset, size_t count, const char *name, const Call *c) {
  for (size_t i = 0; i < count; i++)
    if (!__builtin_isfinite(((float *)(memory + offset))[i])) {
      fprintf(stderr, "%s[%zu] is not finite: cell %d K %d/%d T %d B %d I %d H %d sequences %d\n", name, i, c->cell,
              c->models, c->input_models, c->steps, c->batch, c->inputs, c->units, c->sequences);
      return 0;
    }
  return 1;
}

static int between(int least, int most) { return least + rand() % (most - least + 1); }

static int run(void) {
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
  return finite(c.y, y, "y", &c) && (!c.dx || finite(c.dx, x, "dx", &c)) &&
         finite(c.dkernel, kernel, "dkernel", &c) && finite(c.drecurrent, recurrent, "drecurrent", &c) &&
         finite(c.dbias, bias, "dbias", &c);
}

int main(int count, char **arguments) {
  int runs = count > 1 ? atoi(arguments[1]) : 100;
  srand(1);
  memory = aligned_alloc(64, MEMORY);
  for (int i = 0; i < runs; i++)
    if (!run()) return 1;
  printf("%d calls\n", runs);
  return 0;
}
