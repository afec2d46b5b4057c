"""Labelled texts from anywhere, as one kind of stream."""

import dataclasses
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nlpkit.data.bundled import read_bundled
from nlpkit.data.columns import UNKNOWN, Columns, choose_columns
from nlpkit.data.labels import canonical
from nlpkit.data.spec import Spec
from nlpkit.data.surrogates import mend_surrogates
from nlpkit.data.tables import Table, as_text, open_table
from nlpkit.errors import InputError

__all__ = ["Source", "open_sources"]


@dataclasses.dataclass(frozen=True)
class Source:
    """A stream of labelled texts, to be read once.

    Attributes:
        name: What errors call it.
        text_column: Where its texts stand; None if it has no columns to choose from.
        label_column: Where its labels stand; None likewise.
        rows: `(number, text, label)` as found, unchecked.
        unit: What `number` counts: "line" or "example".
        label_names: Names that the source itself has for its labels.
    """

    name: str
    text_column: str | None
    label_column: str | None
    rows: Iterator[tuple[int, str, str]]
    unit: str = "line"
    label_names: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def at(self, number: int) -> str:
        """The place of a row, as errors begin with it.

        Args:
            number: The row's number.

        Returns:
            Name, unit and number, for example "reviews.csv, line 3".
        """
        return f"{self.name}, {self.unit} {number}"

    def examples(self) -> Iterator[tuple[int, bytes, str]]:
        """Yields the rows, checked and in one spelling.

        Yields:
            `(number, text in UTF-8, canonical label)`. Half a surrogate pair, which is no
            character, becomes U+FFFD.

        Raises:
            InputError: At a label that is empty or NaN.
        """
        spelling = functools.lru_cache(canonical)
        for number, text, label in self.rows:
            try:
                yield number, mend_surrogates(text).encode(), spelling(label)
            except ValueError as error:
                raise InputError(
                    f"{self.at(number)}: the label in column {self.label_column!r} is {error}; "
                    "every example needs one."
                ) from None


def open_sources(
    spec: Spec,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    encoding: str = "utf-8",
    data_dir: str | Path | None = None,
    known: Columns = UNKNOWN,
    by_name: bool = False,
) -> dict[str, Source]:
    """Opens what a SPEC names, and reads no further than is needed to find the columns.

    Args:
        spec: A parsed SPEC.
        text_column: Column or TFDS feature with the text; None to guess.
        label_column: Column or TFDS feature with the label; None to guess.
        encoding: Encoding of a file.
        data_dir: Where TFDS data sets lie; None for TFDS's own default.
        known: The columns that were learnt from, which are looked for first.
        by_name: Whether a column is the label by its name alone; see `choose_columns`.

    Returns:
        Sources by split. A file has "train" alone; the bundled reviews have "train" and "test";
        a TFDS data set has "train" and what else of "validation" and "test" is labelled.

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
    table = open_table(spec, encoding=encoding)
    text, label = choose_columns(table.columns, name=table.name, **wanted)
    return {"train": Source(table.name, text, label, _rows(table, text, label))}


def _rows(table: Table, text: str, label: str) -> Iterator[tuple[int, str, str]]:
    """The two columns that matter."""
    for number, row in table.rows:
        try:
            yield number, as_text(row[text]), as_text(row[label])
        except KeyError as error:
            raise InputError(
                f"{table.name}, line {number}: the column {error} is missing here."
            ) from None
        except ValueError as error:
            raise InputError(
                f"{table.name}, line {number}: text and label must be single values, got {error} "
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
