"""The note on columns: read as it was written, absent or damaged."""

import pytest

from nlpkit.data import Columns
from nlpkit.errors import InputError
from nlpkit.export import column_note, read_column_note


def _artefact(tmp_path, files):
    (tmp_path / "assets.extra").mkdir()
    for name, text in files.items():
        (tmp_path / "assets.extra" / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("columns", [Columns("문서", "라벨"), Columns("a\ud83d"), Columns()])
def test_a_note_is_read_as_it_was_written(tmp_path, columns):
    assert read_column_note(_artefact(tmp_path, column_note(columns))) == columns


def test_an_artefact_without_a_note_knows_no_columns(tmp_path):
    assert read_column_note(tmp_path) == Columns()


@pytest.mark.parametrize("content", ["{", "[1]", "7", '{"text": 1}', "[" * 100_000])
def test_a_damaged_note_is_named(tmp_path, content):
    with pytest.raises(InputError, match=r"the model is damaged \(columns\.json\)"):
        read_column_note(_artefact(tmp_path, {"columns.json": content}))
