// Runs the LSTM in C forward and back over sizes, masks and dropout, under a sanitizer, which ends
// the process where something is wrong. Arrays have no byte too many.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lstm.h"
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

static void there_and_back(long batch, long steps, long features, long units, int masked,
                           int dropped) {
  const long all = batch * steps, states = batch * units;
  uint8_t *mask = malloc(all);
  for (long k = 0; k < all; k++) mask[k] = rand() % 3 > 0;
  float *x = array(all * features), *kernel = array(features * 4 * units);
  float *recurrent = array(units * 4 * units), *bias = array(4 * units);
  float *h0 = array(states), *c0 = array(states), *dropout = array(4 * states);
  float *h = array(states), *c = array(states), *y = array(all * units);
  float *trace = aligned(all * variant()->trace(units)), *dx = aligned(all * features);
  Lstm lstm = {.batch = batch, .steps = steps, .features = features, .units = units};
  lstm.x = x, lstm.kernel = kernel, lstm.recurrent_kernel = recurrent, lstm.bias = bias;
  lstm.h0 = h0, lstm.c0 = c0, lstm.y = y, lstm.trace = trace, lstm.h = h, lstm.c = c;
  lstm.mask = masked ? mask : NULL, lstm.dropout = dropped ? dropout : NULL;
  if (!variant()->forward(&lstm)) abort();
  require_finite("y", y, all * units), require_finite("c", c, states);
  float *dy = array(all * units), *dh = array(states), *dc = array(states);
  float *dkernel = array(features * 4 * units), *drecurrent = array(units * 4 * units);
  float *dbias = array(4 * units), *dh0 = array(states), *dc0 = array(states);
  lstm.dy = dy, lstm.dh = dh, lstm.dc = dc, lstm.dx = dx, lstm.dkernel = dkernel;
  lstm.drecurrent_kernel = drecurrent, lstm.dbias = dbias, lstm.dh0 = dh0, lstm.dc0 = dc0;
  if (!variant()->back(&lstm)) abort();
  require_finite("dx", dx, all * features),
      require_finite("dkernel", dkernel, features * 4 * units);
  require_finite("drecurrent_kernel", drecurrent, units * 4 * units),
      require_finite("dh0", dh0, states);
  void *arrays[] = {mask,  x,  kernel, recurrent, bias, h0,      c0,         dropout, h,   c,  y,
                    trace, dx, dy,     dh,        dc,   dkernel, drecurrent, dbias,   dh0, dc0};
  for (unsigned k = 0; k < sizeof arrays / sizeof *arrays; k++) free(arrays[k]);
}

int main(void) {
  static const long sizes[][4] = {{2, 3, 1, 1},     {5, 9, 17, 33},  {300, 4, 7, 20},
                                  {40, 8, 40, 100}, {7, 5, 33, 380}, {0, 3, 2, 5},
                                  {3, 0, 2, 5},     {1, 1, 1, 2048}};
  for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++)
    for (int kind = 0; kind < 4; kind++)
      there_and_back(sizes[s][0], sizes[s][1], sizes[s][2], sizes[s][3], kind & 1, kind >> 1);
  return 0;
}
