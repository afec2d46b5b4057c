"""The implementations do the same work: equal functions, equal weights, equal numbers."""

import importlib.util

import keras
import numpy as np
import pytest

from nlpkit.compare import Plan, torch_adapter
from nlpkit.compare.implementations import (
    IMPLEMENTATIONS,
    OURS,
    implementations_of,
    installed,
    require_tensorflow,
)
from nlpkit.compare.workload import Shape, Workload
from nlpkit.errors import InputError
from nlpkit.layers import FAMILY

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="implementations run on TensorFlow"
)

SHAPE = Shape(3, 6, 4, 5)
OPERATIONS = ["forward", "training", "fit", "decode"]
SHARED = [cell for cell, member in FAMILY.items() if member.keras_name or member.torch_name]
EVERY_IMPLEMENTATION = [(cell, name) for cell in SHARED for name in implementations_of(cell)]
# Training goes by cells of two kinds; what they compute is compared for all of them.
TRAINED = [(cell, name) for cell, name in EVERY_IMPLEMENTATION if cell in ("lstm", "simple-rnn")]
OTHERS = [(cell, name) for cell, name in EVERY_IMPLEMENTATION if name != OURS]


def _adapter(cell, name):
    return IMPLEMENTATIONS[name].adapter(Workload(SHAPE, cell=cell))


def _arrays(tensors):
    return [np.asarray(tensor) for tensor in tensors]


@pytest.mark.parametrize(("cell", "name"), OTHERS)
def test_forward_is_the_same_function_everywhere(cell, name):
    got, expected = (_adapter(cell, each).forward(masked=False)() for each in (name, OURS))
    np.testing.assert_allclose(got, expected, atol=2e-6)


@pytest.mark.parametrize(("cell", "name"), OTHERS)
def test_gradients_are_the_same_everywhere(cell, name):
    workload = Workload(SHAPE, cell=cell)
    got, expected = (
        _arrays(_adapter(cell, each).training(masked=False)()) for each in (name, OURS)
    )
    if name == "torch":
        inputs, *arrays = got
        names = [name for name, _ in torch_adapter.module(workload.layer).named_parameters()]
        by_name = dict(zip(names, arrays, strict=True))
        got = [inputs, *torch_adapter.by_our_weights(workload.layer, by_name)]
    for one, want in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, want, atol=1e-5 * max(1, np.abs(want).max()))


@pytest.mark.parametrize(("cell", "name"), OTHERS)
def test_a_step_of_decoding_is_the_same_everywhere(cell, name):
    got, expected = (_arrays(_adapter(cell, each).decode()()) for each in (name, OURS))
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-6)


@pytest.mark.parametrize(("cell", "name"), TRAINED)
def test_fit_learns(cell, name):
    step = _adapter(cell, name).fit(masked=False)
    first, *_, last = [step() for _ in range(50)]
    assert last < first


@pytest.mark.parametrize(("cell", "name"), [e for e in TRAINED if IMPLEMENTATIONS[e[1]].masks])
def test_masked_calls_see_the_mask(cell, name):
    adapter, mask = _adapter(cell, name), Workload(SHAPE).mask
    whole, masked = (np.asarray(adapter.forward(masked=masked)()) for masked in (False, True))
    padded = ~mask.all(axis=1)
    assert padded.any()
    np.testing.assert_allclose(masked[mask], whole[mask], atol=2e-6)
    assert not np.allclose(masked[padded, -1], whole[padded, -1])
    inputs = np.asarray(adapter.training(masked=True)()[0])
    assert not inputs[~mask].any()
    losses = []
    for masked in (False, True):
        keras.utils.set_random_seed(0)  # of the Dense layer
        losses.append(float(adapter.fit(masked=masked)()))
    assert losses[0] != pytest.approx(losses[1], rel=1e-3)


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
def test_an_adapter_says_what_ran(name):
    if ("lstm", name) not in EVERY_IMPLEMENTATION:
        pytest.skip(f"{name} is not installed")
    adapter = _adapter("lstm", name)
    assert adapter.ran == {}
    for operation in OPERATIONS:
        getattr(adapter, operation)(**({} if operation == "decode" else {"masked": False}))()
    assert set(adapter.ran) == set(OPERATIONS)
    assert all(adapter.ran.values())


@pytest.mark.parametrize(("cell", "name"), EVERY_IMPLEMENTATION)
def test_ours_alone_says_where_it_runs(cell, name):
    assert _adapter(cell, name).says.startswith("On a CPU: ") == (name == OURS)


def test_every_implementation_has_a_colour_of_its_own():
    assert len({one.colour for one in IMPLEMENTATIONS.values()}) == len(IMPLEMENTATIONS)


def test_lengths_are_drawn_from_half_to_whole():
    lengths = Workload(Shape(500, 9, 1, 1)).mask.sum(axis=1)
    assert set(lengths) == {5, 6, 7, 8, 9}


def test_what_is_not_installed_takes_no_part(monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "torch" else find_spec(name)
    )
    assert "torch" not in installed()


def test_ours_is_always_among_those_that_are_asked_for():
    assert list(installed(["keras"])) == ["nlpkit", "keras"]
    with pytest.raises(
        InputError, match="`implementations` must be one of 'nlpkit', .*, got 'flax'"
    ):
        installed(["flax"])


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(InputError, match="`KERAS_BACKEND` must be tensorflow .*, got 'jax'"):
        require_tensorflow(Plan())
