r"""Rows of comma- and tab-separated values, with quotes read as they were meant.

A field that begins with a quote ends at the next quote that is not doubled, if a delimiter or the
end of a line follows it; it may hold delimiters and line ends. Any other quote is text.

Many tables, above all tab-separated ones, were written without quoting, so that an opening quote
may be a review's own. A row is therefore read

1. with quoting, over as many lines as the quotes span, if that gives as many fields as the header
   has; but not in a tab-separated table where each of those lines alone is a whole row, for there
   a lost quote is likelier than a text that looks like rows;
2. else its first line is split at each delimiter, quotes being text, if that gives as many;
3. else it is broken, and the error says in which line.

So a lost quote costs one row or an error, never silently the rest of the file.
"""

from collections import deque
from collections.abc import Iterator

from nlpkit.data.lines import LONGEST
from nlpkit.errors import InputError

__all__ = ["read_rows"]


def read_rows(
    lines: Iterator[tuple[int, str]], *, delimiter: str, name: str
) -> Iterator[tuple[int, list[str]]]:
    """Yields the rows of a table, the header first, each with the number of its first line.

    Empty lines are skipped, unless the header has one column: there they are empty texts.

    Args:
        lines: Numbered lines with their line ends, as `read_lines` gives them.
        delimiter: The character between two fields.
        name: What errors call the table.

    Yields:
        `(number, fields)`; all rows have as many fields as the first.

    Raises:
        InputError: At a row with another number of fields than the first.

    Example:
        >>> lines = enumerate(['text,label\\n', '"It said ""no"",\\n', 'twice",0\\n'], 1)
        >>> list(read_rows(lines, delimiter=",", name="r.csv"))
        [(1, ['text', 'label']), (2, ['It said "no",\\ntwice', '0'])]
    """
    source = _Lines(lines)
    width = None
    for number, line in source:
        body = _body(line)
        if not body and width != 1:
            continue
        if '"' in body:
            fields = _quoted_row(line, source, delimiter, width)
        else:
            fields = body.split(delimiter)
        if width is None:
            width = len(fields)
        elif len(fields) != width:
            raise InputError(_complaint(name, number, body, fields, width, delimiter))
        yield number, fields


class _Lines:
    """Numbered lines that can be handed back, to be read again."""

    def __init__(self, lines: Iterator[tuple[int, str]]) -> None:
        self._lines = lines
        self._returned: deque[tuple[int, str]] = deque()

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return self

    def __next__(self) -> tuple[int, str]:
        return self._returned.popleft() if self._returned else next(self._lines)

    def give_back(self, lines: list[tuple[int, str]]) -> None:
        """Puts lines back in front, in their order."""
        self._returned.extendleft(reversed(lines))


def _quoted_row(first: str, source: _Lines, delimiter: str, width: int | None) -> list[str]:
    """Reads the row that begins with the line `first` by the rules at the top of this module."""
    text, more = first, []
    fields, closed = _split(text, delimiter)
    while not closed:
        taken, closes = _until_quote_closes(source, LONGEST - len(text))
        more += taken
        if not closes:
            break
        text += "".join(line for _, line in taken)
        fields, closed = _split(text, delimiter)
    alone = _body(first).split(delimiter)
    if closed and width in (None, len(fields)):
        rows = [alone, *(_body(line).split(delimiter) for _, line in more)]
        whole = width is not None and width > 1 and all(len(row) == width for row in rows)
        lost_quote = more and delimiter == "\t" and whole
        if not lost_quote:
            return fields
    source.give_back(more)
    return fields if closed and not more and len(alone) != width else alone


def _until_quote_closes(source: _Lines, budget: int) -> tuple[list[tuple[int, str]], bool]:
    """Takes lines up to the one that closes a quote, or until `budget` characters are gone."""
    taken = []
    for number, line in source:
        taken.append((number, line))
        budget -= len(line)
        if _closing_quote(line, 0) >= 0:
            return taken, True
        if budget < 0:
            break
    return taken, False


def _split(text: str, delimiter: str) -> tuple[list[str], bool]:
    """Splits a row into fields; False beside them if the last one's quote does not close."""
    text = _body(text)
    fields: list[str] = []
    at = 0
    while True:
        end = -1
        if text.startswith('"', at):
            end = _closing_quote(text, at + 1)
            if end < 0:
                return [*fields, text[at:]], False
            if text[end + 1 : end + 2] in ("", delimiter):
                fields.append(text[at + 1 : end].replace('""', '"'))
                end += 1
            else:
                end = -1
        if end < 0:
            end = text.find(delimiter, at)
            end = len(text) if end < 0 else end
            fields.append(text[at:end])
        if end == len(text):
            return fields, True
        at = end + 1


def _closing_quote(text: str, at: int) -> int:
    """The index of the first quote from `at` on that is not doubled, or -1."""
    while (at := text.find('"', at)) >= 0 and text.startswith('"', at + 1):
        at += 2
    return at


def _body(line: str) -> str:
    """A line without its line end."""
    return line.removesuffix("\n").removesuffix("\r")


def _complaint(
    name: str, number: int, body: str, fields: list[str], width: int, delimiter: str
) -> str:
    """The sentence about a broken row."""
    wrong = (
        f"{name}, line {number}: the row must have {width} fields like the first row, "
        f"got {len(fields)}"
    )
    if not _split(body, delimiter)[1]:
        return f"{wrong}, and a quote opens here that does not close."
    mark = {"\t": "tab", ",": "comma"}.get(delimiter, repr(delimiter))
    return f"{wrong}; a text that holds a {mark} needs quotes around it."
