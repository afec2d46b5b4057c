// Memory that is used again, and a way to cut one piece of it into arrays.
#pragma once
#include <stddef.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, bytes)
#define ASAN_UNPOISON_MEMORY_REGION(address, bytes)
#endif

void *memory_take(size_t bytes);  // aligned to 64 bytes; NULL where there is none
void memory_give(void *memory);   // gives back what was taken; NULL is nothing

// Called twice with the same cuts: first without a base, to count, then to cut.
typedef struct {
  char *base;
  size_t used;
} Arena;

static inline void *cut(Arena *arena, size_t bytes) {
  char *at = arena->base ? arena->base + arena->used : NULL;
  const size_t taken = (bytes + 127) / 64 * 64;  // a line more, so that equal arrays do not alias
  if (at) {
    ASAN_POISON_MEMORY_REGION(at + bytes, taken - bytes);
  }
  arena->used += taken;
  return at;
}
static inline float *cut_floats(Arena *arena, size_t floats) { return cut(arena, 4 * floats); }
