"""Files of pretrained word vectors, read one word at a time.

    .vec    fastText    a header `words numbers`, then a line for each word: `film 0.12 -0.3 …`
    .txt    GloVe       the same lines without a header; a few words hold spaces
    .bin    word2vec    the header, then each word, a space, float32 numbers, sometimes a line end

Each may be gzipped.

References: Bojanowski et al. 2017 (fastText), Pennington, Socher & Manning 2014 (GloVe), Mikolov et
al. 2013 (word2vec).
"""

import abc
import contextlib
import dataclasses
import functools
import gzip
import io
import itertools
import re
import zlib
from collections.abc import Generator, Iterator
from typing import Any, NamedTuple

import numpy as np

from nlpkit.data.files import File, unreadable
from nlpkit.errors import InputError

__all__ = [
    "LONGEST_HEADER",
    "BinaryVectors",
    "Entry",
    "TextVectors",
    "VectorFile",
    "header_of",
    "read_lines",
    "reading",
    "shown",
]

_HEADER = re.compile(rb"([1-9]\d*) ([1-9]\d*)")
LONGEST_HEADER = 100
"""The most bytes of a header."""

_LONGEST_LINE, _LONGEST_WORD = 1 << 20, 1 << 16
_PIECE = 1 << 18  # bytes of a .bin that are read at once
_DECIMAL = re.compile(rb"-?\d*\.\d+(e[-+]?\d+)?", re.IGNORECASE)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Entry(NamedTuple):
    """A word of a file, and its vector as it is written there.

    Attributes:
        number: Of its line, or of the word in a .bin; from 1.
        word: The word, which should be UTF-8.
        written: The numbers, as text or as float32.
    """

    number: int
    word: bytes
    written: bytes


@dataclasses.dataclass(frozen=True)
class VectorFile(abc.ABC):
    """A file of word vectors that is not open yet.

    Attributes:
        file: Where it lies.
        dimension: Numbers of a vector, D.
        words: How many words the header promises; None without a header.
    """

    file: File
    dimension: int
    words: int | None

    _unit = "line"

    @property
    def name(self) -> str:
        """What errors call it."""
        return self.file.name

    @abc.abstractmethod
    def entries(self) -> Generator[Entry, None, None]:
        """Reads the file, of which no more than a piece is in memory.

        Yields:
            Its words, in their order.

        Raises:
            InputError: If it cannot be read or is damaged.
        """

    @abc.abstractmethod
    def _numbers(self, entry: Entry) -> Any:
        """The numbers of a vector; a ValueError says which is none."""

    def vector(self, entry: Entry) -> np.ndarray:
        """Reads the vector of a word. What is not asked for is not parsed, which takes longest.

        Args:
            entry: The word.

        Returns:
            float32 [D].

        Raises:
            InputError: If a number is none, NaN or infinite.
        """
        try:
            with np.errstate(over="ignore"):  # what is too large becomes infinite
                vector = np.array(self._numbers(entry), np.float32)
        except ValueError:
            raise self._at(entry.number, f"{_of(entry)} holds what is no number") from None
        if not np.isfinite(vector).all():
            raise self._at(entry.number, f"{_of(entry)} holds NaN or an infinite number")
        return vector

    def _at(self, number: int, fault: str) -> InputError:
        """The error about a line or a word."""
        where = f"{self.name}, {self._unit} {number}"
        return InputError(f"{where}: {fault}; mend the file, or download it again.")


class TextVectors(VectorFile):
    """Lines of a word and its numbers, separated by spaces."""

    def entries(self) -> Generator[Entry, None, None]:
        with reading(self.file) as stream:
            for number, line in read_lines(stream, self.name):
                if number > 1 or self.words is None:
                    yield self._entry(number, line)

    def _entry(self, number: int, line: bytes) -> Entry:
        """Splits a line, from the right where the word holds spaces."""
        spaces = line.count(b" ")
        if spaces == self.dimension:
            word, _, written = line.partition(b" ")
            return Entry(number, word, written)
        if spaces < self.dimension:
            raise self._miscounted(number, line, spaces)
        fields = line.split(b" ")
        inner = reversed(fields[1 : -self.dimension])
        # A word may hold spaces and end in a number, but hardly in a decimal one.
        if more := sum(1 for _ in itertools.takewhile(_DECIMAL.fullmatch, inner)):
            raise self._miscounted(number, line, self.dimension + more)
        word, written = (
            b" ".join(part) for part in (fields[: -self.dimension], fields[-self.dimension :])
        )
        return Entry(number, word, written)

    def _miscounted(self, number: int, line: bytes, got: int) -> InputError:
        wanted = f"a word and {self.dimension} numbers"
        if number == 1 and got <= 1:
            return self._at(1, f'the line must be a header such as "400000 300" or hold {wanted}, '
                            f"got {shown(line)}")  # fmt: skip
        told = "the header says" if self.words else "most lines do"
        return self._at(number, f"the line must hold {wanted}, as {told}, got {got}")

    def _numbers(self, entry: Entry) -> list[float]:
        return list(map(float, entry.written.split(b" ")))


class BinaryVectors(VectorFile):
    """Words, each followed by a space and float32 numbers."""

    _unit = "word"

    def entries(self) -> Generator[Entry, None, None]:
        size, held, at = 4 * self.dimension, b"", 0
        with reading(self.file) as stream:
            stream.readline(LONGEST_HEADER)
            for number in range(1, 1 + (self.words or 0)):
                end = held.find(b" ", at)
                while end < 0 or len(held) - end <= size:
                    if end < 0 and len(held) - at > _LONGEST_WORD:
                        raise self._at(number, f"no word ends within {_LONGEST_WORD:,} bytes")
                    more = stream.read(_PIECE)
                    if not more:
                        raise self._at(
                            number, f"the file ends before {self.words:,} words, as its header says"
                        )
                    held, at = held[at:] + more, 0
                    end = held.find(b" ")
                word = held[at:end].lstrip(b"\n")
                at = end + 1 + size
                yield Entry(number, word, held[end + 1 : at])
            if (held[at:] + stream.read(LONGEST_HEADER)).strip():
                raise InputError(
                    f"{self.name}: the file goes on after {self.words:,} words, as its header "
                    "says; if it is text, let its name end in .txt."
                )

    def _numbers(self, entry: Entry) -> np.ndarray:
        return np.frombuffer(entry.written, "<f4")


@contextlib.contextmanager
def reading(file: File) -> Iterator[io.BufferedReader]:
    """Opens a file, and says what the system or gzip complain of.

    Args:
        file: A file, gzipped or not.

    Yields:
        Its bytes.

    Raises:
        InputError: If it cannot be read, or the gzip data are damaged.
    """
    try:
        with file.open() as stream:
            yield stream
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            f"{file.name}: the gzip data are damaged ({error}); download the file again."
        ) from None
    except OSError as error:
        raise unreadable(file.name, error) from None


def read_lines(stream: io.BufferedReader, name: str) -> Iterator[tuple[int, bytes]]:
    """Reads the lines that hold anything; fastText ends them with a space.

    Args:
        stream: The file.
        name: What errors call it.

    Yields:
        The number of a line, from 1, and the line.

    Raises:
        InputError: If a line is too long to be one of word vectors.
    """
    read = functools.partial(stream.readline, _LONGEST_LINE)
    for number, line in enumerate(iter(read, b""), 1):
        if len(line) == _LONGEST_LINE:
            raise InputError(
                f"{name}, line {number}: the line is longer than {_LONGEST_LINE:,} bytes; if "
                "word2vec wrote the file, let its name end in .bin."
            )
        if number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if line := line.rstrip(b" \r\n"):
            yield number, line


def header_of(line: bytes) -> tuple[int, int] | None:
    """Reads a header.

    Args:
        line: A line without its end.

    Returns:
        How many words there are and how many numbers a vector has; None if the line holds anything
        but these.
    """
    match = _HEADER.fullmatch(line)
    return (int(match[1]), int(match[2])) if match else None


def _of(entry: Entry) -> str:
    return f"the vector of {shown(entry.word)}"


def shown(line: bytes) -> str:
    """Shortens a line for a sentence.

    Args:
        line: Bytes, which should be UTF-8.

    Returns:
        The first 40 characters at most, quoted.
    """
    text = line.decode("utf-8", "replace").rstrip()
    return repr(text if len(text) <= 40 else text[:39] + "…")
