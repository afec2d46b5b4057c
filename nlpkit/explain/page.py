"""The page of explanations: all that it shows, numbers included, is in one HTML file."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from nlpkit.explain.explanation import Explanation
from nlpkit.explain.gates import busiest, gate_label, value_range
from nlpkit.layers.tracing import Trace
from nlpkit.reports.fonts import shortened
from nlpkit.reports.page import render_page

if TYPE_CHECKING:
    from nlpkit.explain.probes import Probe

__all__ = ["explanation_page"]

_VALUES = 450_000
"""Activities of units in all texts: 1.2 MB of the two that a page may have."""

_STEPS = 32_767  # of a 16-bit integer
_SMALLEST = 1e-30


def explanation_page(
    name: str, task: str, explanations: Sequence[Explanation], probe: "Probe | None" = None
) -> str:
    """Writes the page.

    Every unit of every layer is there, unless the texts are long: then the units that move most,
    and those of the findings. Activities are rounded to 1 / 32,767 of the largest of their array.

    Args:
        name: The name of the model.
        task: What it does, for example "classifier".
        explanations: One for each text.
        probe: Units that correlate with features over many texts. Default: None.

    Returns:
        The page.
    """
    found = _found(probe)
    size = sum(
        len(explanation.tokens) * sum(map(len, explanation.traces.values()))
        for explanation in explanations
    )
    tokens = sum(len(explanation.tokens) for explanation in explanations)
    count = max(1, (_VALUES - tokens * sum(map(len, found.values()))) // max(size, 1))
    texts = [
        {
            "explanation": explanation,
            "title": shortened(explanation.text, longest=60),
            "data": _json(_text_data(explanation, count, found)),
        }
        for explanation in explanations
    ]
    return render_page(
        "explain.html",
        language="en",
        title=f"What {name} computes",
        task=task,
        texts=texts,
        probe=probe,
    )


def _found(probe: "Probe | None") -> dict[tuple[str, str], list[int]]:
    """The units of the findings, by layer and gate or state."""
    found: dict[tuple[str, str], list[int]] = {}
    for finding in probe.findings if probe is not None else ():
        units = found.setdefault((finding.unit.layer, finding.unit.name), [])
        if finding.unit.number not in units:
            units.append(finding.unit.number)
    return found


def _text_data(
    explanation: Explanation, count: int, found: Mapping[tuple[str, str], Sequence[int]]
) -> dict[str, Any]:
    """What the script of the page reads of a text."""
    curve, attribution = explanation.curve, explanation.attribution
    return {
        "tokens": explanation.tokens,
        "answers": [
            [[name, _short(probability)] for name, probability in answers.items()]
            for answers in explanation.answers
        ],
        "scales": {
            "attribution": {
                "label": f"added to the log-odds of {attribution.answer}",
                **_numbers(attribution.values, value_range(attribution.values)),
            },
            "answer": {
                "label": curve.label,
                **_numbers(curve.values, (0.0, max(1.0, float(np.nanmax(curve.values))))),
            },
        },
        "layers": [
            {"path": path, "arrays": _arrays(path, trace, count, found)}
            for path, trace in explanation.traces.items()
        ],
    }


def _arrays(
    path: str, trace: Trace, count: int, found: Mapping[tuple[str, str], Sequence[int]]
) -> list[dict[str, Any]]:
    """The gates and states of a layer: the mean over all units, and the units that are kept."""
    most = busiest(trace, count).tolist()
    arrays = []
    for name, values in trace.items():
        units = np.array(list(dict.fromkeys([*found.get((path, name), ()), *most])))
        inside = units[units < values.shape[1]]
        kept = values[:, inside].astype(float)
        step = float(np.max(np.abs(kept), initial=_SMALLEST)) / _STEPS
        rounded = np.round(kept.T / step).astype("<i2")
        arrays.append(
            {
                "name": name,
                "label": gate_label(name, trace),
                "width": values.shape[1],
                "mean": _numbers(values.mean(axis=1), value_range(values.mean(axis=1))),
                "range": _unit_range(kept),
                "units": inside.tolist(),
                "step": step,
                "data": base64.b64encode(rounded.tobytes()).decode(),
            }
        )
    return arrays


def _unit_range(values: np.ndarray) -> tuple[float, float]:
    """The ends of the scale of units: from 0 to 1 for gates."""
    low, high = value_range(values)
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)


def _numbers(values: np.ndarray, ends: tuple[float, float]) -> dict[str, Any]:
    """Numbers with the ends of their scale."""
    return {"values": [_short(value) for value in values], "range": ends}


def _short(value: float) -> float | None:
    """A number with five digits; JSON has no NaN."""
    return None if np.isnan(value) else float(f"{value:.5g}")


def _json(content: Mapping[str, Any]) -> Markup:
    """JSON that a page may hold: no text of a user can end the element."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))
