import json
from pathlib import Path

import pytest

from nlpkit.compare import Plan, load, quality
from nlpkit.errors import InputError
from nlpkit.reports.pictures import png

BENCHMARK = load("quality")


@pytest.fixture
def asked(monkeypatch):
    """Replaces the trainings; holds their command lines."""
    commands = []

    def run_module(module, command, *options):
        given = dict(zip(options[0:4:2], options[1:4:2], strict=True))
        out = Path(options[-1])
        out.mkdir()
        metrics = {
            "data": "bundled",
            "examples": {"test": 520},
            "test": {"accuracy": (80 + int(given["--seed"])) / 100, "log_loss": 0.4},
            "baseline": {"name": "tfidf", "accuracy": 0.82},
            "parameters": 1234,
            "seconds": {"train": 40.0, "total": 55.0},
        }
        (out / "metrics.json").write_text(json.dumps(metrics))
        commands.append((module, command, given["--cell"], given["--seed"], options[4:-2]))
        return ""

    monkeypatch.setattr(quality, "run_module", run_module)
    return commands


@pytest.mark.parametrize(
    ("data", "message"),
    [("nowhere.csv", "there is no such file"), ("reviews.xlsx", "got the ending '.xlsx'")],
)
def test_reviews_that_cannot_be_opened_are_refused_first(data, message):
    with pytest.raises(InputError, match=message):
        BENCHMARK.require(Plan(data=data))


def test_reviews_that_can_be_opened_are_left_for_the_trainings(tmp_path):
    (tmp_path / "x.csv").write_text("text,label\na,0\nb,1\n", encoding="utf-8")
    BENCHMARK.require(Plan(data=str(tmp_path / "x.csv")))
    BENCHMARK.require(Plan())


def test_every_cell_and_that_of_keras_is_trained_from_every_seed(asked):
    plan = Plan(seed=4, seeds=2, data="x.csv", cells=("lstm", "gru"))
    results = BENCHMARK.measure(plan, lambda words: None)
    cells = ["lstm", "keras-lstm", "gru", "keras-gru"]
    options = ("--quiet", "--data", "x.csv")
    assert asked == [
        ("nlpkit", "sentiment", cell, seed, options) for seed in ("4", "5") for cell in cells
    ]
    assert results["seeds"] == [4, 5]
    assert results["cells"]["keras-gru"] == {
        "accuracy": [0.84, 0.85],
        "log_loss": [0.4, 0.4],
        "train_seconds": [40.0, 40.0],
        "total_seconds": [55.0, 55.0],
        "parameters": 1234,
    }


def test_a_cell_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="`--cells` must be one of .*, got 'elman'"):
        BENCHMARK.require(Plan(cells=("elman",)))


def test_quick_trains_a_tiny_model(asked):
    BENCHMARK.measure(Plan(seeds=1, quick=True), lambda words: None)
    assert all("--epochs" in options for *_, options in asked)


@pytest.mark.parametrize("width", [20, 80])
def test_table_and_picture_are_drawn_from_the_json_alone(asked, width):
    results = json.loads(json.dumps(BENCHMARK.measure(Plan(seeds=3), lambda words: None)))
    words = " ".join(BENCHMARK.table(results, width)).split()
    # Means and range over the seeds, the baseline's accuracy, parameters, the standard error.
    assert {"81.00%", "80.00%", "82.00%", "1,234", "1.7%"} <= set(words)
    assert png(BENCHMARK.picture(results))[:4] == b"\x89PNG"


@pytest.mark.slow
def test_what_the_recipe_complains_of_is_passed_on():
    plan = Plan(data="nowhere.csv", seeds=1, quick=True)
    with pytest.raises(InputError, match="nowhere.csv: there is no such file"):
        BENCHMARK.measure(plan, lambda words: None)
