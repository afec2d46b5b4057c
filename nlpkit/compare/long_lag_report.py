"""The results of `long_lag` as a table, a sentence and a picture."""

import math
from collections.abc import Iterator
from statistics import fmean, median_low
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from nlpkit.compare.contents import Content, Table, counted, in_words, seeds_in_words
from nlpkit.reports.pictures import COLOURS, empty_figure

__all__ = ["conclusion", "contents", "picture"]

_BEYOND = 1.5  # where crosses stand in the picture, as a multiple of the limit


def contents(results: dict[str, Any]) -> Iterator[Content]:
    """How often a task was solved, and after how many sequences.

    Args:
        results: The results of `long_lag`.

    Yields:
        The table.
    """
    rows = {}
    for row in results["rows"]:
        took = [math.inf if each is None else each for each in row["sequences"]]
        typical = median_low(took)  # of all seeds: those that failed count as endless
        rows[f"{row['task']}, {row['cell']}"] = [
            f"{sum(map(math.isfinite, took))} of {len(took)}",
            f"{typical:,.0f}" if math.isfinite(typical) else f"over {row['limit']:,}",
            "" if row["published"] is None else f"{row['published']:,}",
            _correct(row["correct"]),
            f"{fmean(row['seconds']):.0f}",
        ]
    seeds = seeds_in_words(results["seeds"])
    title = (
        f"Tasks with a lag, T = {results['lag']}, {seeds}: how often they were solved, after "
        "how many sequences (the median seed, or the better of the two in the middle), those that "
        "the LSTM of 1997 took in its paper, with "
        "other sizes and another optimizer, and how many of the last 2,000 were correct:"
    )
    heads = [
        ("", "solved"),
        ("", "sequences"),
        ("LSTM of", "1997"),
        ("", "correct"),
        ("seconds", "a run"),
    ]
    yield Table(title, heads, rows)


def _correct(fractions: list[float]) -> str:
    """The mean over the trainings that did not diverge, and how many did."""
    left = [each for each in fractions if math.isfinite(each)]
    diverged = f"{len(fractions) - len(left)} diverged" if len(left) < len(fractions) else ""
    return ", ".join(filter(None, [f"{fmean(left):.1%}" if left else "", diverged]))


def conclusion(results: dict[str, Any]) -> str:
    """How often each cell solved each task.

    Args:
        results: The results of `long_lag`.

    Returns:
        A sentence for each task.
    """
    sentences = []
    for task in dict.fromkeys(row["task"] for row in results["rows"]):
        outcomes = [
            f"in {sum(map(bool, row['sequences']))} of "
            f"{counted(len(row['sequences']), 'training')} by {row['cell']}"
            for row in results["rows"]
            if row["task"] == task
        ]
        sentences.append(f"T = {results['lag']}: {task} was solved {in_words(outcomes)}.")
    return " ".join(sentences)


def picture(results: dict[str, Any]) -> Figure:
    """The sequences that each training took; a cross beyond them where the task was not solved.

    Args:
        results: The results of `long_lag`.

    Returns:
        The figure, with a panel for each task.
    """
    rows = results["rows"]
    tasks = list(dict.fromkeys(row["task"] for row in rows))
    figure = empty_figure(max(6.0, 4.5 * len(tasks)), 3.5)
    panels = figure.subplots(1, len(tasks), squeeze=False)[0]
    for axes, task in zip(panels, tasks, strict=True):
        own = [row for row in rows if row["task"] == task]
        solved: list[tuple[int, float]] = []
        failed: list[float] = []
        for index, row in enumerate(own):
            offsets = np.linspace(-0.2, 0.2, len(row["sequences"]) + 2)[1:-1]
            for sequences, offset in zip(row["sequences"], offsets, strict=True):
                if sequences is None:
                    failed.append(index + offset)
                else:
                    solved.append((sequences, index + offset))
        beyond = _BEYOND * max(row["limit"] for row in own)
        axes.plot(
            [x for x, _ in solved], [y for _, y in solved], "o", color=COLOURS[0], label="solved"
        )
        axes.plot([beyond] * len(failed), failed, "x", color=COLOURS[3], label="not solved")
        if own[0]["published"] is not None:
            axes.axvline(own[0]["published"], color="gray", ls="--", label="LSTM, 1997")
        axes.set_yticks(range(len(own)), labels=[row["cell"] for row in own])
        title = f"{own[0]['title']}, T = {results['lag']}"
        axes.set(title=title, xlabel="sequences", xscale="log")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_ylim(len(own) - 0.5, -0.5)
        axes.legend(fontsize="x-small")
    return figure
