"""Rows of JSON lines: one object per line."""

import json
from collections.abc import Iterator
from typing import Any

from nlpkit.errors import InputError

__all__ = ["read_objects"]

_OBJECT = '{"text": "…", "label": 1}'


def read_objects(
    lines: Iterator[tuple[int, str]], *, name: str
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yields the objects of JSON lines, each with its line's number; empty lines are skipped.

    Args:
        lines: Numbered lines, as `read_lines` gives them.
        name: What errors call the file.

    Yields:
        `(number, object)`.

    Raises:
        InputError: At a line that is not one JSON object.

    Example:
        >>> list(read_objects(iter([(1, '{"text": "fine", "label": 1}')]), name="r.jsonl"))
        [(1, {'text': 'fine', 'label': 1})]
    """
    for number, line in lines:
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            fault = f"{error.msg} at character {error.pos + 1}"
            raise InputError(f"{name}, line {number}: this is not valid JSON ({fault}).") from None
        except (ValueError, RecursionError) as error:
            raise InputError(f"{name}, line {number}: this is not valid JSON ({error}).") from None
        if not isinstance(row, dict):
            raise InputError(
                f"{name}, line {number}: the line must be a JSON object such as {_OBJECT}, "
                f"got a {type(row).__name__}."
            )
        yield number, row
