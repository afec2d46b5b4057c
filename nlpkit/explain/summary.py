"""Explanations and findings as lines for a terminal."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nlpkit.explain.explanation import Explanation
from nlpkit.explain.integrated_gradients import TOLERANCE
from nlpkit.reports.fonts import shortened
from nlpkit.reports.table import columns

if TYPE_CHECKING:
    from nlpkit.explain.probes import Probe

__all__ = ["summary_lines"]

_SHOWN = 3  # tokens of a text
_FINDINGS = 15  # units


def summary_lines(
    explanations: Sequence[Explanation], probe: "Probe | None" = None
) -> Iterator[str]:
    """Summarizes what was found.

    Args:
        explanations: One for each text.
        probe: Units that correlate with features over many texts. Default: None.

    Yields:
        Lines: the answer to each text and the tokens that matter most to it, with a warning where
        attributions are not complete; then the units.
    """
    for explanation in explanations:
        attribution = explanation.attribution
        order = sorted(range(len(explanation.tokens)), key=lambda at: -abs(attribution.values[at]))
        most = ", ".join(
            f"{explanation.tokens[at]} {attribution.values[at]:+.2g}" for at in order[:_SHOWN]
        )
        yield f"{shortened(explanation.text, longest=60)}: {attribution.answer}; {most}"
        yield (
            f"  attributions: sum {attribution.values.sum():.4f}, change of the log-odds "
            f"{attribution.change:.4f}, error {attribution.error:.2%}"
        )
        if not attribution.complete:
            yield f"  note: that is more than {TOLERANCE:.0%}; do not rely on the attributions"
    if probe is not None:
        yield from _findings(probe)


def _findings(probe: "Probe") -> Iterator[str]:
    """The units that correlate with features, as a table."""
    tests = f"{probe.texts:,} texts, {probe.tests:,} tests on the half held out"
    if not probe.findings:
        yield f"no unit was confirmed on the held-out texts ({tests})"
        return
    yield f"units that correlate with features ({tests}):"
    heads = ["feature", "layer", "gate or\nstate", "unit", "correlation\nheld out"]
    rows = [
        (finding.feature, *map(str, finding.unit), f"{finding.correlation:+.2f}")
        for finding in probe.findings[:_FINDINGS]
    ]
    yield from columns(rows, heads=heads, left=3, gap=2)
    if (more := len(probe.findings) - _FINDINGS) > 0:
        yield f"and {more:,} more, which are on the page"
