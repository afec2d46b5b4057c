"""Proves that an artefact is portable: it answers the same elsewhere, with plain TensorFlow."""

import dataclasses
import fnmatch
import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path

from nlpkit.errors import InputError
from nlpkit.export.artefact import mark_unproven, read_description

__all__ = ["Check", "NotPortableError", "Report", "prove", "verify"]

# `-I` keeps the user's variables and start-up files out; the path is handed over so that
# TensorFlow is found wherever this process found it.
_START = (
    "import json, runpy, sys; sys.path[:] = json.loads(sys.argv.pop(1)); "
    "runpy.run_module('plain_tensorflow', run_name='__main__')"
)

# What the TPU's compiler comes with: the extra `tpu` of setup.cfg.
_COMPILER = {"jax": "0.10.2", "libtpu": "0.0.42.*"}

# A process that trains may hold all memory of the GPU, so the child does without. The TPU's
# compiler is to ask no server what machine this is, to leave no folder of logs in /tmp, and to run
# beside others: it uses no TPU that they could take from one another.
_ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TPU_SKIP_MDS_QUERY": "1",
    "TPU_LOG_DIR": "disabled",
    "ALLOW_MULTIPLE_LIBTPU_LOAD": "1",
}


class NotPortableError(Exception):
    """An artefact that was just written is not proven portable; the sentence says why."""


@dataclasses.dataclass(frozen=True)
class Check:
    """One thing that was checked.

    Attributes:
        name: A word or two.
        passed: Whether it holds.
        message: What was found, in a sentence for the user.
    """

    name: str
    passed: bool
    message: str


@dataclasses.dataclass(frozen=True)
class Report:
    """What was found out about an artefact.

    Attributes:
        checks: Everything that was checked, in order. A model that does not load is checked no
            further.
    """

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether the artefact is proven portable."""
        return all(check.passed for check in self.checks)

    @property
    def summary(self) -> str:
        """The verdict in a sentence; the first failure where there is one."""
        failed = [check for check in self.checks if not check.passed]
        if failed:
            return f"not proven portable: {failed[0].name}: {failed[0].message}"
        return f"proven portable by {len(self.checks)} checks."

    def require(self) -> "Report":
        """Insists that the artefact is proven portable.

        Returns:
            The report itself.

        Raises:
            NotPortableError: If it is not.
        """
        if not self.passed:
            raise NotPortableError(f"the model is {self.summary}")
        return self


def verify(directory: str | Path, *, tpu: bool = False) -> Report:
    """Proves an artefact portable, or says why it is not.

    It is loaded in a fresh process, on the CPU, where nlpkit and Keras cannot be imported. It must
    hold only ops that TensorFlow brings along, none bound to a device outside a device branch and
    none that needs XLA; give the stored answers again within 1e-5, or what rounding explains, see
    `plain_tensorflow/tolerances.py`, called as a function and in a session as TensorFlow Serving
    has it; and give the same by its numeric signatures, fed by
    `encode`, as by `serving_default`: a classifier by `ids`, a language model by `steps`, and by
    `step` word after word. The numeric signatures must compile for XLA.

    Args:
        directory: Folder of the artefact.
        tpu: Whether its numeric signatures must also be StableHLO without custom calls, and the
            TPU's compiler must take them. No TPU is needed, but the extra `tpu`.

    Returns:
        The report; nothing is raised for an artefact that is not portable.

    Raises:
        InputError: If the folder holds no model of nlpkit, or the extra is not installed.
    """
    read_description(directory)
    if tpu:
        _require_compiler()
    here = Path(__file__).parent
    path = json.dumps([*filter(None, sys.path), str(here)])
    flags = ["--tpu"] if tpu else []
    child = subprocess.run(
        [sys.executable, "-I", "-c", _START, path, str(Path(directory).resolve()), *flags],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, **_ENVIRONMENT},
    )
    if child.returncode:
        return Report((Check("reload", False, _last_words(child)),))
    found = json.loads(child.stdout.splitlines()[-1])
    if isinstance(found, str):
        raise InputError(f"{directory}: {found}")
    return Report(tuple(Check(**check) for check in found))


def prove(directory: str | Path) -> Report:
    """Verifies an artefact that was just written, and marks it unless it is proven portable.

    The mark is a file in it, see `nlpkit.export.unproven`; it is there from before the verification
    begins, so that an interrupted one leaves it too.

    Args:
        directory: Folder of the artefact.

    Returns:
        The report.

    Raises:
        InputError: As `verify`.
    """
    mark_unproven(directory, "The verification did not end.")
    report = verify(directory)
    mark_unproven(directory, None if report.passed else f"The model is {report.summary}")
    return report


def _require_compiler() -> None:
    """Requires the extra `tpu`, in the versions whose private names are known."""
    if not all(fnmatch.fnmatch(_version(name), wanted) for name, wanted in _COMPILER.items()):
        wanted = " and ".join(f"{name} {version}" for name, version in _COMPILER.items())
        got = " and ".join(f"{name} {_version(name)}" for name in _COMPILER)
        packages = " ".join(f"'{name}=={version}'" for name, version in _COMPILER.items())
        raise InputError(
            f"`tpu` asks the TPU's compiler, which needs {wanted}, got {got}; "
            f"run `python3 -m pip --python {sys.prefix} install {packages}`."
        )


def _version(package: str) -> str:
    """The version of a package, or "none"."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def _last_words(child: subprocess.CompletedProcess) -> str:
    """Why a process ended early, from its status and the last line it wrote."""
    lines: list[str] = child.stderr.strip().splitlines()
    *_, last = ["it said nothing", *lines]
    return f"The process that loaded the model ended with status {child.returncode}: {last[:500]}"
