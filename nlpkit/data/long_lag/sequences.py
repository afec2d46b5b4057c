"""Sequences whose answer depends on steps long past, and the record of a task that makes them."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import scipy.special

from nlpkit.errors import InputError

__all__ = ["LEAST_LAG", "Sequences", "Task", "lengths", "one_hot", "stacked"]

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
    """

    inputs: np.ndarray
    targets: np.ndarray
    mask: np.ndarray
    counted: np.ndarray
    judged: np.ndarray
    correct: np.ndarray


@dataclasses.dataclass(frozen=True)
class Task:
    """A task whose sequences can be made as long as one likes.

    Attributes:
        title: A few words, and the number of the experiment.
        sequences: `sequences(rng, count, lag)` makes that many.
        classes: Whether the K targets are probabilities of classes, and not values.
        tolerance: A value, or the probability of a class, must be closer than this to its target.
            None: the largest probabilities must be those of the correct classes.
        mistakes: Of the last 2,000 training sequences so many may be answered wrongly when the task
            counts as solved. Default 0.
        published: Sequences that the paper's LSTM learnt from, by T; None stands for any T.
    """

    title: str
    sequences: Callable[[np.random.Generator, int, int], Sequences]
    classes: bool
    tolerance: float | None
    mistakes: int = 0
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
        if self.tolerance is None:
            of_correct = np.where(sequences.correct, outputs, np.inf).min(axis=-1)
            of_others = np.where(sequences.correct, -np.inf, outputs).max(axis=-1)
            good = of_correct > of_others
        else:
            answers = scipy.special.softmax(outputs, axis=-1) if self.classes else outputs
            good = np.abs(answers - sequences.targets).max(axis=-1) < self.tolerance
        return (good | ~sequences.judged).all(axis=1)


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
    return rng.integers(lag, _longest(lag) + 1, size=count)


def _longest(lag: int) -> int:
    """The most steps of a sequence whose length is drawn."""
    return lag + lag // 10


def stacked(inputs: Sequence[np.ndarray], answers: np.ndarray, *, lag: int) -> Sequences:
    """Sequences of one answer each, at their last step.

    Args:
        inputs: [T', F] for each sequence; T' is its length, from `lengths`.
        answers: [N, K].
        lag: T, which `lengths` got.

    Returns:
        The sequences, padded to the longest that there can be.
    """
    steps, ends = _longest(lag), np.array([len(each) for each in inputs])[:, None]
    padded = np.zeros((len(inputs), steps, inputs[0].shape[1]), np.float32)
    for row, each in zip(padded, inputs, strict=True):
        row[: len(each)] = each
    last = np.arange(steps) == ends - 1
    targets = np.where(last[..., None], answers[:, None], 0.0).astype(np.float32)
    mask = np.arange(steps) < ends
    return Sequences(padded, targets, mask, last, last, targets > 0)
