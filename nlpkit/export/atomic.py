"""Atomic writes: files and folders that appear complete or not at all.

    write     .NAME.new-1f3a…/NAME     in a hidden sibling, on the same file system
    flush     every file and folder in it, so that the renames cannot overtake the data
    swap      NAME → .NAME.old-1f3a…,  .NAME.new-1f3a…/NAME → NAME,  delete the old one

A crash while writing leaves the old one. A crash between the two renames, which takes microseconds,
leaves none; the next write puts the old one back before it begins.

A writer holds a lock (flock) on its hidden sibling, so that other writers leave it alone; the
leftovers of a crash are unlocked. For the renames, it briefly locks the folder of `NAME`.
"""

import contextlib
import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from nlpkit.errors import InputError

__all__ = ["atomic_directory", "atomic_file", "disk_of", "flush", "flush_tree", "is_full", "locked"]


@contextlib.contextmanager
def atomic_directory(path: str | Path, *, marker: str, contents: Collection[str]) -> Iterator[Path]:
    """Makes an empty folder to fill, which replaces `path` when the block ends.

    If the block raises, the folder is deleted and `path` stays as it was. Leftovers of an earlier
    crash beside `path` are cleaned up. Of two concurrent writers, the last to finish wins; their
    files never mix.

    Args:
        path: The folder to make or to replace. Missing parents are made.
        marker: Relative path of a file that identifies a folder of ours, such as "metrics.json".
        contents: Names of everything that a folder of ours may hold, the marker included. An
            existing folder is replaced only if it is empty, or holds the marker and nothing but
            these.

    Yields:
        The folder to fill.

    Raises:
        InputError: If `path` is a file, a mount point, the working folder or one around it, holds
            something else, or cannot be written.

    Example:
        >>> folder = getfixture("tmp_path") / "out"
        >>> with atomic_directory(folder, marker="metrics.json", contents={"metrics.json"}) as new:
        ...     _ = (new / "metrics.json").write_text("{}")
        >>> [file.name for file in folder.iterdir()]
        ['metrics.json']
    """
    target = Path(path).resolve()
    _refuse_places(path, target)
    with _naming_full_disks(path, target), _beside(path, target) as new:
        with locked(target.parent):
            _refuse_others(path, target, marker, contents)
        new.mkdir()
        yield new
        flush_tree(new)
        with locked(target.parent):
            _swap(new, target)


@contextlib.contextmanager
def atomic_file(path: str | Path) -> Iterator[Path]:
    """Makes a path for a file to write, which replaces `path` when the block ends.

    Anything but a regular file, such as /dev/stdout or a named pipe, is written directly, since it
    cannot be replaced.

    Args:
        path: The file to make or to replace. Missing parents are made.

    Yields:
        A path on the same file system with the same name (Keras depends on the extension).

    Raises:
        InputError: If `path` is a folder, or its folder cannot be made or written.

    Example:
        >>> file = getfixture("tmp_path") / "notes.txt"
        >>> with atomic_file(file) as new:
        ...     _ = new.write_text("whole")
        >>> file.read_text()
        'whole'
    """
    if os.path.isdir(path):
        raise InputError(f"{path}: this is a folder; give the path of a file.")
    # Before links are followed: /dev/stdout leads to a pipe, which has no path.
    if os.path.exists(path) and not os.path.isfile(path):
        yield Path(path)
        return
    target = Path(path).resolve()
    with _naming_full_disks(path, target), _beside(path, target) as new:
        yield new
        flush(new)
        new.replace(target)
        flush(target.parent)


@contextlib.contextmanager
def _naming_full_disks(path: str | Path, target: Path) -> Iterator[None]:
    """Says of a disk that is full which one it is."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        if not is_full(error):
            raise
        written = Path(getattr(error, "filename", None) or target)
        reason = f"the disk at {disk_of(written)} is full; what was there is whole"
        whole = OSError(errno.ENOSPC, reason, str(path))
        whole.__notes__ = getattr(error, "__notes__", [])
        raise whole from error


@contextlib.contextmanager
def _beside(path: str | Path, target: Path) -> Iterator[Path]:
    """Gives a free path in a sibling of `target` that is locked, and deleted at the end."""
    sibling = _sibling(target, "new")
    with contextlib.ExitStack() as stack:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with locked(target.parent):
                _recover(target)
                sibling.mkdir()
                stack.enter_context(locked(sibling))
        except OSError as error:
            raise InputError(f"{path}: nothing can be written here ({error.strerror}).") from None
        stack.callback(shutil.rmtree, sibling, ignore_errors=True)
        yield sibling / target.name


@contextlib.contextmanager
def locked(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Locks a folder; raises BlockingIOError if it is locked and `wait` is false.

    The lock ends with the process, however that ends. It holds between two writers of one process
    too, for it belongs to the open descriptor.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)


def _sibling(target: Path, role: str) -> Path:
    """A unique hidden name beside `target`."""
    return target.with_name(f".{target.name}.{role}-{secrets.token_hex(8)}")


def _siblings(target: Path, role: str) -> list[Path]:
    """The folders that have such a name."""
    prefix = f".{target.name}.{role}-"
    return [
        entry
        for entry in target.parent.iterdir()
        if entry.name.startswith(prefix) and len(entry.name) == len(prefix) + 16 and entry.is_dir()
    ]


def _recover(target: Path) -> None:
    """Restores what a crash between the two renames removed, and deletes leftovers."""
    for old in sorted(_siblings(target, "old"), key=os.path.getmtime, reverse=True):
        if target.exists():
            _discard(old, target)
        else:
            old.rename(target)
    for left in _siblings(target, "new") + _siblings(target, "trash"):
        # In use, or just deleted by its writer.
        with contextlib.suppress(BlockingIOError, FileNotFoundError), locked(left, wait=False):
            _discard(left, target)


def _discard(folder: Path, target: Path) -> None:
    """Renames a folder and deletes it, so that a half-deleted one is never taken for complete."""
    trash = _sibling(target, "trash")
    folder.rename(trash)
    shutil.rmtree(trash, ignore_errors=True)


def _refuse_places(path: str | Path, target: Path) -> None:
    """Refuses what cannot be renamed, and what relative paths and the shell depend on."""
    reason = None
    if os.path.ismount(target):
        reason = "a mount point"
    elif Path.cwd().resolve().is_relative_to(target):
        reason = "the working folder, or one around it"
    if reason:
        raise InputError(
            f"{path}: this is {reason}, which cannot be replaced; choose a folder inside it."
        )


def _refuse_others(path: str | Path, target: Path, marker: str, contents: Collection[str]) -> None:
    """Lets only a folder of ours, an empty folder or nothing be replaced."""
    if not target.exists():
        return
    if not target.is_dir():
        raise InputError(f"{path}: this is a file; give the path of a folder.")
    names = sorted(entry.name for entry in target.iterdir())
    if foreign := [name for name in names if name not in contents]:
        raise InputError(
            f"{path}: the folder would be replaced, but holds {foreign[0]!r}, which nlpkit did not "
            "write; choose another folder."
        )
    if names and not (target / marker).is_file():
        raise InputError(
            f"{path}: the folder would be replaced, but is not one of nlpkit ({marker} is "
            "missing); choose a new or an empty folder."
        )


def _swap(new: Path, target: Path) -> None:
    """Replaces `target` with `new`; if that fails, `target` is restored."""
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
    flush(target.parent)
    if had:
        _discard(old, target)


def flush_tree(folder: Path) -> None:
    """Flushes a folder and everything in it to the disk."""
    for entry in folder.rglob("*"):
        flush(entry)
    flush(folder)


def flush(path: Path) -> None:
    """Flushes a file or a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_full(error: BaseException) -> bool:
    """Whether an error says that a disk, or the part of it that a user may fill, is full."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return os.strerror(errno.ENOSPC).lower() in str(error).lower()  # TensorFlow's have no number


def disk_of(path: Path) -> Path:
    """The mount point of the file system that a path is on."""
    disk = path.resolve()
    while not os.path.ismount(disk):
        disk = disk.parent
    return disk
