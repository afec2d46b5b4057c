"""Memory: a file is never in memory as a whole."""

import gzip
import tracemalloc
import zipfile

import pytest

from nlpkit.data import prepare, prepare_text
from nlpkit.data.lines import read_lines
from nlpkit.data.opening import open_tables
from nlpkit.data.spec import parse_spec

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


@pytest.mark.parametrize("kind", ["json", "jsonl", "csv", "fasttext"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_table_of_14_mb_is_read_within_4_mb(tmp_path, kind, packed):
    text = "영화 " * 400
    written = {
        "json": (f'{{"text": "{text}", "label": 1}}', ",\n", "[", "]"),
        "jsonl": (f'{{"text": "{text}", "label": 1}}', "\n", "", ""),
        "csv": (f"{text},1", "\n", "text,label\n", ""),
        "fasttext": (f"__label__1 {text}", "\n", "", ""),
    }
    row, between, before, after = written[kind]
    path = tmp_path / f"x.{'txt' if kind == 'fasttext' else kind}"
    path.write_text(before + between.join([row] * 5_000) + after, encoding="utf-8")
    if packed:
        with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(path, path.name)
        path = tmp_path / "x.zip"
    tracemalloc.start()
    try:
        rows = sum(1 for _ in open_tables(parse_spec(path))["train"].rows)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert rows == 5_000
    assert peak < 4 * MEGABYTE


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
