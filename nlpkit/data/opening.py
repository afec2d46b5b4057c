"""Files as tables or plain text: the formats there are, and which of them a file has.

The ending of a name says which format is meant, and the first bytes of a text whether it is that:

    .txt            fastText's lines if the first begins with `__label__`; a table if the first two
                    lines hold tabs; else plain text
    .csv, .tsv      fastText's lines likewise; else a table
    .json, .jsonl   an array if the first character is [, else one object per line
    .parquet, .arrow  tables of pyarrow

A folder or a .zip holds several: see `nlpkit.data.layouts`.
"""

import contextlib
import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from nlpkit.data.arrow import read_arrow, read_parquet
from nlpkit.data.class_folders import read_files
from nlpkit.data.columns import UNKNOWN, Columns
from nlpkit.data.delimited_tables import read_delimited
from nlpkit.data.encodings import DetectedEncoding, find_encoding
from nlpkit.data.fasttext import MARK, read_fasttext
from nlpkit.data.files import File
from nlpkit.data.json_array import read_json_array, read_json_lines
from nlpkit.data.layouts import Part, find_layout
from nlpkit.data.lines import codec_of, read_lines
from nlpkit.data.plain_text import PlainText
from nlpkit.data.spec import Spec, format_of_ending
from nlpkit.data.tables import Reading, Table, joined
from nlpkit.data.trees import Tree, open_tree
from nlpkit.errors import InputError, listed

__all__ = ["as_table", "for_testing", "open_data", "open_tables"]

T = TypeVar("T")
Reader = Callable[[File, Reading], Table]

_READERS: dict[str, Reader] = {
    "csv": functools.partial(read_delimited, delimiter=","),
    "tsv": functools.partial(read_delimited, delimiter="\t"),
    "jsonl": read_json_lines,
    "json": read_json_array,
    "fasttext": read_fasttext,
    "parquet": read_parquet,
    "arrow": read_arrow,
}
_BINARY = ("parquet", "arrow")
_CALLED = {
    "tsv": "a table with tabs",
    "jsonl": "one object per line",
    "json": "a JSON array",
    "fasttext": "fastText's lines",
}
_HEADER = 1 << 18  # characters of a line that are looked at


def open_data(
    spec: Spec,
    *,
    plain: bool,
    encoding: str | None = None,
    header: bool | None = None,
    known: Columns = UNKNOWN,
) -> dict[str, Table | PlainText]:
    """Opens what a SPEC of a file or a folder names.

    Args:
        spec: A parsed SPEC with a path.
        plain: Whether the texts in a folder are plain text to be read as one, and not rows.
        encoding: Encoding of the files; None to find it out.
        header: Whether the first row of a table of columns names them; None to find out.
        known: The columns that were learnt from.

    Returns:
        What there is of each split, "train" alone if there is one only. Nothing is read but what
        tells format, encoding and columns.

    Raises:
        InputError: If files are missing, empty, damaged or of no known format.
    """
    if encoding is not None:
        codec_of(encoding)
    if spec.path is None:
        raise InputError(f"{spec.text}: this is not a file or folder.")
    opening = _Opening(plain, encoding, header, known)
    if spec.kind not in ("folder", "zip"):
        return {"train": opening.file(dataclasses.replace(File.at(spec.path), name=spec.text))}
    tree = open_tree(spec.path, spec.text)
    layout = find_layout(tree, plain=plain)
    return {
        split: opening.part(tree, part, spec.text if len(layout) == 1 else f"{spec.text} ({split})")
        for split, part in layout.items()
    }


def open_tables(
    spec: Spec,
    *,
    encoding: str | None = None,
    header: bool | None = None,
    known: Columns = UNKNOWN,
) -> dict[str, Table]:
    """Opens a SPEC of a file or a folder as tables.

    Args:
        spec: A parsed SPEC with a path.
        encoding: Encoding of the files; None to find it out.
        header: Whether the first row of a table of columns names them; None to find out.
        known: The columns that were learnt from.

    Returns:
        The table of each split, each with at least one row.

    Raises:
        InputError: As `open_data` does, or at a .txt that is no table. Reading the rows raises it
            at a row that is broken or not text in its encoding.
    """
    splits = open_data(spec, plain=False, encoding=encoding, header=header, known=known)
    return {split: as_table(data) for split, data in splits.items()}


def as_table(data: Table | PlainText) -> Table:
    """Insists on a table.

    Args:
        data: What was opened.

    Returns:
        The table.

    Raises:
        InputError: If it is a .txt that is no table.
    """
    if isinstance(data, PlainText):
        raise InputError(
            f"{data.name}: this .txt holds no tabs between columns in its first two lines, so it "
            "is no table; give a .tsv, .csv or .jsonl file with a header, or a folder of .txt "
            "files for each class."
        )
    return data


def for_testing(splits: Mapping[str, T]) -> T:
    """What to measure or predict on: the test split if there is one.

    Args:
        splits: What there is of each split.

    Returns:
        One of them.

    Example:
        >>> for_testing({"train": 1, "validation": 2})
        2
    """
    return next(splits[split] for split in ("test", "validation", "train") if split in splits)


@dataclasses.dataclass(frozen=True)
class _Opening:
    """How the files of a SPEC are opened."""

    plain: bool
    encoding: str | None
    header: bool | None
    known: Columns

    def part(self, tree: Tree, part: Part, name: str) -> Table | PlainText:
        """Opens the files of a split."""
        files = tuple(map(tree.file, part.paths))
        opened = self._files(files, part, name, tree.name)
        if not part.left_out:
            return opened
        told = f"{listed(part.left_out)} left out"
        return dataclasses.replace(opened, guesses=(*opened.guesses, told))

    def _files(
        self, files: tuple[File, ...], part: Part, name: str, tree: str
    ) -> Table | PlainText:
        """Opens the files of a split as one."""
        encoding = self._encoding([file for file in files if not _is_binary(file)])
        if part.kind in ("classes", "texts"):
            guesses = _said(encoding)
            if self.plain:
                return PlainText(name, files, encoding.name, guesses)
            table = read_files(files, part.labels, encoding=encoding.name, name=tree)
            labels = listed(dict.fromkeys(part.labels))
            told = f"a folder of texts for each class ({labels})" if labels else "one text per file"
            return dataclasses.replace(
                table, name=name, encoding=encoding.name, guesses=(told, *guesses)
            )
        if len(files) == 1:
            return self.file(files[0], encoding)
        return joined(
            [functools.partial(self._table, file, encoding) for file in files],
            [file.name for file in files],
            name,
        )

    def file(self, file: File, encoding: DetectedEncoding | None = None) -> Table | PlainText:
        """Opens a file, in the encoding of all files that belong together."""
        meant = format_of_ending(file.ending) or "txt"
        if _is_binary(file):
            table = _READERS[meant](file, Reading())
            return dataclasses.replace(table, guesses=self._unused(meant))
        encoding = encoding or self._encoding([file])
        kind = _recognized(file, meant, encoding.name)
        guesses = _said(encoding) if kind == meant else (_CALLED[kind], *_said(encoding))
        if kind == "txt":
            return PlainText(file.name, (file,), encoding.name, guesses)
        table = _READERS[kind](file, Reading(encoding.name, self.header, self.known))
        return dataclasses.replace(
            table,
            encoding=encoding.name,
            guesses=(*guesses, *table.guesses, *self._unused(kind)),
        )

    def _unused(self, kind: str) -> tuple[str, ...]:
        """The options that were given but mean nothing for a format."""
        given = [
            ("--encoding", self.encoding is not None and kind in _BINARY),
            ("--no-header", self.header is False and kind not in ("csv", "tsv")),
        ]
        return tuple(f"no use for `{option}`" for option, unused in given if unused)

    def _table(self, file: File, encoding: DetectedEncoding) -> Table:
        """Opens a file that is a table."""
        return as_table(self.file(file, encoding))

    def _encoding(self, files: Iterable[File]) -> DetectedEncoding:
        """The encoding given, or that of the files."""
        return find_encoding(files) if self.encoding is None else DetectedEncoding(self.encoding)


def _is_binary(file: File) -> bool:
    """Whether the format of a file settles how its text is encoded."""
    return format_of_ending(file.ending) in _BINARY


def _said(encoding: DetectedEncoding) -> tuple[str, ...]:
    """A guessed encoding, and the option that names another."""
    return (f"encoding {encoding.name} (`--encoding`)",) if encoding.guessed else ()


def _recognized(file: File, meant: str, encoding: str) -> str:
    """The format that a text file has, by its beginning."""
    with contextlib.closing(read_lines(file, encoding=encoding, piece=_HEADER)) as lines:
        first = next(lines, None)
        if first is None:
            raise InputError(f"{file.name}: the file is empty.")
        written = (line for _, line in itertools.chain([first], lines) if line.strip())
        line = next(written, "")
        if line.lstrip().startswith(MARK) and meant in ("txt", "csv", "tsv"):
            return "fasttext"
        if meant in ("json", "jsonl"):
            return "json" if line.lstrip().startswith("[") else "jsonl"
        if meant != "txt":
            return meant
        second = next(written, "\t")
    names = line.split("\t")
    table = len(names) > 1 and all(map(str.strip, names)) and (second[0] == '"' or "\t" in second)
    return "tsv" if table else "txt"
