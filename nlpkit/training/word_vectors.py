"""A table of embeddings that starts from pretrained word vectors."""

from collections.abc import Callable
from pathlib import PurePath

import keras
import numpy as np

from nlpkit.data import VectorFile, find_vectors
from nlpkit.text import NgramWordFinder, WordFinder

__all__ = ["start_from_vectors"]


def start_from_vectors(
    table: keras.Variable,
    file: VectorFile,
    find: NgramWordFinder | WordFinder,
    *,
    tell: Callable[[str], None],
) -> None:
    """Sets the rows of words to their vectors; other rows, and the training, stay as they are.

    All vectors are multiplied by one number, so that their root mean square is that of the rows
    that the table had: as large as they are in many files, they would drown the n-grams that are
    added to them, and the learning rate, chosen for the table's own spread, would hardly move them.

    Args:
        table: The embeddings, [V, D], with their initial values.
        file: The vectors, of dimension D.
        find: Finds the rows of words.
        tell: Gets a line that says how many words have a vector.

    Raises:
        InputError: See `nlpkit.data.find_vectors`.
    """
    pretrained = find_vectors(file, find)
    rows = np.array(keras.ops.convert_to_numpy(table))
    spread = _root_mean_square(pretrained.vectors)
    scale = _root_mean_square(rows) / spread if spread else 1.0
    rows[pretrained.ids] = pretrained.vectors * scale
    table.assign(rows)
    left_out = f"; {pretrained.skipped:,} of its words are not UTF-8" if pretrained.skipped else ""
    tell(
        f"vectors: {len(pretrained.ids):,} of {len(find):,} words of the vocabulary are in "
        f"{PurePath(file.name).name}{left_out}"
    )


def _root_mean_square(values: np.ndarray) -> float:
    """The root mean square of all numbers."""
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))
