"""Answers a stream of texts in their order, computed in batches of similar length."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from nlpkit.checks import check_positive_integer
from nlpkit.data.surrogates import mend_surrogates

__all__ = ["answer_in_batches"]

T = TypeVar("T")

WINDOW_CHARACTERS = 1 << 22
"""The most characters of text held at once; a longer text is held alone."""

BATCH_CHARACTERS = 1 << 20
"""The most characters of a batch with its padding, which bounds the padding of one long text."""


def answer_in_batches(
    texts: Iterable[str],
    answer: Callable[[list[str]], Sequence[T]],
    *,
    batch_size: int,
    window: int,
) -> Iterator[T]:
    """Answers each text, in order.

    A window of texts is sorted by length and cut into batches, so that little is computed on
    padding and memory does not grow with the stream.

    Args:
        texts: Any number of strings; a lone surrogate, which is not a character, becomes U+FFFD.
        answer: Returns one answer for each text of a batch, in order.
        batch_size: The most texts in a batch, at least 1.
        window: Texts that are read before the first is answered, at least 1.

    Returns:
        The answers, one after the other.

    Raises:
        InputError: If `batch_size` or `window` is not a positive integer.

    Example:
        >>> list(answer_in_batches(["ccc", "a", "bb"], lambda batch: [len(batch)] * len(batch),
        ...                        batch_size=2, window=10))
        [1, 2, 2]
    """
    check_positive_integer("batch_size", batch_size)
    check_positive_integer("window", window)
    return _answered(map(mend_surrogates, texts), answer, batch_size, window)


def _answered(
    texts: Iterable[str], answer: Callable[[list[str]], Sequence[T]], batch_size: int, window: int
) -> Iterator[T]:
    """The answers, computed on demand."""
    for held in _windows(texts, window):
        answers: dict[int, T] = {}
        for batch in _batches(held, batch_size):
            answers |= zip(batch, answer([held[i] for i in batch]), strict=True)
        yield from (answers[index] for index in range(len(held)))


def _windows(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    """Runs of texts, bounded in number and in characters."""
    held, characters = [], 0
    for text in texts:
        held.append(text)
        characters += len(text)
        if len(held) == size or characters >= WINDOW_CHARACTERS:
            yield held
            held, characters = [], 0
    if held:
        yield held


def _batches(texts: list[str], size: int) -> Iterator[list[int]]:
    """Indices of texts of similar length, the shortest first."""
    batch: list[int] = []
    for index in sorted(range(len(texts)), key=lambda i: len(texts[i])):
        if len(batch) == size or (len(batch) + 1) * len(texts[index]) > BATCH_CHARACTERS:
            if batch:
                yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
