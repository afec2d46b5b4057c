"""What a recurrence works on, what comes back from it, and its product with the state.

With recurrent dropout each gate reads h through a mask of its own, the same at every step (Gal &
Ghahramani 2016), so that each gate's columns of R are multiplied by another h.

Reference:
    Y. Gal, Z. Ghahramani: A Theoretically Grounded Application of Dropout in Recurrent Neural
    Networks. NIPS 2016.
"""

from collections.abc import Mapping
from typing import NamedTuple

import tensorflow as tf

from nlpkit.cells import Cell

__all__ = ["Gradients", "Operands", "RecurrentProduct", "Run", "Tensors", "rows_of"]

Tensors = tuple[tf.Tensor, ...]


class Operands(NamedTuple):
    """Inputs, weights and states, all of one floating-point type.

    Attributes:
        inputs: [B, T, I]; or [B, T, G·U] without a kernel, multiplied by it already.
        weights: The cell's weights by name; None where there is none. Without a kernel, with the
            role "input", the inputs are its products.
        state: The states before the first step, [B, width] each.
        mask: Booleans [B, T], false at masked steps; or None.
        dropout: What each gate multiplies h by, [G, B, H]; or None.
        zoneout: For each state how much of it a step keeps, [B, T, width or 1] from 0 to 1
            (Krueger et al. 2017); or None.
    """

    inputs: tf.Tensor
    weights: Mapping[str, tf.Tensor | None]
    state: Tensors
    mask: tf.Tensor | None = None
    dropout: tf.Tensor | None = None
    zoneout: Tensors | None = None

    def by_role(self, cell: Cell, role: str) -> dict[str, tf.Tensor | None]:
        """The weights of a role.

        Args:
            cell: The cell.
            role: "input", "recurrent", "prepare" or "step".

        Returns:
            Weights by name.
        """
        return {w.name: self.weights[w.name] for w in cell.weights if role in w.roles}

    def kernel(self, cell: Cell) -> tf.Tensor | None:
        """The weight that multiplies the inputs.

        Args:
            cell: The cell.

        Returns:
            [I, G·U], or None.
        """
        return _only(self.by_role(cell, "input"))

    def recurrent_kernel(self, cell: Cell) -> tf.Tensor | None:
        """The weight that multiplies h.

        Args:
            cell: The cell.

        Returns:
            [H, G·U], or None.
        """
        return _only(self.by_role(cell, "recurrent"))

    def product(self, cell: Cell, transposed: tf.Tensor | None = None) -> "RecurrentProduct":
        """The product with the state.

        Args:
            cell: The cell.
            transposed: The transposed recurrent kernel, where it is at hand. Default: made anew.

        Returns:
            The product.
        """
        return RecurrentProduct(cell, self.recurrent_kernel(cell), self.dropout, transposed)


class Run(NamedTuple):
    """What a forward pass gives.

    Attributes:
        sequences: The first states after every step, as many as were wanted, [B, T, width] each.
        state: The states after the last step, [B, width] each.
        trace: What the same kernel needs for the backward pass; empty without one.
    """

    sequences: Tensors
    state: Tensors
    trace: Tensors


class Gradients(NamedTuple):
    """Derivatives of the loss by what can be differentiated, each in the shape of its operand."""

    inputs: tf.Tensor
    weights: Mapping[str, tf.Tensor | None]
    state: Tensors


class RecurrentProduct:
    """h [B, H] to r and back; and of the gates whose product a step makes itself, `inner`.

    Args:
        cell: The cell.
        kernel: R, [H, G·U]; or None, and there is no product.
        dropout: What each gate multiplies h by, [G, B, H]; or None, and all gates read h itself.
        transposed: The transposed kernel where it is at hand; a loop that is compiled in pieces
            makes it once. Default: made here.
    """

    def __init__(
        self,
        cell: Cell,
        kernel: tf.Tensor | None,
        dropout: tf.Tensor | None = None,
        transposed: tf.Tensor | None = None,
    ) -> None:
        self._within = len(cell.inside)
        self._before = len(cell.gates) - self._within
        self._kernel, self._dropout = kernel, dropout
        if kernel is not None:
            self._units = kernel.shape[1] // len(cell.gates)
            split = self._before * self._units
            self._outer = kernel[:, :split] if self._within else kernel
            self._inner = kernel[:, split:]
            if dropout is None:
                whole = tf.transpose(kernel) if transposed is None else transposed
                self._transposed = whole[:split] if self._within else whole
            else:
                self._blocks = self._split(self._outer, self._before)  # [G, H, U]

    @property
    def inner_kernel(self) -> tf.Tensor | None:
        """The columns of the gates inside the step, or None."""
        return self._inner if self._within else None

    def forward(self, h: tf.Tensor) -> tf.Tensor | None:
        """r from h."""
        if self._kernel is None:
            return None
        if self._dropout is None:
            return tf.matmul(h, self._outer)
        return self._join(tf.matmul(h * self._dropout[: self._before], self._blocks))

    def all_steps(self, h: tf.Tensor) -> tf.Tensor | None:
        """r [T, B, ·] from the h [T, B, H] of all steps."""
        if self._kernel is None:
            return None
        if self._dropout is None:
            return steps_of(tf.matmul(rows_of(h), self._outer), h)
        masked = h[:, None] * self._dropout[: self._before]
        blocks = tf.matmul(masked, self._blocks)  # [T, G, B, U]
        return tf.concat(tf.unstack(blocks, num=self._before, axis=1), axis=-1)

    def inner(self, kernel: tf.Tensor, v: tf.Tensor) -> tf.Tensor:
        """The product that a step makes itself, by columns as `inner_kernel` gives them."""
        if self._dropout is None:
            return tf.matmul(v, kernel)
        masked = v * self._dropout[self._before :]
        return self._join(tf.matmul(masked, self._split(kernel, self._within)))

    def backward(self, dr: tf.Tensor) -> tf.Tensor:
        """The derivative by h from that by r."""
        if self._dropout is None:
            return tf.matmul(dr, self._transposed)  # faster than to multiply by R from the right
        dh = tf.matmul(self._split(dr, self._before), self._blocks, transpose_b=True)
        return tf.reduce_sum(dh * self._dropout[: self._before], axis=0)

    def gradient(self, h: tf.Tensor, dr: tf.Tensor, dinner: tf.Tensor | None = None) -> tf.Tensor:
        """The derivative by R.

        Args:
            h: All that were multiplied, [T, B, H].
            dr: All derivatives by r, [T, B, ·].
            dinner: The derivative by `inner_kernel`, where there is one.

        Returns:
            In the shape of R.
        """
        if self._dropout is None:
            outer = tf.matmul(rows_of(h), rows_of(dr), transpose_a=True)
        else:
            masks = tf.unstack(self._dropout[: self._before], num=self._before)
            h = tf.stack([rows_of(h * mask) for mask in masks])  # [G, T·B, H]
            blocks = self._split(rows_of(dr), self._before)
            outer = self._join(tf.matmul(h, blocks, transpose_a=True))
        return outer if dinner is None else tf.concat([outer, dinner], axis=1)

    def _split(self, columns, count):
        """[N, G·U] to [G, N, U], a matrix for each gate."""
        return tf.transpose(tf.reshape(columns, [-1, count, self._units]), [1, 0, 2])

    def _join(self, blocks):
        """[G, N, U] to [N, G·U]."""
        columns = blocks.shape[0] * self._units
        return tf.reshape(tf.transpose(blocks, [1, 0, 2]), [-1, columns])


def rows_of(sequence: tf.Tensor) -> tf.Tensor:
    """The rows of all steps, [T·B, N], of a sequence [T, B, N]."""
    return tf.reshape(sequence, [-1, sequence.shape[2]])


def steps_of(rows: tf.Tensor, sequence: tf.Tensor) -> tf.Tensor:
    """[T·B, N] to [T, B, N], with T and B of a sequence [T, B, …]."""
    sizes = tf.unstack(tf.shape(sequence)[:2])  # no -1: without rows it would stand for anything
    pairs = zip(sequence.shape, sizes, strict=False)
    known = [dynamic if size is None else size for size, dynamic in pairs]
    return tf.reshape(rows, [*known, rows.shape[1]])


def _only(weights):
    """The one weight of a role, or None."""
    return next(iter(weights.values()), None)
