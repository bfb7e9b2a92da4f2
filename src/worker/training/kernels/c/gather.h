#ifndef SWEEPYARD_GATHER_H
#define SWEEPYARD_GATHER_H
#include <stddef.h>
#include <stdint.h>

// to[planes, count, width] = values[planes, plane_rows, width] at rows[count], each below plane_rows.
void gather_rows(const float *values, size_t planes, size_t plane_rows, size_t width, const int32_t *rows, size_t count,
                 float *to);

#endif
