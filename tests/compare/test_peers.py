"""The contestants do the same work: equal functions, equal weights, equal numbers."""

import importlib.util

import keras
import numpy as np
import pytest

from nlpkit.compare import Plan
from nlpkit.compare.contestants import CONTESTANTS, present, require_tensorflow
from nlpkit.compare.shapes import Shape
from nlpkit.compare.task import Task
from nlpkit.errors import InputError

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="contestants run on TensorFlow"
)

TASK = Task(Shape(3, 6, 4, 5))
LSTMS = [name for name, one in CONTESTANTS.items() if one.function == "lstm"]
OPERATIONS = ["forward", "training", "fit", "decode"]


def _peer(name):
    if not importlib.util.find_spec(CONTESTANTS[name].needs):
        pytest.skip(f"{CONTESTANTS[name].needs} is not installed")
    return CONTESTANTS[name].peer(TASK)


def _arrays(tensors):
    return [np.asarray(tensor) for tensor in tensors]


@pytest.mark.parametrize("name", LSTMS)
def test_forward_is_the_same_function_everywhere(name):
    expected = _peer("keras-lstm").forward(masked=False)()
    np.testing.assert_allclose(_peer(name).forward(masked=False)(), expected, atol=2e-6)


@pytest.mark.parametrize("name", LSTMS)
def test_gradients_are_the_same_everywhere(name):
    inputs, kernel, recurrent, bias, *rest = _arrays(_peer(name).training(masked=False)())
    if name == "torch":
        kernel, recurrent = kernel.T, recurrent.T
        np.testing.assert_allclose(
            rest, [bias], atol=1e-5
        )  # the second bias sees what the first does
    expected = _arrays(_peer("keras-lstm").training(masked=False)())
    for got, want in zip((inputs, kernel, recurrent, bias), expected, strict=True):
        np.testing.assert_allclose(got, want, atol=1e-5 * max(1, np.abs(want).max()))


@pytest.mark.parametrize("name", LSTMS)
def test_a_step_of_decoding_is_the_same_everywhere(name):
    expected, got = (_arrays(_peer(each).decode()()) for each in ("keras-lstm", name))
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-6)


@pytest.mark.parametrize("name", CONTESTANTS)
def test_fit_learns(name):
    step = _peer(name).fit(masked=False)
    first, *_, last = [step() for _ in range(50)]
    assert last < first


@pytest.mark.parametrize("name", [name for name, one in CONTESTANTS.items() if one.masks])
def test_masked_calls_see_the_mask(name):
    peer = _peer(name)
    whole, masked = (np.asarray(peer.forward(masked=masked)()) for masked in (False, True))
    padded = ~TASK.mask.all(axis=1)
    assert padded.any()
    np.testing.assert_allclose(masked[TASK.mask], whole[TASK.mask], atol=2e-6)
    assert not np.allclose(masked[padded, -1], whole[padded, -1])
    inputs = np.asarray(peer.training(masked=True)()[0])
    assert not inputs[~TASK.mask].any()
    assert np.isfinite(peer.fit(masked=True)())


@pytest.mark.parametrize("name", CONTESTANTS)
def test_a_peer_says_what_ran(name):
    peer = _peer(name)
    assert peer.ran == {}
    for operation in OPERATIONS:
        getattr(peer, operation)(**({} if operation == "decode" else {"masked": False}))()
    assert set(peer.ran) == set(OPERATIONS)
    assert all(peer.ran.values())


@pytest.mark.parametrize("name", CONTESTANTS)
def test_ours_alone_says_where_it_runs(name):
    assert _peer(name).says.startswith("On a CPU: ") == (name == "nlpkit")


def test_every_contestant_has_a_colour_of_its_own():
    assert len({one.colour for one in CONTESTANTS.values()}) == len(CONTESTANTS)


def test_lengths_are_drawn_from_half_to_whole():
    lengths = Task(Shape(500, 9, 1, 1)).mask.sum(axis=1)
    assert set(lengths) == {5, 6, 7, 8, 9}


def test_what_is_not_installed_takes_no_part(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "torch" else found(name)
    )
    assert "torch" not in present()


def test_ours_is_always_among_those_that_are_asked_for():
    assert list(present(["keras-gru"])) == ["nlpkit", "keras-gru"]
    with pytest.raises(InputError, match="`contestants` must be one of 'nlpkit', .*, got 'flax'"):
        present(["flax"])


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(InputError, match="`KERAS_BACKEND` must be tensorflow .*, got 'jax'"):
        require_tensorflow(Plan())
