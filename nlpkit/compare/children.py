"""Measurements in processes of their own: none inherits what another one left in memory."""

import os
import subprocess
import sys

from nlpkit.errors import InputError

__all__ = ["ask"]

_USAGE = 2  # exit status of a command whose input or usage is at fault


def ask(module: str, *arguments: str) -> str:
    """Runs `python -m module` and waits; if this process is stopped, so is the other.

    Args:
        module: The program.
        *arguments: Its command line.

    Returns:
        What it wrote to standard output.

    Raises:
        InputError: If it ended with status 2; the words are its own.
        RuntimeError: If it failed otherwise.

    Example:
        >>> ask("nlpkit", "--version").count(".")
        2
    """
    # What this process can import, the other shall find too, wherever it was found; and, by `-P`,
    # nothing else that happens to lie in the folder where both run.
    path = os.pathsep.join(map(os.path.abspath, sys.path))
    child = subprocess.run(
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "PYTHONPATH": path},
    )
    if child.returncode:
        *_, last = ["it said nothing.", *child.stderr.strip().splitlines()]
        words = last.removeprefix("nlpkit: ")
        if child.returncode == _USAGE:
            raise InputError(words)
        raise RuntimeError(
            f"`python -m {' '.join([module, *arguments])}` ended with status "
            f"{child.returncode}: {words}"
        )
    return child.stdout
