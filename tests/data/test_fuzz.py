"""Data that nobody would give: each file is read, or refused in a sentence.

NLPKIT_FUZZ=10000 pytest tests/data/test_fuzz.py is the long run.
"""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlpkit import data, serve
from tests.data import formats, vector_formats
from tests.fuzzing import damaged, fuzzed, refused

ONE_FILE = {n: c for n, c in formats.FORMATS.items() if not isinstance(c[1], dict)}
FOLDERS = {n: c for n, c in formats.FORMATS.items() if isinstance(c[1], dict)}


def read(path, text_column, label_column):
    """Reads data in every way that a command reads them; returns what each said."""
    folder = path.parent
    columns = {"text_column": text_column}
    return [
        refused(lambda: data.prepare(
            path, directory=folder / "a", label_column=label_column, **columns)),
        refused(lambda: data.prepare_text(path, directory=folder / "b", **columns)),
        refused(lambda: sum(1 for _ in serve.read_texts(path, **columns))),
    ]  # fmt: skip


column = st.sampled_from([None, None, "text", "label", "0", "", "no"])


@fuzzed(60)
@given(where=st.data(), text=column, label=column)
def test_whatever_is_in_a_file_is_read_or_refused_in_a_sentence(where, text, label):
    name, content = ONE_FILE[where.draw(st.sampled_from(sorted(ONE_FILE)))]
    if where.draw(st.integers(0, 4)) == 0:  # under another format's name
        name = where.draw(st.sampled_from(sorted({name for name, _ in ONE_FILE.values()})))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(where.draw(damaged([content])))
        read(path, text, label)


@fuzzed(15)
@given(where=st.data())
def test_whatever_is_in_a_folder_is_read_or_refused_in_a_sentence(where):
    name, content = FOLDERS[where.draw(st.sampled_from(sorted(FOLDERS)))]
    part = where.draw(st.sampled_from(sorted(content)))
    other = where.draw(st.sampled_from([part, "more.csv", "state.json", "test/1.txt", "a/b/c.txt"]))
    with tempfile.TemporaryDirectory() as folder:
        changed = {**content, other: where.draw(damaged([content[part]]))}
        read(formats.write(Path(folder), name, changed), None, None)


def known(words):
    """Each word is a known one."""
    return np.arange(len(words))


@fuzzed(40)
@given(where=st.data())
def test_whatever_word_vectors_hold_is_read_or_refused_in_a_sentence(where):
    name = where.draw(st.sampled_from(vector_formats.FORMATS))
    with tempfile.TemporaryDirectory() as folder:
        path = vector_formats.write(Path(folder), name)
        path.write_bytes(where.draw(damaged([path.read_bytes()])))
        refused(lambda: data.find_vectors(data.open_vectors(path), known))
