"""Labelled texts from anywhere, as one kind of stream."""

import dataclasses
import functools
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Any

from nlpkit.data.bundled import read_bundled
from nlpkit.data.columns import UNKNOWN, Columns, choose_columns
from nlpkit.data.guesses import guessed_columns, resolved
from nlpkit.data.labels import canonical
from nlpkit.data.opening import open_tables
from nlpkit.data.spec import Spec
from nlpkit.data.surrogates import mend_surrogates
from nlpkit.data.tables import UNLABELLED, Located, Location, Table, as_text
from nlpkit.errors import InputError

__all__ = ["Source", "open_sources"]


@dataclasses.dataclass(frozen=True)
class Source(Located):
    """A stream of labelled texts, to be read once.

    Attributes:
        name: What errors call it.
        text_column: Where its texts stand; None if it has no columns to choose from.
        label_column: Where its labels stand; None likewise.
        rows: `(location, text, label)` as the data have them, unchecked.
        unit: What the location of a row is: "line", "row", "file", "example", ….
        label_names: Names that the source itself has for its labels.
        encoding: The encoding of its files; None if they have none that could be another.
        guesses: What was guessed to read it, in a few words each.
    """

    name: str
    text_column: str | None
    label_column: str | None
    rows: Iterator[tuple[Location, str, str]]
    unit: str = "line"
    label_names: Mapping[str, str] = dataclasses.field(default_factory=dict)
    encoding: str | None = None
    guesses: tuple[str, ...] = ()

    def examples(self) -> Iterator[tuple[Location, bytes, str]]:
        """Yields the rows, checked and in one spelling.

        Yields:
            `(location, text in UTF-8, canonical label)`. Half a surrogate pair, which is no
            character, becomes U+FFFD.

        Raises:
            InputError: At a label that is empty or NaN.
        """
        spelling = functools.lru_cache(canonical)
        for location, text, label in self.rows:
            try:
                yield location, mend_surrogates(text).encode(), spelling(label)
            except ValueError as error:
                raise InputError(
                    f"{self.at(location)}: the label in column {self.label_column!r} is {error}; "
                    "every example needs one."
                ) from None

    def spelt(self, value: str, known: Container[str]) -> str:
        """A label as a model knows it.

        Args:
            value: A canonical label of this source.
            known: How the model spells labels.

        Returns:
            The label itself, or the name that the source has for it if only that is known.
        """
        own = self.label_names.get(value, value)
        return own if value not in known and own in known else value


def open_sources(
    spec: Spec,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    data_dir: str | Path | None = None,
    known: Columns = UNKNOWN,
    by_name: bool = False,
) -> dict[str, Source]:
    """Opens what a SPEC names, and reads no further than is needed to find the columns.

    Args:
        spec: A parsed SPEC.
        text_column: Column or TFDS feature with the text; None to guess.
        label_column: Column or TFDS feature with the label; None to guess.
        encoding: Encoding of the files; None to find it out.
        header: Whether the first row of a file names its columns; None to find it out.
        data_dir: Where TFDS data sets lie; None for TFDS's own default.
        known: The columns that were learnt from, which are looked for first.
        by_name: Whether a column is the label by its name alone; see `choose_columns`.

    Returns:
        Sources by split. A file has "train" alone; the bundled reviews have "train" and "test"; a
        TFDS data set has "train" and what else of "validation" and "test" is labelled, and a folder
        or a .zip what there is of the three.

    Raises:
        InputError: If the data cannot be found or read, or the columns cannot be told.
    """
    if spec.kind == "bundled":
        return {
            split: Source("the bundled reviews", None, None, read_bundled(split))
            for split in ("train", "test")
        }
    wanted: dict[str, Any] = {
        "text_column": text_column,
        "label_column": label_column,
        "known": known,
        "by_name": by_name,
    }
    if spec.kind == "tfds":
        return _tfds_sources(spec, data_dir, wanted)
    tables = open_tables(spec, encoding=encoding, header=header, known=known)
    return _table_sources(tables, wanted)


def _table_sources(tables: dict[str, Table], wanted: Mapping[str, Any]) -> dict[str, Source]:
    """The splits of a file or a folder; those for testing only if they have labels."""
    first = "train" if "train" in tables else next(iter(tables))
    sources = {first: _table_source(tables.pop(first), wanted)}
    columns = Columns(sources[first].text_column, sources[first].label_column)
    for split, table in tables.items():
        if columns.label not in table.columns:
            missing = f"it has no column {columns.label!r}"
        elif columns.label in table.unlabelled:
            missing = f"the label of its first row is {UNLABELLED}, which stands for none"
        else:
            sources[split] = _table_source(table, {**wanted, "known": columns})
            continue
        guesses = (*sources[first].guesses, f"{split} left out: {missing}")
        sources[first] = dataclasses.replace(sources[first], guesses=guesses)
    return sources


def _table_source(table: Table, wanted: Mapping[str, Any]) -> Source:
    """The text and the label of a table."""
    if table.fixed and table.likely.label is None:
        raise InputError(
            f"{table.name}: these texts have no labels; put the texts of each class into a folder "
            "of its own, named for the class."
        )
    known = resolved(table, wanted["known"], by_name=wanted["by_name"])
    text, label = choose_columns(table.columns, name=table.name, **{**wanted, "known": known})
    given = Columns(wanted["text_column"], wanted["label_column"])
    return Source(
        table.name,
        text,
        label,
        _rows(table, text, label),
        table.unit,
        table.label_names.get(label, {}),
        table.encoding,
        (*table.guesses, *guessed_columns(table, Columns(text, label), given, wanted["known"])),
    )


def _rows(table: Table, text: str, label: str) -> Iterator[tuple[Location, str, str]]:
    """The two columns that matter."""
    for location, row in table.rows:
        try:
            yield location, as_text(row[text]), as_text(row[label])
        except KeyError as error:
            raise InputError(f"{table.at(location)}: the column {error} is missing here.") from None
        except ValueError as error:
            raise InputError(
                f"{table.at(location)}: text and label must be single values, got {error} "
                f"({text!r} and {label!r} are their columns); a text has one label."
            ) from None


def _tfds_sources(
    spec: Spec, data_dir: str | Path | None, wanted: Mapping[str, Any]
) -> dict[str, Source]:
    """The labelled splits of a TFDS data set."""
    # Late: tensorflow_datasets is slow to import and rarely needed.
    from nlpkit.data import tfds, tfds_features

    builder = tfds.load_builder(spec.text, data_dir=data_dir)
    text, label = tfds_features.choose_features(builder, name=spec.text, **wanted)
    names = tfds_features.label_names(builder, label)
    return {
        split: Source(
            f"{spec.text} ({split})",
            text,
            label,
            tfds.read_examples(builder, split, text, label, name=spec.text),
            unit="example",
            label_names=names,
        )
        for split in tfds.labelled_splits(builder, label, name=spec.text)
    }
