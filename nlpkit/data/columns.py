"""Which column holds the text and which the label."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from nlpkit.errors import InputError, listed

__all__ = [
    "UNKNOWN",
    "Columns",
    "choose_columns",
    "choose_text_column",
    "columns_by_content",
    "is_usual",
    "remembered",
]

# Usual names, as `_plain` spells them.
_TEXT = (
    "text", "texts", "review", "reviews", "reviewtext", "reviewbody", "document", "sentence",
    "content", "comment", "comments", "commenttext", "body", "tweet", "tweettext", "message",
    "utterance", "sentimenttext", "문서", "리뷰", "댓글", "내용", "본문", "텍스트", "문장",
)  # fmt: skip
_LABEL = (
    "label", "labels", "sentiment", "target", "class", "category", "polarity", "rating",
    "starrating", "stars", "score", "overall", "라벨", "레이블", "평점", "별점", "감성", "감정",
)  # fmt: skip
# Numbers of rows, which are neither text nor label: "", "Unnamed: 0", "id", "tweet_id", "ItemID".
_INDEX = re.compile(
    r"\s*|unnamed:?[\s_]*\d+|index|idx|no\.?|nr\.?|#|row|번호|순번|(.*[\s_.-])?id"
    r"|__index_level_\d+__",
    re.IGNORECASE,
)
_INDEX_ENDING = re.compile(r".*[a-z](ID|Id)")
# What names of columns seldom are: a number, or three words and more.
_DATUM = re.compile(r"[+-]?\d+([.,]\d+)?|\S+\s+\S+\s+\S.*", re.DOTALL)


class Columns(NamedTuple):
    """The columns that a model learnt from, where they are known.

    Attributes:
        text: The column with the text.
        label: The column with the label.
    """

    text: str | None = None
    label: str | None = None


UNKNOWN = Columns()
"""Nothing was learnt from yet, or an artefact does not say from which columns."""


def choose_columns(
    columns: Sequence[str],
    *,
    name: str,
    text_column: str | None = None,
    label_column: str | None = None,
    known: Columns = UNKNOWN,
    by_name: bool = False,
) -> tuple[str, str]:
    """Chooses the text and the label column of a table, by name or by a sensible guess.

    A column that was learnt from is taken again where the table has it. Else a guess needs exactly
    one column whose name is a usual one, whatever its case and what joins its words. Of two
    columns that do not number the rows, the other one follows if only one can be told. Two unusual
    names are never guessed at:
    the header may be missing, and the first row would be lost.

    Args:
        columns: The names that the table has.
        name: What errors call the table.
        text_column: The text column as the user named it; None to guess.
        label_column: The label column as the user named it; None to guess.
        known: The columns that were learnt from.
        by_name: Whether a column is the label by its name alone, never for being the other one.

    Returns:
        `(text column, label column)`, as the table spells them.

    Raises:
        InputError: If a column is missing or ambiguous, shares its name with another, or is to be
            both text and label.

    Example:
        >>> choose_columns(["id", "document", "label"], name="ratings.txt")
        ('document', 'label')
        >>> choose_columns(["Satz", "sentiment"], name="s.csv")
        ('Satz', 'sentiment')
    """
    text_column = remembered(columns, text_column, known.text)
    label_column = remembered(columns, label_column, known.label)
    text = _candidates(columns, text_column, _TEXT, "text", name, exclude=label_column)
    label = _candidates(columns, label_column, _LABEL, "label", name, exclude=text_column)
    data = [column for column in columns if not _is_index(column)]
    if len(data) == 2 and len(set(data)) == 2:
        if len(text) == 1 and not label and not by_name:
            label = [column for column in data if column != text[0]]
        elif len(label) == 1 and not text:
            text = [column for column in data if column != label[0]]
    if by_name and not label:
        raise InputError(
            f"{name}: no column holds labels by its name, and nothing can be evaluated without; "
            f"name it with `--label-column`; the columns are {listed(columns, limit=20)}."
        )
    chosen = _only(text, columns, "text", name), _only(label, columns, "label", name)
    if chosen[0] == chosen[1]:
        raise InputError(
            f"{name}: `--text-column` and `--label-column` must differ, got {chosen[0]!r} twice."
        )
    return chosen


def choose_text_column(
    columns: Sequence[str],
    *,
    name: str,
    text_column: str | None = None,
    known: Columns = UNKNOWN,
) -> str:
    """Chooses the text column of a table that needs no labels.

    The column that was learnt from is taken again where the table has it. Else a guess needs
    exactly one column whose name is a usual one, or one column that does not number the rows.

    Args:
        columns: The names that the table has.
        name: What errors call the table.
        text_column: The text column as the user named it; None to guess.
        known: The columns that were learnt from.

    Returns:
        The column, as the table spells it.

    Raises:
        InputError: If the column is missing or ambiguous, or shares its name with another.

    Example:
        >>> choose_text_column(["Satz"], name="s.csv")
        'Satz'
    """
    text_column = remembered(columns, text_column, known.text)
    text = _candidates(columns, text_column, _TEXT, "text", name, exclude=None)
    data = [column for column in columns if not _is_index(column)]
    if not text and len(data) == 1 and not _DATUM.fullmatch(data[0]):
        text = data
    return _only(text, columns, "text", name)


def remembered(columns: Sequence[str], given: str | None, known: str | None) -> str | None:
    """The column to be taken, before anything is guessed.

    Args:
        columns: The names that the table has.
        given: The column as the user named it; None to guess.
        known: The column that was learnt from; None if it is not known.

    Returns:
        The one given, else the one that was learnt from, as the table spells it; None if the table
        does not have it, or has several of its name.

    Example:
        >>> remembered(["ID", "Satz"], None, "satz")
        'Satz'
    """
    if given is not None or known is None:
        return given
    same = [column for column in columns if column == known]
    same = same or [column for column in columns if _plain(column) == _plain(known)]
    return same[0] if len(same) == 1 else None


def is_usual(name: str) -> bool:
    """Whether a name is one that columns of texts or of labels usually have.

    Args:
        name: The name of a column.

    Returns:
        Whether it is.

    Example:
        >>> is_usual("Review_Text"), is_usual("Satz")
        (True, False)
    """
    return _plain(name) in (*_TEXT, *_LABEL)


def columns_by_content(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Columns:
    """The columns that look like the text and the label, where no header names them.

    The text is the longest; the label is the one other column whose values come again and again,
    two at least.

    Args:
        columns: What the columns are called.
        rows: The first rows.

    Returns:
        The columns, as far as they can be told.

    Example:
        >>> columns_by_content("12", [("1", "a fine film"), ("0", "dull"), ("1", "so"), ("0", "")])
        Columns(text='2', label='1')
    """
    if not rows:
        return UNKNOWN
    cells = dict(zip(columns, zip(*rows, strict=True), strict=True))
    text = max(cells, key=lambda column: sum(map(len, cells[column])))
    labels = [
        column
        for column, values in cells.items()
        if column != text and 1 < len(set(values)) <= len(values) / 2
    ]
    return Columns(text, labels[0] if len(labels) == 1 else None)


def _is_index(name: str) -> bool:
    """Whether a column numbers the rows, by its name."""
    return bool(_INDEX.fullmatch(name) or _INDEX_ENDING.fullmatch(name))


def _plain(name: str) -> str:
    """A column's name without case, and without what joins its words."""
    composed = unicodedata.normalize("NFC", name).casefold()
    return re.sub(r"[\s_.-]+", "", composed)


def _candidates(
    columns: Sequence[str],
    given: str | None,
    usual: tuple[str, ...],
    role: str,
    name: str,
    *,
    exclude: str | None,
) -> list[str]:
    """The columns that may play a role: the given one, or all with a usual name."""
    if given is None:
        return [c for c in columns if c != exclude and _plain(c) in usual]
    matching = [column for column in columns if column == given]
    if not matching:
        raise InputError(
            f"{name}: there is no column {given!r} for `--{role}-column`; "
            f"the columns are {listed(columns, limit=20)}."
        )
    return matching


def _only(candidates: list[str], columns: Sequence[str], role: str, name: str) -> str:
    """The one candidate, or a complaint that lists the columns."""
    if len(candidates) == 1:
        return candidates[0]
    if len(set(candidates)) == 1:
        raise InputError(f"{name}: two columns are called {candidates[0]!r}; rename one.")
    problem = (
        f"more than one column may be the {role} ({listed(candidates)})"
        if candidates
        else f"no column looks like the {role}"
    )
    numbered = list(columns) == [str(number) for number in range(1, 1 + len(columns))]
    headless = not candidates and not numbered and any(map(_DATUM.fullmatch, columns))
    advice = "; if the file has no header, say `--no-header`" if headless else ""
    raise InputError(
        f"{name}: {problem}; name it with `--{role}-column`; "
        f"the columns are {listed(columns, limit=20)}{advice}."
    )
