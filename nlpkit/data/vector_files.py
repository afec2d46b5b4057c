"""Files of pretrained word vectors, read one word at a time.

    .vec    fastText    a header `words numbers`, then a line for each word: `film 0.12 -0.3 …`
    .txt    GloVe       the same lines without a header; a few words hold spaces
    .bin    word2vec    the header, then each word, a space, float32 numbers, sometimes a line end

Each may be gzipped. Whether a text has a header is told by its first line, not by its name.

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
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nlpkit.data.files import File, unreadable
from nlpkit.data.recognition import SAMPLE, format_of
from nlpkit.errors import InputError

__all__ = ["Entry", "VectorFile", "open_vectors"]

_HEADER = re.compile(rb"([1-9]\d*) ([1-9]\d*)")
_LONGEST_HEADER = 100
_LONGEST_LINE, _LONGEST_WORD, _MOST_NUMBERS = 1 << 20, 1 << 16, 1 << 16
_PIECE = 1 << 18  # bytes of a .bin that are read at once
_SEEN = 100  # lines that tell how many numbers a line has
_DECIMAL = re.compile(rb"-?\d*\.\d+(e[-+]?\d+)?", re.IGNORECASE)
_FASTTEXT_MODEL = b"\xba\x16\x4f\x2f"
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


class _Text(VectorFile):
    """Lines of a word and its numbers, separated by spaces."""

    def entries(self) -> Generator[Entry, None, None]:
        with _reading(self.file) as stream:
            for number, line in _lines(stream, self.name):
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
                            f"got {_shown(line)}")  # fmt: skip
        told = "the header says" if self.words else "most lines do"
        return self._at(number, f"the line must hold {wanted}, as {told}, got {got}")

    def _numbers(self, entry: Entry) -> list[float]:
        return list(map(float, entry.written.split(b" ")))


class _Binary(VectorFile):
    """Words, each followed by a space and float32 numbers."""

    _unit = "word"

    def entries(self) -> Generator[Entry, None, None]:
        size, held, at = 4 * self.dimension, b"", 0
        with _reading(self.file) as stream:
            stream.readline(_LONGEST_HEADER)
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
            if (held[at:] + stream.read(_LONGEST_HEADER)).strip():
                raise InputError(
                    f"{self.name}: the file goes on after {self.words:,} words, as its header "
                    "says; if it is text, let its name end in .txt."
                )

    def _numbers(self, entry: Entry) -> np.ndarray:
        return np.frombuffer(entry.written, "<f4")


def open_vectors(path: str | Path, dimension: int | None = None) -> VectorFile:
    """Looks at the beginning of a file of word vectors.

    Args:
        path: A .vec, .txt or .bin file, or .gz of one; what does not end in .bin is text.
        dimension: The numbers that a vector must have; None for any.

    Returns:
        The file.

    Raises:
        InputError: If it is missing, empty, damaged or something else, or its vectors have another
            dimension.
    """
    if not isinstance(path, str | Path) or not str(path):
        raise InputError(f"`vectors` must name a file of word vectors, got {path!r}.")
    file = File.at(Path(path))
    with _reading(file) as stream:
        _refuse_other_formats(file, stream.peek(SAMPLE))
        found = _open_binary(file, stream) if file.ending == "bin" else _open_text(file, stream)
    with contextlib.closing(found.entries()) as entries:
        for place, entry in enumerate(itertools.islice(entries, _SEEN)):
            if not place:
                found.vector(entry)
    if dimension not in (None, found.dimension):
        raise InputError(
            f"`embedding` must be {found.dimension}, the dimension of {found.name}, or be left "
            f"out, got {dimension}."
        )
    return found


def _open_binary(file: File, stream: io.BufferedReader) -> VectorFile:
    """What the header of a .bin tells."""
    line = stream.readline(_LONGEST_HEADER)
    header = _header(line.rstrip())
    if header is None or header[1] > _MOST_NUMBERS:
        raise InputError(
            f"{file.name}: a .bin of word vectors must begin with the numbers of its words and of "
            f'a vector\'s numbers, such as "400000 300", got {_shown(line)}.'
        )
    return _Binary(file, dimension=header[1], words=header[0])


def _open_text(file: File, stream: io.BufferedReader) -> VectorFile:
    """What the first lines of a text tell."""
    lines = [line for _, line in itertools.islice(_lines(stream, file.name), _SEEN)]
    if not lines:
        raise InputError(f"{file.name}: the file is empty.")
    if header := _header(lines[0]):
        if len(lines) == 1:
            raise InputError(f"{file.name}: the file holds a header and no vectors.")
        return _Text(file, dimension=header[1], words=header[0])
    ((spaces, _),) = Counter(line.count(b" ") for line in lines).most_common(1)
    if not spaces:
        raise InputError(
            f"{file.name}: the lines of word vectors must hold a word and numbers, separated by "
            f"spaces, got {_shown(lines[0])}."
        )
    return _Text(file, dimension=spaces, words=None)


def _refuse_other_formats(file: File, head: bytes) -> None:
    """Refuses what its first bytes show to be no word vectors."""
    if not head:
        raise InputError(f"{file.name}: the file is empty.")
    if head.startswith(_FASTTEXT_MODEL):
        raise InputError(
            f"{file.name}: this is a model of fastText; give its vectors, the .vec file that "
            "fastText wrote beside it."
        )
    if found := format_of(head):
        cure = "add .gz to its name" if found[0] == "gzip data" else "give a .vec, .txt or .bin"
        raise InputError(f"{file.name}: this is no file of word vectors but {found[0]}; {cure}.")
    if file.ending != "bin" and b"\0" in head:
        raise InputError(
            f"{file.name}: this is no text in UTF-8; if word2vec wrote it, let its name end in "
            ".bin."
        )


@contextlib.contextmanager
def _reading(file: File) -> Iterator[io.BufferedReader]:
    """Opens a file; says what the system or gzip complain of."""
    try:
        with file.open() as stream:
            yield stream
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            f"{file.name}: the gzip data are damaged ({error}); download the file again."
        ) from None
    except OSError as error:
        raise unreadable(file.name, error) from None


def _lines(stream: io.BufferedReader, name: str) -> Iterator[tuple[int, bytes]]:
    """The lines that hold anything, with their numbers; fastText ends them with a space."""
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


def _header(line: bytes) -> tuple[int, int] | None:
    """The numbers of words and of a vector's numbers; None if a line does not hold just these."""
    found = _HEADER.fullmatch(line)
    return (int(found[1]), int(found[2])) if found else None


def _of(entry: Entry) -> str:
    return f"the vector of {_shown(entry.word)}"


def _shown(line: bytes) -> str:
    """The beginning of a line for a sentence."""
    text = line.decode("utf-8", "replace").rstrip()
    return repr(text if len(text) <= 40 else text[:39] + "…")
