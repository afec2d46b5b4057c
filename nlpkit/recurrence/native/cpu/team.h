// A team of threads that sleep between calls, and a barrier for those that work together.
#pragma once
#include <stdatomic.h>

enum { MOST_THREADS = 64 };

typedef struct {
  atomic_int arrived, turn;
  int parties;
} Barrier;
void barrier_prepare(Barrier *barrier, int parties);
void barrier_wait(Barrier *barrier);

typedef void (*Work)(void *call, int thread, int threads);

// How many threads there may be: no more than the process may use processors. 0 is no limit.
__attribute__((visibility("default"))) void team_limit(int threads);

// Takes the team, unless another call has it, and tells how many threads there are: at least 1,
// which is the caller. `team_run` runs the work on them and gives the team back.
int team_take(void);
void team_run(Work work, void *call, int threads);
