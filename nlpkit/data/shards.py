"""Examples on disk: TFRecord files of a class index, four bytes, and the text in UTF-8.

No protocol buffer is in the way, so that a batch is parsed by two vector operations.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import tensorflow as tf

__all__ = ["ShardWriter", "Split", "encode_class"]

_CLASS_BYTES = 4
_SHARD_BYTES = 16 << 20
_SHARD_EXAMPLES = 1 << 17
_READ_BYTES = 1 << 20
_PARSED_AT_ONCE = 1024
_PARSED_BYTES = 1 << 21


@dataclasses.dataclass(frozen=True)
class Split:
    """The examples of one split: train, validation or test.

    Attributes:
        paths: The shard files, in order.
        size: Number of examples.
        class_counts: Number of examples of each class.
        shard_size: Number of examples in the largest shard.
    """

    paths: tuple[str, ...]
    size: int
    class_counts: tuple[int, ...]
    shard_size: int

    @property
    def mean_bytes(self) -> int:
        """Bytes of a text on average, rounded up; at least 1."""
        total = sum(Path(path).stat().st_size for path in self.paths)
        return max(1, -(-total // max(1, self.size)))

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """Yields `(text, class index)` as plain Python, in the order of the files."""
        for texts, classes in self._batches().as_numpy_iterator():
            for text, index in zip(texts.tolist(), classes.tolist(), strict=True):
                yield text.decode(), index

    def texts(self) -> Iterator[tf.Tensor]:
        """Yields the texts alone, many at a time.

        Yields:
            String tensors of up to 1,024 texts, in the order of the files.
        """
        for texts, _ in self._batches():
            yield texts

    def dataset(self, shuffle_seed: int | None = None) -> tf.data.Dataset:
        """Streams the examples through tf.data.

        Args:
            shuffle_seed: None keeps the order of the files. A seed shuffles shards and examples,
                anew in each pass; the buffer holds one shard.

        Returns:
            A dataset of `(text: string[], label: int32[])` of known cardinality.
        """
        dataset = self._batches(shuffle_seed).unbatch()
        return dataset.apply(tf.data.experimental.assert_cardinality(self.size))

    def _batches(self, shuffle_seed: int | None = None) -> tf.data.Dataset:
        """The examples, parsed many at a time."""
        files = tf.data.Dataset.from_tensor_slices(tf.constant(self.paths, tf.string))
        if shuffle_seed is not None:
            files = files.shuffle(max(1, len(self.paths)), seed=shuffle_seed)
        records = tf.data.TFRecordDataset(files, buffer_size=_READ_BYTES)
        if shuffle_seed is not None:
            records = records.shuffle(max(1, self.shard_size), seed=shuffle_seed)
        at_once = max(1, min(_PARSED_AT_ONCE, _PARSED_BYTES // self.mean_bytes))
        return records.batch(at_once).map(_parse)


class ShardWriter:
    """Writes the examples of one split into shards of bounded size; a context manager.

    Args:
        directory: An existing folder.
        name: The split; files are called `NAME-00000.tfrecord` and so on.
        classes: Number of classes.
        shard_bytes: Bytes of text after which a new shard begins.
    """

    def __init__(
        self, directory: Path, name: str, *, classes: int, shard_bytes: int = _SHARD_BYTES
    ) -> None:
        self._pattern = str(directory / (name + "-{:05d}.tfrecord"))
        self._shard_bytes = shard_bytes
        self._counts = [0] * classes
        self._paths: list[str] = []
        self._sizes: list[int] = []
        self._bytes = 0
        self._file: tf.io.TFRecordWriter | None = None

    def __enter__(self) -> "ShardWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def write(self, text: bytes, index: int) -> None:
        """Appends one example.

        Args:
            text: A text in UTF-8.
            index: Its class, from 0.
        """
        file = self._file or self._open()
        file.write(encode_class(index) + text)
        self._counts[index] += 1
        self._sizes[-1] += 1
        self._bytes += len(text)
        if self._bytes >= self._shard_bytes or self._sizes[-1] >= _SHARD_EXAMPLES:
            self._close()

    def finish(self) -> Split:
        """Closes the last shard.

        Returns:
            What was written.
        """
        self._close()
        return Split(
            tuple(self._paths), sum(self._counts), tuple(self._counts), max(self._sizes, default=0)
        )

    def _open(self) -> tf.io.TFRecordWriter:
        """Begins a new shard."""
        self._paths.append(self._pattern.format(len(self._paths)))
        self._sizes.append(0)
        self._bytes = 0
        self._file = tf.io.TFRecordWriter(self._paths[-1])
        return self._file

    def _close(self) -> None:
        """Ends the shard at hand, if there is one."""
        if self._file is not None:
            self._file.close()
            self._file = None


def encode_class(index: int) -> bytes:
    r"""A class index as four bytes whose order is that of the numbers.

    Args:
        index: The class, from 0.

    Returns:
        The bytes, the most significant first.

    Example:
        >>> encode_class(258)
        b'\x00\x00\x01\x02'
    """
    return index.to_bytes(_CLASS_BYTES, "big")


def _parse(records: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Takes records apart: string [B] → text string [B], class int32 [B]."""
    heads = tf.strings.substr(records, 0, _CLASS_BYTES)
    classes = tf.io.decode_raw(heads, tf.int32, little_endian=False)[:, 0]
    return tf.strings.substr(records, _CLASS_BYTES, tf.int32.max), classes
