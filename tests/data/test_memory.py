"""Memory: a file is never in memory as a whole."""

import gzip
import tracemalloc

import pytest

from nlpkit.data import prepare, prepare_text
from nlpkit.data.lines import read_lines

MEGABYTE = 1 << 20


def test_a_file_of_64_mb_is_read_within_2_mb(tmp_path):
    path = tmp_path / "zeros.txt.gz"
    block = gzip.compress((b"x" * 1023 + b"\n") * 1024)
    path.write_bytes(block * 64)
    tracemalloc.start()
    try:
        last = max(number for number, _ in read_lines(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert last == 64 * 1024
    assert peak < 2 * MEGABYTE


@pytest.mark.slow
def test_50_mb_sorted_by_label_are_prepared_within_10_mb(tmp_path):
    path = tmp_path / "x.tsv"
    with path.open("w", encoding="utf-8") as stream:
        stream.write("text\tlabel\n")
        for number in range(100_000):
            stream.write(f"{number} {'x' * 500}\t{number // 50_000}\n")
    tracemalloc.start()
    try:
        corpus = prepare(path, directory=tmp_path / "shards")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(split.size for split in (corpus.train, corpus.validation, corpus.test)) == 100_000
    assert len(corpus.train.paths) > 2
    assert peak < 10 * MEGABYTE


@pytest.mark.slow
@pytest.mark.parametrize("end", ["\n", "\n\n", " <unk>\n", " "])
def test_50_mb_of_any_form_are_prepared_within_10_mb(tmp_path, end):
    path = tmp_path / "x.txt"
    with path.open("w", encoding="utf-8") as stream:
        for number in range(100_000):
            stream.write(f"{number} {'twenty-letters-word ' * 25}{end}")
    tracemalloc.start()
    try:
        corpus = prepare_text(path, directory=tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert corpus.train.characters > 40 * MEGABYTE
    assert peak < 10 * MEGABYTE
