"""Learning over long lags: what counts as solved, and what is told of it."""

import dataclasses
import itertools
import json
import math

import numpy as np
import pytest

from nlpkit.compare import Plan, load, long_lag
from nlpkit.compare.long_lag import Learner
from nlpkit.data.long_lag import LONG_LAG_TASKS
from nlpkit.errors import InputError
from nlpkit.layers import FAMILY
from nlpkit.reports.pictures import png
from tests.layers.members import KINDS

BENCHMARK = load("long-lag")
ADDING = LONG_LAG_TASKS["adding"]


def judged(task, answers):
    """A task whose next sequences are answered correctly or not, whatever the outputs."""

    class Judged(type(task)):
        def solved(self, outputs, sequences):
            return np.array(list(itertools.islice(answers, len(outputs))))

    return Judged(**{f.name: getattr(task, f.name) for f in dataclasses.fields(task)})


@pytest.mark.parametrize(("answer", "sequences"), [(True, 2_000), (False, None)])
def test_a_task_is_solved_when_the_last_2000_sequences_were_right(answer, sequences):
    learnt = Learner(judged(ADDING, itertools.repeat(answer)), "simple-rnn", 10, seed=0).learn(
        2_400
    )
    assert (learnt.sequences, learnt.correct) == (sequences, float(answer))


@pytest.mark.parametrize(("mistakes", "sequences"), [(139, 2_000), (140, None)])
def test_so_many_mistakes_as_the_paper_allows(mistakes, sequences):
    task = judged(LONG_LAG_TASKS["multiplication"], iter(np.arange(2_000) >= mistakes))
    assert Learner(task, "simple-rnn", 10, seed=0).learn(2_000).sequences == sequences


@pytest.mark.parametrize(
    ("name", "wrong", "error", "solved"),
    [
        ("two-sequences", 0, 0.19, True),
        ("two-sequences", 1, 0.0, False),
        ("two-sequences-noisy-inputs", 5, 0.19, True),
        ("two-sequences-noisy-inputs", 6, 0.0, False),
        ("two-sequences-noisy-targets", 0, 0.0149, True),
        ("two-sequences-noisy-targets", 0, 0.0151, False),
        ("two-sequences-noisy-targets", 1, 0.0, False),
    ],
)
def test_experiment_3_ends_by_256_new_sequences(name, wrong, error, solved):
    class Tested(type(ADDING)):
        def solved(self, outputs, sequences):
            return np.arange(256) >= wrong if len(outputs) == 256 else np.zeros(20, bool)

        def errors(self, outputs, sequences):
            return np.full(256, error)

    task = Tested(**vars(LONG_LAG_TASKS[name]))
    learnt = Learner(task, "simple-rnn", 10, seed=0).learn(2_000)
    assert learnt.sequences == (2_000 if solved else None) and learnt.correct == 0.0


def test_a_training_that_diverges_ends():
    learner = Learner(ADDING, "simple-rnn", 10, seed=0)
    learner.layer.trainable_variables[0].assign(np.full((2, 32), np.nan))
    learnt = learner.learn(10_000)
    assert learnt.sequences is None and np.isnan(learnt.correct)


@pytest.mark.slow
def test_an_lstm_learns_to_add_over_a_lag_and_a_vanilla_rnn_does_not():
    lstm, vanilla = (Learner(ADDING, cell, 40, 0).learn(40_000) for cell in ("lstm", "simple-rnn"))
    assert lstm.sequences is not None and lstm.correct == 1.0
    assert vanilla.sequences is None and vanilla.correct < 0.9


def test_equal_seeds_learn_alike():
    first, again, other = (Learner(ADDING, "lstm", 10, seed=seed) for seed in (0, 0, 1))
    for learner in (first, again, other):
        learner.learn(100)
    for one, two, three in zip(
        *(learner.layer.get_weights() for learner in (first, again, other)), strict=True
    ):
        np.testing.assert_array_equal(one, two)
        assert not np.array_equal(one, three)


SIGNS = {
    "simple-rnn": {},
    "lstm-1997": {"i": -1},
    "coupled-lstm": {"i": -1},
    **dict.fromkeys(("gru", "gru-reset-before", "layer-norm-gru"), {"z": 1}),
    "min-gru": {"z": -1},
}  # of other cells f keeps and i writes


@pytest.mark.parametrize("name", FAMILY)
def test_gates_begin_with_time_constants_up_to_the_length(name):
    cell, layer = FAMILY[name].cell, FAMILY[name].make_width(6)
    layer.build((None, 50, 3))
    begun = {weight.path: weight.numpy() for weight in layer.trainable_variables}
    long_lag._set_time_constants(layer, 50, np.random.default_rng(0))
    signs = SIGNS.get(name, {"f": 1, "i": -1})
    set_gates = set()
    for weight in layer.trainable_variables:
        if weight.name != "bias":
            np.testing.assert_array_equal(weight.numpy(), begun[weight.path])
            continue
        both = (values.reshape(-1, layer.units) for values in (weight.numpy(), begun[weight.path]))
        for index, (now, before) in enumerate(zip(*both, strict=True)):
            gate = cell.gates[index] if index < len(cell.gates) else None  # then it is recurrent
            if gate in signs:
                assert (signs[gate] * now > 0).all() and np.exp(np.abs(now)).max() <= 49
                set_gates.add(gate)
            else:
                np.testing.assert_array_equal(now, before)
    assert set_gates == signs.keys()


@pytest.mark.slow
@pytest.mark.parametrize("cell", KINDS)
def test_cells_of_each_kind_are_trained(cell, monkeypatch):
    monkeypatch.setattr(long_lag, "_TINY", 40)
    lines = []
    plan = Plan.of(quick=True, cells=(cell,), tasks=("adding",))
    (row,) = BENCHMARK.measure(plan, lines.append)["rows"]
    assert (row["cell"], row["sequences"], row["limit"]) == (cell, [None], 40)
    assert lines == [f"long-lag: adding, {cell}: solved 0 of 1 times"]


def test_each_seed_is_a_training_and_the_paper_sets_the_most_sequences(monkeypatch):
    runs = iter([long_lag.Learnt(20_000, 1.0, 1.0), long_lag.Learnt(30_000, 1.0, 1.0)] * 2)
    asked = []

    class Learner:
        def __init__(self, *given):
            asked.append(given[1:])

        def learn(self, limit):
            asked.append(limit)
            return next(runs)

    monkeypatch.setattr(long_lag, "Learner", Learner)
    lines, plan = [], Plan(cells=("gru",), tasks=("adding", "temporal-order-3"), seeds=2, seed=5)
    rows = BENCHMARK.measure(plan, lines.append)["rows"]
    assert asked == [("gru", 100, 5), 100_000, ("gru", 100, 6), 100_000,
                     ("gru", 100, 5), 571_100, ("gru", 100, 6), 571_100]  # fmt: skip
    assert [row["published"] for row in rows] == [74_000, 571_100]
    assert lines[0] == "long-lag: adding, gru: solved 2 of 2 times, after 25,000 sequences"


@pytest.mark.slow
@pytest.mark.parametrize("task", LONG_LAG_TASKS)
def test_every_task_is_trained_on(task, monkeypatch):
    monkeypatch.setattr(long_lag, "_TINY", 40)
    plan = Plan.of(quick=True, cells=("lstm",), tasks=(task,))
    (row,) = BENCHMARK.measure(plan, lambda line: None)["rows"]
    assert row["task"] == task and np.isfinite(row["correct"][0])


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
        "correct": [1.0 if each else 0.15 for each in sequences],
        "seconds": [1.0 for _ in sequences],
    }


def test_of_two_seeds_the_one_that_solved_it_is_shown_and_divergence_is_named():
    half = row("lstm", [20_000, None]) | {"correct": [0.995, math.nan]}
    results = {"lag": 100, "seeds": [0, 1], "rows": [half]}
    words = " ".join(BENCHMARK.table(results, 120))
    assert "20,000" in words and "99.5%, 1 diverged" in words and "nan" not in words
    half = row("lstm", [None]) | {"correct": [math.nan]}
    words = " ".join(BENCHMARK.table({"lag": 100, "seeds": [3], "rows": [half]}, 120))
    assert "seed 3:" in words and "1 diverged" in words and "in 0 of 1 training by" in words


@pytest.mark.parametrize("width", [20, 80])
@pytest.mark.parametrize("published", [74_000, None])
def test_table_and_picture_are_drawn_from_the_json_alone(published, width):
    rows = [
        row("lstm", [20_000, None, 30_000], published),
        row("simple-rnn", [None] * 3, published),
    ]
    results = json.loads(json.dumps({"lag": 100, "seeds": [0, 1, 2], "rows": rows}))
    words = " ".join(BENCHMARK.table(results, width)).split()
    assert {"30,000", "100,000", "2", "15.0%", "71.7%"} <= set(words)  # one of three failed
    assert ("74,000" in words) == (published is not None)
    assert png(BENCHMARK.picture(results))[:4] == b"\x89PNG"
