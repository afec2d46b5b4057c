"""Parquet files and Arrow files, `datasets` of Hugging Face among them, read by pyarrow."""

import contextlib
import itertools
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from nlpkit.data.files import File, unreadable
from nlpkit.data.tables import UNLABELLED, Reading, Table
from nlpkit.errors import InputError

__all__ = ["read_arrow", "read_parquet"]

_ROWS = 256
_FILE_MAGIC = b"ARROW1"


def read_parquet(file: File, reading: Reading) -> Table:
    """Opens a Parquet file.

    Args:
        file: The file.
        reading: Ignored.

    Returns:
        The table. Only one row group is in memory at a time.

    Raises:
        InputError: If pyarrow is not installed, or the file is missing, damaged or without rows.
    """
    return _table(file, "Parquet file", _parquet_batches)


def read_arrow(file: File, reading: Reading) -> Table:
    """Opens an Arrow file, or the Arrow stream that `datasets` writes.

    Args:
        file: The file.
        reading: Ignored.

    Returns:
        The table.

    Raises:
        InputError: As `read_parquet` does.
    """
    return _table(file, "Arrow file", _arrow_batches)


def _table(file: File, what: str, batches: Any) -> Table:
    """A file as a table."""
    parts = _guarded(file, what, batches)
    schema = next(parts)
    rows = _rows(file.name, parts)
    first = next(rows, None)
    if first is None:
        raise InputError(f"{file.name}: the file has no rows.")
    columns = tuple(schema.names)
    names = _class_names(schema.metadata)
    return Table(
        file.name,
        columns,
        itertools.chain([first], rows),
        unit="row",
        label_names=names,
        unlabelled=tuple(column for column in names if first[1].get(column) == UNLABELLED),
    )


def _guarded(file: File, what: str, batches: Any) -> Iterator[Any]:
    """The schema and then the batches; what pyarrow raises becomes an InputError."""
    try:
        import pyarrow
    except ImportError:
        raise InputError(
            f"{file.name}: this {what} is read by pyarrow, which is not installed; install it with "
            "`python -m pip install 'pyarrow>=20'`."
        ) from None
    try:
        with file.open() as stream:
            yield from batches(stream)
    except (pyarrow.ArrowException, OSError, EOFError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno is not None:  # not one of pyarrow's own
            raise unreadable(file.name, error) from None
        reason = next(iter(str(error).strip().splitlines()), "no reason given")
        raise InputError(f"{file.name}: this is not a valid {what} ({reason}).") from None


def _parquet_batches(stream: BinaryIO) -> Iterator[Any]:
    """The schema of a Parquet file, and its rows."""
    import pyarrow.parquet

    with contextlib.closing(pyarrow.parquet.ParquetFile(stream)) as parquet:
        yield parquet.schema_arrow
        yield from parquet.iter_batches(batch_size=_ROWS, use_threads=False)


def _arrow_batches(stream: Any) -> Iterator[Any]:
    """The schema of an Arrow file or stream, and its rows."""
    import pyarrow.ipc

    if stream.peek(len(_FILE_MAGIC)).startswith(_FILE_MAGIC):
        with pyarrow.ipc.open_file(stream) as reader:
            yield reader.schema
            yield from map(_sound, map(reader.get_batch, range(reader.num_record_batches)))
    else:
        with pyarrow.ipc.open_stream(stream) as reader:
            yield reader.schema
            yield from map(_sound, reader)


def _sound(batch: Any) -> Any:
    """A batch that was mapped from a file as it is, once no value points out of it."""
    batch.validate(full=True)
    return batch


def _rows(name: str, batches: Iterator[Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The rows of batches, counted from 1."""
    number = 1
    for batch in batches:
        for start in range(0, batch.num_rows, _ROWS):
            rows = _objects(name, number, batch.slice(start, _ROWS))
            yield from enumerate(rows, number)
            number += len(rows)


def _objects(name: str, number: int, part: Any) -> list[dict[str, Any]]:
    """Some rows as objects of Python; the number is that of the first."""
    try:
        rows: list[dict[str, Any]] = part.to_pylist()
    except (ValueError, OverflowError) as error:
        if part.num_rows > 1:  # Halved until it is known which row it is.
            half = part.num_rows // 2
            first = _objects(name, number, part.slice(0, half))
            return first + _objects(name, number + half, part.slice(half))
        invalid = isinstance(error, UnicodeDecodeError)
        fault = "the text is not valid UTF-8" if invalid else f"a value cannot be read ({error})"
        raise InputError(f"{name}, row {number}: {fault}.") from None
    return rows


def _class_names(metadata: Mapping[bytes, bytes] | None) -> dict[str, dict[str, str]]:
    """The names of the numbers of classes, as `datasets` writes them into the schema."""
    try:
        features = json.loads((metadata or {})[b"huggingface"])["info"]["features"]
        return {
            column: {str(number): str(name) for number, name in enumerate(feature["names"])}
            for column, feature in features.items()
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
        }
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return {}
