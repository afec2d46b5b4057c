// Recurrent cells as TensorFlow's ops, on its CPU device, registered when the library is loaded:
//
//     NlpkitRecurLast    (inputs…)                        -> h, c
//     NlpkitRecur        (inputs…)                        -> y, h, c
//     NlpkitRecurTraced  (inputs…)                        -> y, h, c, trace
//     NlpkitRecurBack    (inputs…, y, trace, dy, dh, dc)  -> derivatives
//
//     inputs…      x, kernel, recurrent_kernel, bias, h0, c0, mask, dropout
//     derivatives  dx, dkernel, drecurrent_kernel, dbias, dh0, dc0
//
// with the shapes of recurrence.h and the attribute `cell`, the name of a cell. Empty tensors stand
// for what is absent, and for c where the cell has none.
#include <stdio.h>
#include <string.h>
#include "memory.h"
#include "recurrence.h"
#include "tensorflow.h"

enum { X, KERNEL, RECURRENT_KERNEL, BIAS, H0, C0, MASK, DROPOUT, INPUTS };
enum { Y = INPUTS, TRACED, DY, DH, DC, BACK_INPUTS };
enum { MOST_AXES = 3 };

typedef struct {
  const Cell *cell;
  TF_OpKernelContext *context;
  TF_Status *status;
  TF_Tensor *inputs[BACK_INPUTS];
  TF_Tensor *outputs[6];
} Call;

static int failed(const Call *call) { return TF_GetCode(call->status) != TF_OK; }

// Which of a variant's cells an op runs, as a kernel of TensorFlow keeps it.
static void *find_cell(TF_OpKernelConstruction *construction) {
  char name[32] = {0};
  intptr_t which = 0;
  TF_Status *status = TF_NewStatus();
  TF_OpKernelConstruction_GetAttrString(construction, "cell", name, sizeof name - 1, status);
  while (which < CELLS && strcmp(variant()->cells[which]->name, name)) which++;
  if (TF_GetCode(status) == TF_OK && which == CELLS)
    TF_SetStatus(status, TF_INVALID_ARGUMENT, "There is no native kernel of this cell.");
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return (void *)which;
}

static Call begin_call(void *which, TF_OpKernelContext *context, int inputs) {
  Call call = {
      .cell = variant()->cells[(intptr_t)which], .context = context, .status = TF_NewStatus()};
  for (int k = 0; k < inputs && !failed(&call); k++)
    TF_GetInput(context, k, &call.inputs[k], call.status);
  return call;
}

static void end_call(Call *call) {
  if (failed(call)) TF_OpKernelContext_Failure(call->context, call->status);
  for (int k = 0; k < BACK_INPUTS; k++)
    if (call->inputs[k]) TF_DeleteTensor(call->inputs[k]);
  for (int k = 0; k < 6; k++)
    if (call->outputs[k]) TF_DeleteTensor(call->outputs[k]);
  TF_DeleteStatus(call->status);
}

// The data of an input, or NULL where it is empty.
static void *input(const Call *call, int which) {
  const TF_Tensor *tensor = call->inputs[which];
  return TF_TensorElementCount(tensor) ? TF_TensorData(tensor) : NULL;
}

static void give_back(void *data, size_t, void *) { memory_give(data); }

// A large output, in memory that is used again.
static float *large_output(Call *call, int which, long a, long b, long c) {
  if (failed(call)) return NULL;
  const int64_t dims[] = {a, b, c};
  const size_t bytes = sizeof(float) * a * b * c;
  void *data = memory_take(bytes);
  if (!data) {
    TF_SetStatus(call->status, TF_RESOURCE_EXHAUSTED,
                 "There is not enough memory for the outputs.");
    return NULL;
  }
  call->outputs[which] = TF_NewTensor(TF_FLOAT, dims, 3, data, bytes, give_back, NULL);
  TF_SetOutput(call->context, which, call->outputs[which], call->status);
  return data;
}

static float *output_like(Call *call, int which, int like) {
  if (failed(call)) return NULL;
  const TF_Tensor *model = call->inputs[like];
  int64_t dims[MOST_AXES];
  const int rank = TF_NumDims(model);
  for (int axis = 0; axis < rank; axis++) dims[axis] = TF_Dim(model, axis);
  const size_t bytes = sizeof(float) * TF_TensorElementCount(model);
  call->outputs[which] =
      TF_AllocateOutput(call->context, which, TF_FLOAT, dims, rank, bytes, call->status);
  return failed(call) ? NULL : TF_TensorData(call->outputs[which]);
}

// Requires the shape of an input, unless it is empty and may be; of few axes even then, as
// `output_like` has no place for more.
static void check(Call *call, const char *name, int which, int may_be_empty, int rank,
                  const long *dims) {
  if (failed(call)) return;
  const TF_Tensor *tensor = call->inputs[which];
  int right = TF_NumDims(tensor) == rank;
  for (int axis = 0; right && axis < rank; axis++) right = TF_Dim(tensor, axis) == dims[axis];
  const int empty = TF_NumDims(tensor) <= MOST_AXES && !TF_TensorElementCount(tensor);
  if (right || (may_be_empty && empty)) return;
  char message[200];
  int at = snprintf(message, sizeof message, "`%s` of the native %s must have the shape [", name,
                    call->cell->name);
  for (int axis = 0; axis < rank; axis++)
    at += snprintf(message + at, sizeof message - at, "%s%ld", axis ? ", " : "", dims[axis]);
  snprintf(message + at, sizeof message - at, "].");
  TF_SetStatus(call->status, TF_INVALID_ARGUMENT, message);
}

static Recurrence operands(Call *call) {
  if (failed(call)) return (Recurrence){0};
  if (TF_NumDims(call->inputs[X]) != 3 || TF_NumDims(call->inputs[H0]) != 2) {
    TF_SetStatus(call->status, TF_INVALID_ARGUMENT,
                 "`x` of a native recurrence must have three axes, `h0` two.");
    return (Recurrence){0};
  }
  const long batch = TF_Dim(call->inputs[X], 0), steps = TF_Dim(call->inputs[X], 1);
  const long features = TF_Dim(call->inputs[X], 2), units = TF_Dim(call->inputs[H0], 1);
  const long gates = call->cell->gates, has_c = call->cell->states == 2;
  if (batch > INT32_MAX || steps > INT32_MAX - 2 || units < 1)
    TF_SetStatus(
        call->status, TF_INVALID_ARGUMENT,
        "A native recurrence takes fewer than 2^31 rows and steps, and at least one unit.");
  check(call, "kernel", KERNEL, 0, 2, (long[]){features, gates * units});
  check(call, "recurrent_kernel", RECURRENT_KERNEL, 0, 2, (long[]){units, gates * units});
  if (call->cell->biases == 1) check(call, "bias", BIAS, 1, 1, (long[]){gates * units});
  else check(call, "bias", BIAS, 1, 2, (long[]){call->cell->biases, gates * units});
  check(call, "h0", H0, 0, 2, (long[]){batch, units});
  check(call, "c0", C0, !has_c, 2, (long[]){has_c * batch, has_c * units});
  check(call, "mask", MASK, 1, 2, (long[]){batch, steps});
  check(call, "dropout", DROPOUT, 1, 3, (long[]){gates, batch, units});
  return (Recurrence){
      .batch = batch,
      .steps = steps,
      .features = features,
      .units = units,
      .x = input(call, X),
      .kernel = input(call, KERNEL),
      .recurrent_kernel = input(call, RECURRENT_KERNEL),
      .bias = input(call, BIAS),
      .h0 = input(call, H0),
      .c0 = input(call, C0),
      .mask = input(call, MASK),
      .dropout = input(call, DROPOUT),
  };
}

static void run(Call *call, int (*half)(const Recurrence *), const Recurrence *recurrence) {
  if (!failed(call) && !half(recurrence))
    TF_SetStatus(call->status, TF_RESOURCE_EXHAUSTED,
                 "There is not enough memory to run the recurrence.");
}

static void forward(void *which, TF_OpKernelContext *context, int sequences, int traced) {
  Call call = begin_call(which, context, INPUTS);
  Recurrence given = operands(&call);
  int next = 0;
  if (sequences) given.y = large_output(&call, next++, given.batch, given.steps, given.units);
  given.h = output_like(&call, next++, H0);
  given.c = output_like(&call, next++, C0);
  if (traced)
    given.trace =
        large_output(&call, next++, given.batch, given.steps, call.cell->trace(given.units));
  run(&call, call.cell->forward, &given);
  end_call(&call);
}
static void last(void *which, TF_OpKernelContext *context) { forward(which, context, 0, 0); }
static void untraced(void *which, TF_OpKernelContext *context) { forward(which, context, 1, 0); }
static void traced(void *which, TF_OpKernelContext *context) { forward(which, context, 1, 1); }

static void back(void *which, TF_OpKernelContext *context) {
  Call call = begin_call(which, context, BACK_INPUTS);
  Recurrence given = operands(&call);
  const long sizes[] = {given.batch, given.steps, given.units,
                        failed(&call) ? 0 : call.cell->trace(given.units)};
  const long has_c = call.cell->states == 2;
  check(&call, "y", Y, 0, 3, sizes);
  check(&call, "trace", TRACED, 0, 3, (long[]){sizes[0], sizes[1], sizes[3]});
  check(&call, "dy", DY, 1, 3, sizes);
  check(&call, "dh", DH, 0, 2, (long[]){sizes[0], sizes[2]});
  check(&call, "dc", DC, !has_c, 2, (long[]){has_c * sizes[0], has_c * sizes[2]});
  if (!failed(&call)) {
    given.y = input(&call, Y), given.trace = input(&call, TRACED);
    given.dy = input(&call, DY), given.dh = input(&call, DH), given.dc = input(&call, DC);
  }
  given.dx = large_output(&call, 0, given.batch, given.steps, given.features);
  given.dkernel = output_like(&call, 1, KERNEL);
  given.drecurrent_kernel = output_like(&call, 2, RECURRENT_KERNEL);
  given.dbias = output_like(&call, 3, BIAS);
  given.dh0 = output_like(&call, 4, H0);
  given.dc0 = output_like(&call, 5, C0);
  if (!given.bias) given.dbias = NULL;
  run(&call, call.cell->back, &given);
  end_call(&call);
}

// Shapes: each output has that of an input, or y's, [B, T] of x and [U] of h0; the trace's is left
// unknown.
enum { LIKE_Y = -1, UNKNOWN = -2 };

static void infer(TF_ShapeInferenceContext *context, TF_Status *status, const int *like,
                  int outputs) {
  TF_ShapeHandle *shape = TF_NewShapeHandle(), *units = TF_NewShapeHandle();
  TF_ShapeInferenceContextSetUnknownShape(context, status);
  for (int k = 0; k < outputs && TF_GetCode(status) == TF_OK; k++) {
    if (like[k] == UNKNOWN) continue;
    TF_ShapeInferenceContextGetInput(context, like[k] == LIKE_Y ? X : like[k], shape, status);
    if (like[k] == LIKE_Y) {
      TF_ShapeInferenceContextGetInput(context, H0, units, status);
      TF_ShapeInferenceContextSubshape(context, shape, 0, 2, shape, status);
      TF_ShapeInferenceContextSubshape(context, units, 1, 2, units, status);
      TF_ShapeInferenceContextConcatenateShapes(context, shape, units, shape, status);
    }
    TF_ShapeInferenceContextSetOutput(context, k, shape, status);
  }
  TF_DeleteShapeHandle(shape), TF_DeleteShapeHandle(units);
}
static void shapes_last(TF_ShapeInferenceContext *context, TF_Status *status) {
  infer(context, status, (int[]){H0, C0}, 2);
}
static void shapes_forward(TF_ShapeInferenceContext *context, TF_Status *status) {
  infer(context, status, (int[]){LIKE_Y, H0, C0}, 3);
}
static void shapes_back(TF_ShapeInferenceContext *context, TF_Status *status) {
  infer(context, status, (int[]){X, KERNEL, RECURRENT_KERNEL, BIAS, H0, C0}, 6);
}

typedef struct {
  const char *name;
  void (*compute)(void *, TF_OpKernelContext *);
  void (*shapes)(TF_ShapeInferenceContext *, TF_Status *);
  const char *const *outputs;
  int inputs;
} Op;

static void register_op(const Op *op) {
  static const char *const inputs[] = {"x: float",     "kernel: float",  "recurrent_kernel: float",
                                       "bias: float",  "h0: float",      "c0: float",
                                       "mask: bool",   "dropout: float", "y: float",
                                       "trace: float", "dy: float",      "dh: float",
                                       "dc: float"};
  TF_Status *status = TF_NewStatus();
  TF_OpDefinitionBuilder *definition = TF_NewOpDefinitionBuilder(op->name);
  for (int k = 0; k < op->inputs; k++) TF_OpDefinitionBuilderAddInput(definition, inputs[k]);
  for (int k = 0; op->outputs[k]; k++) TF_OpDefinitionBuilderAddOutput(definition, op->outputs[k]);
  TF_OpDefinitionBuilderAddAttr(definition, "cell: string");
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, op->shapes);
  TF_RegisterOpDefinition(definition, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_KernelBuilder *kernel = TF_NewKernelBuilder(op->name, "CPU", find_cell, op->compute, NULL);
    TF_RegisterKernelBuilder(op->name, kernel, status);
  }
  if (TF_GetCode(status) != TF_OK)
    fprintf(stderr, "nlpkit: %s: %s\n", op->name, TF_Message(status));
  TF_DeleteStatus(status);
}

__attribute__((constructor)) static void register_ops(void) {
  static const char *const outputs[] = {"y: float", "h: float", "c: float", NULL};
  static const char *const with_trace[] = {"y: float", "h: float", "c: float", "trace: float",
                                           NULL};
  static const char *const derivatives[] = {"dx: float",
                                            "dkernel: float",
                                            "drecurrent_kernel: float",
                                            "dbias: float",
                                            "dh0: float",
                                            "dc0: float",
                                            NULL};
  register_op(&(Op){"NlpkitRecurLast", last, shapes_last, outputs + 1, INPUTS});
  register_op(&(Op){"NlpkitRecur", untraced, shapes_forward, outputs, INPUTS});
  register_op(&(Op){"NlpkitRecurTraced", traced, shapes_forward, with_trace, INPUTS});
  register_op(&(Op){"NlpkitRecurBack", back, shapes_back, derivatives, BACK_INPUTS});
}
