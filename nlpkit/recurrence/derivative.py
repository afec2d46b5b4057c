"""The derivative of one step, by hand where the cell has one, else by autodiff.

Both have the same form, so that one loop serves them: the local derivatives of all steps at once,
then one step back after another.

    local(…)                     for all steps at once     [T, B, …] each
    adjoint(local_t, dstate)     for one step

They differ in what a forward pass must keep: a hand-written derivative needs what the step kept,
autodiff nothing, since it runs the step again from x, r and the states.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import tensorflow as tf

from nlpkit.cells import Cell
from nlpkit.recurrence.operands import RecurrentProduct, Tensors

__all__ = ["Back", "ByAutodiff", "ByHand", "derivative_of"]

Weights = Mapping[str, tf.Tensor | None]


class Back(NamedTuple):
    """One step back.

    Attributes:
        dx: The derivative by the input projection, [B, G·U].
        dr: That by the recurrent one; None where there is none.
        dstate: Those by the states before the step, apart from that by way of r.
        dweights: Those by what `sums` names, of this step alone.
    """

    dx: tf.Tensor
    dr: tf.Tensor | None
    dstate: Tensors
    dweights: Tensors


class ByHand:
    """The hand-written derivative of a cell.

    Args:
        cell: The cell.
    """

    keeps = True

    def __init__(self, cell: Cell) -> None:
        written: Any = cell.hand_derivative  # there is one: `derivative_of` looks
        self._written, self.adds_projections = written, written.adds_projections

    def sums(self, product: RecurrentProduct, weights: Weights) -> Tensors:
        """What is summed up in the loop: nothing, `weights` takes all steps at once."""
        return ()

    def local(
        self, given: tf.Tensor, before: Tensors, product: RecurrentProduct, weights: Weights
    ) -> Tensors:
        """The local derivatives of all steps, from what each kept and the states before it."""
        return tuple(self._written.local(given, before, weights))

    def adjoint(
        self, local: Tensors, dstate: Tensors, product: RecurrentProduct, weights: Weights
    ) -> Back:
        """One step back."""
        dx, dr, before = self._written.adjoint(local, dstate, weights)
        return Back(dx, dr, before, ())

    def weights(self, kept, before: Tensors, dx, dr, weights: Weights, sums: Tensors) -> Weights:
        """The derivatives by the weights that the step reads, from those of all steps."""
        if self._written.weights is None or all(w is None for w in weights.values()):
            return {}
        return self._written.weights(kept, before, dx, dr)


class ByAutodiff:
    """The derivative of a step by TensorFlow's autodiff, one step at a time.

    Args:
        cell: The cell.
    """

    keeps = False
    adds_projections = False

    def __init__(self, cell: Cell) -> None:
        self._cell = cell

    def sums(self, product: RecurrentProduct, weights: Weights) -> Tensors:
        """The step's weights, and what the step multiplies itself: summed up in the loop."""
        inner = [] if product.inner_kernel is None else [product.inner_kernel]
        return (*(w for w in weights.values() if w is not None), *inner)

    def local(
        self, given: tf.Tensor, before: Tensors, product: RecurrentProduct, weights: Weights
    ) -> Tensors:
        """What each step read: x, r and the states before it."""
        r = product.all_steps(before[0])
        return (given, *before) if r is None else (given, r, *before)

    def adjoint(
        self, local: Tensors, dstate: Tensors, product: RecurrentProduct, weights: Weights
    ) -> Back:
        """One step back: the vector-Jacobian product of the step."""
        read = [tf.identity(tensor) for tensor in local]
        names = [name for name, weight in weights.items() if weight is not None]
        sums = [tf.identity(tensor) for tensor in self.sums(product, weights)]
        given = {**weights, **dict(zip(names, sums, strict=False))}
        options = dict(self._cell.options)
        if self._cell.inside:
            options["inner"] = lambda v: product.inner(sums[-1], v)
        x, *rest = read
        r = rest.pop(0) if self._cell.recurrent else None
        after, _ = self._cell.step(x, r, tuple(rest), given, **options)
        # Not a tape: the recurrence stops recording while it runs.
        gradients = tf.gradients(
            list(after), [*read, *sums], list(dstate), unconnected_gradients="zero"
        )
        dx, *gradients = gradients
        dr = gradients.pop(0) if self._cell.recurrent else None
        count = len(rest)
        return Back(dx, dr, tuple(gradients[:count]), tuple(gradients[count:]))

    def weights(self, kept, before: Tensors, dx, dr, weights: Weights, sums: Tensors) -> Weights:
        """The sums by name."""
        names = [name for name, weight in weights.items() if weight is not None]
        return dict(zip(names, sums, strict=False))


def derivative_of(cell: Cell) -> ByHand | ByAutodiff:
    """The derivative of a cell's step.

    Args:
        cell: The cell.

    Returns:
        That by hand, if the cell has one that is right for its options.
    """
    return ByHand(cell) if cell.hand_derivative else ByAutodiff(cell)
