"""Whether one classifier is more accurate than another on the same examples, and by how much.

Only the examples that exactly one of two classifiers gets right tell them apart. If both were
equally accurate, either would be the right one with probability 1/2, so the counts are tested
against a binomial distribution (McNemar's test, in its mid-p form, since the exact form is too
conservative). The margin is that of an adjusted Wald interval, which is valid for small samples and
for classifiers that make no mistake.

References:
    McNemar, "Note on the sampling error of the difference between correlated proportions or
    percentages", Psychometrika 12, 1947. Fagerland, Lydersen and Laake, "The McNemar test for
    binary matched-pairs data: mid-p and asymptotic are better than exact conditional", BMC Medical
    Research Methodology 13, 2013. Bonett and Price, "Adjusted Wald confidence interval for a
    difference of binomial proportions based on paired data", Journal of Educational and Behavioral
    Statistics 37, 2012.
"""

import dataclasses
import math
from typing import Any

import numpy as np
import scipy.stats

from nlpkit.errors import InputError

__all__ = ["LEVEL", "Comparison", "compare_accuracy"]

LEVEL = 0.05
"""The level of significance."""
_QUANTILE = float(scipy.stats.norm.ppf(1 - LEVEL / 2))


@dataclasses.dataclass(frozen=True)
class Comparison:
    """How much better one model is than another.

    Attributes:
        difference: The measured difference; of two accuracies from −1 to 1.
        margin: Half the width of its 95 % confidence interval.
        p_value: Of the test that both are equally good.
    """

    difference: float
    margin: float
    p_value: float

    @property
    def significant(self) -> bool:
        """Whether the test tells the two apart, at the 5 % level."""
        return self.p_value < LEVEL

    @property
    def better(self) -> bool:
        """Whether the first is better, and significantly so."""
        return self.significant and self.difference > 0


def compare_accuracy(ours: Any, theirs: Any, labels: Any) -> Comparison:
    """Compares two classifiers on the same examples.

    Args:
        ours: int[N], the classes that one classifier predicts, N ≥ 1.
        theirs: int[N], the classes that the other predicts for the same examples in the same
            order; or one class, predicted for all.
        labels: int[N], the true classes.

    Returns:
        The `Comparison`.

    Raises:
        InputError: If the lengths differ, or there is no example.

    Example:
        >>> comparison = compare_accuracy([1] * 10, [1] * 4 + [0] * 6, [1] * 10)
        >>> comparison.difference, round(comparison.margin, 2), round(comparison.p_value, 3)
        (0.6, 0.37, 0.016)
    """
    ours, theirs, labels = np.asarray(ours), np.asarray(theirs), np.asarray(labels)
    if ours.ndim != 1 or not len(ours) or labels.shape != ours.shape:
        raise InputError(
            "The predictions of a classifier must be as many as there are labels, and at least "
            f"one, got {list(ours.shape)} for {list(labels.shape)}."
        )
    if theirs.shape not in (ours.shape, ()):
        raise InputError(
            "Two classifiers must have predicted the same examples, got "
            f"{list(ours.shape)} and {list(theirs.shape)} predictions."
        )
    only_ours = int(np.sum((ours == labels) & (theirs != labels)))
    only_theirs = int(np.sum((ours != labels) & (theirs == labels)))
    return Comparison(
        (only_ours - only_theirs) / len(labels),
        _margin(only_ours, only_theirs, len(labels)),
        _mid_p(only_ours, only_theirs),
    )


def _mid_p(one: int, other: int) -> float:
    """The mid-p value of a fair coin: half the probability of the observed counts, plus that of all
    that are more extreme, on both sides."""
    fewer, tosses = min(one, other), one + other
    if one == other:
        return 1.0
    coin = scipy.stats.binom(tosses, 0.5)
    return float(2 * coin.cdf(fewer) - coin.pmf(fewer))


def _margin(one: int, other: int, examples: int) -> float:
    """Bonett and Price's margin, which adds one example to each of the two counts."""
    p, q = (one + 1) / (examples + 2), (other + 1) / (examples + 2)
    return _QUANTILE * math.sqrt((p + q - (p - q) ** 2) / (examples + 2))
