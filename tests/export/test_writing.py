"""An artefact on the disk: complete, free of Keras and of this machine, and never half of one."""

import contextlib
import json
import logging
import resource

import numpy as np
import pytest
import tensorflow as tf

from nlpkit import export
from nlpkit.errors import InputError
from nlpkit.export.artefact import Description, read_description
from nlpkit.export.plain_tensorflow import graph
from tests.artefacts import CLASSES


def probabilities(folder):
    loaded = tf.saved_model.load(str(folder))
    answers = loaded.signatures["serving_default"](text=tf.constant(list(export.PROBES)))
    return answers["probabilities"].numpy()


@contextlib.contextmanager
def largest_file(size):
    """No file can grow beyond `size` bytes: what a full disk looks like to a writer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_it_answers_as_the_live_model_did(live, artefact):
    wanted = live.serving_default(tf.constant(list(export.PROBES)))["probabilities"]
    np.testing.assert_allclose(probabilities(artefact), wanted, atol=1e-6)
    stored = json.loads((artefact / "assets.extra" / "answers.json").read_text(encoding="utf-8"))
    assert stored[0]["inputs"]["text"] == list(export.PROBES)
    np.testing.assert_allclose(stored[0]["outputs"]["probabilities"], wanted, atol=1e-6)


def test_the_probes_hold_every_odd_kind_of_text():
    probes = export.PROBES
    assert "" in probes
    assert any("\0" in text for text in probes)
    assert any("👍" in text for text in probes)
    assert any("א" <= character <= "ת" for text in probes for character in text)
    assert any("가" <= character <= "힣" for text in probes for character in text)
    assert max(map(len, probes)) >= 5_000


def test_it_says_what_it_is(artefact):
    assert read_description(artefact) == Description("sentiment", CLASSES, 1)


def test_it_holds_the_extra_files(artefact):
    names = sorted(path.name for path in (artefact / "assets.extra").iterdir())
    assert names == ["answers.json", "artefact.json", "labels.json", "manifest.json"]


def test_it_holds_nothing_of_keras_of_training_or_of_this_machine(artefact):
    written = (artefact / "saved_model.pb").read_bytes()
    for word in (b"keras", b".py", b"nlpkit", str(artefact.parent).encode(), b"/home", b"/root"):
        assert word not in written
    assert not (artefact / "debug").exists()
    assert not (artefact / "keras_metadata.pb").exists()
    functions = graph.read(artefact).graph_def.library.function
    assert not [f.signature.name for f in functions if "backward" in f.signature.name]


@pytest.mark.parametrize("size", [100, 10_000, 25_000])
def test_a_full_disk_leaves_the_old_one(live, copy, size):
    before = probabilities(copy)
    with pytest.raises((OSError, tf.errors.OpError)), largest_file(size):
        export.write(live, copy)
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]
    np.testing.assert_allclose(probabilities(copy), before, atol=1e-6)


def test_a_crash_while_writing_the_answers_leaves_none(live, tmp_path, monkeypatch):
    def crash(*args, **kwargs):
        raise MemoryError

    monkeypatch.setattr("pathlib.Path.write_text", crash)
    with pytest.raises(MemoryError):
        export.write(live, tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_another_folder_is_never_replaced(live, tmp_path):
    (tmp_path / "saved_model.pb").write_text("somebody else's")
    with pytest.raises(InputError, match="but is not one of nlpkit"):
        export.write(live, tmp_path)
    assert (tmp_path / "saved_model.pb").read_text() == "somebody else's"


def test_an_artefact_beside_which_somebody_keeps_notes_is_never_replaced(live, copy):
    (copy / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds 'notes.txt', which nlpkit did not write"):
        export.write(live, copy)
    assert (copy / "notes.txt").read_text() == "mine"


def test_an_artefact_is_replaced(live, copy):
    export.write(live, copy, extra={"second.txt": ""})
    assert (copy / "assets.extra" / "second.txt").exists()


def test_notebooks_hear_nothing_of_unfinished_folders(live, tmp_path, caplog, monkeypatch):
    logger = tf.get_logger()
    monkeypatch.setattr(logger, "propagate", True)
    with caplog.at_level(logging.INFO, logger=logger.name):
        export.write(live, tmp_path / "new")
        assert logger.level == logging.INFO
    assert "written to" not in caplog.text


@pytest.mark.parametrize("name", ["answers.json", "../escape", "a/b"])
def test_extra_names_are_new_and_plain(live, tmp_path, name):
    with pytest.raises(InputError, match="`extra` must hold new plain file names, got '"):
        export.write(live, tmp_path / "new", extra={name: ""})


def damage(folder, what):
    path = folder / "assets.extra" / "artefact.json"
    path.unlink() if what is None else path.write_text(what)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (None, "was not written by nlpkit, assets.extra/artefact.json is missing"),
        ("{", "artefact.json is damaged"),
        ("[]", "artefact.json is damaged"),
        ('{"format": true, "task": "x", "classes": []}', "artefact.json is damaged"),
        (
            '{"format": 9, "task": "x", "classes": []}',
            "has format 9, and this nlpkit reads format 1",
        ),
    ],
)
def test_what_is_no_model_of_ours_is_said(copy, what, message):
    damage(copy, what)
    with pytest.raises(InputError, match=message):
        read_description(copy)


def test_a_folder_that_holds_the_model_one_level_down_is_recognised(artefact, tmp_path):
    with pytest.raises(InputError, match="not a model, saved_model.pb is missing; did you mean .+"):
        read_description(artefact.parent)
    with pytest.raises(InputError, match=r"saved_model.pb is missing\."):
        read_description(tmp_path)
    with pytest.raises(InputError, match="this is a file, not a folder"):
        read_description(artefact / "saved_model.pb")
