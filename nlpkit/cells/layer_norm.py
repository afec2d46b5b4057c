"""Layer normalisation inside a cell: LN(v; γ, β) = γ * (v - mean(v)) / √(var(v) + ε) + β."""

from collections.abc import Mapping
from typing import Any

from keras import ops

from nlpkit.cells.cell import Weight

__all__ = ["PROJECTION_NORMS", "gain_and_shift", "normalize"]


def gain_and_shift(norm: str, width: str, role: str) -> tuple[Weight, Weight]:
    """The two weights of a layer normalisation, γ and β.

    Args:
        norm: The name of the normalisation, with which theirs begin.
        width: Of what is normalised, a name of `Cell.sizes`.
        role: Who reads them, "prepare" or "step".

    Returns:
        The gain, "gamma", and the shift, "beta".
    """
    gamma, beta = (
        Weight(name=f"{norm}_{kind}", shape=(width,), roles=(role,), arguments=f"norm_{kind}")
        for kind in ("gamma", "beta")
    )
    return gamma, beta


PROJECTION_NORMS = (
    *gain_and_shift("kernel_norm", "GU", "prepare"),
    *gain_and_shift("recurrent_norm", "GU", "step"),
)
"""The weights of a normalisation of either projection, all columns of it."""


def normalize(rows: Any, weights: Mapping[str, Any], norm: str, epsilon: float) -> Any:
    """LN over the entries of each row.

    Args:
        rows: [..., N].
        weights: `norm`_gamma and `norm`_beta, [N] each, by name.
        norm: The name of the normalisation.
        epsilon: ε, inside of the root.

    Returns:
        [..., N].
    """
    gamma, beta = weights[f"{norm}_gamma"], weights[f"{norm}_beta"]
    return ops.layer_normalization(rows, gamma, beta, epsilon=epsilon)
