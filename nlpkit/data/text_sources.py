"""Texts from anywhere, as one kind of stream of passages."""

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path

from nlpkit.data.columns import UNKNOWN, Columns
from nlpkit.data.guesses import choose_text
from nlpkit.data.gutenberg import Wrapping
from nlpkit.data.opening import open_data
from nlpkit.data.paragraphs import LONGEST_PASSAGE, longest_in, one_line, paragraphs
from nlpkit.data.plain_text import PlainText, read_passages, survey
from nlpkit.data.spec import Spec
from nlpkit.data.splits import own_splits
from nlpkit.data.tables import Table, read_column
from nlpkit.data.topics import read_topics
from nlpkit.errors import InputError

__all__ = ["TextSource", "as_passages", "open_texts"]


@dataclasses.dataclass(frozen=True)
class TextSource:
    """A stream of passages, to be read once.

    Attributes:
        name: What errors call it.
        form: "topics", "lines", "running text" or "pre-tokenised".
        passages: `(unit, passage)`: the unit is what stays on one split.
        text_column: Where its texts stand; None if it has no columns to choose from.
        size: Characters of all passages and one more for each, where their order matters; None
            where single texts may be held out.
        wrapping: Knows, once the passages were read, what was left out around a book.
        encoding: The encoding of its files; None if they have none that could be another.
        guesses: What was guessed to read it, in a few words each.
    """

    name: str
    form: str
    passages: Iterator[tuple[str, str]]
    text_column: str | None = None
    size: int | None = None
    wrapping: Wrapping = dataclasses.field(default_factory=Wrapping)
    encoding: str | None = None
    guesses: tuple[str, ...] = ()


def open_texts(
    spec: Spec,
    *,
    form: str | None = None,
    text_column: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    data_dir: str | Path | None = None,
    known: Columns = UNKNOWN,
) -> dict[str, TextSource]:
    """Opens what a SPEC names.

    Args:
        spec: A parsed SPEC. The .txt files of a folder are read as one text.
        form: The form of plain text; None to look it through.
        text_column: Column or TFDS feature with the text; None to guess.
        encoding: Encoding of the files; None to find it out.
        header: Whether the first row of a file names its columns; None to find it out.
        data_dir: Where TFDS data sets lie; None for TFDS's own default.
        known: The columns that were learnt from, which are looked for first.

    Returns:
        Sources by split. A file has "train" alone; the bundled topics have "train", "validation"
        and "test"; a TFDS data set, a folder or a .zip has "train" and what else there is of the
        two.

    Raises:
        InputError: If the data cannot be found or read, or the column cannot be told.
    """
    if spec.kind == "bundled":
        return {
            split: TextSource("the bundled topics", "topics", ((text, text) for text in texts))
            for split, texts in read_topics().items()
        }
    if spec.kind == "tfds":
        return _tfds_sources(spec, data_dir, text_column=text_column, known=known)
    splits = own_splits(open_data(spec, plain=True, encoding=encoding, header=header, known=known))
    sources: dict[str, TextSource] = {}
    for split, data in splits.items():
        if isinstance(data, PlainText):
            sources[split] = _plain_text(data, form)
        else:
            sources[split] = _column(data, text_column, known)
        # The other splits are read as the first is.
        form = form or sources[split].form
        known = known if known.text else Columns(sources[split].text_column)
    return sources


def _plain_text(text: PlainText, form: str | None) -> TextSource:
    """The passages of plain text, in the form given or the one that `survey` tells."""
    wrapping, size, longest = Wrapping(), None, LONGEST_PASSAGE
    if form is None:
        surveyed = survey(text)
        form, size = surveyed.form, None if surveyed.form == "lines" else surveyed.size
        longest = longest_in(surveyed.size)
    passages = read_passages(text, form, longest=longest, wrapping=wrapping)
    return TextSource(
        text.name,
        form,
        passages,
        size=size,
        wrapping=wrapping,
        encoding=text.encoding,
        guesses=text.guesses,
    )


def _column(table: Table, text_column: str | None, known: Columns) -> TextSource:
    """The passages in a column of a table."""
    column, guesses = choose_text(table, text_column, known)
    passages = _passages(read_column(table, column), name=table.name, column=column)
    return TextSource(
        table.name, "lines", passages, column, encoding=table.encoding, guesses=guesses
    )


def as_passages(
    texts: Iterable[str], *, longest: int = LONGEST_PASSAGE
) -> Iterator[tuple[str, str]]:
    """Takes texts as passages, and long ones apart.

    Args:
        texts: The texts; empty ones are left out.
        longest: The most characters of a passage.

    Yields:
        `(text, passage)`, each on one line: the passage is the text, or a part of it.

    Example:
        >>> list(as_passages(["A day.", " ", "It was\\na night."], longest=6))
        [('A day.', 'A day.'), ('It was a night.', 'It was'), ('It was a night.', 'a'), \
('It was a night.', 'night.')]
    """
    for text in texts:
        unit = one_line(text)
        if len(unit) > longest:
            yield from ((unit, part) for part in paragraphs(text.split("\n"), longest=longest))
        elif unit:
            yield unit, unit


def _passages(texts: Iterable[str], *, name: str, column: str) -> Iterator[tuple[str, str]]:
    """The passages of a column, which must hold one."""
    empty = True
    for pair in as_passages(texts):
        empty = False
        yield pair
    if empty:
        raise InputError(
            f"{name}: every text in column {column!r} is empty; "
            "name the text column with `--text-column`."
        )


def _tfds_sources(
    spec: Spec, data_dir: str | Path | None, *, text_column: str | None, known: Columns
) -> dict[str, TextSource]:
    """The splits of a TFDS data set."""
    # Late: tensorflow_datasets is slow to import and rarely needed.
    from nlpkit.data import tfds, tfds_features

    builder = tfds.load_builder(spec.text, data_dir=data_dir)
    column = tfds_features.choose_text_feature(
        builder, name=spec.text, text_column=text_column, known=known
    )
    sources = {}
    for split in tfds.splits(builder, name=spec.text):
        name = f"{spec.text} ({split})"
        texts = tfds.read_texts(builder, split, column, name=spec.text)
        passages = _passages(texts, name=name, column=column)
        sources[split] = TextSource(name, "lines", passages, column)
    return sources
