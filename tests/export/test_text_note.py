"""The note on how texts are cut: read as it was written, absent or damaged."""

import pytest

from nlpkit.errors import InputError
from nlpkit.export import TextNote, read_text_note


def _artefact(tmp_path, files):
    (tmp_path / "assets.extra").mkdir()
    for name, text in files.items():
        (tmp_path / "assets.extra" / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("note", [TextNote("subwords", "lines"), TextNote()])
def test_a_note_is_read_as_it_was_written(tmp_path, note):
    assert read_text_note(_artefact(tmp_path, note.files())) == note


def test_no_note_says_nothing(tmp_path):
    assert read_text_note(tmp_path) == (None, None)


@pytest.mark.parametrize("content", ["{", "[1]", "7", "[" * 100_000])
def test_a_damaged_note_is_named(tmp_path, content):
    with pytest.raises(InputError, match=r"the model is damaged \(text\.json\)"):
        read_text_note(_artefact(tmp_path, {"text.json": content}))
