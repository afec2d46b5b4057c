"""Checks the artefact in the folder that the first argument names, and prints JSON.

A list of checks, each with `name`, `passed` and `message`; or a string that says why this is not a
model, or not one to load. `--tpu` after the folder adds the checks for a TPU, `--trust` loads any.
"""

import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ABSENT = {"nlpkit", "keras", "tf_keras", "keras_hub", "keras_nlp", "tensorflow_text",
          "tensorflow_addons", "tensorflow_hub"}  # fmt: skip
"""Modules that must not be needed: our own code, and packages that register ops or classes."""


def main(directory: Path, *, for_tpu: bool, trust: bool) -> list[dict[str, Any]] | str:
    """Checks the stored graph, then the loaded model."""
    from . import behaviour, graph, safety, tpu  # TensorFlow is imported after these are hidden

    try:
        written = graph.read(directory)
    except ValueError as error:
        return str(error)
    if not trust and (why := safety.refusal(written)):
        return why
    results = [_result(name, check, written) for name, check in graph.CHECKS.items()]
    model = behaviour.Model(directory)
    results.append(_result("reload", behaviour.Model.load, model))
    if results[-1]["passed"]:
        results += [_result(name, check, model) for name, check in behaviour.CHECKS.items()]
        if for_tpu:
            results += _until_one_fails(tpu.CHECKS, tpu.Programs(model))
    return results


def _until_one_fails(checks: dict[str, Callable], subject: Any) -> list[dict[str, Any]]:
    """The results of checks, each of which needs the one before to pass."""
    results = []
    for name, check in checks.items():
        results.append(_result(name, check, subject))
        if not results[-1]["passed"]:
            break
    return results


def _result(name: str, check: Callable[[Any], tuple[bool, str]], subject: Any) -> dict[str, Any]:
    """The result of a check; one that raises has failed."""
    try:
        passed, message = check(subject)
    except Exception as error:
        passed, message = False, f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"
    return {"name": name, "passed": passed, "message": message}


if __name__ == "__main__":
    gc.disable()  # collecting would take a tenth of the time, and the process ends soon
    modules: dict[str, Any] = dict.fromkeys(ABSENT)  # None means: not installed
    sys.modules.update(modules)
    flags = sys.argv[2:]
    print(json.dumps(main(Path(sys.argv[1]), for_tpu="--tpu" in flags, trust="--trust" in flags)))
