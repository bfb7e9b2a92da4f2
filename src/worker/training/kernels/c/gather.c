// Copies rows of every plane of a tensor: the batch of a training step out of the whole data set. Native alone: what it
// reads is memory of JavaScript, which WebAssembly can't see.
#include <stdint.h>
#include <string.h>
#include "gather.h"

// Rows lie anywhere: they are asked for this many rows ahead.
enum { AHEAD = 24 };

#define COPY_ROWS(width)                                                        \
  for (size_t i = 0; i < count; i++, to += (width)) {                           \
    if (i + AHEAD < count) {                                                    \
      const float *next = plane + (size_t)rows[i + AHEAD] * (width);            \
      __builtin_prefetch(next), __builtin_prefetch(next + (width)-1);           \
    }                                                                           \
    memcpy(to, plane + (size_t)rows[i] * (width), (width) * sizeof(float));     \
  }

void gather_rows(const float *values, size_t planes, size_t plane_rows, size_t width, const int32_t *rows, size_t count,
                 float *to) {
  for (size_t p = 0; p < planes; p++) {
    const float *plane = values + p * plane_rows * width;
    // Known widths are a move or two instead of a call: one, two and three signals of three axes.
    switch (width) {
      case 3: COPY_ROWS(3) break;
      case 6: COPY_ROWS(6) break;
      case 9: COPY_ROWS(9) break;
      default: COPY_ROWS(width)
    }
  }
}
