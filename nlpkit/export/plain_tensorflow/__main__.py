"""Checks the artefact in the folder that the first argument names, and prints JSON.

A list of checks, each with `name`, `passed` and `message`; or a string: why this is no model.
`--tpu` after the folder adds the checks for a TPU.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ABSENT = {"nlpkit", "keras", "tf_keras", "keras_hub", "keras_nlp", "tensorflow_text",
          "tensorflow_addons", "tensorflow_hub"}  # fmt: skip
"""What must not be needed: our own code, and packages that register ops or classes."""


def main(directory: Path, *, for_tpu: bool) -> list[dict[str, Any]] | str:
    """Checks the graph as it is written, then the model as it is loaded."""
    from . import behaviour, graph, tpu  # TensorFlow comes in only after the packages are gone

    try:
        written = graph.read(directory)
    except ValueError as error:
        return str(error)
    results = [_result(name, check, written) for name, check in graph.CHECKS.items()]
    model = behaviour.Model(directory)
    results.append(_result("reload", behaviour.Model.load, model))
    if results[-1]["passed"]:
        results += [_result(name, check, model) for name, check in behaviour.CHECKS.items()]
        if for_tpu:
            results += _until_one_fails(tpu.CHECKS, tpu.Programs(model))
    return results


def _until_one_fails(checks: dict[str, Callable], subject: Any) -> list[dict[str, Any]]:
    """The outcomes of checks of which each needs the one before it."""
    results = []
    for name, check in checks.items():
        results.append(_result(name, check, subject))
        if not results[-1]["passed"]:
            break
    return results


def _result(name: str, check: Callable[[Any], tuple[bool, str]], subject: Any) -> dict[str, Any]:
    """The outcome of a check; one that raises has not passed, whatever the reason."""
    try:
        passed, message = check(subject)
    except Exception as error:
        passed, message = False, f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"
    return {"name": name, "passed": passed, "message": message}


if __name__ == "__main__":
    modules: dict[str, Any] = dict.fromkeys(ABSENT)  # None means: not installed
    sys.modules.update(modules)
    print(json.dumps(main(Path(sys.argv[1]), for_tpu="--tpu" in sys.argv[2:])))
