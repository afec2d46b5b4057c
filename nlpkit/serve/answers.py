"""Answers as lines of JSON."""

import functools
import json
from typing import Any

import numpy as np

__all__ = ["as_json", "short"]


def as_json(answer: dict[str, Any]) -> str:
    r"""Writes an answer as one line of JSON, without the line end; Korean stays readable.

    Args:
        answer: An answer of `predict`.

    Returns:
        The line.

    Example:
        >>> as_json({"text": "좋다\u2028"})
        '{"text": "좋다\\u2028"}'
    """
    line = json.dumps(answer, ensure_ascii=False)
    # Line ends in Unicode, though not in JSON: many readers would split the line there.
    return functools.reduce(
        lambda text, end: text.replace(end, f"\\u{ord(end):04x}"), "\x85\u2028\u2029", line
    )


def short(value: float | np.floating) -> float:
    """The shortest decimal that identifies a float32.

    Args:
        value: The number.

    Returns:
        The shortest decimal that is this float32.

    Example:
        >>> short(np.float32(0.1))
        0.1
    """
    return float(str(np.float32(value)))
