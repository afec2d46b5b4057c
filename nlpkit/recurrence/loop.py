"""A cell along time and back: the recurrence and its back-propagation through time.

Forward, for t = 1 … T, from the states s_0 and with every input projected beforehand:

    (1)  r_t = h_(t-1) · R                      recurrent projection
    (2)  s_t, e_t = step(x_t, r_t, s_(t-1))     the cell's equations
    (3)  s_t = k_t * s_(t-1) + (1 - k_t) * s_t  with zoneout
    (4)  s_t = s_(t-1)                          where step t is masked

Back, from ds_T, the derivatives by the last states; (5) for all steps at once, as it needs nothing
from later steps, the others for t = T … 1:

    (5)  p_t = local(e_t, s_(t-1))              local derivatives of (2)
    (6)  ds_t += dy_t                           what is shown of step t is read outside too
    (7)  ds_t = (1 - k_t) * ds_t, and k_t * ds_t goes to ds_(t-1) at once       undoes (3)
    (8)  dx_t, dr_t, ds_(t-1) = adjoint(p_t, ds_t)                              undoes (2)
    (9)  dh_(t-1) += dr_t · Rᵀ                                                  undoes (1)
    (10) ds_(t-1) = ds_t, dx_t = dr_t = 0       where (4) held

x  input projections                          [T, B, G·U]    s  states, h first      [B, width] each
r  recurrent projections                      [B, G·U]       e  what a step keeps    [B, kept·U]
R  recurrent kernel                           [H, G·U]       y  states that are shown
                                                             k  fractions that zoneout keeps

The derivatives by the kernels are products over all steps, and are made elsewhere
(`nlpkit.recurrence.sequence`). Time comes first here, so that a step is one piece of memory.

References:
    P. Werbos: Backpropagation Through Time: What It Does and How to Do It. Proceedings of the
    IEEE 78(10), 1990.
    D. Krueger et al.: Zoneout: Regularizing RNNs by Randomly Preserving Hidden Activations.
    ICLR 2017, equations 1 and 2.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import tensorflow as tf

from nlpkit.cells import Cell
from nlpkit.cells.gates import by_tanh
from nlpkit.recurrence.derivative import derivative_of
from nlpkit.recurrence.operands import RecurrentProduct, Tensors

__all__ = ["Trace", "backward", "before", "forward", "mixed", "step_of"]


class Trace(NamedTuple):
    """What a forward pass leaves, time first.

    Attributes:
        states: States after every step, [T, B, width] each.
        kept: What each step kept, [T, B, kept·U]; or None.
    """

    states: Tensors
    kept: tf.Tensor | None


def step_of(cell: Cell, product: RecurrentProduct, weights: Mapping, *, compiled: bool = False):
    """(1) and (2) as a function of x and the states.

    Args:
        cell: The cell.
        product: The recurrent one.
        weights: What the step reads, by name.
        compiled: Whether XLA compiles it, which likes one tanh better than many sigmoids.
            Default: `False`.

    Returns:
        `step(x, state)` gives the next states and what is kept.
    """
    options = by_tanh(cell.options) if compiled else dict(cell.options)
    if cell.inside:
        options["inner"] = lambda v: product.inner(product.inner_kernel, v)
    return lambda x, state: cell.step(x, product.forward(state[0]), state, weights, **options)


def forward(
    cell: Cell,
    x: tf.Tensor,
    product: RecurrentProduct,
    state: Tensors,
    weights: Mapping,
    *,
    mask: tf.Tensor | None = None,
    zoneout: Tensors = (),
    first: tf.Tensor | int = 0,
    sequences: int = 0,
    kept: bool = False,
    compiled: bool = False,
) -> tuple[Tensors, Trace]:
    """Runs a cell along time.

    Args:
        cell: The cell.
        x: Input projections, [T, B, G·U].
        product: The recurrent one.
        state: The states before the first step, [B, width] each.
        weights: What the step reads, by name.
        mask: Booleans [T, B], false at masked steps. Default: no step is masked.
        zoneout: The fractions k of each state, [T, B, width or 1]. Default: none is kept.
        first: The step to begin with, from 0 to T - 1. What is left of the steps before it has no
            meaning. Default: 0.
        sequences: How many of the states to leave for every step. Default: none.
        kept: Whether to leave what each step kept. Default: `False`.
        compiled: Whether XLA compiles the loop. Default: `False`.

    Returns:
        The states after the last step, and the trace.
    """
    time = tf.shape(x)[0]
    run = step_of(cell, product, weights, compiled=compiled)

    def step(t, before, arrays):
        after, e = run(x[t], before)  # (1), (2)
        after = mixed([k[t] for k in zoneout], before, after)  # (3)
        if mask is not None:
            after = _where(mask[t], after, before)  # (4)
        left = (*after[:sequences], *((e,) if kept else ()))
        return t + 1, after, tuple(a.write(t, k) for a, k in zip(arrays, left, strict=True))

    arrays = tuple(tf.TensorArray(x.dtype, time) for _ in range(sequences + kept))
    _, state, arrays = tf.while_loop(lambda t, *_: t < time, step, (first, tuple(state), arrays))
    left = tuple(array.stack() for array in arrays)
    return state, Trace(left[:sequences], left[-1] if kept else None)


def backward(
    cell: Cell,
    given: tf.Tensor,
    states: Tensors,
    product: RecurrentProduct,
    dstate: Tensors,
    weights: Mapping,
    *,
    dy: Tensors = (),
    mask: tf.Tensor | None = None,
    zoneout: Tensors = (),
    first: tf.Tensor | int = 0,
) -> tuple[Tensors, Tensors, Tensors]:
    """Runs back along time.

    Args:
        cell: The cell.
        given: What each step kept for a derivative by hand, else x; [T, B, ·].
        states: The states before every step, [T, B, width] each.
        product: The recurrent one.
        dstate: Derivatives of the loss by the states after the last step, [B, width] each.
        weights: What the step reads, by name.
        dy: Derivatives by the first states of every step, [T, B, width] each. Default: zeros.
        mask: As `forward` had it.
        zoneout: As `forward` had it.
        first: As `forward` had it.

    Returns:
        Derivatives by the input and by the recurrent projections, [T, B, ·] each and without
        meaning before `first`, of which there is one alone where they are the same or nothing is
        recurrent; those by the states before the first step; and sums over all steps, as the
        derivative names them.
    """
    derivative = derivative_of(cell)
    local = derivative.local(given, states, product, weights)  # (5)
    count = 2 if cell.recurrent and not derivative.adds_projections else 1

    def step(t, dafter, sums, arrays):
        shown = [d + y[t] for d, y in zip(dafter, dy, strict=False)]
        dafter = (*shown, *dafter[len(dy) :])  # (6)
        dmade, dpassed = dafter, None
        if zoneout:  # (7)
            pairs = list(zip(zoneout, dafter, strict=True))
            dmade = tuple((1 - k[t]) * d for k, d in pairs)
            dpassed = tuple(k[t] * d for k, d in pairs)
        if mask is not None:  # an adjoint is linear: zeros in, zeros out, of what is finite
            dmade = _where(mask[t], dmade, [tf.zeros_like(d) for d in dmade])  # (10)
        back = derivative.adjoint(tuple(p[t] for p in local), dmade, product, weights)  # (8)
        dbefore = back.dstate
        if back.dr is not None:
            dbefore = (dbefore[0] + product.backward(back.dr), *dbefore[1:])  # (9)
        if dpassed is not None:
            dbefore = tuple(tf.add(*pair) for pair in zip(dbefore, dpassed, strict=True))  # (7)
        if mask is not None:
            dbefore = _where(mask[t], dbefore, dafter)  # (10)
        sums = tuple(tf.add(*pair) for pair in zip(sums, back.dweights, strict=True))
        left = (back.dx, back.dr)[:count]
        arrays = tuple(a.write(t, d) for a, d in zip(arrays, left, strict=True))
        return t - 1, dbefore, sums, arrays

    last = tf.shape(given)[0] - 1
    arrays = tuple(tf.TensorArray(given.dtype, last + 1) for _ in range(count))
    sums = tuple(tf.zeros_like(s) for s in derivative.sums(product, weights))
    _, dstate, sums, arrays = tf.while_loop(
        lambda t, *_: t >= first, step, (last, tuple(dstate), sums, arrays)
    )
    return tuple(array.stack() for array in arrays), dstate, sums


def before(after: Tensors, state: Tensors, first: tf.Tensor | int = 0) -> Tensors:
    """The states before every step.

    Args:
        after: Those after every step, [T, B, width] each.
        state: Those before step `first`, [B, width] each.
        first: The step that was begun with. Default: 0.

    Returns:
        [T, B, width] each, without meaning before `first`.
    """
    shifted = [tf.concat([s[None], a[:-1]], axis=0) for s, a in zip(state, after, strict=True)]
    if isinstance(first, int) and first == 0:
        return tuple(shifted)
    begins = tf.range(tf.shape(after[0])[0]) == first
    return tuple(
        tf.where(begins[:, None, None], *pair) for pair in zip(state, shifted, strict=True)
    )


def mixed(zoneout: Sequence[tf.Tensor], before: Tensors, after: Tensors) -> Tensors:
    """(3): the states after a step with zoneout.

    Args:
        zoneout: The fraction k of each state, [B, width or 1]; or nothing.
        before: The states before the step, [B, width] each.
        after: What the cell made of them.

    Returns:
        The states after the step.
    """
    if not zoneout:
        return after
    return tuple(k * b + (1 - k) * a for k, b, a in zip(zoneout, before, after, strict=True))


def _where(rows, chosen, other):
    """For each row and pair, the first tensor where `rows` [B] is true, else the second."""
    return tuple(tf.where(rows[:, None], *pair) for pair in zip(chosen, other, strict=True))
