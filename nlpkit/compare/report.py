"""What a comparison leaves: JSON with all figures, and a picture of each benchmark."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console

from nlpkit import run
from nlpkit.compare.benchmark import Plan
from nlpkit.compare.machine import facts
from nlpkit.errors import InputError
from nlpkit.export.atomic import atomic_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Report", "terminal_width"]

_PLAIN_WIDTH = 80


class Report:
    """Collects what the benchmarks found, and writes it after each one.

    So a run that is stopped keeps what it has finished.

    Args:
        plan: How much was compared.
        json: The file of all figures. None: there is none.
        out: The folder of the pictures. None: there are none.

    Raises:
        InputError: If one of the two cannot be written: before anything is measured.
    """

    def __init__(self, plan: Plan, *, json: Path | None = None, out: Path | None = None) -> None:
        if json is not None:
            if json.is_dir():
                raise InputError(f"{json}: a file is to be written here, but this is a folder.")
            _require_writable(json, json.parent)
        if out is not None:
            _require_writable(out, out)
        self._json, self._out = json, out
        self._content: dict[str, Any] = {
            "command": "compare",
            **facts(),
            "settings": plan.settings(),
        }

    def add(self, name: str, found: Mapping[str, Any], picture: "Figure") -> None:
        """Writes what a benchmark found.

        Args:
            name: The benchmark's.
            found: As its `measure` gives it.
            picture: As its `picture` gives it.
        """
        self._content[name] = found
        if self._json is not None:
            with atomic_file(self._json) as new:
                run.write_json(new, self._content)
        if self._out is not None:
            from nlpkit.evaluation.pictures import png

            with atomic_file(self._out / f"{name}.png") as new:
                new.write_bytes(png(picture))


def terminal_width(file: TextIO) -> int:
    """How many columns a table may fill.

    Args:
        file: A terminal, which has a width, or anything else.

    Returns:
        The terminal's width, or 80.
    """
    return Console(file=file, force_jupyter=False).width if file.isatty() else _PLAIN_WIDTH


def _require_writable(path: Path, folder: Path) -> None:
    """Makes the folder, and insists that files can be made in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(f"{path}: nothing can be written here ({error.strerror}).") from None
