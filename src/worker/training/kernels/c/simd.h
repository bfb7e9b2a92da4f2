// Vectors of LANES floats and the functions on them. Written so that NaN goes in and NaN comes out: a model that has
// diverged must not look healthy.
#ifndef SWEEPYARD_SIMD_H
#define SWEEPYARD_SIMD_H
#include <stddef.h>
#include <stdint.h>

#if defined(__AVX512F__) && !defined(LANES)
#define LANES 16
#elif defined(__AVX2__) && !defined(LANES)
#define LANES 8
#elif !defined(LANES)
#define LANES 4
#endif

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

#define INLINE static inline __attribute__((always_inline))
// Without these pragmas accumulators live in memory instead of registers: 30 times slower on WebAssembly.
#if defined(UNROLL)
#elif defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

typedef float Vector __attribute__((vector_size(LANES * 4)));
typedef int32_t Integers __attribute__((vector_size(LANES * 4)));
typedef float UnalignedVector __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

INLINE Vector load(const float *from) { return *(const UnalignedVector *)from; }
INLINE void store(float *to, Vector value) { *(UnalignedVector *)to = value; }
INLINE Vector splat(float value) { return value - (Vector){0}; }

#if defined(__wasm_relaxed_simd__)
#define MULTIPLY_ADD(a, b, c) ((Vector)wasm_f32x4_relaxed_madd((v128_t)(a), (v128_t)(b), (v128_t)(c)))
#else
// Contracted to one instruction where there is one (-ffp-contract=fast).
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#endif

INLINE Vector choose(Integers mask, Vector yes, Vector no) {
  return (Vector)((mask & (Integers)yes) | (~mask & (Integers)no));
}

// `value`, but at most `limit`.
INLINE Vector at_most(Vector value, float limit) {
#if LANES == 16
  return _mm512_min_ps(splat(limit), value);
#elif LANES == 8
  return _mm256_min_ps(splat(limit), value);
#elif defined(__wasm_simd128__)
  return (Vector)wasm_f32x4_pmin((v128_t)value, (v128_t)splat(limit));
#else
  return choose(value > splat(limit), splat(limit), value);
#endif
}

// `value`, but at least `limit`.
INLINE Vector at_least(Vector value, float limit) {
#if LANES == 16
  return _mm512_max_ps(splat(limit), value);
#elif LANES == 8
  return _mm256_max_ps(splat(limit), value);
#elif defined(__wasm_simd128__)
  return (Vector)wasm_f32x4_pmax((v128_t)value, (v128_t)splat(limit));
#else
  return choose(value < splat(limit), splat(limit), value);
#endif
}

// 1 / value to the last bit or two: an estimate and one step of Newton's where that beats a division.
INLINE Vector reciprocal(Vector value) {
#if LANES == 16
  Vector guess = _mm512_rcp14_ps(value);
  return guess * (splat(2) - value * guess);
#elif LANES == 8
  Vector guess = _mm256_rcp_ps(value);
  return guess * (splat(2) - value * guess);
#else
  return splat(1) / value;
#endif
}

// Polynomial of Cephes' expf, relative error 2e-7. Only for |value| <= 80.
INLINE Vector exponential(Vector value) {
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  Vector shifted = MULTIPLY_ADD(value, splat(1.44269504f), splat(12582912.0f));
  Vector power = shifted - splat(12582912.0f);
  Vector x = MULTIPLY_ADD(power, splat(-0.693359375f), value);
  x = MULTIPLY_ADD(power, splat(2.12194440e-4f), x);
  Vector sum = splat(1.9875691500e-4f);
  sum = MULTIPLY_ADD(sum, x, splat(1.3981999507e-3f));
  sum = MULTIPLY_ADD(sum, x, splat(8.3334519073e-3f));
  sum = MULTIPLY_ADD(sum, x, splat(4.1665795894e-2f));
  sum = MULTIPLY_ADD(sum, x, splat(1.6666665459e-1f));
  sum = MULTIPLY_ADD(sum, x, splat(5.0000001201e-1f));
  sum = MULTIPLY_ADD(sum, x * x, x + splat(1));
  typedef uint32_t Unsigned __attribute__((vector_size(LANES * 4)));
  return sum * (Vector)(((Unsigned)shifted << 23) + 0x3f800000u);
}

INLINE Vector sigmoid(Vector value) {
  return reciprocal(splat(1) + exponential(at_most(at_least(-value, -80), 80)));
}

// Rational approximation of Eigen (ptanh_float), a few units in the last place for every argument.
INLINE Vector hyperbolic_tangent(Vector value) {
  Vector x = at_most(at_least(value, -7.90531110763549805f), 7.90531110763549805f);
  Vector square = x * x;
  Vector top = splat(-2.76076847742355e-16f);
  top = MULTIPLY_ADD(top, square, splat(2.00018790482477e-13f));
  top = MULTIPLY_ADD(top, square, splat(-8.60467152213735e-11f));
  top = MULTIPLY_ADD(top, square, splat(5.12229709037114e-08f));
  top = MULTIPLY_ADD(top, square, splat(1.48572235717979e-05f));
  top = MULTIPLY_ADD(top, square, splat(6.37261928875436e-04f));
  top = MULTIPLY_ADD(top, square, splat(4.89352455891786e-03f));
  Vector bottom = splat(1.19825839466702e-06f);
  bottom = MULTIPLY_ADD(bottom, square, splat(1.18534705686654e-04f));
  bottom = MULTIPLY_ADD(bottom, square, splat(2.26843463243900e-03f));
  bottom = MULTIPLY_ADD(bottom, square, splat(4.89352518554385e-03f));
  return x * top * reciprocal(bottom);
}

INLINE Vector rectify(Vector value) { return at_least(value, 0); }

#endif
