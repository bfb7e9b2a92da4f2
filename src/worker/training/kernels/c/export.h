// How a kernel is called from outside, and how it finds its tensors.
#ifndef SWEEPYARD_EXPORT_H
#define SWEEPYARD_EXPORT_H
#include <stddef.h>
#include <stdint.h>

// WebAssembly exports names as they are; natively each instruction set has its own.
#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(#name))) name
#else
#define JOIN(a, b) a##_##b
#define NAME(a, b) JOIN(a, b)
#define EXPORT(name) NAME(name, VARIANT)
#endif

// One model's part of a tensor, or none. Memory is given as a number, not as a pointer: that of WebAssembly begins at 0,
// and no pointer may be made from a null pointer.
static inline float *part(uintptr_t memory, uint32_t offset, int model, size_t floats) {
  return offset ? (float *)(memory + offset) + (size_t)model * floats : 0;
}

#endif
