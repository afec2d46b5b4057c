"""The manifest of an artefact: the size and SHA-256 of every file that is read to run it.

    assets.extra/manifest.json    {"files": {"saved_model.pb": {"bytes": 91023, "sha256": "…"}, …}}

It tells what was damaged, lost, swapped or added since the export, before TensorFlow reads it.
It does not tell who made the artefact: whoever may change the files may write another manifest.

Notes for people do not count, and may be written and changed: what ends in .md or .txt beside
saved_model.pb or in assets.extra/. In variables/ and assets/, every file counts.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nlpkit.errors import InputError
from nlpkit.export.artefact import (
    CONTENTS,
    EXTRA,
    UNPROVEN,
    damaged,
    read_extra,
    require_folder,
    unproven,
)
from nlpkit.export.atomic import atomic_file

__all__ = ["MANIFEST", "check_files", "has_manifest", "remarks", "write_manifest"]

MANIFEST = "manifest.json"
NOTES = (".md", ".txt")
LARGEST = 1 << 34
"""The most bytes of an artefact, 16 GiB: no more is read to compute digests."""

_MOST = 1000  # files and folders
_FOLDERS = ("variables", "assets", EXTRA)
_ANEW = "copy the model anew from where it was exported"


class _File(NamedTuple):
    """A file as the manifest describes it."""

    bytes: int
    sha256: str


def write_manifest(directory: str | Path) -> None:
    """Records the files of an artefact as they are.

    Args:
        directory: Folder of the artefact.

    Raises:
        InputError: If the folder holds what no artefact may hold, see `check_files`.
    """
    folder = require_folder(directory)
    files = {
        name: _File(size, _digest(folder / name))._asdict()
        for name, size in sorted(_present(directory, folder).items())
    }
    text = json.dumps({"files": files}, ensure_ascii=False, indent=2) + "\n"
    with atomic_file(folder / EXTRA / MANIFEST) as new:  # never into a file that it is a link to
        new.write_text(text, encoding="utf-8")


def has_manifest(directory: str | Path) -> bool:
    """Tells whether an artefact has a manifest; those of nlpkit before 0.2.0 have none.

    Args:
        directory: Folder of the artefact.

    Returns:
        Whether it has one.
    """
    return (Path(directory) / EXTRA / MANIFEST).is_file()


def remarks(directory: str | Path) -> list[str]:
    """Says what a user should know of an artefact that is sound, but not as an export leaves it.

    Args:
        directory: Folder of the artefact.

    Returns:
        Sentences: that it has no manifest, and that and why it was not proven portable.
    """
    said = []
    if not has_manifest(directory):
        said.append(
            f"{directory}: there is no manifest, so a change of the files would not be noticed; "
            f"`nlpkit verify {directory} --write-manifest` writes one."
        )
    if why := unproven(directory):
        mark = f"{EXTRA}/{UNPROVEN}"
        said.append(f"{directory}: marked as unproven when it was exported ({mark}): {why}")
    return said


def check_files(directory: str | Path, *, recorded: bool = True) -> None:
    """Requires that the files of an artefact are those that were exported, without TensorFlow.

    Args:
        directory: Folder of the artefact.
        recorded: Whether the files must be those of the manifest. Default true; otherwise, and
            for an artefact without a manifest, the layout alone is checked.

    Raises:
        InputError: If the folder holds a link, a folder or a file that no artefact holds, or more
            than 16 GiB; or if a file is missing, not listed, or not as the manifest says.
    """
    folder = require_folder(directory)
    present = _present(directory, folder)
    if not recorded or not has_manifest(directory):
        return
    listed = _listed(directory)
    if missing := sorted(listed.keys() - present.keys()):
        raise InputError(f"{directory}: {missing[0]} of the manifest is missing; {_ANEW}.")
    if added := sorted(present.keys() - listed.keys()):
        raise InputError(
            f"{directory}: the manifest does not list {added[0]}; remove it, or record the files "
            f"as they are with `nlpkit verify {directory} --write-manifest`."
        )
    for name, wanted in sorted(listed.items()):
        if present[name] != wanted.bytes:
            raise InputError(
                f"{directory}: {name} must have {wanted.bytes:,} bytes by the manifest, got "
                f"{present[name]:,}; {_ANEW}."
            )
    for name, wanted in sorted(listed.items()):
        if _digest(folder / name) != wanted.sha256:
            raise InputError(
                f"{directory}: {name} is not the file of the manifest (its SHA-256 differs); "
                f"{_ANEW}."
            )


def _present(directory: str | Path, folder: Path) -> dict[str, int]:
    """The size of each file that counts, by its path in the folder."""
    sizes: dict[str, int] = {}
    for number, (name, entry) in enumerate(_entries(folder)):
        top = "/" not in name
        kind = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISLNK(kind):
            raise InputError(
                f"{directory}: {name} is a link, and a model must hold its files themselves; copy "
                "it with `cp -rL`."
            )
        if top and name in _FOLDERS and stat.S_ISDIR(kind):
            continue
        note = name.endswith(NOTES) and (top or name.startswith(f"{EXTRA}/"))
        known = stat.S_ISREG(kind) and (note or not top or name in set(CONTENTS) - set(_FOLDERS))
        if not known or not name.isprintable() or number >= _MOST:
            raise InputError(
                f"{directory}: {name} is nothing that a model of nlpkit holds; remove it."
            )
        if not note and name != f"{EXTRA}/{MANIFEST}":
            sizes[name] = entry.stat().st_size
    if sum(sizes.values()) > LARGEST:
        raise InputError(f"{directory}: a model must have at most {LARGEST >> 30} GiB.")
    return sizes


def _entries(folder: Path) -> Iterator[tuple[str, os.DirEntry]]:
    """What is in the folder, and in the folders of an artefact in it, by path."""
    for entry in _sorted(folder):
        yield entry.name, entry
        if entry.name in _FOLDERS and entry.is_dir(follow_symlinks=False):
            yield from ((f"{entry.name}/{inner.name}", inner) for inner in _sorted(entry.path))


def _sorted(folder: str | Path) -> list[os.DirEntry]:
    """What is in a folder, by name."""
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _listed(directory: str | Path) -> dict[str, _File]:
    """The files that the manifest lists."""
    try:
        files = json.loads(read_extra(directory, MANIFEST) or "")["files"]
        listed = {name: _File(**fields) for name, fields in files.items()}
        whole = all(type(f.bytes) is int and isinstance(f.sha256, str) for f in listed.values())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        whole = False
    if not whole:
        raise damaged(directory, f"{EXTRA}/{MANIFEST}") from None
    return listed


def _digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
