// How the work of a call is shared among threads, forward and back alike.
#pragma once
#include <stddef.h>
#include "lstm.h"
#include "panels.h"
#include "rows.h"
#include "team.h"

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define VARIANT(name) JOIN(name, INSTRUCTIONS)

enum {
  TRACE = 5 * V,  // of a panel and a step: i f g o c'
  BLOCK = GROUP,  // rows times steps of a block of time
};

typedef struct {
  int threads;
  int teams;  // each has rows of its own
  int parts;  // threads of a team, each with units of its own
} Schedule;

// To wake the team costs more than a small call.
static const double SMALL = 8e6;  // operations
// Bytes of R from which on a core's cache does not hold it.
static const double LARGE = 2.2e6;

static Schedule schedule(const Lstm *lstm, int products) {
  const double units = lstm->units,
               operations = 8.0 * lstm->batch * lstm->steps * (lstm->features + units) * units;
  const int large = 16 * units * units > LARGE;
  if (operations * products < SMALL || (lstm->batch == 1 && !large)) return (Schedule){1, 1, 1};
  const int threads = team_take();
  return large || lstm->batch < threads ? (Schedule){threads, 1, threads}
                                        : (Schedule){threads, threads, 1};
}

// Steps of a block of so many rows.
INLINE long block_steps(long rows) { return rows && BLOCK / rows > 1 ? BLOCK / rows : 1; }

// Gives the team back where there is no memory to run.
static void nothing(void *, int, int) {}
