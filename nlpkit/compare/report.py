"""The output of a comparison: tables, a JSON file of all results, a folder of pictures."""

import datetime
import importlib.metadata
import os
import platform
import tempfile
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from nlpkit import run
from nlpkit.compare.benchmark import Plan
from nlpkit.errors import InputError
from nlpkit.export.atomic import atomic_file
from nlpkit.reports.table import columns

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Report", "grid", "paragraph", "run_metadata"]

_CPU_INFO = Path("/proc/cpuinfo")
_NARROWEST = 20
_VARIABLES = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "XLA_FLAGS")


class Report:
    """Collects the results of the benchmarks, and writes them after each one.

    So a run that is interrupted keeps the finished benchmarks.

    Args:
        plan: The plan of the run.
        json: The file for all results. Default: none is written.
        out: The folder for the pictures. Default: none are written.

    Raises:
        InputError: If one of the two cannot be written; raised before anything is measured.
    """

    def __init__(self, plan: Plan, *, json: Path | None = None, out: Path | None = None) -> None:
        if json is not None:
            if json.is_dir():
                raise InputError(f"{json}: this is a folder; give the path of a file.")
            _require_writable(json, json.parent)
        if out is not None:
            _require_writable(out, out)
        self._json, self._out = json, out
        self._content: dict[str, Any] = {
            "command": "compare",
            **run_metadata(),
            "settings": plan.settings(),
        }

    def add(self, name: str, results: Mapping[str, Any], picture: "Figure") -> None:
        """Writes the results of a benchmark.

        Args:
            name: The name of the benchmark.
            results: The result of its `measure`.
            picture: The result of its `picture`.
        """
        self._content[name] = results
        if self._json is not None:
            with atomic_file(self._json) as new:
                run.write_json(new, self._content)
        if self._out is not None:
            from nlpkit.reports.pictures import png

            with atomic_file(self._out / f"{name}.png") as new:
                new.write_bytes(png(picture))


def run_metadata() -> dict[str, Any]:
    """Describes what the results depend on besides the code.

    Returns:
        `date` (UTC), `machine` and `versions`, in a form that JSON can represent.

    Example:
        >>> sorted(run_metadata())
        ['date', 'machine', 'versions']
    """
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": {
            "processor": _processor(),
            "cores": len(os.sched_getaffinity(0)),
            "memory_mb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e6),
            "system": platform.platform(),
            "gpus": _gpus(),
            "environment": {name: os.environ[name] for name in _VARIABLES if name in os.environ},
        },
        "versions": {**run.versions(), **_torch()},
    }


def grid(
    title: str,
    heads: Sequence[tuple[str, str]],
    rows: Mapping[str, Sequence[str]],
    *,
    width: int,
) -> list[str]:
    """A table with a title.

    If it does not fit the width, each row becomes a list: its name, and below it a line for each
    cell. No cell is cut.

    Args:
        title: A sentence above the table; it is wrapped.
        heads: The head of each column, in two short lines.
        rows: The cells of each row as text, by the name of the row.
        width: Columns of the terminal.

    Returns:
        The lines.

    Example:
        >>> heads, rows = [("Keras", "LSTM"), ("", "floor")], {"8,20,16,16": ["1.2", "0.3"]}
        >>> print(*grid("Forward, ms:", heads, rows, width=40), sep="\\n")
        Forward, ms:
                   Keras
                    LSTM floor
        8,20,16,16   1.2   0.3
        >>> print(*grid("Forward, ms:", heads, rows, width=20), sep="\\n")
        Forward, ms:
        8,20,16,16
          Keras LSTM: 1.2
          floor: 0.3
    """
    cells = [(name, *row) for name, row in rows.items()]
    table = columns(cells, heads=["", *map("\n".join, heads)])
    lines = paragraph(title, width=width)
    if max(map(cell_len, table)) > width:
        for name, row in rows.items():
            lines += paragraph(name, width=width)
            for head, cell in zip(heads, row, strict=True):
                line = f"{' '.join(filter(None, head))}: {cell}"
                lines += paragraph(line, width=width, indent="  ")
        return lines
    return lines + table


def paragraph(text: str, *, width: int, indent: str = "") -> list[str]:
    """Wraps text; a word that is longer than a line gets a line of its own.

    Args:
        text: The text.
        width: Columns of the terminal.
        indent: Spaces in front of each line; lines after the first get two more.

    Returns:
        The lines.

    Example:
        >>> paragraph("nlpkit: a while loop, XLA", width=20, indent="  ")
        ['  nlpkit: a while', '    loop, XLA']
    """
    return textwrap.wrap(
        text,
        max(width, _NARROWEST),
        initial_indent=indent,
        subsequent_indent=f"{indent}  " if indent else "",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _require_writable(path: Path, folder: Path) -> None:
    """Makes the folder, and requires that files can be written to it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(f"{path}: nothing can be written here ({error.strerror}).") from None


def _processor() -> str:
    """The name of the processor, as Linux reports it."""
    lines = _CPU_INFO.read_text(encoding="utf-8").splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _gpus() -> list[str]:
    """The GPUs that TensorFlow finds."""
    import tensorflow as tf

    return [device.name for device in tf.config.list_physical_devices("GPU")]


def _torch() -> dict[str, str]:
    """The version of torch, where it is installed."""
    try:
        return {"torch": importlib.metadata.version("torch")}
    except importlib.metadata.PackageNotFoundError:
        return {}
