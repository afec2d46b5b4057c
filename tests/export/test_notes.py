"""The notes in an artefact: read as they were written, absent or damaged."""

import pytest

from nlpkit.data import Columns
from nlpkit.errors import InputError
from nlpkit.export import TextNote, column_note, read_column_note, read_text_note

KINDS = {
    "columns.json": (read_column_note, column_note, Columns),
    "text.json": (read_text_note, TextNote.files, TextNote),
}
NOTES = [
    ("columns.json", Columns("문서", "라벨")),
    ("columns.json", Columns("a\ud83d")),
    ("columns.json", Columns()),
    ("text.json", TextNote("subwords", "lines")),
    ("text.json", TextNote()),
]
DAMAGED = ["{", "[1]", "7", '{"text": 1, "kind": ["words"]}', "[" * 100_000]


def _artefact(tmp_path, files):
    (tmp_path / "assets.extra").mkdir()
    for name, text in files.items():
        (tmp_path / "assets.extra" / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("name", "note"), NOTES)
def test_a_note_is_read_as_it_was_written(tmp_path, name, note):
    read, write, _ = KINDS[name]
    assert read(_artefact(tmp_path, write(note))) == note


@pytest.mark.parametrize("name", KINDS)
def test_no_note_says_nothing(tmp_path, name):
    read, _, kind = KINDS[name]
    assert read(tmp_path) == kind()


@pytest.mark.parametrize("content", DAMAGED, ids=lambda content: content[:9])
@pytest.mark.parametrize("name", KINDS)
def test_a_damaged_note_is_named(tmp_path, name, content):
    with pytest.raises(InputError, match=rf"the model is damaged \({name}\)"):
        KINDS[name][0](_artefact(tmp_path, {name: content}))
