"""What was guessed about data, and the line that reports it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from nlpkit.data.columns import Columns, choose_text_column, remembered
from nlpkit.data.tables import Table

__all__ = ["Tell", "choose_text", "guessed_columns", "one_encoding", "resolved", "tell_guesses"]

Tell = Callable[[str], None]
"""Takes a line to be reported before the data are read."""


class _Guessed(Protocol):
    """What was opened, with what was guessed to open it."""

    @property
    def name(self) -> str: ...
    @property
    def encoding(self) -> str | None: ...
    @property
    def guesses(self) -> tuple[str, ...]: ...


def resolved(table: Table, known: Columns, *, by_name: bool = False) -> Columns:
    """The columns to look for first.

    Args:
        table: A table.
        known: The columns that were learnt from.
        by_name: Whether a label column is found by its name alone.

    Returns:
        Those that the table has, or else those that its format or content suggests.
    """
    text, label = (
        remembered(table.columns, None, column) or likely
        for column, likely in zip(known, table.likely, strict=True)
    )
    if by_name and not table.fixed and label != known.label:
        label = known.label
    return Columns(text, label)


def guessed_columns(table: Table, chosen: Columns, given: Columns, known: Columns) -> Iterator[str]:
    """Yields a report of the columns that neither the user, the format nor the header named.

    Args:
        table: A table.
        chosen: The columns that are read.
        given: Those that the user named.
        known: Those that were learnt from.

    Yields:
        A few words for each, with the option that names another.
    """
    for role, column, named, learnt in zip(Columns._fields, chosen, given, known, strict=True):
        if column is None or table.fixed or named is not None or column.lower() == role:
            continue
        if remembered(table.columns, None, learnt) != column:
            yield f"{role} in column {column!r} (`--{role}-column`)"


def choose_text(
    table: Table, text_column: str | None, known: Columns
) -> tuple[str, tuple[str, ...]]:
    """Chooses the column of a table that holds the texts.

    Args:
        table: A table.
        text_column: The column that the user named; None to guess.
        known: The columns that were learnt from.

    Returns:
        The column, and all that was guessed about the table.

    Raises:
        InputError: If the table lacks the column, or it cannot be told.
    """
    column = choose_text_column(
        table.columns, name=table.name, text_column=text_column, known=resolved(table, known)
    )
    chosen = guessed_columns(table, Columns(column), Columns(text_column), known)
    return column, (*table.guesses, *chosen)


def one_encoding(opened: Iterable[_Guessed]) -> str | None:
    """The one encoding with which all files can be read again.

    Args:
        opened: What was opened.

    Returns:
        The encoding; None if they have several, or none.
    """
    encodings = {each.encoding for each in opened if each.encoding is not None}
    return encodings.pop() if len(encodings) == 1 else None


def tell_guesses(opened: Iterable[_Guessed], tell: Tell | None) -> None:
    """Reports in one line what was guessed about all data.

    Args:
        opened: What was opened.
        tell: Takes the line; None to discard it.
    """
    by_guesses: dict[tuple[str, ...], list[str]] = {}
    for each in opened:
        if each.guesses:
            by_guesses.setdefault(each.guesses, []).append(each.name)
    if tell is not None and by_guesses:
        tell("; ".join(
            f"{' and '.join(names)}: guessed {', '.join(guesses)}"
            for guesses, names in by_guesses.items()
        ))  # fmt: skip
