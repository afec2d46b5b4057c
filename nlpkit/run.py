"""The settings, clock, versions and messages of a run of a recipe."""

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
    "option_text",
    "peak_memory_mb",
    "printable",
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
"""The width of text that is not written to a terminal."""
_STATUS = Path("/proc/self/status")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Specific to the machine or the call.
_NOT_SETTINGS = {"checkpoint_minutes", "config", "data_dir", "out", "quiet", "resume", "strategy"}
_DATA = ("data", "test_data", "valid_data", "vectors")


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
        """Ends a part of the run.

        Args:
            name: The name of the part; None if it counts in the total only.
        """
        now = time.monotonic()
        if name is not None:
            self._laps[name] = round(now - self._last, 1)
        self._last = now

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds of each named part and of the total."""
        return {**self._laps, "total": round(time.monotonic() - self._start, 1)}


def say(message: str, *, quiet: bool = False) -> None:
    """Writes a line about the run's progress to standard error.

    Args:
        message: The line.
        quiet: Whether to write nothing.
    """
    if not quiet:
        print(printable(message), file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """Shows control characters, so that a name from a stranger cannot command the terminal.

    Args:
        text: What is to be printed.

    Returns:
        The same with escapes for all of them but tabs and line ends.

    Example:
        >>> print(printable("\x1b[2Jproven"))
        \\x1b[2Jproven
    """
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def terminal_width(file: TextIO) -> int:
    """The width to which tables are fitted.

    Args:
        file: A terminal or any other file.

    Returns:
        The terminal's width, or 80.
    """
    from rich.console import Console

    return Console(file=file, force_jupyter=False).width if file.isatty() else PLAIN_WIDTH


def memory_mb() -> float:
    """Measures the current memory of this process.

    Returns:
        Units of 10⁶ bytes; the peak so far if the system does not report it.
    """
    return _held("VmRSS")


def peak_memory_mb() -> float:
    """Measures the peak memory of this process so far.

    Returns:
        Units of 10⁶ bytes.
    """
    return _held("VmHWM")


def _held(name: str) -> float:
    """A memory figure from Linux; on other systems the peak."""
    try:
        status = _STATUS.read_text(encoding="utf-8")
    except OSError:
        status = ""
    if held := re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE):
        return round(int(held[1]) * 1024 / 1e6, 1)
    # On Linux a process inherits the peak of its parent; elsewhere it does not.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6, 1)


def versions() -> dict[str, str]:
    """The versions of the software that the metrics depend on.

    Returns:
        Versions by name: Python, nlpkit and the libraries that it uses.
    """
    packages = ("nlpkit", "tensorflow", "keras", "scikit-learn", "numpy")
    libraries = {name: importlib.metadata.version(name) for name in packages}
    return {"python": platform.python_version(), **libraries}


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Writes JSON that a person can read.

    Args:
        path: The file.
        content: The content; values that JSON does not support are written as text.
    """
    text = json.dumps(content, ensure_ascii=False, indent=2, default=str)
    path.write_text(text + "\n", encoding="utf-8")


def source_name(spec: Any) -> Any:
    """The name of a SPEC without the folders of this machine: of a path the last part.

    Args:
        spec: The value of `--data`, or None.

    Returns:
        The name of the file; any other SPEC as it is.

    Example:
        >>> source_name("/home/someone/reviews.tsv"), source_name("tfds:imdb_reviews/bytes")
        ('reviews.tsv', 'tfds:imdb_reviews/bytes')
    """
    if spec is None or str(spec).startswith("tfds:"):
        return spec
    return PureWindowsPath(str(spec)).name or spec  # splits at both kinds of slash


def option_text(name: str, value: Any) -> str:
    """An option as a user would give it.

    Args:
        name: The name of the option in Python.
        value: Its value.

    Returns:
        Text for a message.

    Example:
        >>> option_text("batch_size", 8), option_text("linear", False), option_text("epochs", None)
        ('`--batch-size 8`', '`--no-linear`', 'no `--epochs`')
    """
    flag = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return f"`{flag}`" if value else f"`--no-{flag[2:]}`"
    return f"`{flag} {value}`" if value is not None else f"no `{flag}`"


def settings(command: str, arguments: Mapping[str, Any], **settled: Any) -> dict[str, Any]:
    """The settings in force, in the form of config.json.

    Args:
        command: The command that was run.
        arguments: The arguments of the recipe; those that do not affect the result are left out.
        **settled: The values chosen for arguments that the user left open.

    Returns:
        Settings by name, `command` first. For data files only the name is kept, since config.json
        is passed on with the model.
    """
    kept = {name: value for name, value in arguments.items() if name not in _NOT_SETTINGS}
    for name in kept.keys() & set(_DATA):
        kept[name] = source_name(kept[name])
    return {"command": command, **kept, **settled}


def read_config(path: Path, command: str | None) -> dict[str, Any]:
    """Reads the settings of an earlier run.

    Args:
        path: A config.json, or the folder that holds it.
        command: The command that is to repeat it, or None for any.

    Returns:
        Arguments by name. Data files that are not in the working folder are looked for beside
        the config.json and in the folders above it.

    Raises:
        InputError: If it is missing, is not a config.json, or belongs to another command.
    """
    path = path / CONFIG if path.is_dir() else path
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"`--config`: {path}: there is no such file.") from None
    except (OSError, ValueError, RecursionError) as error:
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
    return content | {name: _data_path(content[name], path) for name in _DATA if name in content}


def _data_path(data: Any, config: Path) -> Any:
    """The path of a data file of a config.json; the name as given if it is not found."""
    if not isinstance(data, str) or Path(data).exists():
        return data
    candidates = (folder / data for folder in config.resolve().parents)
    return next((str(path) for path in candidates if path.exists()), data)
