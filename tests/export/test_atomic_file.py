"""A file appears whole or not at all, whatever goes wrong on the way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nlpkit.errors import InputError
from nlpkit.export import atomic
from nlpkit.export.atomic import atomic_file


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_only_when_it_is_whole(tmp_path):
    file = tmp_path / "sub" / "model.keras"
    for text in ("first", "second"):
        with atomic_file(file) as new:
            new.write_text(text)
            assert new.suffix == ".keras"
        assert file.read_text() == text
    with pytest.raises(OSError), atomic_file(file) as new:
        new.write_text("half")
        raise OSError
    assert file.read_text() == "second"
    assert names(file.parent) == ["model.keras"]


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InputError, match="this is a folder; give the path of a file"):
        with atomic_file(tmp_path):
            pytest.fail("nothing should be written")


def test_temporaries_of_a_file_are_cleaned_up(tmp_path):
    file = tmp_path / "metrics.json"
    left = atomic._sibling(file, "new")
    left.mkdir()
    (left / "metrics.json").write_text("half")
    with atomic_file(file) as new:
        new.write_text("{}")
    assert names(tmp_path) == ["metrics.json"]


def test_of_two_writers_of_a_file_the_last_to_finish_wins(tmp_path):
    file = tmp_path / "metrics.json"
    with atomic_file(file) as first:
        first.write_text("first")
        with atomic_file(file) as second:
            second.write_text("second")
        assert file.read_text() == "second"
    assert file.read_text() == "first"
    assert names(tmp_path) == ["metrics.json"]


def test_a_device_is_written_directly():
    with atomic_file("/dev/null") as new:
        new.write_text("gone")
    assert Path("/dev/null").is_char_device()


def test_standard_output_is_written_directly():
    code = (
        "from nlpkit.export.atomic import atomic_file\n"
        "with atomic_file('/dev/stdout') as new: new.write_text('through')"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert child.stdout == b"through"


def test_a_pipe_is_written_directly(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with atomic_file(pipe) as new:
            new.write_text("through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
