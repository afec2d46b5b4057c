"""Files and folders appear whole or not at all, whatever goes wrong on the way."""

import functools
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from nlpkit.errors import InputError
from nlpkit.export import atomic
from nlpkit.export.atomic import atomic_directory, atomic_file

MARKER = "inside/marker.json"
directory = functools.partial(atomic_directory, marker=MARKER, contents={"inside", "more"})


def fill(folder, content="new"):
    (folder / "inside").mkdir()
    (folder / MARKER).write_text(content)


def content(folder):
    return (folder / MARKER).read_text()


@pytest.fixture
def old(tmp_path):
    """A folder of ours."""
    folder = tmp_path / "parent" / "out.v1"
    with directory(folder) as new:
        fill(new, "old")
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_appears_only_when_it_is_whole(tmp_path):
    folder = tmp_path / "missing" / "parents" / "out"
    with directory(folder) as new:
        fill(new)
        assert not folder.exists()
    assert content(folder) == "new"
    assert names(folder.parent) == ["out"]


def test_a_folder_of_ours_is_replaced_with_all_its_files(old):
    (old / "more").touch()
    with directory(old) as new:
        fill(new)
        assert content(old) == "old"
    assert content(old) == "new"
    assert names(old) == ["inside"]
    assert names(old.parent) == ["out.v1"]


@pytest.mark.parametrize("error", [OSError("No space left on device"), KeyboardInterrupt()])
def test_a_failure_while_writing_leaves_the_old_one(old, error):
    with pytest.raises(type(error)), directory(old) as new:
        fill(new)
        raise error
    assert content(old) == "old"
    assert names(old.parent) == ["out.v1"]


@pytest.mark.parametrize("failing", [".new-", "parent"])
def test_a_failing_rename_leaves_the_old_one(old, failing, monkeypatch):
    rename = Path.rename

    def broken(path, target):
        if (
            failing in path.parent.name
            and "trash" not in Path(target).name
            and ".old-" not in path.name
        ):
            raise OSError("renaming failed")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", broken)
    with pytest.raises(OSError, match="renaming failed"):
        with directory(old) as new:
            fill(new)
    assert content(old) == "old"
    assert names(old.parent) == ["out.v1"]


def test_a_failing_flush_leaves_the_old_one(old, monkeypatch):
    def broken(descriptor):
        raise OSError("Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output"), directory(old) as new:
        fill(new)
    assert content(old) == "old"


def test_what_a_crash_left_is_cleaned_up(old):
    for role in ("new", "old", "trash"):
        fill_path = atomic._sibling(old, role)
        fill_path.mkdir()
        fill(fill_path, "half")
    with directory(old) as new:
        fill(new)
    assert names(old.parent) == ["out.v1"]


def test_what_a_crash_between_the_renames_took_away_is_put_back(old):
    old.rename(atomic._sibling(old, "old"))
    with pytest.raises(RuntimeError), directory(old):
        raise RuntimeError
    assert content(old) == "old"
    assert names(old.parent) == ["out.v1"]


def test_neighbours_of_a_like_name_are_left_alone(old):
    neighbours = [".out.new-short.v1", ".out.newer", "out.v2"]
    for name in neighbours:
        (old.parent / name).mkdir()
    with directory(old) as new:
        fill(new)
    assert names(old.parent) == sorted([*neighbours, "out.v1"])


def test_an_empty_folder_is_taken(tmp_path):
    with directory(tmp_path / "made") as new:
        fill(new)
    (tmp_path / "empty").mkdir()
    with directory(tmp_path / "empty") as new:
        fill(new)
    assert content(tmp_path / "empty") == "new"


def test_a_link_stays_a_link(old, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(old, target_is_directory=True)
    with directory(link) as new:
        fill(new)
    assert link.is_symlink()
    assert content(old) == "new"


def test_others_may_read_the_folder_as_the_umask_says(old):
    umask = os.umask(0)
    os.umask(umask)
    assert old.stat().st_mode & 0o777 == 0o777 & ~umask


def test_a_folder_that_holds_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="'thesis.tex', which nlpkit did not write; choose an"):
        with directory(tmp_path):
            pytest.fail("nothing should be written")
    assert names(tmp_path) == ["thesis.tex"]


def test_a_marker_does_not_make_a_folder_ours(old):
    for name in ("src", "zebra"):
        (old / name).mkdir()
    with pytest.raises(InputError, match="holds 'src', which nlpkit did not write"), directory(old):
        pytest.fail("nothing should be written")
    assert names(old) == ["inside", "src", "zebra"]
    assert names(old.parent) == ["out.v1"]


def test_our_names_do_not_make_a_folder_ours(tmp_path):
    (tmp_path / "out" / "inside").mkdir(parents=True)
    with pytest.raises(InputError, match=r"not one of nlpkit \(inside/marker.json is missing\)"):
        with directory(tmp_path / "out"):
            pytest.fail("nothing should be written")
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("place", ["", ".", "..", "../../home"])
def test_the_working_folder_and_those_around_it_are_refused(tmp_path, monkeypatch, place):
    work = tmp_path / "home" / "work"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    with pytest.raises(InputError, match="this is the working folder, or one around it, which"):
        with directory(place):
            pytest.fail("nothing should be written")
    with directory("inside"):
        pass
    assert names(tmp_path) == ["home"] and names(work) == ["inside"]


@pytest.mark.parametrize("mount_point", ["/", "/proc"])
def test_a_mount_point_is_refused(mount_point):
    with pytest.raises(InputError, match="this is a mount point, .*; choose a folder inside it"):
        with directory(mount_point):
            pytest.fail("nothing should be written")


def test_of_two_writers_the_last_to_finish_wins(old):
    with directory(old) as first:
        fill(first, "first")
        with directory(old) as second:
            fill(second, "second")
            assert first.exists()
        assert content(old) == "second"
    assert content(old) == "first"
    assert names(old.parent) == ["out.v1"]


def test_a_folder_in_a_folder_that_is_being_written(old):
    with directory(old) as outer:
        fill(outer)
        with directory(outer / "more") as inner:
            fill(inner, "inner")
        with atomic_file(outer / "more" / "more") as file:
            file.write_text("file")
    assert content(old / "more") == "inner"
    assert (old / "more" / "more").read_text() == "file"
    assert names(old) == ["inside", "more"]


def test_a_writer_that_fails_leaves_the_other_alone(old):
    with directory(old) as first:
        with pytest.raises(OSError), directory(old):
            raise OSError
        fill(first, "first")
    assert content(old) == "first"


def test_many_writers_at_once_never_mix(old):
    def write(number):
        for _ in range(10):
            with directory(old) as new:
                fill(new, number)
                (new / "more").write_text(number)

    threads = [threading.Thread(target=write, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert content(old) == (old / "more").read_text()
    assert names(old.parent) == ["out.v1"]


def test_what_a_killed_writer_left_is_cleaned_up(old):
    code = (
        "import os, sys; from nlpkit.export.atomic import atomic_file\n"
        "with atomic_file(sys.argv[1]) as new: new.touch(); os.kill(os.getpid(), 9)"
    )
    file = old.parent / "file"
    subprocess.run([sys.executable, "-c", code, str(file)], check=False)
    assert len(names(old.parent)) == 2
    with atomic_file(file) as new:
        new.touch()
    assert names(old.parent) == ["file", "out.v1"]


def test_a_file_is_no_folder(tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(InputError, match="this is a file; give the path of a folder"):
        with directory(file):
            pytest.fail("nothing should be written")
    assert file.read_text() == "mine"


@pytest.mark.parametrize("write", [directory, atomic_file])
def test_a_place_where_nothing_can_be_written_is_named(tmp_path, write):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"file/out: nothing can be written here \(.+\)"):
        with write(tmp_path / "file" / "out"):
            pytest.fail("nothing should be written")
