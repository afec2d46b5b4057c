"""Sequences with long lags are as the papers describe them."""

import numpy as np
import pytest

from nlpkit.data.long_lag import LONG_LAG_TASKS, reber
from nlpkit.errors import InputError

COUNT, LAG = 200, 100
every_task = pytest.mark.parametrize("name", LONG_LAG_TASKS)


def made(name, *, count=COUNT, lag=LAG, seed=0):
    """Sequences of a task."""
    return LONG_LAG_TASKS[name].make(np.random.default_rng(seed), count, lag)


def lengths(sequences):
    """The steps of each sequence; its padding must stand on the right, and be zeros."""
    mask = sequences.mask
    assert (mask[:, :-1] >= mask[:, 1:]).all()
    assert not sequences.inputs[~mask].any()
    return mask.sum(axis=1)


def symbols(vectors):
    """The symbol of each step, from one-hot vectors."""
    assert (vectors.sum(axis=-1) == 1).all()
    return vectors.argmax(axis=-1)


@every_task
@pytest.mark.parametrize("lag", [10, 40])
def test_targets_stand_at_the_steps_that_count(name, lag):
    sequences = made(name, lag=lag)
    count, steps, answers = sequences.targets.shape
    assert count == COUNT and sequences.inputs.shape[:2] == (count, steps)
    assert sequences.inputs.dtype == sequences.targets.dtype == np.float32
    assert sequences.mask.shape == sequences.counted.shape == (count, steps)
    assert sequences.correct.shape == (count, steps, answers)
    assert (sequences.judged <= sequences.counted).all() and sequences.judged.any(axis=1).all()
    assert (sequences.counted <= sequences.mask).all()
    assert not sequences.targets[~sequences.counted].any()


@every_task
def test_equal_seeds_give_equal_sequences(name):
    first, again, other = (made(name, count=20, seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(first.inputs, again.inputs)
    assert np.array_equal(first.targets, again.targets)
    assert not np.array_equal(first.inputs, other.inputs)


@every_task
def test_one_wrong_step_makes_a_sequence_wrong(name):
    task, sequences = LONG_LAG_TASKS[name], made(name, count=20, lag=40)
    outputs = 9 * sequences.targets if task.classes else sequences.targets.copy()
    if name == "reber":  # all that is allowed, not only what comes
        outputs = sequences.correct.astype(np.float32)
    assert task.solved(outputs, sequences).all()
    row, step = 3, np.flatnonzero(sequences.judged[3])[-1]
    outputs[row, step] = outputs[row, step] + 0.05 if not task.classes else -outputs[row, step]
    assert np.flatnonzero(~task.solved(outputs, sequences)).tolist() == [row]
    outputs[row] = np.nan  # after a training that diverged
    assert not task.solved(outputs, sequences)[row]


@pytest.mark.parametrize("name", ["adding", "multiplication"])
def test_the_answer_is_the_sum_or_the_product_of_the_marked_numbers(name):
    sequences = made(name, count=2_000)
    length = lengths(sequences)
    assert (length.min(), length.max()) == (100, 110)
    assert np.array_equal(sequences.counted.argmax(axis=1), length - 1)
    for inputs, target, steps in zip(sequences.inputs, sequences.targets, length, strict=True):
        numbers, marker = inputs[:steps].T
        early, late = np.flatnonzero(marker == 1)
        assert early < 10 and late < 49 and marker[-1] == -1
        assert set(marker[1:-1]) <= {0.0, 1.0} and marker[0] == (1.0 if early == 0 else -1.0)
        x, y = numbers[[early, late]]
        if early == 0:
            assert x == (0.0 if name == "adding" else 1.0)
        wanted = 0.5 + (x + y) / 4 if name == "adding" else x * y
        assert target[steps - 1, 0] == pytest.approx(wanted, abs=1e-6)
    lowest = sequences.inputs[sequences.mask][:, 0].min()
    assert (lowest < -0.99) if name == "adding" else (0 <= lowest < 0.01)


@pytest.mark.parametrize(("count", "starts"), [(2, (10, 50)), (3, (10, 33, 66))])
def test_the_class_is_the_order_of_x_and_y(count, starts):
    sequences = made(f"temporal-order-{count}", count=1_000)
    length, seen = lengths(sequences), set()
    assert (length.min(), length.max()) == (100, 110)
    for inputs, target, steps in zip(sequences.inputs, sequences.targets, length, strict=True):
        text = "".join("EBabcdXY"[symbol] for symbol in symbols(inputs[:steps]))
        assert text[0] == "E" and text[-1] == "B"
        at = [step for step, symbol in enumerate(text) if symbol in "XY"]
        assert len(at) == count
        assert all(start <= step <= start + 10 for start, step in zip(starts, at, strict=True))
        wanted = int("".join(str("XY".index(text[step])) for step in at), 2)
        assert target[steps - 1].argmax() == wanted
        seen.add(wanted)
    assert seen == set(range(2**count))


def test_without_noise_each_next_symbol_is_due():
    sequences = made("noise-free")
    inputs, targets = symbols(sequences.inputs), symbols(sequences.targets)
    assert inputs.shape == (COUNT, 100) and set(inputs[:, 0]) == {0, 100}
    assert (inputs[:, 1:] == np.arange(1, 100)).all()
    assert np.array_equal(targets[:, :-1], inputs[:, 1:])
    assert np.array_equal(targets[:, -1], inputs[:, 0])


def test_without_regularities_only_the_first_symbol_is_due_again():
    sequences = made("no-regularities")
    inputs = symbols(sequences.inputs)
    assert set(inputs[:, 0]) == {0, 100} and 0 < inputs[:, 1:].min() <= inputs[:, 1:].max() < 100
    assert sequences.judged.sum() == COUNT and sequences.judged[:, -1].all()
    targets = symbols(sequences.targets)  # all are due, though none but the last can be known
    assert np.array_equal(targets[:, :-1], inputs[:, 1:])
    assert np.array_equal(targets[:, -1], inputs[:, 0])


def test_two_sequences_differ_in_their_first_three_numbers():
    sequences = made("two-sequences", count=1_000)
    length = lengths(sequences)
    last = sequences.targets[np.arange(1_000), length - 1]
    assert (sequences.inputs[:, :3, 0] == np.where(last[:, :1] == 1, 1.0, -1.0)).all()
    noise = sequences.inputs[:, 3:, 0][sequences.mask[:, 3:]]
    assert abs(noise.mean()) < 0.01 and noise.var() == pytest.approx(0.2, rel=0.02)


def test_ten_symbols_are_copied_after_the_mark():
    sequences = made("copy-memory")
    inputs, targets = symbols(sequences.inputs), symbols(sequences.targets)
    assert inputs.shape == (COUNT, 120) and inputs[:, :10].max() == 7
    assert (inputs[:, 10:109] == 8).all() and (inputs[:, 109] == 9).all()
    assert (inputs[:, 110:] == 8).all() and (targets[:, :110] == 8).all()
    assert np.array_equal(targets[:, 110:], inputs[:, :10])


@pytest.mark.parametrize("string", ["BTXSE", "BPVVE", "BTSSXXTVVE", "BPTVPSE", "BTSSXXTVPSE"])
def test_the_grammar_makes_the_known_strings_of_reber(string):
    node = 0
    for symbol in string:
        node = reber._REBER[node][symbol]
    assert node == len(reber._REBER)


def test_strings_of_the_embedded_grammar_end_as_they_begin():
    sequences = made("reber", lag=40)
    assert lengths(sequences).max() <= 39
    assert (sequences.correct >= (sequences.targets > 0)).all()  # what comes is allowed
    for inputs, targets, correct, mask in zip(
        sequences.inputs, sequences.targets, sequences.correct, sequences.mask, strict=True
    ):
        string = "".join("BTPSXVE"[symbol] for symbol in symbols(inputs[mask]))
        string += "BTPSXVE"[symbols(targets[mask])[-1]]
        assert string[0] == "B" and string[-1] == "E" and string[1] == string[-2] in "TP"
        node, allowed = 0, correct[mask].sum(axis=1)
        for step, symbol in enumerate(string[2:-2]):
            assert allowed[step + 1] == len(reber._REBER[node])
            node = reber._REBER[node][symbol]
        assert node == len(reber._REBER) and allowed[[0, -2, -1]].tolist() == [2, 1, 1]


@pytest.mark.parametrize(
    ("name", "answer", "solved"),
    [
        ("adding", 0.039, True),
        ("adding", 0.041, False),
        ("temporal-order-3", 0.29, True),
        ("temporal-order-3", 0.31, False),
        ("two-sequences", 0.19, True),
        ("two-sequences", 0.21, False),
    ],
)
def test_an_answer_may_be_off_by_the_tolerance_of_the_paper(name, answer, solved):
    task, sequences = LONG_LAG_TASKS[name], made(name, count=20)
    targets = sequences.targets
    if task.classes:  # the probability of the true class is short of 1 by this
        others = answer / (targets.shape[-1] - 1)
        outputs = np.log(np.where(targets == 1, 1 - answer, others))
    else:
        outputs = targets + answer
    assert (task.solved(outputs, sequences) == solved).all()


@every_task
def test_short_lags_are_refused(name):
    with pytest.raises(InputError, match="`lag` must be at least 10, got 9."):
        made(name, lag=9)
