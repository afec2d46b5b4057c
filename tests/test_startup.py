"""TensorFlow's remarks while it is loaded are dropped; nothing else is."""

import gc
import importlib
import os
import sys

import pytest

from nlpkit.startup import import_tensorflow

REMARKS = (
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    "I0000 00:00:1795277131.649923   22265 port.cc:153] oneDNN custom operations are on.\n"
    "W0000 00:00:1795277131.649923   22265 a.cc:1] something odd.\n"
)
PROBLEMS = (
    "E0000 00:00:1795277131.649923   22265 b.cc:1] something wrong.\n"
    "Illegal instruction: 영화\n"
    "I0000 is how this line begins\n"
)


@pytest.fixture
def loading(monkeypatch):
    """Lets TensorFlow be imported anew, by a function of the test's."""
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)

    def instead(load):
        load_one = {"tensorflow": load, "keras": lambda: None}
        monkeypatch.setattr(importlib, "import_module", lambda name: load_one[name]())

    return instead


def test_remarks_are_dropped_and_problems_passed_on(loading, capfd):
    loading(lambda: os.write(2, (REMARKS + PROBLEMS).encode()))
    import_tensorflow()
    assert capfd.readouterr().err == PROBLEMS
    assert gc.isenabled()


def test_a_failed_import_says_why_and_gives_the_stream_back(loading, capfd):
    def fail():
        os.write(2, (REMARKS + PROBLEMS).encode())
        raise ImportError("no such library")

    loading(fail)
    with pytest.raises(ImportError, match="no such library"):
        import_tensorflow()
    os.write(2, b"after\n")
    assert capfd.readouterr().err == PROBLEMS + "after\n"
    assert gc.isenabled()


def test_scikit_learn_is_hidden_while_tensorflow_loads_and_there_after(loading, monkeypatch):
    monkeypatch.delitem(sys.modules, "sklearn", raising=False)
    seen = []
    loading(lambda: seen.append(sys.modules["sklearn"]))
    import_tensorflow()
    assert seen == [None] and "sklearn" not in sys.modules
