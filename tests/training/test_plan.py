"""Settings that follow the data."""

import pytest

from nlpkit.data.shards import ShardWriter
from nlpkit.training import batch_size, epochs, language_dropouts, length_cap, patience, plan


def write(directory, lengths):
    """A split of texts of so many words each."""
    with ShardWriter(directory, "train", classes=2) as writer:
        for length in lengths:
            writer.write(b"a " * length, 0)
        return writer.finish()


@pytest.mark.parametrize(
    ("lengths", "cap"),
    [
        ([1] * 10, 16),
        ([0], 16),
        ([16] * 10, 16),
        ([17] * 10, 24),
        ([24] * 10, 24),
        ([30] * 1000 + [2500], 32),
        ([2500] * 10, 512),
        ([10] * 90 + [100] * 10, 104),
    ],
    ids=str,
)
def test_the_cap_holds_nearly_all_texts_whole(tmp_path, lengths, cap):
    assert length_cap(write(tmp_path, lengths)) == cap


def test_a_sample_decides(tmp_path, monkeypatch):
    monkeypatch.setattr(plan, "_SAMPLE", 1000)
    assert length_cap(write(tmp_path, [20] * 1024 + [400] * 1024)) == 24


@pytest.mark.parametrize(
    ("examples", "max_length", "size"),
    [
        (9_999, 64, 32),
        (10_000, 64, 128),
        (150_000, 256, 128),
        (150_000, 264, 124),
        (150_000, 512, 64),
        (2_000, 2_500, 13),
        (10, 100_000, 1),
        (10, 64, 8),
        (300, 64, 9),
        (1_000, 64, 31),
    ],
)
def test_a_batch_holds_a_bounded_number_of_tokens(examples, max_length, size):
    assert batch_size(examples, max_length) == size
    assert size == 1 or size * max_length <= 32_768


@pytest.mark.parametrize(
    ("examples", "batch", "number"),
    [(1_600, 32, 22), (5_000, 32, 8), (150_000, 128, 4), (10_000, 128, 15), (1, 1, 60)],
)
def test_epochs_make_a_like_number_of_updates(examples, batch, number):
    assert epochs(examples, batch) == number


@pytest.mark.parametrize("examples", [40, 130, 400, 1_300, 1_763, 9_000, 22_000, 500_000])
def test_small_data_are_given_hundreds_of_updates_and_time_to_get_going(examples):
    batch = batch_size(examples, 40)
    updates = -(-examples // batch)
    assert updates * epochs(examples, batch) >= 300
    assert updates * patience(examples, batch) >= 160
    assert patience(examples, batch) >= 3


def test_what_is_planned_changes_little_where_the_data_do():
    sizes = [int(30 * 1.05**step) for step in range(118)]  # up to 9,500
    updates = [n / batch_size(n, 40) * epochs(n, batch_size(n, 40)) for n in sizes]
    assert all(one / other < 1.3 for one, other in zip(updates, updates[1:], strict=False))


def test_a_cell_without_a_recurrent_kernel_drops_none_of_it():
    assert language_dropouts(0.4)["weight_drop"] == 0.3
    assert language_dropouts(0.4, "min-gru")["weight_drop"] == 0
