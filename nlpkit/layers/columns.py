"""Kernels and states as blocks of columns."""

from collections.abc import Sequence
from typing import Any

from keras import ops

__all__ = ["product", "split"]


def split(tensor: Any, widths: Sequence[int]) -> list[Any]:
    """A tensor in blocks of columns.

    Args:
        tensor: [..., the sum of the widths].
        widths: Of the blocks.

    Returns:
        Tensors [..., width] each.
    """
    if len(widths) == 1:
        return [tensor]
    return ops.split(tensor, [sum(widths[: k + 1]) for k in range(len(widths) - 1)], axis=-1)


def product(value: Any, kernel: Any, masks: Any) -> Any:
    """`value` · `kernel`, with dropout.

    Args:
        value: [..., N].
        kernel: [N, G·U].
        masks: None, one mask for all columns that `value` may be multiplied by, or a list of one
            for each of G blocks.

    Returns:
        [..., G·U].
    """
    if not isinstance(masks, list):
        return ops.matmul(value if masks is None else value * masks, kernel)
    columns = ops.split(kernel, len(masks), axis=1)
    products = [ops.matmul(value * m, k) for m, k in zip(masks, columns, strict=True)]
    return ops.concatenate(products, axis=-1)
