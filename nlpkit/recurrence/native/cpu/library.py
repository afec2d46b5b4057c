"""The library that is compiled from the C sources here, when nlpkit is installed."""

import ctypes
import functools
import os
from pathlib import Path
from typing import Any

import tensorflow as tf

__all__ = ["FILE", "VARIABLE", "instructions", "missing", "ops", "use", "variant"]

FILE = Path(__file__).with_name("libnlpkit.so")
"""Where it is, unless it could not be built."""

VARIABLE = "NLPKIT_NATIVE"
"""The environment variable that turns it off by the value 0."""

_NAMES = {"avx512": "AVX-512", "avx2": "AVX2", "portable": "any processor"}


def missing() -> str | None:
    """Why it cannot be used, or None."""
    if os.environ.get(VARIABLE) == "0":
        return f"the environment variable {VARIABLE} is 0"
    return _loaded()[1]


def ops() -> Any:
    """Its ops as functions of tensors, which use as many threads as TensorFlow may.

    Returns:
        A module, as `tf.load_op_library` makes it.
    """
    (functions, library), _ = _loaded()
    library.team_limit(tf.config.threading.get_intra_op_parallelism_threads())
    return functions


def instructions() -> str | None:
    """What its code is for, as a message says it: an instruction set; None where it is missing."""
    name = variant()
    return name and _NAMES[name]


def variant() -> str | None:
    """The name of the code that runs: "avx512", "avx2", "portable", or None."""
    parts, _ = _loaded()
    return parts and parts[1].variant_name().decode()


def use(variant: str) -> bool:
    """Has it run code for another instruction set, for tests.

    Args:
        variant: "avx512", "avx2" or "portable".

    Returns:
        Whether this processor has it.
    """
    parts, _ = _loaded()
    return parts is not None and bool(parts[1].use_variant(variant.encode()))


@functools.cache
def _loaded():
    """Its ops and its functions, or why there are none."""
    if not FILE.exists():
        return None, "it was not built when nlpkit was installed"
    try:
        functions, library = tf.load_op_library(str(FILE)), ctypes.CDLL(str(FILE))
    except (OSError, tf.errors.OpError) as error:
        return None, f"it cannot be loaded: {error}"
    library.variant_name.restype = ctypes.c_char_p
    return (functions, library), None
