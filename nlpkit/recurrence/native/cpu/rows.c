// Rows by falling length, dealt to the groups in turn, so that all groups have as much to do.
#include "rows.h"

static void find_valid_steps(int *step, int *length, const uint8_t *mask, long batch, long steps) {
  for (long row = 0; row < batch; row++) {
    int count = 0;
    for (long t = 0; t < steps; t++)
      if (mask[row * steps + t]) step[row * steps + count++] = (int)t;
    length[row] = count;
  }
}

// Counting sort: `count` has place for every length and two more.
static void sort_by_length(int *order, int *count, const Rows *rows, long batch) {
  const long most = rows->steps;
  for (long k = 0; k <= most + 1; k++) count[k] = 0;
  for (long row = 0; row < batch; row++) count[most - length_of(rows, row) + 1]++;
  for (long k = 0; k <= most; k++) count[k + 1] += count[k];
  for (long row = 0; row < batch; row++) order[count[most - length_of(rows, row)]++] = (int)row;
}

static void count_running(int *running, const Group *group, const Rows *rows) {
  int count = group->count;
  for (long s = 0; s <= group->steps; s++) {
    while (count && length_of(rows, group->row[count - 1]) <= s) count--;
    running[s] = count;
  }
}

void rows_plan(Rows *rows, Arena *arena, const uint8_t *mask, long batch, long steps, int teams) {
  const long least = (batch + GROUP - 1) / GROUP;
  const int groups = (int)((least + teams - 1) / teams * teams);
  const int fill = arena->base != NULL;
  int *step = mask ? cut(arena, sizeof(int) * batch * steps) : NULL;
  int *length = mask ? cut(arena, sizeof(int) * batch) : NULL;
  int *order = cut(arena, sizeof(int) * batch), *count = cut(arena, sizeof(int) * (steps + 2));
  int *dealt = cut(arena, sizeof(int) * batch);
  int *running = cut(arena, sizeof(int) * groups * (steps + 1));
  *rows = (Rows){steps, step, length, cut(arena, sizeof(Group) * groups), groups};
  if (!fill) return;
  if (mask) find_valid_steps(step, length, mask, batch, steps);
  sort_by_length(order, count, rows, batch);
  for (int g = 0; g < groups; g++) {
    const int n = (int)((batch - g + groups - 1) / groups);
    for (int r = 0; r < n; r++) dealt[r] = order[(long)r * groups + g];
    Group *group = rows->group + g;
    *group = (Group){n, n ? (int)length_of(rows, dealt[0]) : 0, dealt, running};
    count_running(running, group, rows);
    dealt += n, running += steps + 1;
  }
}
