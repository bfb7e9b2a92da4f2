// Matrix products for few hundred rows and columns, in register tiles.
#ifndef SWEEPYARD_PRODUCTS_H
#define SWEEPYARD_PRODUCTS_H
#include "simd.h"

// Rows of a tile that is 1, 2, 3, 4 vectors wide: as many accumulators as registers allow.
#if LANES == 16
enum { ROWS_1 = 8, ROWS_2 = 8, ROWS_3 = 8, ROWS_4 = 6 };
#elif LANES == 8 && !defined(__clang__)
enum { ROWS_1 = 8, ROWS_2 = 6, ROWS_3 = 4, ROWS_4 = 3 };
#else
// 12 accumulators would fit 16 registers, but clang then spills: a third slower, and on WebAssembly likewise.
enum { ROWS_1 = 8, ROWS_2 = 4, ROWS_3 = 4, ROWS_4 = 2 };
#endif

// The left factor of a product: `depth` columns, rows `stride` floats apart.
typedef struct {
  const float *values;
  size_t stride;
  int depth;
} Rows;

// The right factor, cut into panels of 4 vectors' width (the last may be narrower), each panel with its rows one after
// the other: what a tile reads lies together, whatever the width.
typedef struct {
  const float *values;
  int rows;
} Panels;

INLINE void multiply_into(Vector (*sum)[4], const int rows, const int vectors, const float *left, size_t stride,
                          int depth, const float *panel) {
  for (int k = 0; k < depth; k++, panel += vectors * LANES) {
    Vector right[4];
    UNROLL for (int v = 0; v < vectors; v++) right[v] = load(panel + v * LANES);
    UNROLL for (int r = 0; r < rows; r++) {
      Vector factor = splat(left[(size_t)r * stride + (size_t)k]);
      UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = MULTIPLY_ADD(factor, right[v], sum[r][v]);
    }
  }
}

INLINE void product_tile(const int rows, const int vectors, int row, Rows a, const float *a_panel, Rows b,
                         const float *b_panel, const float *bias, float *to, size_t stride) {
  Vector sum[8][4];
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
    sum[r][v] = bias ? load(bias + v * LANES) : splat(0);
  multiply_into(sum, rows, vectors, a.values + (size_t)row * a.stride, a.stride, a.depth, a_panel);
  multiply_into(sum, rows, vectors, b.values + (size_t)row * b.stride, b.stride, b.depth, b_panel);
  to += (size_t)row * stride;
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
    store(to + (size_t)r * stride + v * LANES, sum[r][v]);
}

INLINE void product_panel(const int full, const int vectors, int rows, Rows a, const float *a_panel, Rows b,
                          const float *b_panel, const float *bias, float *to, size_t stride) {
  int r = 0;
  for (; r + full <= rows; r += full) product_tile(full, vectors, r, a, a_panel, b, b_panel, bias, to, stride);
  if (full > 4 && r + 4 <= rows) product_tile(4, vectors, r, a, a_panel, b, b_panel, bias, to, stride), r += 4;
  if (full > 2 && r + 2 <= rows) product_tile(2, vectors, r, a, a_panel, b, b_panel, bias, to, stride), r += 2;
  if (r < rows) product_tile(1, vectors, r, a, a_panel, b, b_panel, bias, to, stride);
}

// to[rows, width] = a * left + b * right + bias; width is a multiple of LANES; bias may be none.
static void product(int rows, int width, Rows a, Panels left, Rows b, Panels right, const float *bias, float *to,
                    size_t stride) {
  for (int column = 0; column < width; column += 4 * LANES) {
    const float *a_panel = left.values + (size_t)column * (size_t)left.rows;
    const float *b_panel = right.values + (size_t)column * (size_t)right.rows;
    const float *start = bias ? bias + column : 0;
    float *out = to + column;
    switch ((width - column) / LANES) {
      case 1: product_panel(ROWS_1, 1, rows, a, a_panel, b, b_panel, start, out, stride); break;
      case 2: product_panel(ROWS_2, 2, rows, a, a_panel, b, b_panel, start, out, stride); break;
      case 3: product_panel(ROWS_3, 3, rows, a, a_panel, b, b_panel, start, out, stride); break;
      default: product_panel(ROWS_4, 4, rows, a, a_panel, b, b_panel, start, out, stride); break;
    }
  }
}

INLINE void outer_tile(const int rows, const int vectors, int depth, const float *left, size_t left_stride,
                       const float *right, size_t right_stride, float *to, size_t stride) {
  Vector sum[8][4];
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
    sum[r][v] = load(to + (size_t)r * stride + v * LANES);
  for (int k = 0; k < depth; k++, left += left_stride, right += right_stride) {
    Vector factor[4];
    UNROLL for (int v = 0; v < vectors; v++) factor[v] = load(right + v * LANES);
    UNROLL for (int r = 0; r < rows; r++) {
      Vector value = splat(left[r]);
      UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = MULTIPLY_ADD(value, factor[v], sum[r][v]);
    }
  }
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
    store(to + (size_t)r * stride + v * LANES, sum[r][v]);
}

INLINE void outer_panel(const int full, const int vectors, int rows, int depth, const float *left, size_t left_stride,
                        const float *right, size_t right_stride, float *to, size_t stride) {
  int r = 0;
  for (; r + full <= rows; r += full)
    outer_tile(full, vectors, depth, left + r, left_stride, right, right_stride, to + (size_t)r * stride, stride);
  if (full > 4 && r + 4 <= rows) {
    outer_tile(4, vectors, depth, left + r, left_stride, right, right_stride, to + (size_t)r * stride, stride);
    r += 4;
  }
  if (full > 2 && r + 2 <= rows) {
    outer_tile(2, vectors, depth, left + r, left_stride, right, right_stride, to + (size_t)r * stride, stride);
    r += 2;
  }
  if (r < rows)
    outer_tile(1, vectors, depth, left + r, left_stride, right, right_stride, to + (size_t)r * stride, stride);
}

// to[rows, width] += transpose(left[depth, rows]) * right[depth, width]; width is a multiple of LANES.
static void add_outer_product(int rows, int width, int depth, const float *left, size_t left_stride,
                              const float *right, size_t right_stride, float *to, size_t stride) {
  for (int column = 0; column < width; column += 4 * LANES) {
    const float *from = right + column;
    float *out = to + column;
    switch ((width - column) / LANES) {
      case 1: outer_panel(ROWS_1, 1, rows, depth, left, left_stride, from, right_stride, out, stride); break;
      case 2: outer_panel(ROWS_2, 2, rows, depth, left, left_stride, from, right_stride, out, stride); break;
      case 3: outer_panel(ROWS_3, 3, rows, depth, left, left_stride, from, right_stride, out, stride); break;
      default: outer_panel(ROWS_4, 4, rows, depth, left, left_stride, from, right_stride, out, stride); break;
    }
  }
}

#endif
