"""Weights as torch's modules have them, and sequences to run them on."""

import numpy as np

from nlpkit.layers import FAMILY

__all__ = ["B", "FEATURES", "MEMBERS", "P", "T", "U", "inputs", "projected", "state"]

B, T, FEATURES, U, P = 2, 5, 3, 4, 2
MEMBERS = [member for member in FAMILY.values() if member.torch_name]


def projected(member):
    return member.name == "projected-lstm"


def state(member, levels=1, directions=1, bias=True, prefix=""):
    """Arrays as torch's module has them, at random."""
    rng = np.random.default_rng(0)
    rows, output = len(member.cell.gates) * U, P if projected(member) else U
    arrays = {}
    for level in range(levels):
        for ending in ("", "_reverse")[:directions]:
            ending = f"_l{level}{ending}"
            arrays[f"weight_ih{ending}"] = (rows, directions * output if level else FEATURES)
            arrays[f"weight_hh{ending}"] = (rows, output)
            if bias:
                arrays[f"bias_ih{ending}"] = arrays[f"bias_hh{ending}"] = (rows,)
            if projected(member):
                arrays[f"weight_hr{ending}"] = (output, U)
    return {prefix + n: rng.normal(size=s).astype("float32") for n, s in arrays.items()}


def inputs():
    return np.random.default_rng(1).normal(size=(B, T, FEATURES)).astype("float32")
