"""Which kind of file of word vectors a file is.

Whether a text has a header is told by its first line, not by its name.
"""

import contextlib
import io
import itertools
from collections import Counter
from pathlib import Path

from nlpkit.data.files import File
from nlpkit.data.recognition import SAMPLE, format_of
from nlpkit.data.vector_files import (
    LONGEST_HEADER,
    BinaryVectors,
    TextVectors,
    VectorFile,
    header_of,
    read_lines,
    reading,
    shown,
)
from nlpkit.errors import InputError

__all__ = ["open_vectors"]

_MOST_NUMBERS = 1 << 16
_SEEN = 100  # lines that tell how many numbers a line has
_FASTTEXT_MODEL = b"\xba\x16\x4f\x2f"


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
    with reading(file) as stream:
        _refuse_other_formats(file, stream.peek(SAMPLE))
        vectors = _open_binary(file, stream) if file.ending == "bin" else _open_text(file, stream)
    with contextlib.closing(vectors.entries()) as entries:
        for index, entry in enumerate(itertools.islice(entries, _SEEN)):
            if not index:
                vectors.vector(entry)
    if dimension not in (None, vectors.dimension):
        raise InputError(
            f"`embedding` must be {vectors.dimension}, the dimension of {vectors.name}, or be left "
            f"out, got {dimension}."
        )
    return vectors


def _open_binary(file: File, stream: io.BufferedReader) -> VectorFile:
    """What the header of a .bin tells."""
    line = stream.readline(LONGEST_HEADER)
    header = header_of(line.rstrip())
    if header is None or header[1] > _MOST_NUMBERS:
        raise InputError(
            f"{file.name}: a .bin of word vectors must begin with the numbers of its words and of "
            f'a vector\'s numbers, such as "400000 300", got {shown(line)}.'
        )
    return BinaryVectors(file, dimension=header[1], words=header[0])


def _open_text(file: File, stream: io.BufferedReader) -> VectorFile:
    """What the first lines of a text tell."""
    lines = [line for _, line in itertools.islice(read_lines(stream, file.name), _SEEN)]
    if not lines:
        raise InputError(f"{file.name}: the file is empty.")
    if header := header_of(lines[0]):
        if len(lines) == 1:
            raise InputError(f"{file.name}: the file holds a header and no vectors.")
        return TextVectors(file, dimension=header[1], words=header[0])
    ((spaces, _),) = Counter(line.count(b" ") for line in lines).most_common(1)
    if not spaces:
        raise InputError(
            f"{file.name}: the lines of word vectors must hold a word and numbers, separated by "
            f"spaces, got {shown(lines[0])}."
        )
    return TextVectors(file, dimension=spaces, words=None)


def _refuse_other_formats(file: File, head: bytes) -> None:
    """Refuses what its first bytes show to be no word vectors."""
    if not head:
        raise InputError(f"{file.name}: the file is empty.")
    if head.startswith(_FASTTEXT_MODEL):
        raise InputError(
            f"{file.name}: this is a model of fastText; give its vectors, the .vec file that "
            "fastText wrote beside it."
        )
    if other_format := format_of(head):
        what, _ = other_format
        cure = "add .gz to its name" if what == "gzip data" else "give a .vec, .txt or .bin"
        raise InputError(f"{file.name}: this is no file of word vectors but {what}; {cure}.")
    if file.ending != "bin" and b"\0" in head:
        raise InputError(
            f"{file.name}: this is no text in UTF-8; if word2vec wrote it, let its name end in "
            ".bin."
        )
