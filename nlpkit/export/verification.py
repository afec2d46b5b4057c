"""Verifies that an artefact is portable: it gives the same answers with plain TensorFlow."""

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
from nlpkit.export.manifest import check_files

__all__ = ["Check", "NotPortableError", "Report", "prove", "verify"]

# `-I` keeps the user's variables and start-up files out; the path is handed over so that
# TensorFlow is found wherever this process found it.
_START = (
    "import json, runpy, sys; sys.path[:] = json.loads(sys.argv.pop(1)); "
    "runpy.run_module('plain_tensorflow', run_name='__main__')"
)

# What the TPU's compiler comes with: the extra `tpu` of setup.cfg.
_COMPILER = {"jax": "0.10.2", "libtpu": "0.0.42.*"}

# A process that trains may hold all memory of the GPU, so the child uses none. The TPU's compiler
# must not query a server for the machine or leave logs in /tmp, and several may run at once, since
# they use no TPU that they could take from one another.
_ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TPU_SKIP_MDS_QUERY": "1",
    "TPU_LOG_DIR": "disabled",
    "ALLOW_MULTIPLE_LIBTPU_LOAD": "1",
}


class NotPortableError(Exception):
    """Raised if a newly written artefact is not proven portable; the message says why."""


@dataclasses.dataclass(frozen=True)
class Check:
    """The result of one check.

    Attributes:
        name: The name of the check.
        passed: Whether it passed.
        message: The result in a sentence for the user.
    """

    name: str
    passed: bool
    message: str


@dataclasses.dataclass(frozen=True)
class Report:
    """The results of a verification.

    Attributes:
        checks: All checks, in order. If the model does not load, there are no further ones.
    """

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether the artefact is proven portable."""
        return all(check.passed for check in self.checks)

    @property
    def summary(self) -> str:
        """The verdict in a sentence, with the first failure if there is one."""
        failed = [check for check in self.checks if not check.passed]
        if failed:
            return f"not proven portable: {failed[0].name}: {failed[0].message}"
        return f"proven portable by {len(self.checks)} checks."

    def require(self) -> "Report":
        """Requires that the artefact is proven portable.

        Returns:
            The report itself.

        Raises:
            NotPortableError: If it is not.
        """
        if not self.passed:
            raise NotPortableError(f"the model is {self.summary}")
        return self


def verify(
    directory: str | Path, *, tpu: bool = False, trust: bool = False, recorded: bool = True
) -> Report:
    """Proves an artefact portable, or says why it is not.

    Its files must be those that were exported, see `check_files`, and its ops such as compute and
    touch nothing else. Then it is loaded in a fresh process on the CPU, in which nlpkit and Keras
    cannot be imported.

    * It may contain only ops of TensorFlow itself, none that is bound to a device outside a device
      branch, and none that needs XLA.
    * It must reproduce the stored answers within 1e-5, or within what rounding explains (see
      `plain_tensorflow/tolerances.py`), both as a function and in a session, as in TensorFlow
      Serving.
    * Its numeric signatures, applied to the output of `encode`, must agree with `serving_default`:
      those of a classifier are `ids`, those of a language model `steps`, and `step` word by word.
    * The numeric signatures must compile for XLA.

    Args:
        directory: Folder of the artefact.
        tpu: Whether to check also that the numeric signatures are StableHLO without custom calls,
            and that the TPU's compiler accepts them. This needs the extra `tpu`, but no TPU.
        trust: Whether to take a model with any ops, such as ops that read files. Default false.
        recorded: Whether the files must be those of the manifest, if there is one. Default true.

    Returns:
        The report, also for an artefact that is not portable.

    Raises:
        InputError: If the folder holds no model of nlpkit, or one that was changed or may reach
            outside itself, or the extra is not installed.
    """
    read_description(directory)
    check_files(directory, recorded=recorded)
    if tpu:
        _require_compiler()
    here = Path(__file__).parent
    path = json.dumps([*filter(None, sys.path), str(here)])
    flags = [flag for flag, given in (("--tpu", tpu), ("--trust", trust)) if given]
    child = subprocess.run(
        [sys.executable, "-I", "-c", _START, path, str(Path(directory).resolve()), *flags],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, **_ENVIRONMENT},
    )
    if child.returncode:
        return Report((Check("reload", False, _last_words(child)),))
    results = json.loads(child.stdout.splitlines()[-1])
    if isinstance(results, str):
        raise InputError(f"{directory}: {results}")
    return Report(tuple(Check(**check) for check in results))


def prove(directory: str | Path) -> Report:
    """Verifies a newly written artefact, and marks it unless it is proven portable.

    The mark is a file in the artefact, see `nlpkit.export.unproven`. It is written before the
    verification, so that it remains if that is interrupted.

    Args:
        directory: Folder of the artefact.

    Returns:
        The report.

    Raises:
        InputError: As `verify`.
    """
    mark_unproven(directory, "The verification did not finish.")
    report = verify(directory, trust=True)  # a model of one's own may hold ops of one's own
    mark_unproven(directory, None if report.passed else f"The model is {report.summary}")
    return report


def _require_compiler() -> None:
    """Requires the extra `tpu`, in the versions whose private names nlpkit uses."""
    if not all(fnmatch.fnmatch(_version(name), wanted) for name, wanted in _COMPILER.items()):
        wanted = " and ".join(f"{name} {version}" for name, version in _COMPILER.items())
        got = " and ".join(f"{name} {_version(name)}" for name in _COMPILER)
        packages = " ".join(f"'{name}=={version}'" for name, version in _COMPILER.items())
        raise InputError(
            f"`tpu` uses the TPU's compiler, which needs {wanted}, got {got}; "
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
