"""What there is to say of one text: its tokens, and what the model makes of each."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nlpkit.explain.integrated_gradients import is_complete
from nlpkit.layers.tracing import Trace

__all__ = ["Attribution", "Curve", "Explanation"]


@dataclass(frozen=True)
class Attribution:
    """How much each token adds to the log-odds of an answer.

    Attributes:
        answer: The answer, for example "positive".
        baseline: Its log-odds, ln p / (1 − p), where every token's vector is zero.
        text: Its log-odds after the text.
        values: What each token adds, float64 [T].
        steps: Points of the path at which gradients were taken.
    """

    answer: str
    baseline: float
    text: float
    values: np.ndarray
    steps: int

    @property
    def change(self) -> float:
        """What the values should add up to: the change from the baseline to the text."""
        return self.text - self.baseline

    @property
    def error(self) -> float:
        """By how much they miss it, as a fraction of it."""
        missed = abs(float(np.sum(self.values)) - self.change)
        return missed / abs(self.change) if self.change else missed

    @property
    def complete(self) -> bool:
        """Whether the values add up to the change; see `is_complete`."""
        return is_complete(self.values, self.change)


@dataclass(frozen=True)
class Curve:
    """A number for each token, to be drawn along the text.

    Attributes:
        label: What it is, with its unit.
        values: Float64 [T]; NaN where there is none.
    """

    label: str
    values: np.ndarray


@dataclass(frozen=True)
class Explanation:
    """What a model computes on one text of T tokens.

    Attributes:
        text: The text.
        tokens: The tokens as the model reads them; one that continues a word begins with `##`.
        traces: Gates, candidates and states, [T, width], by name, by the path of their layer.
        answers: After each token the most probable answers and their probabilities.
        curve: The running answer as one number.
        attribution: What each token adds to the answer after the last.
    """

    text: str
    tokens: tuple[str, ...]
    traces: Mapping[str, Trace]
    answers: tuple[Mapping[str, float], ...]
    curve: Curve
    attribution: Attribution
