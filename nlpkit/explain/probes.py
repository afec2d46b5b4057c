"""Which units correlate with a position, quotes, a word or a class: LSTMVis's question.

Among thousands of units some correlate with anything by chance. So for each feature the units are
selected on one half of the texts and measured on the other, where a finding must pass a test at 5 %
divided by the number of tests (Bonferroni). Texts are the independent observations, not tokens:
within a text activity and features both change slowly, and any two slow series seem to correlate.

    of a token   the correlation within texts, pooled; Wilcoxon's signed-rank test of the covariance
                 of each text
    of a text    the correlation of a text's mean activity with its class; Mann and Whitney's test

Both tests are one-sided: the correlation must have the sign that it had on the first half.

References: Strobelt, Gehrmann, Pfister & Rush 2018, "LSTMVis" (the question); Wilcoxon 1945; Mann &
Whitney 1947.
"""

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import mannwhitneyu, wilcoxon

from nlpkit.data.surrogates import mend_surrogates
from nlpkit.errors import InputError
from nlpkit.explain.explainer import LONGEST, Explainer, check_length
from nlpkit.explain.features import features, frequent_words
from nlpkit.text import SPECIALS

__all__ = ["Finding", "Probe", "Unit", "probe"]

LEVEL = 0.05
FEWEST, MOST = 40, 1_000
"""Numbers of texts: with fewer, halves prove nothing; more are not read."""

_LONGEST = 512  # tokens of a text
_AT_ONCE = 32  # texts that are traced together
_BEST = 3  # units that are measured for a feature


class Unit(NamedTuple):
    """A unit of a gate or state.

    Attributes:
        layer: The path of the layer.
        name: The gate or state, as in the trace.
        number: The unit, from 0.
    """

    layer: str
    name: str
    number: int


class Finding(NamedTuple):
    """A unit that correlates with a feature.

    Attributes:
        feature: The feature in words.
        unit: The unit.
        selection: The correlation on the half of the texts that it was selected on.
        correlation: The correlation on the other half.
        p: The probability of one this strong by chance.
    """

    feature: str
    unit: Unit
    selection: float
    correlation: float
    p: float


class Probe(NamedTuple):
    """The result of `probe`.

    Attributes:
        texts: The number of different texts that were read.
        tests: The number of tests.
        findings: The units that correlate with a feature, the strongest first.
        missed: The features for which no unit was confirmed.
        example: The first of the texts that can be explained whole; None if none was asked for.
    """

    texts: int
    tests: int
    findings: tuple[Finding, ...]
    missed: tuple[str, ...]
    example: str | None


class _Text(NamedTuple):
    """A text that is read: its tokens, the model's input, and where its tokens begin in that."""

    text: str
    tokens: tuple[str, ...]
    ids: np.ndarray
    first: int


def probe(
    explainer: Explainer,
    texts: Iterable[str],
    *,
    tell: Callable[[str], None],
    example: bool = True,
) -> Probe:
    """Looks for units that correlate with features, over many texts.

    Args:
        explainer: The model.
        texts: The texts; of equal ones the first is read, of long ones the beginning, and of many
            the first thousand.
        tell: Takes lines about the progress.
        example: Whether an example is asked for. Default: True.

    Returns:
        The result.

    Raises:
        InputError: If there are fewer than forty different texts, or no example.
    """
    read = list(_read(explainer, texts))
    if len(read) < FEWEST:
        raise InputError(
            f"`--input` must have at least {FEWEST} different texts, of which one half checks what "
            f"the other shows, got {len(read)}; add texts."
        )
    shown = _example(explainer, read) if example else None
    tell(f"looking for units over {len(read):,} texts")
    words = frequent_words([text.tokens for text in read])
    groups = explainer.groups([text.ids for text in read])
    chosen: dict[str, list[tuple[int, float]]] = {}
    first, second = (
        _Half(explainer, read[at::2], words, {name: group[at::2] for name, group in groups.items()})
        for at in (0, 1)
    )
    for feature, correlations in first.correlations.items():
        best = np.argsort(-np.abs(correlations), kind="stable")[:_BEST]
        chosen[feature] = [(int(index), float(correlations[index])) for index in best]
    tests = sum(map(len, chosen.values()))
    findings = []
    for feature, units in chosen.items():
        for index, before in units:
            after, p = second.measured(feature, index, "greater" if before > 0 else "less")
            if p * tests <= LEVEL and before * after > 0:
                findings.append(Finding(feature, first.units[index], before, after, p))
    findings.sort(key=lambda finding: -abs(finding.correlation))
    explained = {finding.feature for finding in findings}
    return Probe(
        texts=len(read),
        tests=tests,
        findings=tuple(findings),
        missed=tuple(name for name in chosen if name not in explained),
        example=shown,
    )


def _example(explainer: Explainer, read: Sequence[_Text]) -> str:
    """The first text that can be explained whole."""
    for each in read:
        with contextlib.suppress(InputError):
            tokens, _ = explainer.encode(each.text)
            check_length(len(tokens))
            return each.text
    raise InputError(
        "`--input` must have a text that the model reads whole and that can be shown whole, of at "
        f"most {LONGEST:,} tokens, but has none; name a shorter text after the model."
    )


def _read(explainer: Explainer, texts: Iterable[str]) -> Iterator[_Text]:
    """The different texts, without those that have too few tokens to compare."""
    seen = set()
    for text in map(mend_surrogates, texts):
        if text in seen or not text.strip():
            continue
        seen.add(text)
        tokens, ids = explainer.encode(text, whole=False)
        tokens, ids = tokens[:_LONGEST], ids[:, :_LONGEST]
        first = int(tokens[:1] == SPECIALS[:1])  # the start id is no token of the text
        if len(tokens) > first + 1:
            yield _Text(text, tokens[first:], ids, first)
        if len(seen) == MOST:
            return


class _Half:
    """Activity and features of some of the texts.

    Args:
        explainer: The model.
        read: The N texts.
        words: The words that are features.
        groups: The classes: bool [N] by name.
    """

    def __init__(
        self,
        explainer: Explainer,
        read: Sequence[_Text],
        words: Sequence[str],
        groups: Mapping[str, np.ndarray],
    ) -> None:
        self.units: list[Unit] = []
        self._names: list[str] = []
        self._groups = {
            f"the class “{name}”": group.astype(float) for name, group in groups.items()
        }
        order = sorted(range(len(read)), key=lambda at: len(read[at].tokens))
        rows: list[Any] = [None] * len(read)
        for start in range(0, len(order), _AT_ONCE):
            batch = order[start : start + _AT_ONCE]
            activities = self._activity(explainer, [read[at] for at in batch])
            for at, activity in zip(batch, activities, strict=True):
                rows[at] = self._summary(read[at], activity, words)
        self._covariance, self._activity_squares, self._feature_squares, self._means = (
            np.stack(each) for each in zip(*rows, strict=True)
        )  # [N, features, units], [N, units], [N, features], [N, units]

    def _activity(self, explainer: Explainer, texts: Sequence[_Text]) -> Iterator[np.ndarray]:
        """The activity of all units on each text, [T, units]."""
        longest = max(text.ids.shape[1] for text in texts)
        ids = np.concatenate([_padded(text.ids, longest) for text in texts])
        traces = explainer.trace(ids)
        if not self.units:
            self.units = [
                Unit(layer, name, index)
                for layer, trace in traces.items()
                for name, array in trace.items()
                for index in range(array.shape[2])
            ]
        arrays = [array for trace in traces.values() for array in trace.values()]
        for row, text in enumerate(texts):
            here = slice(text.first, text.first + len(text.tokens))
            yield np.concatenate([array[row, here] for array in arrays], axis=1).astype(float)

    def _summary(self, text: _Text, activity: np.ndarray, words: Sequence[str]) -> tuple[Any, ...]:
        """Of one text: covariances, squares of activity and of features, and mean activity."""
        named = features(text.tokens, words)
        self._names = list(named)
        mean = activity.mean(axis=0)
        centred = activity - mean
        values = np.stack(list(named.values()))
        values -= values.mean(axis=1, keepdims=True)
        squares = np.sum(centred**2, axis=0)
        covariance = (values @ centred).astype(np.float32)
        return covariance, squares, np.sum(values**2, axis=1), mean

    @functools.cached_property
    def correlations(self) -> dict[str, np.ndarray]:
        """The correlation of each feature with each unit, [units], by the feature's name."""
        varies = (self._feature_squares > 0).astype(float)
        scale = np.sqrt(
            (varies.T @ self._activity_squares) * self._feature_squares.sum(axis=0)[:, None]
        )
        within = self._covariance.sum(axis=0) / np.maximum(scale, np.finfo(float).tiny)
        between = {name: _between(group, self._means) for name, group in self._groups.items()}
        return dict(zip(self._names, within, strict=True)) | between

    def measured(self, feature: str, index: int, sign: str) -> tuple[float, float]:
        """The correlation of a feature with a unit, and p for that it is greater or less than 0."""
        correlation = float(self.correlations[feature][index])
        if feature in self._groups:
            group, means = self._groups[feature] > 0, self._means[:, index]
            if group.all() or not group.any():
                return correlation, 1.0
            return correlation, float(
                mannwhitneyu(means[group], means[~group], alternative=sign).pvalue
            )
        at = self._names.index(feature)
        covariances = self._covariance[self._feature_squares[:, at] > 0, at, index]
        if not np.any(covariances):
            return correlation, 1.0
        return correlation, float(wilcoxon(covariances, alternative=sign).pvalue)


def _between(group: np.ndarray, means: np.ndarray) -> np.ndarray:
    """The correlation over texts of a class with the mean activity of each unit."""
    group, means = group - group.mean(), means - means.mean(axis=0)
    scale = np.sqrt(np.sum(group**2) * np.sum(means**2, axis=0))
    return (group @ means) / np.maximum(scale, np.finfo(float).tiny)


def _padded(ids: np.ndarray, length: int) -> np.ndarray:
    """Ids with padding on the right."""
    return np.pad(ids, [(0, 0), (0, length - ids.shape[1]), *[(0, 0)] * (ids.ndim - 2)])
