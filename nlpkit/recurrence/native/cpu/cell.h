// The cell that a file is compiled for, CELL, and how its operands lie in memory.
//
// A cell's file declares
//     GATES, STATES, BIASES  as nlpkit/cells/ has them
//     WIDE         vectors of units in a panel, see panels.h
//     MEMORY       the state that a step reads unit by unit, apart from its product with R
//     KEPT         vectors that a step keeps for the way back, of each vector of units
//     DERIVATIVES  vectors that a step back gives: by x the first GATES of them, by r the last
//     INPUT_GATES  the gates, in Keras's order, of the derivatives by x; those by r are in order
// and the equations:
//     step       from x and r of each gate, biases included, to h'; it makes the new memory, unless
//                that is h, and what is kept
//     step_back  from dh' to the derivatives; the derivative by the memory is that after the step
//                and becomes that before it. It has what was kept, the memory before the step, and
//                h'.
#pragma once
#include "vectors.h"

typedef enum { NONE, H, C } Memory;

#define STRING_(text) #text
#define STRING(text) STRING_(text)
#include STRING(CELL.h)

#define JOIN__(a, b) a##_##b
#define JOIN_(a, b) JOIN__(a, b)
#define COMPILED(name) JOIN_(JOIN_(CELL, name), INSTRUCTIONS)

enum {
  VECTORS = WIDE * GATES,           // of a panel, side by side
  PANEL = VECTORS * V,              // floats
  ROW = WIDE * DERIVATIVES * V,     // floats of a panel's derivatives of one row
  BY_X = 0,                         // where among these those by x begin,
  BY_R = (DERIVATIVES - GATES) * V  // and those by r
};
static const int RECURRENT_GATES[] = {0, 1, 2, 3};
_Static_assert(WIDE == 1 || BY_R == 0, "derivatives by x and by r lie side by side");
