// A cell forward: x · W and h · R by panels, and behind them the equations in the cell's file.
//
// The rows of a batch are shared among the threads, and each runs its groups of rows on its own. If
// there are too few rows, or R outgrows the cache of one core, all threads run the same rows, each
// has some of the units, and they wait for one another at every step.
//
// Time goes by in blocks whose x · W stays in the cache until its steps are run.
#include "schedule.h"

enum { LONGEST_SUM = 512 };

struct Scratch {
  float *h[2];  // before and after a step, in turns: [rows][copies][stride]
  float *c;     // [rows][units in panels]
  float *x;     // x · W of a block, [P][BLOCK][WIDE][G][V]
  Barrier barrier;
};

typedef struct {
  const float *x[BLOCK];
  float *y[BLOCK], *trace[BLOCK];
} Visits;  // of rows, step by step

// Floats of a row's units in panels.
INLINE long padded(const Run *run) { return run->panels * WIDE * V; }

// Floats of one copy of h, and of all of a row: with dropout one for each gate, and h itself last.
INLINE long stride_of(const Run *run) { return padded(run) + V; }
INLINE long row_of_h(const Run *run) { return run->copies * stride_of(run); }
INLINE float *h_itself(const Run *run, const Scratch *scratch, long turn, long r, long unit) {
  return scratch->h[turn] + (r + 1) * row_of_h(run) - stride_of(run) + unit;
}

// A vector of h after a step, and its copies, each with its gate's dropout.
INLINE void keep_h(const Run *run, Scratch *scratch, long turn, long r, vec h, long row,
                   long unit) {
  const Recurrence *call = run->call;
  store(h_itself(run, scratch, turn, r, unit), h);
  for (long gate = 0; gate < run->copies - 1; gate++) {
    const float *by = call->dropout + (gate * call->batch + row) * call->units + unit;
    store(scratch->h[turn] + r * row_of_h(run) + gate * stride_of(run) + unit,
          h * load_some(by, call->units - unit));
  }
}

// A row's vector of units through a step, from x · W and h · R of its gates.
INLINE void step_unit(const Run *run, Scratch *scratch, long row, const Visits *visits, long visit,
                      long r, long unit, int turn, const float *x, const float *product,
                      const float *bias) {
  const long left = run->call->units - unit;
  vec from_x[GATES], from_h[GATES], memory = splat(0), kept[KEPT + 1];
  for (int n = 0; n < GATES; n++) {
    from_x[n] = load(x + n * V) + load(bias + n * V);
    from_h[n] = load(product + n * V);
    if (BIASES == 2) from_h[n] += load(bias + PANEL + n * V);
  }
  float *c = scratch->c + r * padded(run) + unit;
  if (MEMORY == C) memory = load(c);
  if (MEMORY == H) memory = load(h_itself(run, scratch, turn, r, unit));
  const vec h = step(from_x, from_h, &memory, kept);
  if (MEMORY == C) store(c, memory);
  keep_h(run, scratch, 1 - turn, r, h, row, unit);
  if (visits->y[visit]) store_some(visits->y[visit] + unit, h, left);
  if (visits->trace[visit])
    for (int n = 0; n < KEPT; n++) stream(visits->trace[visit] + unit * KEPT + n * V, kept[n]);
}

// A tile of h · R, the sum made of shorter ones, which round less; advances the rows.
INLINE void multiply(const Run *run, const float **h, int count, long panel, float *out) {
  const long units = run->call->units;
  const Tile multiply_some = TILES[count][run->copies > 1 && GATES > 1 ? GATED : VECTORS];
  Product product = {.a = h,
                     .gate = stride_of(run),
                     .b = run->recurrent + panel * units * PANEL,
                     .pieces = 1,
                     .length = units < LONGEST_SUM ? units : LONGEST_SUM};
  multiply_some(&product, out);
  for (long left = units - LONGEST_SUM; left > 0; left -= LONGEST_SUM) {
    BUFFER more[TILE_ROWS * PANEL];
    for (int m = 0; m < count; m++) h[m] += LONGEST_SUM;
    product.b += LONGEST_SUM * PANEL;
    product.length = left < LONGEST_SUM ? left : LONGEST_SUM;
    multiply_some(&product, more);
    for (long n = 0; n < count * PANEL; n += V) store(out + n, load(out + n) + load(more + n));
  }
}

// A tile of rows through one panel of a step.
static void step_tile(const Run *run, Scratch *scratch, const int *rows, const Visits *visits,
                      long visit, long first, int count, long panel, int turn) {
  const float *h[TILE_ROWS];
  BUFFER r[TILE_ROWS * PANEL];
  for (int m = 0; m < count; m++) h[m] = scratch->h[turn] + (first + m) * row_of_h(run);
  multiply(run, h, count, panel, r);
  const float *x = scratch->x + (panel * BLOCK + visit) * PANEL;
  const float *bias = run->bias + panel * BIASES * PANEL;
  for (int m = 0; m < count; m++)
    for (int wide = 0; wide < WIDE; wide++) {
      const long at = m * PANEL + wide * GATES * V;
      step_unit(run, scratch, rows[first + m], visits, visit + m, first + m,
                (panel * WIDE + wide) * V, turn, x + at, r + at, bias + wide * GATES * V);
    }
}

static void project(const Run *run, Scratch *scratch, const Visits *visits, long count,
                    long panel) {
  const long features = run->call->features;
  const float *kernel = run->kernel + panel * features * PANEL;
  float *x = scratch->x + panel * BLOCK * PANEL;
  for (long v = 0, height; v < count; v += height) {
    height = tile_height(count - v);
    const Product product = {.a = visits->x + v, .b = kernel, .pieces = 1, .length = features};
    TILES[height][VECTORS](&product, x + v * PANEL);
  }
}

// All rows that take the steps from `begin` to `end`; returns how many visits that is.
static long collect(const Run *run, const Group *group, long begin, long end, Visits *visits) {
  const Recurrence *call = run->call;
  long count = 0;
  for (long s = begin; s < end; s++)
    for (int r = 0; r < group->running[s]; r++, count++) {
      const long at = group->row[r] * call->steps + time_of(&run->rows, group->row[r], s);
      visits->x[count] = call->x + at * call->features;
      visits->y[count] = call->y ? call->y + at * call->units : NULL;
      visits->trace[count] = call->trace ? call->trace + at * padded(run) * KEPT : NULL;
    }
  return count;
}

static void begin_states(const Run *run, Scratch *scratch, const Group *group, long from, long to) {
  const Recurrence *call = run->call;
  for (int r = 0; r < group->count; r++)
    for (long unit = from * WIDE * V; unit < to * WIDE * V; unit += V) {
      const long row = group->row[r], at = row * call->units + unit, left = call->units - unit;
      keep_h(run, scratch, 0, r, load_some(call->h0 + at, left), row, unit);
      if (STATES == 2) store(scratch->c + r * padded(run) + unit, load_some(call->c0 + at, left));
    }
}

static void end_states(const Run *run, Scratch *scratch, const Group *group, long from, long to) {
  const Recurrence *call = run->call;
  for (int r = 0; r < group->count; r++)
    for (long unit = from * WIDE * V; unit < to * WIDE * V; unit += V) {
      const long row = group->row[r], turn = length_of(&run->rows, row) & 1;
      const long at = row * call->units + unit, left = call->units - unit;
      store_some(call->h + at, load(h_itself(run, scratch, turn, r, unit)), left);
      if (STATES == 2) store_some(call->c + at, load(scratch->c + r * padded(run) + unit), left);
    }
}

// At masked steps y repeats what was carried there: the h before, or h0.
static void carry(const Run *run, const Group *group, long from, long to) {
  const Recurrence *call = run->call;
  for (long r = from; r < to; r++) {
    const long row = group->row[r], units = call->units;
    const float *h = call->h0 + row * units;
    for (long t = 0; t < call->steps; t++) {
      float *y = call->y + (row * call->steps + t) * units;
      if (!call->mask[row * call->steps + t]) memcpy(y, h, sizeof(float) * units);
      h = y;
    }
  }
}

static void run_group(const Run *run, Scratch *scratch, const Group *group, int part) {
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
  if (run->call->y && run->call->mask)
    carry(run, group, share_begin(group->count, part, parts),
          share_begin(group->count, part + 1, parts));
}

static void pack(const Run *run, int thread, int threads) {
  const Recurrence *call = run->call;
  const long features = call->features, units = call->units;
  for (long panel = thread; panel < run->panels; panel += threads) {
    float *bias = run->bias + panel * BIASES * PANEL;
    pack_panel(call->kernel, run->kernel + panel * features * PANEL, features, units, panel);
    pack_panel(call->recurrent_kernel, run->recurrent + panel * units * PANEL, units, units, panel);
    if (call->bias) pack_panel(call->bias, bias, BIASES, units, panel);
    else memset(bias, 0, sizeof(float) * BIASES * PANEL);
  }
}

static void work(void *given, int thread, int threads) {
  Run *run = given;
  const unsigned mode = flush_denormals();
  pack(run, thread, threads);
  barrier_wait(&run->packed);
  const int team = thread / run->schedule.parts, part = thread % run->schedule.parts;
  for (int g = team; g < run->rows.groups; g += run->schedule.teams)
    run_group(run, run->scratch + team, run->rows.group + g, part);
  drain();
  restore_mode(mode);
}

static void plan(Run *run, Arena *arena) {
  const Recurrence *call = run->call;
  const long panels = run->panels;
  rows_plan(&run->rows, arena, call->mask, call->batch, call->steps, run->schedule.teams);
  run->kernel = cut_floats(arena, panels * call->features * PANEL);
  run->recurrent = cut_floats(arena, panels * call->units * PANEL);
  run->bias = cut_floats(arena, panels * BIASES * PANEL);
  run->scratch = cut(arena, sizeof(Scratch) * run->schedule.teams);
  for (int team = 0; team < run->schedule.teams; team++) {
    Scratch scratch;
    for (int turn = 0; turn < 2; turn++) scratch.h[turn] = cut_floats(arena, GROUP * row_of_h(run));
    scratch.c = cut_floats(arena, STATES == 2 ? GROUP * padded(run) : 0);
    scratch.x = cut_floats(arena, panels * BLOCK * PANEL);
    barrier_prepare(&scratch.barrier, run->schedule.parts);
    if (arena->base) run->scratch[team] = scratch;
  }
}

static int forward(const Recurrence *call) {
  Run run = {.call = call,
             .schedule = schedule(call, 1),
             .panels = panels_of(call->units),
             .copies = call->dropout ? GATES + 1 : 1};
  return run_in_memory(&run, plan, work);
}

static long trace(long units) { return panels_of(units) * WIDE * V * KEPT; }

int COMPILED(back)(const Recurrence *);
const Cell COMPILED(cell) = {NAME, GATES, STATES, BIASES, forward, COMPILED(back), trace};
