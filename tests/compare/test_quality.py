import json
from pathlib import Path

import numpy as np
import pytest

from nlpkit.compare import Plan, load, quality
from nlpkit.errors import InputError
from nlpkit.reports.pictures import png

BENCHMARK = load("quality")
RIGHT = np.arange(520) % 5 > 0  # of the first cell; the others are right half as often
LOSSES = np.stack([np.linspace(50, 60, 40), np.full(40, 20.0)], axis=1)
SCORES = {
    "sentiment": lambda cell: RIGHT if cell == "lstm" else RIGHT & (np.arange(520) % 2 > 0),
    "next-word": lambda cell: LOSSES * [1.0 if cell == "lstm" else 1.01, 1.0],
}


@pytest.fixture
def asked(monkeypatch):
    """Replaces the trainings; holds their command lines."""
    commands = []

    def run_module(module, command, *options):
        given = dict(zip(options[0:4:2], options[1:4:2], strict=True))
        out = Path(options[-1])
        out.mkdir()
        value = (80 + int(given["--seed"])) / 100
        metrics = {
            "data": "bundled",
            "examples": {"test": 520},
            "test": {"accuracy": value, "perplexity": 100 * value},
            "baseline": {"name": "simple", "accuracy": 0.82, "perplexity": 90.5},
            "parameters": 1234,
            "seconds": {"train": 40.0, "total": 55.0},
        }
        (out / "metrics.json").write_text(json.dumps(metrics))
        score = SCORES[command]
        np.savez(out / "test_scores.npz", model=score(given["--cell"]), baseline=score("lstm"))
        commands.append((module, command, given["--cell"], given["--seed"], options[4:-2]))
        return ""

    monkeypatch.setattr(quality, "run_module", run_module)
    return commands


def measured(**plan):
    return json.loads(json.dumps(BENCHMARK.measure(Plan(**plan), lambda words: None)))


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ({"data": "nowhere.csv"}, "there is no such file"),
        ({"data": "nowhere.txt", "recipes": ("next-word",)}, "there is no such file"),
        ({"data": "reviews.xlsx"}, "got the ending '.xlsx'"),
        ({"recipes": ("sentimental",)}, "`--recipes` must be one of 'sentiment', 'next-word'"),
        (
            {"data": "x.csv", "recipes": ("sentiment", "next-word")},
            "is for one recipe, got 'x.csv'",
        ),
        ({"cells": ("elman",)}, "`--cells` must be one of .*, got 'elman'"),
    ],
)
def test_what_cannot_be_trained_is_refused_first(plan, message):
    with pytest.raises(InputError, match=message):
        BENCHMARK.require(Plan(**plan))


def test_data_that_can_be_opened_are_left_for_the_trainings(tmp_path):
    (tmp_path / "x.csv").write_text("text,label\na,0\nb,1\n", encoding="utf-8")
    BENCHMARK.require(Plan(data=str(tmp_path / "x.csv")))
    BENCHMARK.require(Plan())


def test_every_cell_and_that_of_keras_is_trained_from_every_seed(asked):
    results = measured(seed=4, seeds=2, data="x.csv", cells=("lstm", "gru"))
    cells = ["lstm", "keras-lstm", "gru", "keras-gru"]
    options = ("--quiet", "--data", "x.csv")
    assert asked == [
        ("nlpkit", "sentiment", cell, seed, options) for seed in ("4", "5") for cell in cells
    ]
    assert results["seeds"] == [4, 5]
    assert results["recipes"]["sentiment"]["cells"]["keras-gru"] == {
        "metric": [0.84, 0.85],
        "train_seconds": [40.0, 40.0],
        "total_seconds": [55.0, 55.0],
        "parameters": 1234,
    }


def test_without_data_both_recipes_are_run(asked):
    results = measured(seeds=1, cells=("slstm",))
    assert [command for _, command, *_ in asked] == ["sentiment", "next-word"]
    assert results["recipes"]["next-word"]["cells"]["slstm"]["metric"] == [80.0]
    assert list(results["recipes"]["next-word"]["paired"]) == ["simple"]


def test_quick_trains_tiny_models(asked):
    measured(seeds=1, quick=True)
    assert all("--epochs" in options for *_, options in asked)


@pytest.mark.parametrize("width", [20, 80])
def test_table_and_picture_are_drawn_from_the_json_alone(asked, width):
    results = measured(seeds=3)
    words = " ".join(BENCHMARK.table(results, width)).split()
    # Means and ranges over the seeds, the baselines, the parameters, the largest p.
    assert {"81.00%", "80.00%", "82.00%", "81.00", "90.50", "1,234", "<0.001", "1"} <= set(words)
    figure = BENCHMARK.picture(results)
    assert png(figure)[:4] == b"\x89PNG" and len(figure.axes) == 2


def test_what_differs_in_every_seed_is_called_better(asked):
    assert BENCHMARK.conclusion(measured(seeds=2)) == (
        "sentiment: lstm is better than keras-lstm and not measurably different from simple. "
        "next-word: lstm is better than keras-lstm and not measurably different from simple."
    )


@pytest.mark.parametrize(
    ("differences", "p_values", "verdict"),
    [
        ([0.1, 0.1], [0.01, 0.2], "not better or worse from every seed than"),
        ([0.1, -0.1], [0.01, 0.01], "not better or worse from every seed than"),
        ([0.1, -0.1], [0.2, 0.2], "not measurably different from"),
        ([-0.1, -0.1], [0.01, 0.01], "worse than"),
        ([0.1, 0.1], [0.01, 0.01], "better than"),
    ],
)
def test_one_seed_that_does_not_agree_takes_the_word_back(asked, differences, p_values, verdict):
    results = measured(seeds=1, recipes=("sentiment",))
    results["recipes"]["sentiment"]["paired"] = {
        "rival": [
            {"difference": difference, "margin": 0.05, "p_value": p_value}
            for difference, p_value in zip(differences, p_values, strict=True)
        ]
    }
    assert BENCHMARK.conclusion(results) == f"sentiment: lstm is {verdict} rival."


@pytest.mark.slow
def test_what_the_recipe_complains_of_is_passed_on():
    plan = Plan(data="nowhere.csv", seeds=1, quick=True)
    with pytest.raises(InputError, match="nowhere.csv: there is no such file"):
        BENCHMARK.measure(plan, lambda words: None)
