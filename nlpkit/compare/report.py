"""The output of a comparison: a JSON file of all results, pictures, and a page of everything."""

import datetime
import importlib.metadata
import os
import platform
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlpkit import run
from nlpkit.compare.benchmark import Benchmark, Plan, load
from nlpkit.compare.contents import Content
from nlpkit.errors import InputError
from nlpkit.export.atomic import atomic_file

__all__ = ["PAGE", "Report", "run_metadata"]

PAGE = "compare.html"
_CPU_INFO = Path("/proc/cpuinfo")
_VARIABLES = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "XLA_FLAGS")


@dataclass(frozen=True)
class _Section:
    """What the page says of a benchmark."""

    name: str
    benchmark: Benchmark
    quick: bool
    contents: list[Content]
    conclusion: str
    picture: bytes
    command: str


class Report:
    """Collects the results of the benchmarks, and writes them after each one.

    So a run that is interrupted keeps the finished benchmarks.

    Args:
        plan: The plan of the run.
        json: The file for all results. Default: none is written.
        out: The folder for a picture of each benchmark, and for `compare.html`, a page that holds
            all of this run. Default: none are written.

    Raises:
        InputError: If one of the two cannot be written; raised before anything is measured.
    """

    def __init__(self, plan: Plan, *, json: Path | None = None, out: Path | None = None) -> None:
        if json is not None:
            if json.is_dir():
                raise InputError(f"{json}: this is a folder; give the path of a file.")
            _require_writable(json, json.parent)
        if out is not None:
            if out.is_file():
                raise InputError(f"{out}: this is a file; give the path of a folder.")
            _require_writable(out, out)
        self._json, self._out = json, out
        self._metadata, self._sections = run_metadata(), list[_Section]()
        self._content: dict[str, Any] = {
            "command": "compare",
            **self._metadata,
            "settings": plan.settings(),
        }
        self._plan = plan

    def add(self, name: str, plan: Plan, results: dict[str, Any]) -> None:
        """Writes the results of a benchmark.

        Args:
            name: The name of the benchmark.
            plan: The plan that it was measured by.
            results: The result of its `measure`.
        """
        self._content[name] = results
        if plan != self._plan:  # a budget of minutes has chosen other sizes
            sizes = self._content.setdefault("settings_by_benchmark", {})
            sizes[name] = plan.settings()
        if self._json is not None:
            with atomic_file(self._json) as new:
                run.write_json(new, self._content)
        if self._out is not None:
            self._write_page(name, plan, results, self._out)

    def _write_page(self, name: str, plan: Plan, results: dict[str, Any], out: Path) -> None:
        """Writes the picture of a benchmark, and the page anew."""
        from nlpkit.reports.page import render_page
        from nlpkit.reports.pictures import png

        benchmark = load(name)
        picture = png(benchmark.picture(results))
        contents, conclusion = list(benchmark.contents(results)), benchmark.conclusion(results)
        command = plan.command(name)
        self._sections.append(
            _Section(name, benchmark, plan.quick, contents, conclusion, picture, command)
        )
        with atomic_file(out / f"{name}.png") as new:
            new.write_bytes(picture)
        page = render_page(
            "compare.html",
            title="nlpkit compare",
            language="en",
            sections=self._sections,
            **self._metadata,
        )
        with atomic_file(out / PAGE) as new:
            new.write_text(page, encoding="utf-8")


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
