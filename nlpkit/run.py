"""What a run of a recipe leaves in its folder, and what it says while it runs."""

import importlib.metadata
import json
import platform
import re
import resource
import sys
import time
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from typing import Any, TextIO

from nlpkit.errors import InputError

__all__ = [
    "CONFIG",
    "PLAIN_WIDTH",
    "Clock",
    "memory_mb",
    "peak_memory_mb",
    "read_config",
    "say",
    "settings",
    "source_name",
    "terminal_width",
    "versions",
    "write_json",
]

CONFIG = "config.json"
PLAIN_WIDTH = 80
"""Columns of text that is not written to a terminal."""
_STATUS = Path("/proc/self/status")
_NOT_SETTINGS = {"config", "data_dir", "out", "quiet"}  # places on this machine, and how loud
_DATA = ("data", "test_data", "valid_data")


class Clock:
    """Seconds of the parts of a run, and of all of it so far.

    Example:
        >>> clock = Clock()
        >>> clock.lap("train")
        >>> sorted(clock.seconds)
        ['total', 'train']
    """

    def __init__(self) -> None:
        self._start = self._last = time.monotonic()
        self._laps: dict[str, float] = {}

    def lap(self, name: str | None = None) -> None:
        """Ends a part.

        Args:
            name: What ends here; None for what belongs to the total only.
        """
        now = time.monotonic()
        if name is not None:
            self._laps[name] = round(now - self._last, 1)
        self._last = now

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds of each named part and of all."""
        return {**self._laps, "total": round(time.monotonic() - self._start, 1)}


def say(message: str, *, quiet: bool = False) -> None:
    """Writes a line about the run's progress to standard error.

    Args:
        message: The line.
        quiet: Whether to write nothing.
    """
    if not quiet:
        print(message, file=sys.stderr, flush=True)


def terminal_width(file: TextIO) -> int:
    """How many columns a table may fill.

    Args:
        file: A terminal, which has a width, or anything else.

    Returns:
        The terminal's width, or 80.
    """
    from rich.console import Console

    return Console(file=file, force_jupyter=False).width if file.isatty() else PLAIN_WIDTH


def memory_mb() -> float:
    """Measures the memory that this process holds now.

    Returns:
        10⁶ bytes; where the system does not say it, the most that it held so far.
    """
    return _held("VmRSS")


def peak_memory_mb() -> float:
    """Measures the most memory that this process held so far.

    Returns:
        10⁶ bytes.
    """
    return _held("VmHWM")


def _held(name: str) -> float:
    """What Linux says of this process; elsewhere its peak."""
    try:
        status = _STATUS.read_text(encoding="utf-8")
    except OSError:
        status = ""
    if held := re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE):
        return round(int(held[1]) * 1024 / 1e6, 1)
    # Linux hands the peak of whoever started a process on to it; the others do not.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6, 1)


def versions() -> dict[str, str]:
    """Names the versions of what the metrics depend on.

    Returns:
        Version by name: Python, nlpkit and the libraries under it.
    """
    packages = ("nlpkit", "tensorflow", "keras", "scikit-learn", "numpy")
    found = {name: importlib.metadata.version(name) for name in packages}
    return {"python": platform.python_version(), **found}


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Writes JSON that a person can read.

    Args:
        path: The file.
        content: What it shall hold; what JSON does not know is written as text.
    """
    text = json.dumps(content, ensure_ascii=False, indent=2, default=str)
    path.write_text(text + "\n", encoding="utf-8")


def source_name(spec: Any) -> Any:
    """What of a SPEC tells its source and nothing of the machine: of a path the last part.

    Args:
        spec: What was given for `--data`; None for nothing.

    Returns:
        The name of the file; any other SPEC as it is.

    Example:
        >>> source_name("/home/someone/reviews.tsv"), source_name("tfds:imdb_reviews/bytes")
        ('reviews.tsv', 'tfds:imdb_reviews/bytes')
    """
    if spec is None or str(spec).startswith("tfds:"):
        return spec
    return PureWindowsPath(str(spec)).name or spec  # knows both kinds of slash


def settings(command: str, arguments: Mapping[str, Any], **settled: Any) -> dict[str, Any]:
    """The settings in force, as config.json keeps them.

    Args:
        command: The command that was run.
        arguments: The recipe's arguments; those that do not bear on the result are left out.
        **settled: What became of the arguments left open.

    Returns:
        Settings by name, `command` first. Of data the name of the file is kept, for config.json is
        handed on with the model.
    """
    kept = {name: value for name, value in arguments.items() if name not in _NOT_SETTINGS}
    for name in kept.keys() & set(_DATA):
        kept[name] = source_name(kept[name])
    return {"command": command, **kept, **settled}


def read_config(path: Path, command: str | None) -> dict[str, Any]:
    """Reads the settings of an earlier run.

    Args:
        path: A config.json, or the folder that holds it.
        command: The command that shall repeat it, or None for any.

    Returns:
        Arguments by name. Data that do not lie in the working folder are looked for beside the
        config.json and in the folders above it.

    Raises:
        InputError: If it is missing, no such file, or another command's.
    """
    path = path / CONFIG if path.is_dir() else path
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"`--config`: {path}: there is no such file.") from None
    except (OSError, ValueError) as error:
        raise InputError(
            f"`--config` must be a config.json of nlpkit, got {str(path)!r}."
        ) from error
    if not isinstance(content, dict) or "command" not in content:
        raise InputError(f"`--config` must be a config.json of nlpkit, got {str(path)!r}.")
    if command is not None and content["command"] != command:
        raise InputError(
            f"`--config` holds the settings of `nlpkit {content['command']}`, "
            f"not of `nlpkit {command}`."
        )
    del content["command"]
    return content | {name: _found(content[name], path) for name in _DATA if name in content}


def _found(data: Any, config: Path) -> Any:
    """Where the data of a config.json lie; as they are named there if they are not found."""
    if not isinstance(data, str) or Path(data).exists():
        return data
    places = (folder / data for folder in config.resolve().parents)
    return next((str(place) for place in places if place.exists()), data)
