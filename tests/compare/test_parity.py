"""That the comparison finds what is wrong; that nothing is, tests/layers/test_parity.py proves."""

import importlib.util
import json

import pytest

from nlpkit.compare import Plan, load, parity
from nlpkit.compare.configuration import sample_configurations
from nlpkit.errors import InputError
from nlpkit.layers import FAMILY
from nlpkit.reports.pictures import png
from nlpkit.testing import MASKS

BENCHMARK = load("parity")


def _measured(cells=("simple-rnn",), configurations=4):
    plan = Plan(configurations=configurations, cells=cells)
    return BENCHMARK.measure(plan, lambda words: None)


@pytest.fixture
def spoil(monkeypatch):
    """A function that changes the outputs of our layer."""

    def apply(change):
        right_answers = parity._answers

        def answers(configuration, layer, inputs):
            values, gradients = right_answers(configuration, layer, inputs)
            if "nlpkit" in type(getattr(layer, "forward_layer", layer)).__module__:
                values[0] = change(values[0])
            return values, gradients

        monkeypatch.setattr(parity, "_answers", answers)

    return apply


def test_equal_seeds_draw_equal_configurations_and_others_others():
    assert (
        [*sample_configurations(5, seed=3)]
        == [*sample_configurations(9, seed=3)][:5]
        != [*sample_configurations(5, seed=4)]
    )


@pytest.mark.parametrize(("cell", "library"), [("lstm", "keras"), ("simple-rnn", "keras")])
def test_every_choice_is_drawn(cell, library):
    configurations = [*sample_configurations(400, cell=cell, library=library)]
    assert {one.mask for one in configurations} == set(MASKS)
    assert {one.merge_mode for one in configurations} == {"", "concat", "sum", "mul", "ave", None}
    assert {one.arguments["dtype"] for one in configurations} == {"float32", "float64"}


@pytest.mark.parametrize("cell", FAMILY)
def test_only_arguments_that_the_layer_takes_are_drawn(cell):
    (one,) = sample_configurations(1, cell=cell)
    assert one.layer(FAMILY[cell].layer).built is False


def test_only_what_torch_has_is_compared_with_it():
    relu = {
        cell: any(
            one.arguments["activation"] == "relu" for one in sample_configurations(50, **which)
        )
        for cell in ("simple-rnn", "gru")
        for which in [{"cell": cell, "library": "torch"}]
    }
    assert relu == {"simple-rnn": True, "gru": False}
    assert {one.mask for one in sample_configurations(50, library="torch")} == {"none"}


def test_every_cell_is_compared_with_every_library_that_has_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    assert {("gru", "keras"), ("gru", "torch"), ("gru-reset-before", "keras")} <= set(
        parity.pairs()
    )
    assert ("gru-reset-before", "torch") not in parity.pairs()


def test_a_cell_that_no_library_has_is_refused(monkeypatch):
    monkeypatch.setattr(parity, "pairs", lambda cells: [])
    with pytest.raises(InputError, match="cells that Keras or torch has .*, got 'lstm'"):
        BENCHMARK.require(Plan(cells=("lstm",)))
    BENCHMARK.require(Plan())


def test_a_cell_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="must be one of 'simple-rnn', .*, got 'elman'"):
        BENCHMARK.require(Plan(cells=("elman",)))


def test_the_results_are_complete_and_pass():
    results = _measured()
    libraries = {library for _, library in parity.pairs(["simple-rnn"])}
    assert len(results["configurations"]) == 4 * len(libraries)
    assert {worst["library"] for worst in results["worst"]} == libraries
    for worst in results["worst"]:
        assert worst["error"] == max(
            difference["error"]
            for entry in results["configurations"]
            for difference in entry["differences"]
            if entry["configuration"]["library"] == worst["library"]
            and (difference["what"], difference["dtype"]) == (worst["what"], worst["dtype"])
        )
    BENCHMARK.check(results)


@pytest.mark.parametrize("width", [20, 80])
def test_table_and_picture_are_drawn_from_the_json_alone(width):
    results = json.loads(json.dumps(_measured()))
    words = " ".join(BENCHMARK.table(results, width))
    assert "4 random configurations" in words and "allowed" in words
    assert png(BENCHMARK.picture(results))[:4] == b"\x89PNG"


def test_an_error_that_is_too_large_raises(spoil):
    spoil(lambda outputs: outputs + 1e-3)
    results = _measured()
    with pytest.raises(parity.NotEqualError, match=r"outputs are off by .* allowed, in \{"):
        BENCHMARK.check(results)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda outputs: outputs * float("nan"), "are not all numbers"),
        (lambda outputs: outputs.astype("float16"), "are .*float16.*, the other layer's are"),
        (lambda outputs: outputs[..., None], "are .*, the other layer's are"),
    ],
    ids=["no number", "another type", "another shape"],
)
def test_what_cannot_be_compared_raises_at_once(spoil, change, message):
    spoil(change)
    with pytest.raises(parity.NotEqualError, match=f"the outputs of Configuration.* {message}"):
        _measured()
