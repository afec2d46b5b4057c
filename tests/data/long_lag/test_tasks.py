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
    noisy = sequences.expected is not None
    outputs = (sequences.expected if noisy else sequences.targets) * (9 if task.classes else 1)
    if name == "reber":  # all that is allowed, not only what comes
        outputs = sequences.correct.astype(np.float32)
    assert task.solved(outputs, sequences).all()
    row, step = 3, np.flatnonzero(sequences.judged[3])[-1]
    outputs[row, step] = -outputs[row, step] if task.classes else outputs[row, step] + 0.11
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


def test_over_very_long_lags_the_second_symbol_is_due_after_the_trigger():
    sequences = made("very-long-lags", count=2_000, lag=20)
    e, b, x, y = 20, 21, 22, 23
    assert sequences.inputs.shape == (2_000, 20 + 3 + 87, 24) and sequences.targets.shape[2] == 2
    length, between = lengths(sequences), []
    for inputs, target, steps in zip(sequences.inputs, sequences.targets, length, strict=True):
        first, second, *random, trigger = symbols(inputs[:steps])
        assert (first, trigger) == (b, e) and second in (x, y) and max(random) < 20
        assert target[steps - 1].tolist() == [second == x, second == y]
        between.append(random)
    assert np.array_equal(sequences.counted.argmax(axis=1), length - 1)
    assert set(np.concatenate(between)) == set(range(20))
    assert length.min() == 23 and length.mean() == pytest.approx(20 + 3 + 9, abs=0.5)


def signals(sequences):
    """The class of each sequence, 1 or -1, from the answers that are due, and the other numbers."""
    answers = sequences.targets if sequences.expected is None else sequences.expected
    last = answers[np.arange(len(answers)), lengths(sequences) - 1]
    first = last[:, 0] > 0.5 if last.shape[1] == 2 else last[:, 0] < 0.5
    return np.where(first, 1.0, -1.0)[:, None], sequences.inputs[:, 3:, 0][sequences.mask[:, 3:]]


@pytest.mark.parametrize("name", ["two-sequences", "two-sequences-noisy-targets"])
def test_two_sequences_differ_in_their_first_three_numbers(name):
    sequences = made(name, count=1_000)
    signal, noise = signals(sequences)
    assert (sequences.inputs[:, :3, 0] == signal).all() and abs(signal.mean()) < 0.1
    assert abs(noise.mean()) < 0.01 and noise.var() == pytest.approx(0.2, rel=0.02)


def test_with_noisy_inputs_the_first_three_numbers_have_the_noise_of_the_others():
    sequences = made("two-sequences-noisy-inputs", count=2_000)
    signal, noise = signals(sequences)
    on_signal = sequences.inputs[:, :3, 0] - signal
    for each in (noise, on_signal):
        assert abs(each.mean()) < 0.02 and each.var() == pytest.approx(0.2, rel=0.05)


def test_noisy_targets_are_learnt_from_and_their_means_are_judged():
    sequences = made("two-sequences-noisy-targets", count=2_000)
    task, last = LONG_LAG_TASKS["two-sequences-noisy-targets"], sequences.counted
    assert set(sequences.expected[last].ravel()) == {np.float32(0.2), np.float32(0.8)}
    noise = (sequences.targets - sequences.expected)[last]
    assert abs(noise.mean()) < 0.02 and noise.var() == pytest.approx(0.1, rel=0.1)
    assert task.solved(sequences.expected, sequences).all()
    assert task.solved(sequences.targets, sequences).mean() == pytest.approx(0.25, abs=0.05)
    off = np.abs(sequences.targets - sequences.expected).max(axis=(1, 2))
    np.testing.assert_array_equal(task.errors(sequences.targets, sequences), off)


def test_the_error_of_a_sequence_is_its_largest_at_the_steps_that_are_judged():
    task, sequences = LONG_LAG_TASKS["no-regularities"], made("no-regularities", count=3, lag=10)
    target = sequences.targets[:, -1]
    probabilities = np.full(sequences.targets.shape, 1 / 11)  # wrong at all other steps
    probabilities[:, -1] = np.where(target == 1, 0.7, 0.03)
    np.testing.assert_allclose(task.errors(np.log(probabilities), sequences), 0.3, rtol=1e-6)


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
        ("two-sequences-noisy-inputs", 0.19, True),
        ("two-sequences-noisy-inputs", 0.21, False),
        ("two-sequences-noisy-targets", 0.09, True),
        ("two-sequences-noisy-targets", 0.11, False),
        ("very-long-lags", 0.19, True),
        ("very-long-lags", 0.21, False),
    ],
)
def test_an_answer_may_be_off_by_the_tolerance_of_the_paper(name, answer, solved):
    task, sequences = LONG_LAG_TASKS[name], made(name, count=20)
    targets = sequences.targets if sequences.expected is None else sequences.expected
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
