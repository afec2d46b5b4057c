"""Reads a `.keras` file that may come from a stranger: nothing in it is run as code.

Keras's safe mode refuses code (`Lambda`), and it makes only layers of Keras and those that are
registered. What this module adds is told from the zip's table of contents, before Keras opens it.
"""

import zipfile
from pathlib import Path

import keras

__all__ = ["read_keras"]

_MEMBERS = {"config.json", "metadata.json", "model.weights.h5"}
_LARGEST_JSON = 1 << 24  # 16 MiB
_EXPANSION = 100  # far more than numbers can be compressed


def read_keras(path: Path, *, trust: bool = False) -> keras.Model:
    """Reads a model.

    Args:
        path: The file.
        trust: Whether code in the file may run. Default false.

    Returns:
        The model, uncompiled.

    Raises:
        Exception: Of whatever kind, if this cannot be read, is no model, or may not be trusted;
            the first line of its message says why.
    """
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            _check(member)
    model = keras.models.load_model(path, compile=False, safe_mode=not trust)
    if not isinstance(model, keras.Model):
        raise TypeError(f"it holds a {type(model).__name__}, which is no model")
    return model


def _check(member: zipfile.ZipInfo) -> None:
    """Refuses what Keras does not write, and what would grow beyond measure."""
    if member.filename not in _MEMBERS:
        raise ValueError(f"it holds {member.filename[:60]!r}, which is no part of a model")
    json = member.filename.endswith(".json")
    if member.file_size > (_LARGEST_JSON if json else _EXPANSION * member.compress_size):
        raise ValueError(f"its {member.filename} has {member.file_size:,} bytes once unpacked")
