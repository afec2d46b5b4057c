// Vectors of V floats for the instruction set that a file is compiled for, and functions of them.
//
// The compiler's vector types do the arithmetic; what they lack has one line for each instruction
// set. TILE_ROWS is how many rows of four vectors fit the registers, see tile.h.
#pragma once
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#if defined(__AVX512F__)
enum { V = 16, TILE_ROWS = 6 };
#elif defined(__AVX2__)
enum { V = 8, TILE_ROWS = 3 };
#elif defined(__aarch64__)
enum { V = 4, TILE_ROWS = 6 };
#else
enum { V = 4, TILE_ROWS = 3 };
#endif

#define INLINE static inline __attribute__((always_inline))
typedef float vec __attribute__((vector_size(4 * V), may_alias));
typedef float unaligned_vec __attribute__((vector_size(4 * V), aligned(4), may_alias));
typedef int32_t ivec __attribute__((vector_size(4 * V), may_alias));

#if defined(__AVX512F__)
INLINE vec splat(float value) { return (vec)_mm512_set1_ps(value); }
#elif defined(__AVX2__)
INLINE vec splat(float value) { return (vec)_mm256_set1_ps(value); }
#else
INLINE vec splat(float value) { return (vec){value, value, value, value}; }
#endif
INLINE vec load(const float *from) { return *(const unaligned_vec *)from; }
INLINE void store(float *to, vec value) { *(unaligned_vec *)to = value; }

// The first n entries, where n may be more than V; what is not loaded is zero.
INLINE vec load_some(const float *from, long n) {
  if (__builtin_expect(n >= V, 1)) return load(from);
  float entries[V] = {0};
  for (long k = 0; k < n; k++) entries[k] = from[k];
  return load(entries);
}
INLINE void store_some(float *to, vec value, long n) {
  if (__builtin_expect(n >= V, 1)) {
    store(to, value);
    return;
  }
  for (long k = 0; k < n; k++) to[k] = value[k];
}

// The first n entries of a vector, where n may be more than V; the others become zero.
INLINE vec first_of(vec a, long n) {
  ivec index;
  for (int k = 0; k < V; k++) index[k] = k;
  return (vec)((ivec)a & (index < index * 0 + (int)n));
}

// `stream` writes past the caches, to an aligned place that is not read again soon. `drain` makes
// what was streamed visible to other threads.
#if defined(__AVX512F__)
INLINE void stream(float *to, vec value) { _mm512_stream_ps(to, (__m512)value); }
INLINE vec smaller(vec a, vec b) { return (vec)_mm512_min_ps((__m512)a, (__m512)b); }
INLINE vec larger(vec a, vec b) { return (vec)_mm512_max_ps((__m512)a, (__m512)b); }
INLINE vec rounded(vec a) { return (vec)_mm512_roundscale_ps((__m512)a, 8); }
INLINE vec power_of_2(vec n) { return (vec)_mm512_scalef_ps(_mm512_set1_ps(1), (__m512)n); }
INLINE vec about_1_over(vec a) { return (vec)_mm512_rcp14_ps((__m512)a); }
#elif defined(__AVX2__)
INLINE void stream(float *to, vec value) { _mm256_stream_ps(to, (__m256)value); }
INLINE vec smaller(vec a, vec b) { return (vec)_mm256_min_ps((__m256)a, (__m256)b); }
INLINE vec larger(vec a, vec b) { return (vec)_mm256_max_ps((__m256)a, (__m256)b); }
INLINE vec rounded(vec a) { return (vec)_mm256_round_ps((__m256)a, 8); }
INLINE vec power_of_2(vec n) {
  return (vec)_mm256_slli_epi32(
      _mm256_add_epi32(_mm256_cvtps_epi32((__m256)n), _mm256_set1_epi32(127)), 23);
}
INLINE vec about_1_over(vec a) { return (vec)_mm256_rcp_ps((__m256)a); }
#else
INLINE void stream(float *to, vec value) { store(to, value); }
INLINE vec chosen(ivec which, vec a, vec b) {
  return (vec)((which & (ivec)a) | (~which & (ivec)b));
}
INLINE vec smaller(vec a, vec b) { return chosen(a < b, a, b); }
INLINE vec larger(vec a, vec b) { return chosen(a > b, a, b); }
INLINE vec rounded(vec a) { return (a + 12582912.0f) - 12582912.0f; }  // 1.5 · 2^23
INLINE vec power_of_2(vec n) {  // the sum holds 127 + n in its low bits
  return (vec)((ivec)(n + 12583039.0f) << 23);
}
INLINE vec about_1_over(vec a) { return 1.0f / a; }
#endif
#if defined(__x86_64__)
INLINE void drain(void) { _mm_sfence(); }
#else
INLINE void drain(void) { __sync_synchronize(); }
#endif

// Where it helps, denormal numbers count as zero until the mode is set back.
#if defined(__x86_64__)
INLINE unsigned flush_denormals(void) {
  unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040);
  return before;
}
INLINE void restore_mode(unsigned before) { _mm_setcsr(before); }
#else
INLINE unsigned flush_denormals(void) { return 0; }
INLINE void restore_mode(unsigned before) { (void)before; }
#endif

// NaN stays NaN: `smaller` and `larger` give their second argument if either is NaN.
INLINE vec within(float bound, vec x) { return smaller(splat(bound), larger(splat(-bound), x)); }

// a / b by Newton's method, and the remainder once more; b is neither 0 nor infinite.
INLINE vec quotient(vec a, vec b) {
  vec inverse = about_1_over(b);
  inverse = inverse * (2.0f - b * inverse);
  vec first = a * inverse;
  return first + inverse * (a - first * b);
}

// e^x = scale + scale · less, with scale = 2^n and less = 2^f - 1 for |f| ≤ 1/2. The polynomial is
// the best of its degree for the relative error, 1.2e-8.
INLINE vec exponential(vec x, vec *less) {
  const vec y = x * 1.44269504f, n = rounded(y), f = y - n;
  vec p = splat(1.54035119e-4f);
  p = p * f + 1.33918843e-3f;
  p = p * f + 9.61824189e-3f;
  p = p * f + 5.55035527e-2f;
  p = p * f + 2.40226497e-1f;
  p = p * f + 6.93147188e-1f;
  *less = p * f;
  return power_of_2(n);
}

// 1 / (1 + e^-x)
INLINE vec sigmoid(vec x) {
  vec less, scale = exponential(-within(60.0f, x), &less);
  return quotient(splat(1.0f), 1.0f + (scale + scale * less));
}

// (e^2x - 1) / (e^2x + 1), by e^2x - 1, which is exact to the last digits about 0
INLINE vec hyperbolic_tangent(vec x) {
  vec less, scale = exponential(2.0f * within(10.0f, x), &less);
  vec t = scale * less + (scale - 1.0f);
  return quotient(t, t + 2.0f);
}
