"""Gradients along time: those of NumPy's loop, at the rates of the theory."""

import json
import math

import numpy as np
import pytest

from nlpkit.compare import Plan, gradients, load
from nlpkit.compare.workload import Shape
from nlpkit.layers import FAMILY
from nlpkit.reports.pictures import png
from tests.layers.members import KINDS

BENCHMARK = load("gradients")
SHAPE = Shape(3, 30, 5, 6)


def follow(name="simple-rnn", *, seed=0, **setting):
    """The gradients of a cell as it begins, but for the setting."""
    operands, inputs = gradients._initial(name, gradients._Setting(**setting), SHAPE, seed)
    return gradients._follow(FAMILY[name].cell, operands, inputs, seed)


def norms(*arguments, **settings):
    return follow(*arguments, **settings).norms


@pytest.mark.parametrize("radius", [0.5, 1.0, 2.0])
def test_norms_are_those_of_a_loop_in_numpy(radius):
    """Pascanu et al. 2013, equation 5: a step back multiplies by diag(1 - h²) and by Rᵀ."""
    setting = gradients._Setting(radius=radius)
    operands, inputs = gradients._initial("simple-rnn", setting, SHAPE, 0)
    got = gradients._follow(FAMILY["simple-rnn"].cell, operands, inputs, 0)
    kernel, recurrent, bias = (np.asarray(weight) for weight in operands.weights.values())
    hs, xs = [np.zeros((SHAPE.batch, SHAPE.units))], inputs.numpy()[:, :, 0]
    for x in xs:
        hs.append(np.tanh(x @ kernel + hs[-1] @ recurrent + bias))
    gradient = np.random.default_rng(0).spawn(1)[0].normal(size=hs[0].shape)
    gradient /= SHAPE.batch * np.linalg.norm(gradient, axis=1, keepdims=True)
    expected, by_weights = [], [0.0, 0.0, 0.0]
    for x, before, h in zip(xs[::-1], hs[-2::-1], hs[:0:-1], strict=True):
        expected.append(np.exp(np.log(np.linalg.norm(gradient, axis=1)).mean()))
        z = gradient * (1 - h * h)
        for index, each in enumerate((x.T @ z, before.T @ z, z.sum(axis=0))):
            by_weights[index] = by_weights[index] + each
        gradient = z @ recurrent.T
    np.testing.assert_allclose(got.norms["h"], np.array(expected) / expected[0], rtol=1e-9)
    norm = np.sqrt(sum((each**2).sum() for each in by_weights))
    np.testing.assert_allclose(got.by_weights, norm, rtol=1e-9)


@pytest.mark.parametrize("radius", [0.5, 0.9, 1.0])
def test_where_tanh_is_linear_the_rate_is_the_spectral_radius(radius, monkeypatch):
    monkeypatch.setattr(gradients, "_AMPLITUDE", 1e-3)
    assert gradients._rate(norms(radius=radius)["h"]) == pytest.approx(radius, rel=1e-3)


def test_the_wider_the_forget_gate_is_open_the_more_is_left():
    left = [norms("lstm", forget_bias=bias)["c"][-1] for bias in (0.0, 1.0, 2.0, 4.0)]
    assert left == sorted(left) and left[-1] > 1e3 * left[0]


def test_equal_seeds_give_equal_norms():
    first, again, other = (norms("gru", seed=seed) for seed in (0, 0, 1))
    assert first == again != other


def test_rows_without_a_gradient_leave_nothing():
    assert gradients._rate([1.0, 0.0, 0.0]) == 0
    assert gradients._rate([1.0, 0.5, 0.25, 0.0]) == pytest.approx(0.5)


@pytest.mark.slow
def test_a_layer_that_learnt_to_add_keeps_what_a_vanilla_rnn_loses(monkeypatch):
    monkeypatch.setattr(gradients, "_SEQUENCES", 25_000)
    shape, plan = Shape(8, 40, 1, 1), Plan()
    left = {}
    for name in ("simple-rnn", "lstm"):
        operands, inputs = gradients._trained(name, shape, plan)
        assert inputs.shape == (40, 8, 1, 2) and (inputs.numpy()[0, :, 0, 1] != 0).all()
        followed = gradients._follow(FAMILY[name].cell, operands, inputs, 0).norms
        left[name] = followed[FAMILY[name].cell.state_names[-1]][-1]  # c, where there is one
    assert left["lstm"] > 0.05 > 0.02 > left["simple-rnn"]


@pytest.mark.slow
@pytest.mark.parametrize("cell", KINDS)
def test_cells_of_each_kind_are_followed(cell):
    lines = []
    results = BENCHMARK.measure(Plan(quick=True, cells=(cell,)), lines.append)
    (settings,) = results["cells"].values()
    assert len(lines) == len(settings) > 0
    for row in settings.values():
        assert list(row["norms"]) == list(FAMILY[cell].cell.state_names)
        assert row["norms"]["h"][0] == 1 and np.isfinite(row["rate"])
        assert {len(each) for each in row["norms"].values()} == {results["distance"] + 1}
        assert 0 < row["clipped"] == min(1.0, row["by_weights"])


ROW = {"norms": {"h": [1.0, 0.5, 0.25], "c": [0.0, 0.4, 0.125]}, "rate": 0.5, "bound": None}
ROW |= {"by_weights": 0.75, "clipped": 0.75}
BOUNDED = {"norms": {"h": [1.0, 2.0, 4.0]}, "rate": 2.0, "bound": 2.5}
BOUNDED |= {"by_weights": 800.0, "clipped": 1.0}
SETTINGS = {"lstm": "forget bias 1", "simple-rnn": "radius 1"}


@pytest.mark.parametrize("width", [20, 80])
@pytest.mark.parametrize("rows", [{"lstm": ROW, "simple-rnn": BOUNDED}, {"simple-rnn": BOUNDED}])
def test_table_and_picture_are_drawn_from_the_json_alone(rows, width):
    cells = {cell: {SETTINGS[cell]: row, "after training": row} for cell, row in rows.items()}
    results = json.loads(json.dumps({"shape": "1,3,2,2", "distance": 2, "cells": cells}))
    words = " ".join(BENCHMARK.table(results, width)).split()
    assert {"2.000", "2.500", "4.0e+00", "8.0e+02", "1.0e+00"} <= set(words)
    assert ("1.2e-01" in words) == ("6.2e-02" in words) == ("lstm" in rows)  # 0.25 of h over 4
    figure = BENCHMARK.picture(results)
    assert png(figure)[:4] == b"\x89PNG"
    labels = [line.get_label() for line in figure.axes[0].get_lines()]
    assert len(labels) == 2 * len(rows) + 2 + 1  # those that are clipped, and the line at 1
    assert "simple-rnn, radius 1, clipped" in labels


NOTHING = {"norms": {"h": [1.0, 0.0, 0.0]}, "rate": 0.0, "bound": None}
NOTHING |= {"by_weights": 0.0, "clipped": 0.0}
DIVERGED = {"norms": {"h": [math.nan] * 3}, "rate": math.nan, "bound": None}
DIVERGED |= {"by_weights": math.nan, "clipped": math.nan}


@pytest.mark.parametrize(("row", "word"), [(NOTHING, "0"), (DIVERGED, "diverged")])
@pytest.mark.parametrize("others", [{}, {"lstm": ROW}], ids=["alone", "beside an lstm"])
def test_what_vanished_or_diverged_is_called_so(row, word, others):
    cells = {
        cell: {SETTINGS[cell]: each, "after training": each}
        for cell, each in ({"simple-rnn": row} | others).items()
    }
    results = {"shape": "1,3,2,2", "distance": 2, "cells": cells}
    assert word in " ".join(BENCHMARK.table(results, 80)).split()
    assert word in BENCHMARK.conclusion(results)
    assert png(BENCHMARK.picture(results))[:4] == b"\x89PNG"


def test_a_gradient_that_is_no_number_has_no_rate():
    assert math.isnan(gradients._rate([1.0, math.nan, math.nan]))


def test_each_setting_is_drawn():
    settings = [str(setting) for setting in gradients._settings(FAMILY["lstm"].cell)]
    results = {"shape": "", "distance": 2, "cells": {"lstm": dict.fromkeys(settings, ROW)}}
    assert len(BENCHMARK.picture(results).axes[0].get_lines()) == len(settings) + 1
