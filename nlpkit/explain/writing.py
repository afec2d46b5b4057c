"""Writes explanations to a folder: one page, and pictures."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from nlpkit.explain.explainer import MOST_TEXTS
from nlpkit.explain.explanation import Explanation
from nlpkit.explain.page import explanation_page
from nlpkit.explain.pictures import answer_picture, layer_picture, probe_picture
from nlpkit.export.atomic import atomic_directory
from nlpkit.reports.pictures import png

if TYPE_CHECKING:
    from nlpkit.explain.probes import Probe

__all__ = ["PAGE", "explanation_folder", "write_explanations"]

PAGE, _UNITS = "explain.html", "units.png"
_MOST_LAYERS = 64
_CONTENTS = {PAGE, _UNITS}.union(
    name
    for text in range(1, MOST_TEXTS + 1)
    for name in (
        f"text_{text}.png",
        *(f"text_{text}_layer_{layer}.png" for layer in range(1, _MOST_LAYERS + 1)),
    )
)


def explanation_folder(path: str | Path) -> AbstractContextManager[Path]:
    """Makes a folder for `write_explanations`, which replaces `path` when the block ends.

    Args:
        path: The folder; one with earlier explanations is replaced.

    Returns:
        As `nlpkit.export.atomic.atomic_directory`, which says what is refused.
    """
    return atomic_directory(path, marker=PAGE, contents=_CONTENTS)


def write_explanations(
    folder: Path,
    name: str,
    task: str,
    explanations: Sequence[Explanation],
    probe: "Probe | None" = None,
) -> list[str]:
    """Writes the page and the pictures.

    Args:
        folder: The folder to write to, from `explanation_folder`.
        name: As for `explanation_page`.
        task: As for `explanation_page`.
        explanations: One for each text.
        probe: Units that correlate with features over many texts. Default: None.

    Returns:
        The names of the files, the page first.
    """
    page = explanation_page(name, task, explanations, probe)
    (folder / PAGE).write_text(page, encoding="utf-8")
    figures: dict[str, Figure] = {}
    for number, explanation in enumerate(explanations, 1):
        figures[f"text_{number}.png"] = answer_picture(explanation)
        for index, layer in enumerate(explanation.traces, 1):
            figures[f"text_{number}_layer_{index}.png"] = layer_picture(explanation, layer)
    if probe is not None and probe.findings:
        figures[_UNITS] = probe_picture(probe)
    for file, figure in figures.items():
        (folder / file).write_bytes(png(figure))
    return [PAGE, *figures]
