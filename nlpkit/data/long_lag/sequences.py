"""Sequences whose answer depends on steps long past, and the record of a task that makes them."""

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import scipy.special

from nlpkit.errors import InputError

__all__ = ["LEAST_LAG", "Sequences", "Task", "lengths", "longest", "one_hot", "stacked"]

LEAST_LAG = 10


@dataclasses.dataclass(frozen=True)
class Sequences:
    """N sequences, padded on the right to T steps.

    Attributes:
        inputs: float32 [N, T, F].
        targets: float32 [N, T, K].
        mask: bool [N, T]: the steps that are not padding.
        counted: bool [N, T]: the steps that have a target.
        judged: bool [N, T]: those of them whose answers must be correct.
        correct: bool [N, T, K]: the classes that are correct at a step, of which there may be
            several; of no meaning where the targets are values.
        expected: float32 [N, T, K]: the targets without noise, by which answers are judged.
            Default: `targets`, which have none.
    """

    inputs: np.ndarray
    targets: np.ndarray
    mask: np.ndarray
    counted: np.ndarray
    judged: np.ndarray
    correct: np.ndarray
    expected: np.ndarray | None = None


@dataclasses.dataclass(frozen=True)
class Task:
    """A task whose sequences can be made as long as one likes.

    Attributes:
        title: A few words, and the number of the experiment.
        sequences: `sequences(rng, count, lag)` makes that many.
        classes: Whether the K targets are probabilities of classes, and not values.
        tolerance: A value, or the probability of a class, must be closer than this to its target.
            None: the largest probabilities must be those of the correct classes.
        tested: How many new sequences decide whether the task is solved. Default 0: the last 2,000
            that were learnt from do, as they were answered before that.
        mistakes: So many of those that decide may be answered wrongly. Default 0.
        mean_error: The mean of their errors must be below this. Default: there is no bound.
        published: Sequences that the paper's LSTM learnt from, by T; None stands for any T.
    """

    title: str
    sequences: Callable[[np.random.Generator, int, int], Sequences]
    classes: bool
    tolerance: float | None
    tested: int = 0
    mistakes: int = 0
    mean_error: float = math.inf
    published: Mapping[int | None, int] = dataclasses.field(default_factory=dict)

    def make(self, rng: np.random.Generator, count: int, lag: int) -> Sequences:
        """Makes sequences.

        Args:
            rng: Decides them.
            count: How many, N.
            lag: T of the papers, the least length of a sequence, at least 10.

        Returns:
            The sequences.

        Raises:
            InputError: If `lag` is below 10.
        """
        if lag < LEAST_LAG:
            raise InputError(f"`lag` must be at least {LEAST_LAG}, got {lag}.")
        return self.sequences(rng, count, lag)

    def solved(self, outputs: np.ndarray, sequences: Sequences) -> np.ndarray:
        """Which sequences are answered correctly.

        Args:
            outputs: [N, T, K]: values, or logits of classes.
            sequences: The sequences.

        Returns:
            bool [N]: whether each step that is judged has a correct answer.
        """
        if self.tolerance is not None:
            return self.errors(outputs, sequences) < self.tolerance
        of_correct = np.where(sequences.correct, outputs, np.inf).min(axis=-1)
        of_others = np.where(sequences.correct, -np.inf, outputs).max(axis=-1)
        return ((of_correct > of_others) | ~sequences.judged).all(axis=1)

    def errors(self, outputs: np.ndarray, sequences: Sequences) -> np.ndarray:
        """By how much the answers are off.

        Args:
            outputs: [N, T, K]: values, or logits of classes.
            sequences: The sequences.

        Returns:
            float [N]: the largest absolute error of a sequence, of a value or a probability, at
            the steps that are judged.
        """
        answers = scipy.special.softmax(outputs, axis=-1) if self.classes else outputs
        expected = sequences.targets if sequences.expected is None else sequences.expected
        off = np.abs(answers - expected).max(axis=-1)
        return np.where(sequences.judged, off, 0.0).max(axis=1)


def one_hot(symbols: np.ndarray, size: int) -> np.ndarray:
    """Symbols as vectors.

    Args:
        symbols: Integers of any shape; −1 gives zeros.
        size: Number of symbols.

    Returns:
        float32 [..., size].

    Example:
        >>> one_hot(np.array([1, -1]), 2).tolist()
        [[0.0, 1.0], [0.0, 0.0]]
    """
    return (symbols[..., None] == np.arange(size)).astype(np.float32)


def lengths(rng: np.random.Generator, count: int, lag: int) -> np.ndarray:
    """Draws the lengths of sequences, T to T + T/10 steps.

    Args:
        rng: Decides them.
        count: How many, N.
        lag: T.

    Returns:
        Integers [N].
    """
    return rng.integers(lag, longest(lag) + 1, size=count)


def longest(lag: int) -> int:
    """The most steps of a sequence whose length `lengths` draws.

    Args:
        lag: T.

    Returns:
        T + T/10.
    """
    return lag + lag // 10


def stacked(inputs: Sequence[np.ndarray], answers: np.ndarray, *, steps: int) -> Sequences:
    """Sequences of one answer each, at their last step.

    Args:
        inputs: [T', F] for each sequence; T' is its length.
        answers: [N, K].
        steps: The most steps of a sequence, T.

    Returns:
        The sequences, padded to so many steps.
    """
    ends = np.array([len(each) for each in inputs])[:, None]
    padded = np.zeros((len(inputs), steps, inputs[0].shape[1]), np.float32)
    for row, each in zip(padded, inputs, strict=True):
        row[: len(each)] = each
    last = np.arange(steps) == ends - 1
    targets = np.where(last[..., None], answers[:, None], 0.0).astype(np.float32)
    mask = np.arange(steps) < ends
    return Sequences(padded, targets, mask, last, last, targets > 0)
