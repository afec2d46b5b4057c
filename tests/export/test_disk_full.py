"""A disk that is full, a real one: what was there before stays whole, and the message names it."""

import contextlib
import os
import subprocess

import numpy as np
import pytest
import tensorflow as tf

from nlpkit import export
from nlpkit.training import Checkpoint, Checkpoints, Record


@contextlib.contextmanager
def mounted(folder, size):
    """A file system in memory, `size` bytes large."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system may be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def disk(tmp_path):
    """A disk with room for one artefact and a half."""
    if os.geteuid():
        pytest.skip("only root may mount a file system")
    with mounted(tmp_path / "disk", 256 << 10) as folder:
        yield folder


def test_an_export_leaves_the_old_one_and_names_the_disk(disk, live):
    export.write(live, disk / "model")
    before = {p: p.read_bytes() for p in (disk / "model").rglob("*") if p.is_file()}
    with pytest.raises(OSError, match=f"the disk at {disk} is full; what was there is whole"):
        export.write(live, disk / "model")
    assert {p: p.read_bytes() for p in (disk / "model").rglob("*") if p.is_file()} == before
    assert [path.name for path in disk.iterdir()] == ["model"]
    export.check_files(disk / "model")
    assert tf.saved_model.load(str(disk / "model")).signatures


def test_a_checkpoint_leaves_the_one_before_and_names_the_disk(disk, capsys):
    run = Checkpoints(disk / "checkpoint", {"units": 8})
    for epoch in (1, 2, 3):
        record = Record(epoch=epoch, logs=[{"val_loss": 0.5}] * epoch)
        run.save(Checkpoint(record, [np.full(25_000, epoch, np.float32)], [], {}))
    said = capsys.readouterr().err
    assert f"the disk at {disk} is full; the last checkpoint is whole, and the run goes on" in said
    run.close()
    again = Checkpoints(disk / "checkpoint", {"units": 8}, resume=True)
    assert again.latest().record.epoch == 2
    again.close()
