"""Files and folders appear whole or not at all, whatever goes wrong on the way."""

import os
from pathlib import Path

import pytest

from nlpkit.errors import InputError
from nlpkit.export import atomic
from nlpkit.export.atomic import atomic_directory, atomic_file

MARKER = "inside/marker.json"


def fill(folder, content="new"):
    (folder / "inside").mkdir()
    (folder / MARKER).write_text(content)


def content(folder):
    return (folder / MARKER).read_text()


@pytest.fixture
def old(tmp_path):
    """A folder of ours."""
    folder = tmp_path / "parent" / "out.v1"
    with atomic_directory(folder, marker=MARKER) as new:
        fill(new, "old")
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_appears_only_when_it_is_whole(tmp_path):
    folder = tmp_path / "missing" / "parents" / "out"
    with atomic_directory(folder, marker=MARKER) as new:
        fill(new)
        assert not folder.exists()
    assert content(folder) == "new"
    assert names(folder.parent) == ["out"]


def test_a_folder_of_ours_is_replaced_with_all_its_files(old):
    (old / "left over").touch()
    with atomic_directory(old, marker=MARKER) as new:
        fill(new)
        assert content(old) == "old"
    assert content(old) == "new"
    assert names(old) == ["inside"]
    assert names(old.parent) == ["out.v1"]


@pytest.mark.parametrize("error", [OSError("No space left on device"), KeyboardInterrupt()])
def test_a_failure_while_writing_leaves_the_old_one(old, error):
    with pytest.raises(type(error)), atomic_directory(old, marker=MARKER) as new:
        fill(new)
        raise error
    assert content(old) == "old"
    assert names(old.parent) == ["out.v1"]


@pytest.mark.parametrize("failing", ["new", "out.v1"])
def test_a_failing_rename_leaves_the_old_one(old, failing, monkeypatch):
    rename = Path.rename

    def broken(path, target):
        if failing in path.name and "trash" not in Path(target).name and ".old-" not in path.name:
            raise OSError("renaming failed")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", broken)
    with pytest.raises(OSError, match="renaming failed"):
        with atomic_directory(old, marker=MARKER) as new:
            fill(new)
    assert content(old) == "old"
    assert names(old.parent) == ["out.v1"]


def test_a_failing_flush_leaves_the_old_one(old, monkeypatch):
    def broken(descriptor):
        raise OSError("Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output"), atomic_directory(old, marker=MARKER) as new:
        fill(new)
    assert content(old) == "old"


def test_what_a_crash_left_is_cleaned_up(old):
    for role in ("new", "old", "trash"):
        fill_path = atomic._sibling(old, role)
        fill_path.mkdir()
        fill(fill_path, "half")
    with atomic_directory(old, marker=MARKER) as new:
        fill(new)
    assert names(old.parent) == ["out.v1"]


def test_what_a_crash_between_the_renames_took_away_is_put_back(old):
    old.rename(atomic._sibling(old, "old"))
    with pytest.raises(RuntimeError), atomic_directory(old, marker=MARKER):
        raise RuntimeError
    assert content(old) == "old"
    assert names(old.parent) == ["out.v1"]


def test_neighbours_of_a_like_name_are_left_alone(old):
    neighbours = [".out.new-short.v1", ".out.newer", "out.v2"]
    for name in neighbours:
        (old.parent / name).mkdir()
    with atomic_directory(old, marker=MARKER) as new:
        fill(new)
    assert names(old.parent) == sorted([*neighbours, "out.v1"])


def test_an_empty_folder_is_taken(tmp_path):
    with atomic_directory(tmp_path / "made", marker=MARKER) as new:
        fill(new)
    (tmp_path / "empty").mkdir()
    with atomic_directory(tmp_path / "empty", marker=MARKER) as new:
        fill(new)
    assert content(tmp_path / "empty") == "new"


def test_a_link_stays_a_link(old, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(old, target_is_directory=True)
    with atomic_directory(link, marker=MARKER) as new:
        fill(new)
    assert link.is_symlink()
    assert content(old) == "new"


def test_others_may_read_the_folder_as_the_umask_says(old):
    umask = os.umask(0)
    os.umask(umask)
    assert old.stat().st_mode & 0o777 == 0o777 & ~umask


def test_a_folder_that_holds_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match=r"holds something else \(inside/marker.json is missing\)"):
        with atomic_directory(tmp_path, marker=MARKER):
            pytest.fail("nothing should be written")
    assert names(tmp_path) == ["thesis.tex"]


def test_a_file_is_no_folder(tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(InputError, match="a folder is to be written here, but this is a file"):
        with atomic_directory(file, marker=MARKER):
            pytest.fail("nothing should be written")
    assert file.read_text() == "mine"


@pytest.mark.parametrize("write", [lambda p: atomic_directory(p, marker=MARKER), atomic_file])
def test_a_place_where_nothing_can_be_written_is_named(tmp_path, write):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"file/out: nothing can be written here \(.+\)"):
        with write(tmp_path / "file" / "out"):
            pytest.fail("nothing should be written")


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
    with pytest.raises(InputError, match="a file is to be written here, but this is a folder"):
        with atomic_file(tmp_path):
            pytest.fail("nothing should be written")


def test_temporaries_of_a_file_are_cleaned_up(tmp_path):
    file = tmp_path / "metrics.json"
    atomic._sibling(file, "new").write_text("half")
    with atomic_file(file) as new:
        new.write_text("{}")
    assert names(tmp_path) == ["metrics.json"]
