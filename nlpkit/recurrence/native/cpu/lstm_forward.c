// The LSTM forward, with the equations of nlpkit/cells/lstm.py by their numbers:
//
//     z = x · W + b + h · R
//     (1) i = sigmoid(z_i)   (2) f = sigmoid(z_f)   (3) g = tanh(z_g)   (4) o = sigmoid(z_o)
//     (5) c' = f * c + i * g      (6) k = tanh(c')      (7) h' = o * k
//
// The rows of a batch are shared among the threads, and each runs its groups of rows on its own. If
// there are too few rows, or R outgrows the cache of one core, all threads run the same rows, each
// has some of the units, and they wait for one another at every step.
//
// Time goes by in blocks whose x · W stays in the cache until its steps are run.
#include "schedule.h"

typedef struct {
  float *h[2];  // before and after a step, in turns: [rows][copies][stride]
  float *c;     // [rows][P · V]
  float *z;     // x · W of a block, [P][BLOCK][4][V]
  Barrier barrier;
} Scratch;

typedef struct {
  const Lstm *lstm;
  Rows rows;
  Schedule schedule;
  long panels, stride;
  int copies;                        // of h: with dropout one for each gate, and itself
  float *kernel, *recurrent, *bias;  // in panels
  Scratch *scratch;                  // of each team
  Barrier packed;
} Forward;

typedef struct {
  const float *x[BLOCK];
  float *y[BLOCK], *trace[BLOCK];
} Visits;  // of rows, step by step

// h of one panel after a step, or its copies, each with its gate's dropout.
INLINE void keep_h(const Forward *run, float *to, vec h, long row, long panel) {
  const Lstm *lstm = run->lstm;
  if (!lstm->dropout) {
    store(to + panel * V, h);
    return;
  }
  for (long gate = 0; gate < GATES; gate++) {
    const float *by = lstm->dropout + (gate * lstm->batch + row) * lstm->units + panel * V;
    store(to + gate * run->stride + panel * V, h * load_some(by, lstm->units - panel * V));
  }
  store(to + GATES * run->stride + panel * V, h);
}

// A tile of rows through one panel of a step: h · R, and the gates behind it.
static void step_tile(const Forward *run, Scratch *scratch, const int *rows, Visits *visits,
                      long visit, long first, int count, long panel, int turn) {
  const long size = run->copies * run->stride, units = run->lstm->units, left = units - panel * V;
  const float *h[TILE_ROWS], *b = run->bias + panel * PANEL;
  BUFFER r[TILE_ROWS * PANEL];
  for (int m = 0; m < count; m++) h[m] = scratch->h[turn] + (first + m) * size;
  const Product product = {.a = h,
                           .gate = run->stride,
                           .b = run->recurrent + panel * units * PANEL,
                           .pieces = 1,
                           .length = units};
  TILES[count][run->copies == 1 ? GATES : GATED](&product, r);
  const float *z = scratch->z + (panel * BLOCK + visit) * PANEL;
  for (int m = 0; m < count; m++) {
    vec gate[GATES];
    for (int n = 0; n < GATES; n++) {
      const long at = m * PANEL + n * V;
      gate[n] = load(z + at) + load(r + at) + load(b + n * V);
    }
    float *c = scratch->c + ((first + m) * run->panels + panel) * V;
    const vec i = sigmoid(gate[0]), f = sigmoid(gate[1]);             // (1), (2)
    const vec g = hyperbolic_tangent(gate[2]), o = sigmoid(gate[3]);  // (3), (4)
    const vec memory = f * load(c) + i * g;                           // (5)
    const vec h = o * hyperbolic_tangent(memory);                     // (6), (7)
    store(c, memory);
    keep_h(run, scratch->h[1 - turn] + (first + m) * size, h, rows[first + m], panel);
    if (visits->y[visit + m]) store_some(visits->y[visit + m] + panel * V, h, left);
    if (visits->trace[visit + m]) {
      float *trace = visits->trace[visit + m] + panel * TRACE;
      stream(trace, i), stream(trace + V, f), stream(trace + 2 * V, g), stream(trace + 3 * V, o);
      stream(trace + 4 * V, memory);
    }
  }
}

static void project(const Forward *run, Scratch *scratch, const Visits *visits, long count,
                    long panel) {
  const long features = run->lstm->features;
  const float *kernel = run->kernel + panel * features * PANEL;
  float *z = scratch->z + panel * BLOCK * PANEL;
  for (long v = 0, height; v < count; v += height) {
    height = tile_height(count - v);
    const Product product = {.a = visits->x + v, .b = kernel, .pieces = 1, .length = features};
    TILES[height][GATES](&product, z + v * PANEL);
  }
}

// All rows that take the steps from `begin` to `end`; returns how many visits that is.
static long collect(const Forward *run, const Group *group, long begin, long end, Visits *visits) {
  const Lstm *lstm = run->lstm;
  long count = 0;
  for (long s = begin; s < end; s++)
    for (int r = 0; r < group->running[s]; r++, count++) {
      const long at = group->row[r] * lstm->steps + time_of(&run->rows, group->row[r], s);
      visits->x[count] = lstm->x + at * lstm->features;
      visits->y[count] = lstm->y ? lstm->y + at * lstm->units : NULL;
      visits->trace[count] = lstm->trace ? lstm->trace + at * run->panels * TRACE : NULL;
    }
  return count;
}

static void begin_states(const Forward *run, Scratch *scratch, const Group *group, long from,
                         long to) {
  const long units = run->lstm->units;
  for (int r = 0; r < group->count; r++)
    for (long panel = from; panel < to; panel++) {
      const long at = group->row[r] * units + panel * V, left = units - panel * V;
      const vec h = load_some(run->lstm->h0 + at, left);
      keep_h(run, scratch->h[0] + r * run->copies * run->stride, h, group->row[r], panel);
      store(scratch->c + (r * run->panels + panel) * V, load_some(run->lstm->c0 + at, left));
    }
}

static void end_states(const Forward *run, Scratch *scratch, const Group *group, long from,
                       long to) {
  const Lstm *lstm = run->lstm;
  for (int r = 0; r < group->count; r++)
    for (long panel = from; panel < to; panel++) {
      const long row = group->row[r], length = length_of(&run->rows, row);
      const long at = row * lstm->units + panel * V, left = lstm->units - panel * V;
      const float *h =
          scratch->h[length & 1] + (r + 1) * run->copies * run->stride;  // the last copy
      store_some(lstm->h + at, load(h - run->stride + panel * V), left);
      store_some(lstm->c + at, load(scratch->c + (r * run->panels + panel) * V), left);
    }
}

// At masked steps y repeats what was carried there: the h before, or h0.
static void carry(const Forward *run, const Group *group, long from, long to) {
  const Lstm *lstm = run->lstm;
  for (long r = from; r < to; r++) {
    const long row = group->row[r], units = lstm->units;
    const float *h = lstm->h0 + row * units;
    for (long t = 0; t < lstm->steps; t++) {
      float *y = lstm->y + (row * lstm->steps + t) * units;
      if (!lstm->mask[row * lstm->steps + t]) memcpy(y, h, sizeof(float) * units);
      h = y;
    }
  }
}

static void run_group(const Forward *run, Scratch *scratch, const Group *group, int part) {
  const int parts = run->schedule.parts;
  const long from = share_begin(run->panels, part, parts),
             to = share_begin(run->panels, part + 1, parts);
  const long length = block_steps(group->count);
  Visits visits;
  begin_states(run, scratch, group, from, to);
  barrier_wait(&scratch->barrier);
  for (long begin = 0; begin < group->steps; begin += length) {
    const long end = begin + length < group->steps ? begin + length : group->steps;
    const long count = collect(run, group, begin, end, &visits);
    for (long panel = from; panel < to; panel++) project(run, scratch, &visits, count, panel);
    for (long s = begin, visit = 0; s < end; visit += group->running[s++]) {
      for (long panel = from; panel < to; panel++)
        for (long r = 0, height; r < group->running[s]; r += height) {
          height = tile_height(group->running[s] - r);
          step_tile(run, scratch, group->row, &visits, visit + r, r, (int)height, panel, s & 1);
        }
      barrier_wait(&scratch->barrier);
    }
  }
  end_states(run, scratch, group, from, to);
  if (run->lstm->y && run->lstm->mask)
    carry(run, group, share_begin(group->count, part, parts),
          share_begin(group->count, part + 1, parts));
}

static void work(void *call, int thread, int threads) {
  Forward *run = call;
  const Lstm *lstm = run->lstm;
  const unsigned mode = flush_denormals();
  for (long panel = thread; panel < run->panels; panel += threads) {
    pack_panel(lstm->kernel, run->kernel + panel * lstm->features * PANEL, lstm->features,
               lstm->units, panel);
    pack_panel(lstm->recurrent_kernel, run->recurrent + panel * lstm->units * PANEL, lstm->units,
               lstm->units, panel);
    if (lstm->bias) pack_panel(lstm->bias, run->bias + panel * PANEL, 1, lstm->units, panel);
    else memset(run->bias + panel * PANEL, 0, sizeof(float) * PANEL);
  }
  barrier_wait(&run->packed);
  const int team = thread / run->schedule.parts, part = thread % run->schedule.parts;
  for (int g = team; g < run->rows.groups; g += run->schedule.teams)
    run_group(run, run->scratch + team, run->rows.group + g, part);
  drain();
  restore_mode(mode);
}

static void plan(Forward *run, Arena *arena) {
  const Lstm *lstm = run->lstm;
  const long panels = run->panels, size = run->copies * run->stride;
  rows_plan(&run->rows, arena, lstm->mask, lstm->batch, lstm->steps, run->schedule.teams);
  run->kernel = cut_floats(arena, panels * lstm->features * PANEL);
  run->recurrent = cut_floats(arena, panels * lstm->units * PANEL);
  run->bias = cut_floats(arena, panels * PANEL);
  run->scratch = cut(arena, sizeof(Scratch) * run->schedule.teams);
  for (int team = 0; team < run->schedule.teams; team++) {
    Scratch scratch;
    for (int turn = 0; turn < 2; turn++) scratch.h[turn] = cut_floats(arena, GROUP * size);
    scratch.c = cut_floats(arena, GROUP * panels * V);
    scratch.z = cut_floats(arena, panels * BLOCK * PANEL);
    barrier_prepare(&scratch.barrier, run->schedule.parts);
    if (arena->base) run->scratch[team] = scratch;
  }
}

static int forward(const Lstm *lstm) {
  const long panels = panels_of(lstm->units);
  Forward run = {.lstm = lstm,
                 .schedule = schedule(lstm, 1),
                 .panels = panels,
                 .stride = (panels + 1) * V,
                 .copies = lstm->dropout ? GATES + 1 : 1};
  Arena arena = {0};
  barrier_prepare(&run.packed, run.schedule.threads);
  plan(&run, &arena);
  arena = (Arena){memory_take(arena.used), 0};
  if (arena.base) plan(&run, &arena);
  team_run(arena.base ? work : nothing, &run, run.schedule.threads);
  memory_give(arena.base);
  return arena.base != NULL;
}

int VARIANT(lstm_forward)(const Lstm *lstm) { return forward(lstm); }
long VARIANT(lstm_trace)(long units) { return panels_of(units) * TRACE; }
