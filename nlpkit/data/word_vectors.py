"""Pretrained vectors of the words that a model knows, picked from a file of many more."""

import dataclasses
import itertools
from collections.abc import Callable, Sequence

import numpy as np

from nlpkit.data.vector_files import VectorFile
from nlpkit.errors import InputError

__all__ = ["WordVectors", "find_vectors"]

_AT_ONCE = 1024


@dataclasses.dataclass(frozen=True, eq=False)
class WordVectors:
    """The vectors of some words.

    Attributes:
        ids: The ids of the words, each once: int32 [m].
        vectors: The vector of each, as in the file: float32 [m, D].
        skipped: How many words of the file are not valid UTF-8, and were left out.
    """

    ids: np.ndarray
    vectors: np.ndarray
    skipped: int


def find_vectors(file: VectorFile, ids_of: Callable[[Sequence[bytes]], np.ndarray]) -> WordVectors:
    """Reads a file once, from its beginning to its end, and keeps the vectors of known words.

    Args:
        file: The file, from `open_vectors`.
        ids_of: Maps words, in UTF-8, to integers [n]: the id of each, −1 for those to leave out.

    Returns:
        The vectors. Of several words with one id (`Film`, `film`) the first counts, since files
        begin with the most frequent words.

    Raises:
        InputError: If the file is damaged, a vector that is kept holds anything but finite
            numbers, or no word is known.
    """
    kept: dict[int, np.ndarray] = {}
    entries, skipped = file.entries(), 0
    while batch := list(itertools.islice(entries, _AT_ONCE)):
        valid = [entry for entry in batch if _is_text(entry.word)]
        skipped += len(batch) - len(valid)
        for entry, index in zip(valid, ids_of([entry.word for entry in valid]), strict=True):
            if index >= 0 and index not in kept:
                kept[int(index)] = file.vector(entry)
    if not kept:
        unread = f" ({skipped:,} are not UTF-8)" if skipped else ""
        raise InputError(
            f"{file.name}: none of its words{unread} is a word of the texts to learn from; give "
            "vectors for the language of the texts."
        )
    return WordVectors(np.array([*kept], np.int32), np.stack([*kept.values()]), skipped)


def _is_text(word: bytes) -> bool:
    """Whether a word is valid UTF-8; fastText's files hold a few that were cut amid a character."""
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True
