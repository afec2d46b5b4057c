// How a call is shared among threads, forward and back alike, and what it works with.
#pragma once
#include <stddef.h>
#include "panels.h"
#include "recurrence.h"
#include "rows.h"
#include "team.h"

enum { BLOCK = GROUP };  // rows times steps of a block of time

typedef struct {
  int threads;
  int teams;  // each has rows of its own
  int parts;  // threads of a team, each with units of its own
} Schedule;

typedef struct Scratch Scratch;  // of a team; forward and back have their own

typedef struct {
  const Recurrence *call;
  Rows rows;
  Schedule schedule;
  long panels, columns;              // of units, and vectors of input features
  int copies;                        // of h, where each gate reads its own
  float *kernel, *recurrent, *bias;  // packed
  Scratch *scratch;                  // of each team
  Barrier packed, summed;
} Run;

// To wake the team costs more than a small call.
static const double SMALL = 8e6;  // operations
// Bytes of R from which on a core's cache does not hold it.
static const double LARGE = 2.2e6;

static Schedule schedule(const Recurrence *call, int products) {
  const double units = call->units, rows = (double)call->batch * call->steps;
  const double operations = 2.0 * GATES * rows * (call->features + units) * units;
  const int large = 4.0 * GATES * units * units > LARGE;
  if (operations * products < SMALL || (call->batch == 1 && !large)) return (Schedule){1, 1, 1};
  const int threads = team_take();
  return large || call->batch < threads ? (Schedule){threads, 1, threads}
                                        : (Schedule){threads, threads, 1};
}

// Steps of a block of so many rows.
INLINE long block_steps(long rows) { return rows && BLOCK / rows > 1 ? BLOCK / rows : 1; }

// Gives the team back where there is no memory to run.
static void nothing(void *, int, int) {}

// Has the team do the work, in memory that `plan` cuts; see `Arena`. Returns 0 where there is none.
static int run_in_memory(Run *run, void (*plan)(Run *, Arena *), Work work) {
  Arena arena = {0};
  barrier_prepare(&run->packed, run->schedule.threads);
  barrier_prepare(&run->summed, run->schedule.threads);
  plan(run, &arena);
  arena = (Arena){memory_take(arena.used), 0};
  if (arena.base) plan(run, &arena);
  team_run(arena.base ? work : nothing, run, run->schedule.threads);
  memory_give(arena.base);
  return arena.base != NULL;
}
