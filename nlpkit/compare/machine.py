"""What figures depend on besides the code: the machine and the versions."""

import datetime
import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

from nlpkit import run

__all__ = ["facts"]

_VARIABLES = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "XLA_FLAGS")


def facts() -> dict[str, Any]:
    """Describes this machine, what is installed on it, and the day.

    Returns:
        As JSON can hold it: `date` (UTC), `machine` and `versions`.

    Example:
        >>> sorted(facts())
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


def _processor() -> str:
    """The processor's name, as Linux has it."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _gpus() -> list[str]:
    """The GPUs that TensorFlow sees."""
    import tensorflow as tf

    return [device.name for device in tf.config.list_physical_devices("GPU")]


def _torch() -> dict[str, str]:
    """The version of torch, where it is installed."""
    try:
        return {"torch": importlib.metadata.version("torch")}
    except importlib.metadata.PackageNotFoundError:
        return {}
