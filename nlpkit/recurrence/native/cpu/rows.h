// The rows of a batch in groups, and for each row the steps that a mask leaves.
//
// Only these steps, the valid ones, are run: step s of a row is its s-th valid one. A group's rows
// come by falling length, so that those that take a step are always its first ones.
#pragma once
#include <stdint.h>
#include "memory.h"

enum { GROUP = 128 };  // most rows of a group

typedef struct {
  int count, steps;    // rows, and valid steps of the longest
  const int *row;      // which rows they are
  const int *running;  // [steps + 1], how many rows take step s
} Group;

typedef struct {
  long steps;         // T
  const int *step;    // [B, T], the time of each valid step; NULL where all are valid
  const int *length;  // [B], how many there are; NULL likewise
  Group *group;
  int groups;
} Rows;

static inline long time_of(const Rows *rows, long row, long step) {
  return rows->step ? rows->step[row * rows->steps + step] : step;
}
static inline long length_of(const Rows *rows, long row) {
  return rows->length ? rows->length[row] : rows->steps;
}

// The rows [B, T] of a mask, or NULL, in a multiple of `teams` groups; see `Arena`.
void rows_plan(Rows *rows, Arena *arena, const uint8_t *mask, long batch, long steps, int teams);
