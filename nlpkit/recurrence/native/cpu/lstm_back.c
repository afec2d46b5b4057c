// The LSTM back through time. Threads share the work as they do forward; the equations of
// nlpkit/cells/lstm.py are in lstm_back_steps.h, the products around them, as
// nlpkit/recurrence/sequence.py has them, in lstm_back_products.h.
#include "lstm_back_products.h"
#include "lstm_back_steps.h"

// All rows that take the steps from `begin` to `end`.
static void collect(const Back *run, const Group *group, long begin, long end, Visits *visits) {
  const Lstm *lstm = run->lstm;
  long count = 0;
  for (long s = begin; s < end; s++) {
    visits->begin[s - begin] = count;
    for (int r = 0; r < group->running[s]; r++, count++) {
      const long row = group->row[r], first = row * lstm->steps,
                 at = first + time_of(&run->rows, row, s);
      visits->x[count] = lstm->x + at * lstm->features;
      visits->dx[count] = lstm->dx + at * lstm->features;
      visits->h[count] = s ? lstm->y + (first + time_of(&run->rows, row, s - 1)) * lstm->units
                           : lstm->h0 + row * lstm->units;
      for (long gate = 0; lstm->dropout && gate < GATES; gate++)
        visits->dropout[gate][count] = lstm->dropout + (gate * lstm->batch + row) * lstm->units;
    }
  }
  visits->count = count;
}

// dx at masked steps.
static void clear_masked(const Back *run, const Group *group, long from, long to) {
  const Lstm *lstm = run->lstm;
  for (long r = from; r < to; r++)
    for (long t = 0; t < lstm->steps; t++) {
      const long at = group->row[r] * lstm->steps + t;
      if (!lstm->mask[at])
        memset(lstm->dx + at * lstm->features, 0, sizeof(float) * lstm->features);
    }
}

// dc after the last step, or before the first one.
static void move_dc(const Back *run, Scratch *scratch, const Group *group, long from, long to,
                    int arriving) {
  const long units = run->lstm->units;
  for (int r = 0; r < group->count; r++)
    for (long panel = from; panel < to; panel++) {
      float *dc = scratch->dc + (r * run->panels + panel) * V;
      const long at = group->row[r] * units + panel * V;
      if (arriving) store(dc, load_some(run->lstm->dc + at, units - panel * V));
      else store_some(run->lstm->dc0 + at, load(dc), units - panel * V);
    }
}

static void run_group(const Back *run, Scratch *scratch, const Group *group, int part) {
  const int parts = run->schedule.parts;
  const long groups = groups_of(run->panels), inputs = groups_of(run->columns);
  const long from = share_begin(groups, part, parts), to = share_begin(groups, part + 1, parts);
  const long first = group_begin(run->panels, from), last = group_begin(run->panels, to);
  const long length = block_steps(group->count), blocks = (group->steps + length - 1) / length;
  Step after = {NULL, 0};
  Visits visits;
  move_dc(run, scratch, group, first, last, 1);
  for (long block = blocks - 1; block >= 0; block--) {
    const long begin = block * length,
               end = begin + length < group->steps ? begin + length : group->steps;
    float *dz = scratch->dz[block & 1];
    collect(run, group, begin, end, &visits);
    for (long s = end - 1; s >= begin; s--) {
      const Step here = {dz + visits.begin[s - begin] * PANEL, group->running[s]};
      back_step(run, scratch, group, after, here, s, from, to);
      barrier_wait(&scratch->barrier);
      after = here;
    }
    if (part == 0) interleave_block(run, scratch, &visits);
    back_inputs(run, &visits, dz, share_begin(inputs, part, parts),
                share_begin(inputs, part + 1, parts));
    barrier_wait(&scratch->barrier);
    add_outer_products(run, scratch, visits.count, dz, first, last);
    barrier_wait(&scratch->barrier);
  }
  back_step(run, scratch, group, after, (Step){NULL, group->count}, -1, from, to);
  move_dc(run, scratch, group, first, last, 0);
  if (run->lstm->mask)
    clear_masked(run, group, share_begin(group->count, part, parts),
                 share_begin(group->count, part + 1, parts));
  barrier_wait(&scratch->barrier);
}

static void work(void *call, int thread, int threads) {
  Back *run = call;
  const Lstm *lstm = run->lstm;
  const unsigned mode = flush_denormals();
  for (long q = thread; q < groups_of(run->panels); q += threads) {
    const long first = group_begin(run->panels, q) * V,
               columns = group_begin(run->panels, q + 1) * V - first;
    pack_transposed(lstm->recurrent_kernel, run->recurrent + first * run->panels * PANEL,
                    lstm->units, lstm->units, first, columns);
  }
  for (long q = thread; q < groups_of(run->columns); q += threads) {
    const long first = group_begin(run->columns, q) * V,
               columns = group_begin(run->columns, q + 1) * V - first;
    pack_transposed(lstm->kernel, run->kernel + first * run->panels * PANEL, lstm->features,
                    lstm->units, first, columns);
  }
  const int team = thread / run->schedule.parts, part = thread % run->schedule.parts;
  Scratch *scratch = run->scratch + team;
  if (part == 0) {
    memset(scratch->dkernel, 0,
           sizeof(float) * run->panels * outer_tiles(lstm->features) * TILE_ROWS * PANEL);
    memset(scratch->drecurrent, 0,
           sizeof(float) * run->panels * outer_tiles(lstm->units) * TILE_ROWS * PANEL);
    memset(scratch->dbias, 0, sizeof(float) * run->panels * PANEL);
  }
  barrier_wait(&run->packed);
  for (int g = team; g < run->rows.groups; g += run->schedule.teams)
    run_group(run, scratch, run->rows.group + g, part);
  barrier_wait(&run->summed);
  unpack_all(run, thread, threads);
  drain();
  restore_mode(mode);
}

static void plan(Back *run, Arena *arena) {
  const Lstm *lstm = run->lstm;
  const long panels = run->panels, x_tiles = outer_tiles(lstm->features),
             h_tiles = outer_tiles(lstm->units);
  rows_plan(&run->rows, arena, lstm->mask, lstm->batch, lstm->steps, run->schedule.teams);
  run->kernel = cut_floats(arena, run->columns * V * panels * PANEL);
  run->recurrent = cut_floats(arena, panels * V * panels * PANEL);
  run->scratch = cut(arena, sizeof(Scratch) * run->schedule.teams);
  for (int team = 0; team < run->schedule.teams; team++) {
    Scratch scratch;
    for (int turn = 0; turn < 2; turn++)
      scratch.dz[turn] = cut_floats(arena, panels * BLOCK * PANEL);
    scratch.dc = cut_floats(arena, GROUP * panels * V);
    scratch.x = cut_floats(arena, x_tiles * BLOCK * TILE_ROWS);
    scratch.h = cut_floats(arena, run->copies * h_tiles * BLOCK * TILE_ROWS);
    scratch.dkernel = cut_floats(arena, panels * x_tiles * TILE_ROWS * PANEL);
    scratch.drecurrent = cut_floats(arena, panels * h_tiles * TILE_ROWS * PANEL);
    scratch.dbias = cut_floats(arena, panels * PANEL);
    barrier_prepare(&scratch.barrier, run->schedule.parts);
    if (arena->base) run->scratch[team] = scratch;
  }
}

int VARIANT(lstm_back)(const Lstm *lstm) {
  Back run = {.lstm = lstm,
              .schedule = schedule(lstm, 2),
              .panels = panels_of(lstm->units),
              .columns = panels_of(lstm->features),
              .copies = lstm->dropout ? GATES : 1};
  Arena arena = {0};
  barrier_prepare(&run.packed, run.schedule.threads);
  barrier_prepare(&run.summed, run.schedule.threads);
  plan(&run, &arena);
  arena = (Arena){memory_take(arena.used), 0};
  if (arena.base) plan(&run, &arena);
  team_run(arena.base ? work : nothing, &run, run.schedule.threads);
  memory_give(arena.base);
  return arena.base != NULL;
}
