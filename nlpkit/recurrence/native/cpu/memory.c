// Memory that is used again: the pages of a large block cost as much as what is written to them.
#define _GNU_SOURCE
#include "memory.h"
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { HEAD = 64, PAGE = 4096, LARGE_PAGE = 2 << 20 };
enum { MOST_BLOCKS = 16, MOST_BYTES = 256 << 20 };  // that lie spare

typedef struct Block {
  struct Block *next;
  size_t bytes;
} Block;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Block *spare;  // the last given back comes first
static int spares;
static size_t spare_bytes;

static void before_fork(void) { pthread_mutex_lock(&lock); }
static void after_fork(void) { pthread_mutex_unlock(&lock); }
__attribute__((constructor)) static void survive_fork(void) {
  pthread_atfork(before_fork, after_fork, after_fork);
}

// The smallest spare block that is large enough, and not far too large.
static Block *reused(size_t bytes) {
  Block **best = NULL;
  pthread_mutex_lock(&lock);
  for (Block **at = &spare; *at; at = &(*at)->next)
    if ((*at)->bytes >= bytes && (*at)->bytes / 2 <= bytes + PAGE)
      if (!best || (*at)->bytes < (*best)->bytes) best = at;
  Block *found = best ? *best : NULL;
  if (found) *best = found->next, spares--, spare_bytes -= found->bytes;
  pthread_mutex_unlock(&lock);
  return found;
}

void *memory_take(size_t bytes) {
  bytes += HEAD;
  Block *block = reused(bytes);
  if (!block) {
    const size_t unit = bytes < LARGE_PAGE ? PAGE : LARGE_PAGE;
    bytes = (bytes + unit - 1) / unit * unit;
    void *memory;
    if (posix_memalign(&memory, unit, bytes)) return NULL;
    if (unit == LARGE_PAGE) madvise(memory, bytes, MADV_HUGEPAGE);
    block = memory;
    block->bytes = bytes;
  }
  return (char *)block + HEAD;
}

// Takes the block that has been spare for the longest out of the list.
static Block *oldest(void) {
  Block **at = &spare;
  while ((*at)->next) at = &(*at)->next;
  Block *block = *at;
  *at = NULL, spares--, spare_bytes -= block->bytes;
  return block;
}

void memory_give(void *memory) {
  if (!memory) return;
  Block *block = (Block *)((char *)memory - HEAD), *unused = NULL;
  ASAN_UNPOISON_MEMORY_REGION(block, block->bytes);
  pthread_mutex_lock(&lock);
  block->next = spare, spare = block;
  spares++, spare_bytes += block->bytes;
  while (spares > MOST_BLOCKS || spare_bytes > MOST_BYTES) {
    Block *dropped = oldest();
    dropped->next = unused, unused = dropped;
  }
  pthread_mutex_unlock(&lock);
  while (unused) {
    Block *next = unused->next;
    free(unused);
    unused = next;
  }
}
