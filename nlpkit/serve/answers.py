"""Answers as lines of JSON."""

import functools
import json
from typing import Any

import numpy as np

__all__ = ["as_json", "short"]


def as_json(answer: dict[str, Any]) -> str:
    r"""One answer as one line of JSON, without the line end; Korean stays readable.

    Args:
        answer: One of the answers of `predict`.

    Returns:
        The line.

    Example:
        >>> as_json({"text": "좋다\u2028"})
        '{"text": "좋다\\u2028"}'
    """
    line = json.dumps(answer, ensure_ascii=False)
    # Line ends to Unicode, though not to JSON: many readers would cut the line there.
    return functools.reduce(
        lambda text, end: text.replace(end, f"\\u{ord(end):04x}"), "\x85\u2028\u2029", line
    )


def short(value: float | np.floating) -> float:
    """Writes a float32 with the digits that it carries.

    Args:
        value: The number.

    Returns:
        The shortest decimal that is this float32.

    Example:
        >>> short(np.float32(0.1))
        0.1
    """
    return float(str(np.float32(value)))
