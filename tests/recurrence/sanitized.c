// Runs the cells in C forward and back over sizes, masks and dropout, under a sanitizer, which ends
// the process where something is wrong. Arrays have no byte too many.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "recurrence.h"
#include "team.h"

static float next(void) { return (float)rand() / (float)RAND_MAX - 0.5f; }

static float *array(long count) {
  float *values = malloc(sizeof(float) * count);
  for (long k = 0; k < count; k++) values[k] = next();
  return values;
}

static float *aligned(long count) {
  float *values;
  if (posix_memalign((void **)&values, 64, sizeof(float) * count + !count)) abort();
  return values;
}

static void require_finite(const char *name, const float *values, long count) {
  for (long k = 0; k < count; k++)
    if (!isfinite(values[k])) {
      fprintf(stderr, "%s is not finite\n", name);
      exit(1);
    }
}

static void there_and_back(const Cell *cell, const long *size, int masked, int dropped) {
  const long batch = size[0], steps = size[1], features = size[2], units = size[3];
  const long all = batch * steps, states = batch * units, columns = cell->gates * units;
  const long biases = cell->biases * columns, memories = cell->states == 2 ? states : 0;
  uint8_t *mask = malloc(all);
  for (long k = 0; k < all; k++) mask[k] = rand() % 3 > 0;
  Recurrence call = {.batch = batch, .steps = steps, .features = features, .units = units};
  float *x = array(all * features), *kernel = array(features * columns);
  float *recurrent = array(units * columns), *bias = array(biases);
  float *h0 = array(states), *c0 = array(memories), *dropout = array(cell->gates * states);
  call.x = x, call.kernel = kernel, call.recurrent_kernel = recurrent, call.bias = bias;
  call.h0 = h0, call.c0 = c0, call.mask = masked ? mask : NULL;
  call.dropout = dropped ? dropout : NULL;
  call.y = array(all * units), call.trace = aligned(all * cell->trace(units));
  call.h = array(states), call.c = array(memories);
  if (!cell->forward(&call)) abort();
  require_finite("y", call.y, all * units);
  require_finite("h", call.h, states), require_finite("c", call.c, memories);
  float *dy = array(all * units), *dh = array(states), *dc = array(memories);
  call.dy = dy, call.dh = dh, call.dc = dc, call.dx = aligned(all * features);
  call.dkernel = array(features * columns), call.drecurrent_kernel = array(units * columns);
  call.dbias = array(biases), call.dh0 = array(states), call.dc0 = array(memories);
  if (!cell->back(&call)) abort();
  require_finite("dx", call.dx, all * features), require_finite("dbias", call.dbias, biases);
  require_finite("dkernel", call.dkernel, features * columns);
  require_finite("drecurrent_kernel", call.drecurrent_kernel, units * columns);
  require_finite("dh0", call.dh0, states), require_finite("dc0", call.dc0, memories);
  void *arrays[] = {mask,    x,          kernel,   recurrent,    bias,
                    h0,      c0,         dropout,  call.y,       call.trace,
                    call.h,  call.c,     dy,       dh,           dc,
                    call.dx, call.dbias, call.dh0, call.dkernel, call.drecurrent_kernel,
                    call.dc0};
  for (unsigned k = 0; k < sizeof arrays / sizeof *arrays; k++) free(arrays[k]);
}

int main(void) {
  static const long sizes[][4] = {{2, 3, 1, 1},     {5, 9, 17, 33},  {300, 4, 7, 20},
                                  {40, 8, 40, 100}, {7, 5, 33, 380}, {3, 2, 5, 750},
                                  {0, 3, 2, 5},     {3, 0, 2, 5},    {1, 1, 1, 2048},
                                  {3, 4, 0, 5},     {257, 3, 0, 33}, {129, 7, 64, 64}};
  for (unsigned c = 0; c < CELLS; c++)
    for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++)
      for (int kind = 0; kind < 4; kind++)
        there_and_back(variant()->cells[c], sizes[s], kind & 1, kind >> 1);
  return 0;
}
