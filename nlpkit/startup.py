"""Imports TensorFlow, quickly and without what it says of processors and drivers meanwhile."""

import gc
import importlib
import os
import re
import sys
import tempfile

__all__ = ["import_tensorflow"]

# TF_CPP_MIN_LOG_LEVEL does not reach these: TensorFlow's libraries log while they are loaded, when
# absl's logging is not set up yet and sends everything to standard error (tensorflow#100442).
_REMARK = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog\(\)|[IW]\d{4} \d\d:\d\d:"
)

# Keras imports it for wrappers that no command uses.
_UNUSED = "sklearn"


def import_tensorflow() -> None:
    """Imports TensorFlow; its remarks and warnings are dropped, all else reaches standard error.

    For a command, not for a library: file descriptor 2 of the whole process points to a temporary
    file meanwhile, since the remarks come from C++. What is imported stays until the end, so the
    garbage collector leaves it alone: that saves a second here, and another one at exit.
    Scikit-learn is hidden meanwhile, which saves a fifth of the time; it can be imported after.
    """
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        collected = gc.isenabled()
        gc.disable()
        hidden = _UNUSED not in sys.modules
        try:
            if hidden:
                sys.modules[_UNUSED] = None  # type: ignore[assignment]  # the import system's "no"
            importlib.import_module("tensorflow")
            importlib.import_module("keras")
            gc.freeze()
        finally:
            if hidden:
                del sys.modules[_UNUSED]
            if collected:
                gc.enable()
            os.dup2(terminal, 2)
            os.close(terminal)
            said.seek(0)
            for line in said:
                if not _REMARK.match(line):
                    os.write(2, line)
