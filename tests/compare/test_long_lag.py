"""Learning over long lags: what counts as solved, and what is told of it."""

import dataclasses
import json

import keras
import numpy as np
import pytest

from nlpkit.compare import Plan, load, long_lag
from nlpkit.data.long_lag import LONG_LAG_TASKS
from nlpkit.errors import InputError
from nlpkit.layers import FAMILY
from nlpkit.reports.pictures import png

BENCHMARK = load("long-lag")
ADDING = LONG_LAG_TASKS["adding"]


def always(answer):
    """The adding task with another judge."""

    class Judged(type(ADDING)):
        def answered(self, outputs, sequences):
            return np.full(len(outputs), answer)

    return Judged(**{f.name: getattr(ADDING, f.name) for f in dataclasses.fields(ADDING)})


@pytest.mark.parametrize(("answer", "sequences"), [(True, 2_000), (False, None)])
def test_a_task_is_solved_when_the_last_2000_sequences_were_right(answer, sequences):
    learnt = long_lag._learn(always(answer), "simple-rnn", 10, 2_400, seed=0)
    assert (learnt.sequences, learnt.right) == (sequences, float(answer))


@pytest.mark.slow
def test_an_lstm_learns_to_add_over_a_lag_and_a_vanilla_rnn_does_not():
    lstm, vanilla = (
        long_lag._learn(ADDING, cell, 40, 40_000, 0) for cell in ("lstm", "simple-rnn")
    )
    assert lstm.sequences is not None and lstm.right == 1.0
    assert vanilla.sequences is None and vanilla.right < 0.9


SIGNS = {
    "lstm": {"f": 1, "i": -1},
    "lstm-1997": {"i": -1},
    "coupled-lstm": {"i": -1},
    "gru": {"z": 1},
    "min-gru": {"z": -1},
    "simple-rnn": {},
}


@pytest.mark.parametrize("name", FAMILY)
def test_gates_begin_with_time_constants_up_to_the_length(name):
    cell, units = FAMILY[name].cell, long_lag._UNITS
    layer = FAMILY[name].make_width(units)
    layer.build((None, 50, 3))
    begun = {weight.path: weight.numpy() for weight in layer.trainable_variables}
    long_lag._set_time_constants(layer, cell, 50, np.random.default_rng(0))
    signs = long_lag._signs(cell)
    assert signs == SIGNS.get(name, signs) and signs.keys() <= set(cell.gates)
    for weight in layer.trainable_variables:
        values, before = (w.reshape(-1, units) for w in (weight.numpy(), begun[weight.path]))
        for index, (now, then) in enumerate(zip(values, before, strict=True)):
            gate = cell.gates[index] if weight.name == "bias" and index < len(cell.gates) else None
            if gate in signs:
                assert (signs[gate] * now >= 0).all() and np.exp(np.abs(now)).max() <= 49
            else:
                np.testing.assert_array_equal(now, then)


@pytest.mark.slow
@pytest.mark.parametrize("cell", FAMILY)
def test_every_cell_learns(cell, monkeypatch):
    monkeypatch.setattr(long_lag, "_TINY", 40)
    lines = []
    plan = Plan.of(quick=True, cells=(cell,), tasks=("adding",))
    (row,) = BENCHMARK.measure(plan, lines.append)["rows"]
    assert (row["cell"], row["sequences"], row["limit"]) == (cell, [None], 40)
    assert lines == [f"long-lag: adding, {cell}: solved 0 of 1 times"]


@pytest.mark.slow
@pytest.mark.parametrize("task", LONG_LAG_TASKS)
def test_every_task_is_learnt_from(task, monkeypatch):
    monkeypatch.setattr(long_lag, "_TINY", 40)
    plan = Plan.of(quick=True, cells=("lstm",), tasks=(task,))
    (row,) = BENCHMARK.measure(plan, lambda line: None)["rows"]
    assert row["task"] == task and np.isfinite(row["right"][0])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"tasks": ("adding", "nosuch")}, "`--tasks` must be one of"),
        ({"cells": ("nosuch",)}, "`--cells` must be one of"),
    ],
)
def test_unknown_names_are_refused_before_anything_is_learnt(given, message):
    with pytest.raises(InputError, match=message):
        BENCHMARK.require(Plan(**given))


def row(cell, sequences, published=74_000):
    return {
        "task": "adding",
        "title": "adding (experiment 4)",
        "cell": cell,
        "published": published,
        "limit": 100_000,
        "sequences": sequences,
        "right": [1.0 if each else 0.15 for each in sequences],
        "seconds": [1.0 for _ in sequences],
    }


@pytest.mark.parametrize("width", [20, 80])
@pytest.mark.parametrize("published", [74_000, None])
def test_table_and_picture_are_drawn_from_the_json_alone(published, width):
    rows = [
        row("lstm", [20_000, None, 30_000], published),
        row("simple-rnn", [None] * 3, published),
    ]
    results = json.loads(json.dumps({"lag": 100, "seeds": [0, 1, 2], "rows": rows}))
    words = " ".join(BENCHMARK.table(results, width)).split()
    assert {"25,000", "100,000", "2", "15.0%", "71.7%"} <= set(words)
    assert ("74,000" in words) == (published is not None)
    assert png(BENCHMARK.picture(results))[:4] == b"\x89PNG"


def test_biases_are_set_before_the_first_step():
    """The global seed decides the weights, so equal seeds begin alike."""
    keras.utils.set_random_seed(1)
    first, again = (
        long_lag._learn(always(False), "gru", 10, 40, seed=3).sequences for _ in range(2)
    )
    assert first is again is None
