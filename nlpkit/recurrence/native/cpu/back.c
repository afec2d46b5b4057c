// A cell back through time. Threads share the work as they do forward; steps are in back_steps.h,
// the products around them, as nlpkit/recurrence/sequence.py has them, in back_products.h.
#include "back_products.h"
#include "back_steps.h"

// All rows that take the steps from `begin` to `end`.
static void collect(const Run *run, const Group *group, long begin, long end, Visits *visits) {
  const Recurrence *call = run->call;
  long count = 0;
  for (long s = begin; s < end; s++) {
    visits->begin[s - begin] = count;
    for (int r = 0; r < group->running[s]; r++, count++) {
      const long row = group->row[r], first = row * call->steps,
                 at = first + time_of(&run->rows, row, s);
      visits->x[count] = call->x + at * call->features;
      visits->dx[count] = call->dx + at * call->features;
      visits->h[count] = s ? call->y + (first + time_of(&run->rows, row, s - 1)) * call->units
                           : call->h0 + row * call->units;
      for (long gate = 0; call->dropout && gate < GATES; gate++)
        visits->dropout[gate][count] = call->dropout + (gate * call->batch + row) * call->units;
    }
  }
  visits->count = count;
}

// dx at masked steps.
static void clear_masked(const Run *run, const Group *group, long from, long to) {
  const Recurrence *call = run->call;
  for (long r = from; r < to; r++)
    for (long t = 0; t < call->steps; t++) {
      const long at = group->row[r] * call->steps + t;
      if (!call->mask[at])
        memset(call->dx + at * call->features, 0, sizeof(float) * call->features);
    }
}

// The derivative by c after the last step, or before the first one; that by h as memory is in dh.
static void move_memory(const Run *run, Scratch *scratch, const Group *group, long from, long to,
                        int arriving) {
  const long units = run->call->units;
  for (int r = 0; r < group->count; r++)
    for (long unit = from * V; unit < to * V; unit += V) {
      float *memory = scratch->memory + r * run->panels * WIDE * V + unit;
      const long at = group->row[r] * units + unit;
      if (arriving)
        store(memory, STATES == 2 ? load_some(run->call->dc + at, units - unit) : splat(0));
      else if (STATES == 2) store_some(run->call->dc0 + at, load(memory), units - unit);
    }
}

static void run_group(const Run *run, Scratch *scratch, const Group *group, int part) {
  const int parts = run->schedule.parts;
  const long vectors = run->panels * WIDE, groups = groups_of(vectors),
             inputs = groups_of(run->columns);
  const long from = share_begin(groups, part, parts), to = share_begin(groups, part + 1, parts);
  const long first = group_begin(vectors, from), last = group_begin(vectors, to);
  const long length = block_steps(group->count), blocks = (group->steps + length - 1) / length;
  Step after = {NULL, 0};
  Visits visits;
  move_memory(run, scratch, group, first, last, 1);
  for (long block = blocks - 1; block >= 0; block--) {
    const long begin = block * length,
               end = begin + length < group->steps ? begin + length : group->steps;
    float *derivatives = scratch->derivatives[block & 1];
    collect(run, group, begin, end, &visits);
    for (long s = end - 1; s >= begin; s--) {
      const Step here = {derivatives + visits.begin[s - begin] * ROW, group->running[s]};
      back_step(run, scratch, group, after, here, s, from, to);
      barrier_wait(&scratch->barrier);
      after = here;
    }
    if (part == 0) interleave_block(run, scratch, &visits);
    back_inputs(run, &visits, derivatives, share_begin(inputs, part, parts),
                share_begin(inputs, part + 1, parts));
    barrier_wait(&scratch->barrier);
    add_block(run, scratch, visits.count, derivatives, share_begin(run->panels, part, parts),
              share_begin(run->panels, part + 1, parts));
    barrier_wait(&scratch->barrier);
  }
  back_step(run, scratch, group, after, (Step){NULL, group->count}, -1, from, to);
  move_memory(run, scratch, group, first, last, 0);
  if (run->call->mask)
    clear_masked(run, group, share_begin(group->count, part, parts),
                 share_begin(group->count, part + 1, parts));
  barrier_wait(&scratch->barrier);
}

// The transposed kernels, by groups of columns.
static void pack(const Run *run, int thread, int threads) {
  const Recurrence *call = run->call;
  const long units = run->panels * WIDE;
  for (long q = thread; q < groups_of(units); q += threads) {
    const long first = group_begin(units, q) * V, columns = group_begin(units, q + 1) * V - first;
    pack_transposed(call->recurrent_kernel, RECURRENT_GATES,
                    run->recurrent + first * run->panels * PANEL, call->units, call->units, first,
                    columns);
  }
  for (long q = thread; q < groups_of(run->columns); q += threads) {
    const long first = group_begin(run->columns, q) * V,
               columns = group_begin(run->columns, q + 1) * V - first;
    pack_transposed(call->kernel, INPUT_GATES, run->kernel + first * run->panels * PANEL,
                    call->features, call->units, first, columns);
  }
}

// Floats of the sums in panels of a kernel with so many rows.
INLINE long sums_of(const Run *run, long rows) {
  return run->panels * outer_tiles(rows) * TILE_ROWS * PANEL;
}

static void work(void *given, int thread, int threads) {
  Run *run = given;
  const Recurrence *call = run->call;
  const unsigned mode = flush_denormals();
  pack(run, thread, threads);
  const int team = thread / run->schedule.parts, part = thread % run->schedule.parts;
  Scratch *scratch = run->scratch + team;
  if (part == 0) {
    memset(scratch->dkernel, 0, sizeof(float) * sums_of(run, call->features));
    memset(scratch->drecurrent, 0, sizeof(float) * sums_of(run, call->units));
    memset(scratch->dbias, 0, sizeof(float) * run->panels * ROW);
  }
  barrier_wait(&run->packed);
  for (int g = team; g < run->rows.groups; g += run->schedule.teams)
    run_group(run, scratch, run->rows.group + g, part);
  barrier_wait(&run->summed);
  unpack_all(run, thread, threads);
  drain();
  restore_mode(mode);
}

static void plan(Run *run, Arena *arena) {
  const Recurrence *call = run->call;
  const long panels = run->panels, block = BLOCK * TILE_ROWS;
  rows_plan(&run->rows, arena, call->mask, call->batch, call->steps, run->schedule.teams);
  run->kernel = cut_floats(arena, run->columns * V * panels * PANEL);
  run->recurrent = cut_floats(arena, panels * WIDE * V * panels * PANEL);
  run->scratch = cut(arena, sizeof(Scratch) * run->schedule.teams);
  for (int team = 0; team < run->schedule.teams; team++) {
    Scratch scratch;
    for (int turn = 0; turn < 2; turn++)
      scratch.derivatives[turn] = cut_floats(arena, panels * BLOCK * ROW);
    scratch.memory = cut_floats(arena, GROUP * panels * WIDE * V);
    scratch.x = cut_floats(arena, outer_tiles(call->features) * block);
    scratch.h = cut_floats(arena, run->copies * outer_tiles(call->units) * block);
    scratch.dkernel = cut_floats(arena, sums_of(run, call->features));
    scratch.drecurrent = cut_floats(arena, sums_of(run, call->units));
    scratch.dbias = cut_floats(arena, panels * ROW);
    barrier_prepare(&scratch.barrier, run->schedule.parts);
    if (arena->base) run->scratch[team] = scratch;
  }
}

int COMPILED(back)(const Recurrence *call) {
  Run run = {.call = call,
             .schedule = schedule(call, 2),
             .panels = panels_of(call->units),
             .columns = vectors_of(call->features),
             .copies = call->dropout ? GATES : 1};
  return run_in_memory(&run, plan, work);
}
