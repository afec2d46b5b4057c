"""The external sort: the same order whatever came first, and bounded memory."""

import random

import pytest

from nlpkit.data.buckets import HashSorter


def _sorted(directory, examples, classes):
    with HashSorter(directory) as sorter:
        for text, mark in examples:
            sorter.add(text, mark)
        return list(sorter.sorted(classes))


@pytest.mark.parametrize("seed", range(3))
def test_order_of_arrival_leaves_no_trace(tmp_path, seed):
    examples = [(f"text {number % 500}".encode(), number % 2) for number in range(2000)]
    wanted = _sorted(tmp_path, examples, [0, 1])
    random.Random(seed).shuffle(examples)
    assert _sorted(tmp_path, examples, [0, 1]) == wanted
    assert sorted((text, mark) for _, text, mark in wanted) == sorted(examples)
    assert wanted == sorted(wanted)


def test_marks_become_classes(tmp_path):
    assert {c for _, _, c in _sorted(tmp_path, [(b"a", 0), (b"b", 1)], [1, 0])} == {0, 1}
    assert _sorted(tmp_path, [(b"a", 0)], [5])[0][1:] == (b"a", 5)


@pytest.mark.parametrize("text", [b"", b"\0", b"x" * (1 << 20), "한국어".encode()])
def test_any_text_survives(tmp_path, text):
    assert [text for _, text, _ in _sorted(tmp_path, [(text, 0)], [0])] == [text]


def test_a_label_sorted_stream_is_mixed(tmp_path):
    examples = [(f"text {number}".encode(), int(number >= 5000)) for number in range(10_000)]
    marks = [mark for _, _, mark in _sorted(tmp_path, examples, [0, 1])]
    for start in range(0, 10_000, 1000):
        assert 400 < sum(marks[start : start + 1000]) < 600


def test_no_file_is_left_behind(tmp_path):
    _sorted(tmp_path, [(b"a", 0)], [0])
    with pytest.raises(RuntimeError), HashSorter(tmp_path) as sorter:
        sorter.add(b"a", 0)
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
