"""Sequences whose answer depends on steps long past, and the record of a task that makes them."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np

__all__ = ["Sequences", "Task", "one_hot", "stacked"]

CLOSE = 0.04
"""A value is right if it is closer than this to the true one (the paper, section 5.4)."""


@dataclasses.dataclass(frozen=True)
class Sequences:
    """N sequences, padded on the right to T steps.

    Attributes:
        inputs: float32 [N, T, F].
        targets: float32 [N, T, K]: what is to be learnt at the steps that count.
        live: bool [N, T]: the steps that are not padding.
        counted: bool [N, T]: the steps that have a target.
        right: bool [N, T, K]: the answers that are right, for a task with classes; a step may have
            several.
    """

    inputs: np.ndarray
    targets: np.ndarray
    live: np.ndarray
    counted: np.ndarray
    right: np.ndarray


@dataclasses.dataclass(frozen=True)
class Task:
    """A task with a lag that grows.

    Attributes:
        title: A few words, and the number of the experiment.
        make: `make(rng, count, lag)` makes that many sequences.
        classes: Whether an answer is one of K classes, and not a value.
        wrong: How many of the last 2,000 training sequences may be answered wrongly when the task
            counts as solved.
        published: Sequences that the paper's LSTM learnt from, by lag.
    """

    title: str
    make: Callable[[np.random.Generator, int, int], Sequences]
    classes: bool
    wrong: int = 0
    published: Mapping[int, int] = dataclasses.field(default_factory=dict)

    def answered(self, outputs: np.ndarray, sequences: Sequences) -> np.ndarray:
        """Which sequences are answered rightly, at every step that counts.

        Args:
            outputs: [N, T, K]: logits of the classes, or values.
            sequences: The sequences.

        Returns:
            bool [N]. With k right classes, the k largest outputs must be theirs; a value must be
            closer than 0.04.
        """
        if self.classes:
            worst = np.where(sequences.right, outputs, np.inf).min(axis=-1)
            best_other = np.where(sequences.right, -np.inf, outputs).max(axis=-1)
            good = worst > best_other
        else:
            good = np.abs(outputs - sequences.targets).max(axis=-1) < CLOSE
        return (good | ~sequences.counted).all(axis=1)


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


def stacked(inputs: Sequence[np.ndarray], answers: np.ndarray, *, steps: int) -> Sequences:
    """Sequences of one answer each, at their last step.

    Args:
        inputs: [T', F] for each sequence; T' may differ, up to `steps`.
        answers: [N, K].
        steps: T, to which all are padded.

    Returns:
        The sequences.
    """
    lengths = np.array([len(each) for each in inputs])
    padded = np.zeros((len(inputs), steps, inputs[0].shape[1]), np.float32)
    for row, each in zip(padded, inputs, strict=True):
        row[: len(each)] = each
    last = np.arange(steps) == lengths[:, None] - 1
    targets = np.where(last[..., None], answers[:, None], 0.0).astype(np.float32)
    return Sequences(padded, targets, np.arange(steps) < lengths[:, None], last, targets > 0)
