"""Checkpoints: whole or not there, the last two, of one configuration, and no reason to stop."""

import errno
import io
import os

import numpy as np
import pytest

from nlpkit.errors import InputError
from nlpkit.training import Checkpoint, Checkpoints, Record, checkpoint
from nlpkit.training import checkpoints as module

SETTINGS = {"command": "sentiment", "units": 8, "linear": True, "epochs": None}


def at(epoch, batch=0):
    """A checkpoint that is told by its only variable."""
    value = np.array([epoch, batch], np.float32)
    record = Record(epoch=epoch, batch=batch, logs=[{"val_loss": 0.5}] * epoch, best=min(epoch, 1))
    return Checkpoint(record, [value], [value + 1], {"state-0": value * 2})


def opened(folder, *, settings=SETTINGS, resume=True, **options):
    return Checkpoints(folder / "checkpoint", settings, resume=resume, **options)


def written(folder, *those):
    """A run that wrote checkpoints and was killed."""
    run = opened(folder, resume=False)
    for each in those:
        run.save(each)
    run.close()
    return folder / "checkpoint"


def test_what_is_read_is_what_was_written(tmp_path):
    written(tmp_path, at(2, 30))
    found = opened(tmp_path).latest()
    assert found.record == at(2, 30).record
    np.testing.assert_array_equal(found.variables, at(2, 30).variables)
    np.testing.assert_array_equal(found.best, at(2, 30).best)
    np.testing.assert_array_equal(found.carried["state-0"], at(2, 30).carried["state-0"])


def test_the_last_two_are_kept_and_the_last_is_taken(tmp_path):
    folder = written(tmp_path, at(0, 5), at(1), at(1, 7), at(2))
    assert len([*folder.iterdir()]) == 2
    assert opened(tmp_path).latest().record == at(2).record


def broken_zip(content):
    """One whose header lacks what we write."""
    buffer = io.BytesIO()
    np.savez(buffer, other=1)
    return buffer.getvalue()


DAMAGES = {
    "cut": lambda content: content[:-100],
    "empty": lambda content: b"",
    "other": lambda content: b"something else",
    "flipped": lambda content: content[:200] + bytes([content[200] ^ 1]) + content[201:],
    "of others": broken_zip,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_one_is_passed_over_for_the_one_before(tmp_path, capsys, damage):
    folder = written(tmp_path, at(1), at(2))
    last = max(folder.iterdir())
    last.write_bytes(DAMAGES[damage](last.read_bytes()))
    assert opened(tmp_path).latest().record == at(1).record
    assert "is damaged" in capsys.readouterr().err


def test_one_that_cannot_be_read_is_not_taken_for_damaged(tmp_path, monkeypatch):
    folder = written(tmp_path, at(1))

    def refused(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(module, "header_of", refused)
    with pytest.raises(PermissionError):
        opened(tmp_path)
    assert len([*folder.iterdir()]) == 1


def test_without_one_the_run_starts_anew(tmp_path):
    run = opened(tmp_path)
    assert not run.resumed and run.latest() is None and not run
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"units": 16}, "made with `--units 8`, and this run has `--units 16`"),
        ({"linear": False}, "made with `--linear`, and this run has `--no-linear`"),
        ({"epochs": 3}, "made with no `--epochs`, and this run has `--epochs 3`"),
    ],
)
def test_one_of_another_configuration_is_refused_and_the_difference_named(tmp_path, other, message):
    written(tmp_path, at(1))
    with pytest.raises(InputError, match=message):
        opened(tmp_path, settings=SETTINGS | other)


def test_one_of_other_data_is_refused(tmp_path):
    data = tmp_path / "data"
    data.write_text("one")
    run = opened(tmp_path, resume=False)
    run.expect([data])
    run.save(at(1))
    run.close()
    again = opened(tmp_path)
    again.expect([data])
    again.close()
    data.write_text("other")
    with pytest.raises(InputError, match="the data are not those"):
        opened(tmp_path).expect([data])


def test_a_run_that_starts_anew_replaces_those_of_another_with_its_first(tmp_path):
    folder = written(tmp_path, at(7), at(8))
    run = opened(tmp_path, resume=False)
    assert run.left and not run and len([*folder.iterdir()]) == 2
    run.save(at(1))
    assert run and not run.left and not run.resumed and len([*folder.iterdir()]) == 1


def test_two_runs_do_not_mix(tmp_path, capsys):
    first, second = opened(tmp_path, resume=False), opened(tmp_path, resume=False)
    first.save(at(1))
    second.save(at(5))
    assert "another run writes its checkpoints here" in capsys.readouterr().err
    with pytest.raises(InputError, match="another run is writing checkpoints"):
        opened(tmp_path)
    second.discard()
    first.close()
    assert opened(tmp_path).latest().record == at(1).record


def test_a_complete_run_leaves_nothing(tmp_path):
    run = opened(tmp_path)
    run.save(at(1))
    run.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("where", ["writing", "flushing"])
def test_a_full_disk_leaves_the_one_before_and_the_message_names_the_disk(
    tmp_path, monkeypatch, capsys, where
):
    run = opened(tmp_path, resume=False)
    run.save(at(1))

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(
            *((checkpoint.np, "savez") if where == "writing" else (checkpoint, "flush")), full
        )
        run.save(at(2))
    disk = tmp_path
    while not os.path.ismount(disk):
        disk = disk.parent
    said = capsys.readouterr().err
    assert f"the disk at {disk} is full; the last checkpoint is whole, and the run goes on" in said
    run.close()
    assert opened(tmp_path).latest().record == at(1).record
    assert len([*(tmp_path / "checkpoint").iterdir()]) == 1


def test_a_folder_that_cannot_be_made_is_told(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    run = Checkpoints(tmp_path / "file" / "checkpoint", SETTINGS)
    run.save(at(1))
    assert "no checkpoint was written" in capsys.readouterr().err and not run


def test_what_was_decided_is_known_again(tmp_path):
    run = opened(tmp_path, resume=False)
    run.decided["plan"] = {"passes": 3}
    run.save(at(1))
    run.close()
    assert opened(tmp_path).decided == {"plan": {"passes": 3}}


def test_other_versions_are_told(tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as patched:
        patched.setattr(module, "versions", lambda: {"tensorflow": "1.0"})
        written(tmp_path, at(1))
    assert opened(tmp_path).resumed
    assert "the checkpoint is of tensorflow 1.0" in capsys.readouterr().err


def test_the_time_between_two_is_kept(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    run = opened(tmp_path, minutes=2.0)
    for second, due in ((119, False), (120, True)):
        now[0] = float(second)
        assert run.due() == due
    run.save(at(1))
    assert not run.due()
