"""Rows of a JSON array of objects, one object in memory at a time."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

from nlpkit.data.files import File
from nlpkit.data.jsonl import read_objects
from nlpkit.data.lines import LONGEST, read_lines
from nlpkit.data.tables import Reading, Table
from nlpkit.errors import InputError

__all__ = ["read_json_array", "read_json_lines"]

_PIECE = 1 << 18
_VISIBLE = re.compile(r"[^ \t\r\n]")


def read_json_lines(file: File, reading: Reading) -> Table:
    """Opens a file of one JSON object per line.

    Args:
        file: The file.
        reading: Its encoding.

    Returns:
        The table, whose columns are the keys of its first object.

    Raises:
        InputError: If the file is missing or holds no object. Reading the rows raises it at a line
            that is no object.
    """
    return _table(
        file.name, read_objects(read_lines(file, encoding=reading.encoding), name=file.name)
    )


def read_json_array(file: File, reading: Reading) -> Table:
    """Opens a JSON array of objects, like `read_json_lines`.

    Args:
        file: The file.
        reading: Its encoding.

    Returns:
        The table.

    Raises:
        InputError: As there, or where the array is broken.
    """
    lines = read_lines(file, encoding=reading.encoding, piece=_PIECE)
    return _table(file.name, _elements((piece for _, piece in lines), file.name), unit="element")


def _table(name: str, rows: Iterator[tuple[int, dict[str, Any]]], unit: str = "line") -> Table:
    """A table of objects."""
    first = next(rows, None)
    if first is None:
        raise InputError(f"{name}: the file has no rows.")
    return Table(name, tuple(first[1]), itertools.chain([first], rows), unit=unit)


class _Text:
    """Text that comes in pieces, of which the part not yet taken is kept."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self.kept, self.at = "", 0

    def grow(self) -> bool:
        """Doubles what is left, so that reading it again stays cheap; False at the end."""
        parts = [self.kept[self.at :]]
        wanted = max(len(parts[0]), 1)
        for piece in self._pieces:
            parts.append(piece)
            wanted -= len(piece)
            if wanted <= 0:
                break
        self.kept, self.at = "".join(parts), 0
        return len(parts) > 1

    def next_character(self) -> str:
        """The next character that is no white space, which is not taken; "" at the end."""
        while True:
            if match := _VISIBLE.search(self.kept, self.at):
                self.at = match.start()
                return match[0]
            self.at = len(self.kept)
            if not self.grow():
                return ""


def _elements(pieces: Iterator[str], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of an array, counted from 1."""
    text = _Text(pieces)
    if text.next_character() != "[":
        raise InputError(f"{name}: the file must hold a JSON array of objects.")
    text.at += 1
    if text.next_character() == "]":
        return
    for number in itertools.count(1):
        yield number, _object(text, f"{name}, element {number}")
        mark = text.next_character()
        text.at += 1
        if mark == "]":
            break
        if mark != ",":
            got = repr(mark) if mark else "the end of the file"
            raise InputError(
                f"{name}, element {number}: a comma or ] must follow it in the array, got {got}."
            )
    if mark := text.next_character():
        raise InputError(f"{name}: nothing may follow the JSON array, got {mark!r}.")


def _object(text: _Text, location: str) -> dict[str, Any]:
    """Takes the next element, which must be an object."""
    if (mark := text.next_character()) != "{":
        got = f"one that begins with {mark!r}" if mark else "the end of the file"
        raise InputError(f"{location}: the elements of the array must be objects, got {got}.")
    decoder = json.JSONDecoder()
    while True:
        try:
            element, end = decoder.raw_decode(text.kept, text.at)
        except json.JSONDecodeError as error:
            # What is cut off and what is wrong look alike until the rest is there.
            if len(text.kept) - text.at > LONGEST or not text.grow():
                fault = f"{error.msg} at character {error.pos - text.at + 1} of it"
                raise InputError(f"{location}: this is not valid JSON ({fault}).") from None
        except (ValueError, RecursionError) as error:
            raise InputError(f"{location}: this is not valid JSON ({error}).") from None
        else:
            text.at = end
            return element
