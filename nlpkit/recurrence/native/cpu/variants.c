// Which of the compilations of the cells runs here.
#include <stddef.h>
#include <string.h>
#include "recurrence.h"

#define COMPILED(name)                                                         \
  extern const Cell lstm_cell_##name, gru_cell_##name, simple_rnn_cell_##name; \
  static const Variant name = {#name,                                          \
                               {&lstm_cell_##name, &gru_cell_##name, &simple_rnn_cell_##name}};

#if defined(__x86_64__)
#include <cpuid.h>
COMPILED(avx512)
COMPILED(avx2)

// The registers that the operating system saves, as bits of XCR0.
static unsigned saved_registers(void) {
  unsigned low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static int runs(const Variant *variant) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_FMA)) return 0;
  const unsigned saved = saved_registers();
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  if (variant == &avx2) return (saved & 6) == 6 && (b & bit_AVX2) && (b & bit_BMI2);
  const unsigned v4 = bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL;
  return (saved & 0xe6) == 0xe6 && (b & v4) == v4;
}
#else
static int runs(const Variant *variant) { return variant == NULL; }
#endif
COMPILED(portable)

static const Variant *const VARIANTS[] = {
#if defined(__x86_64__)
    &avx512,
    &avx2,
#endif
    &portable,
};
enum { COUNT = sizeof VARIANTS / sizeof *VARIANTS };
static const Variant *used;

static int possible(const Variant *one) { return one == &portable || runs(one); }

const Variant *variant(void) {
  for (int k = 0; !used; k++)
    if (possible(VARIANTS[k])) used = VARIANTS[k];
  return used;
}

int use_variant(const char *name) {
  for (int k = 0; k < COUNT; k++)
    if (!strcmp(VARIANTS[k]->name, name) && possible(VARIANTS[k])) {
      used = VARIANTS[k];
      return 1;
    }
  return 0;
}

const char *variant_name(void) { return variant()->name; }
