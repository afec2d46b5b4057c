"""Files and folders that appear whole or not at all.

    write     .NAME.new-1f3a…          a sibling, on the same file system
    flush     every file and folder in it, so that the renames cannot overtake the data
    swap      NAME → .NAME.old-1f3a…,  .NAME.new-1f3a… → NAME,  delete the old one

A crash while writing leaves the old one. A crash between the two renames, which takes microseconds,
leaves none; the next write puts the old one back before it begins.
"""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from nlpkit.errors import InputError

__all__ = ["atomic_directory", "atomic_file"]


@contextlib.contextmanager
def atomic_directory(path: str | Path, *, marker: str) -> Iterator[Path]:
    """Gives an empty folder to fill, which takes the place of `path` when the block ends.

    If the block raises, the folder is deleted and `path` stays what it was. What an earlier crash
    left beside `path` is cleaned up. Of two writers at once, one wins or fails; they never mix.

    Args:
        path: The folder to make or to replace. Missing parents are made.
        marker: Relative path of a file that tells a folder of ours, for example "metrics.json".
            An existing folder is replaced only if it is empty or holds this file.

    Yields:
        The folder to fill.

    Raises:
        InputError: If `path` is a file or holds something else, or cannot be written.

    Example:
        >>> folder = getfixture("tmp_path") / "out"
        >>> with atomic_directory(folder, marker="metrics.json") as new:
        ...     _ = (new / "metrics.json").write_text("{}")
        >>> [file.name for file in folder.iterdir()]
        ['metrics.json']
    """
    target = Path(path).resolve()
    _recover(target)
    _refuse_others(path, target, marker)
    new = _sibling(target, "new")
    _make(path, new)
    try:
        yield new
        _flush_tree(new)
        _swap(new, target)
    finally:
        shutil.rmtree(new, ignore_errors=True)


@contextlib.contextmanager
def atomic_file(path: str | Path) -> Iterator[Path]:
    """Gives the path of a file to write, which takes the place of `path` when the block ends.

    Args:
        path: The file to make or to replace. Missing parents are made.

    Yields:
        A path in the same folder and with the same ending (Keras looks at the ending).

    Raises:
        InputError: If `path` is a folder, or its folder cannot be made.

    Example:
        >>> file = getfixture("tmp_path") / "notes.txt"
        >>> with atomic_file(file) as new:
        ...     _ = new.write_text("whole")
        >>> file.read_text()
        'whole'
    """
    target = Path(path).resolve()
    if target.is_dir():
        raise InputError(f"{path}: a file is to be written here, but this is a folder.")
    _make(path, target.parent, exist_ok=True)
    for left in _siblings(target, "new"):
        left.unlink(missing_ok=True)
    new = _sibling(target, "new")
    try:
        yield new
        _flush(new)
        new.replace(target)
        _flush(target.parent)
    finally:
        new.unlink(missing_ok=True)


def _sibling(target: Path, role: str) -> Path:
    """A hidden name beside `target` that nobody else uses."""
    return target.with_name(f".{target.stem}.{role}-{secrets.token_hex(8)}{target.suffix}")


def _siblings(target: Path, role: str) -> list[Path]:
    """What has such a name, the latest first."""
    prefix, suffix = f".{target.stem}.{role}-", target.suffix
    if not target.parent.is_dir():
        return []
    found = [
        entry
        for entry in target.parent.iterdir()
        if entry.name.startswith(prefix)
        and entry.name.endswith(suffix)
        and len(entry.name) == len(prefix) + 16 + len(suffix)
    ]
    return sorted(found, key=lambda entry: entry.stat().st_mtime, reverse=True)


def _recover(target: Path) -> None:
    """Puts back what a crash between the two renames took away, and deletes leftovers."""
    for old in _siblings(target, "old"):
        if target.exists():
            _discard(old, target)
        else:
            old.rename(target)
    for left in _siblings(target, "new") + _siblings(target, "trash"):
        _discard(left, target)


def _discard(folder: Path, target: Path) -> None:
    """Deletes a folder, renamed first, so that nobody takes what is half deleted for whole."""
    trash = _sibling(target, "trash")
    folder.rename(trash)
    shutil.rmtree(trash, ignore_errors=True)


def _refuse_others(path: str | Path, target: Path, marker: str) -> None:
    """Lets only a folder of ours, an empty folder or nothing be replaced."""
    if not target.exists():
        return
    if not target.is_dir():
        raise InputError(f"{path}: a folder is to be written here, but this is a file.")
    if not (target / marker).is_file() and any(target.iterdir()):
        raise InputError(
            f"{path}: the folder holds something else ({marker} is missing), and would be "
            "replaced; choose a new or an empty folder."
        )


def _make(path: str | Path, folder: Path, *, exist_ok: bool = False) -> None:
    """Makes a folder and its parents."""
    try:
        folder.mkdir(parents=True, exist_ok=exist_ok)
    except OSError as error:
        raise InputError(f"{path}: nothing can be written here ({error.strerror}).") from None


def _swap(new: Path, target: Path) -> None:
    """Puts `new` in the place of `target`; if that fails, `target` is put back."""
    old = _sibling(target, "old")
    had = target.exists()
    if had:
        target.rename(old)
    try:
        new.rename(target)
    except OSError:
        if had:
            old.rename(target)
        raise
    _flush(target.parent)
    if had:
        _discard(old, target)


def _flush_tree(folder: Path) -> None:
    """Flushes a folder and everything in it to the disk."""
    for entry in folder.rglob("*"):
        _flush(entry)
    _flush(folder)


def _flush(path: Path) -> None:
    """Flushes a file or, where the system can, a folder."""
    if path.is_dir() and os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
