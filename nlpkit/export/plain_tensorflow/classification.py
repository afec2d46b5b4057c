"""Checks of a classifier: `serving_default`, `encode` and `ids`."""

from .loaded import Answers, Model, compiles
from .tolerances import agreement

__all__ = ["check_compilation", "check_composition"]


def check_composition(model: Model) -> tuple[bool, str]:
    """`serving_default` must agree with `ids` applied to `encode`."""
    ids = model.signatures["encode"](text=model.texts)["ids"]

    def composed() -> Answers:
        return {"probabilities": model.signatures["ids"](ids=ids)["probabilities"].numpy()}

    served = model.signatures["serving_default"](text=model.texts)["probabilities"].numpy()
    holds, _, difference, remark = agreement(
        composed(), {"probabilities": served}, lambda: model.neighbours(composed)
    )
    does, by = ("is", "within") if holds else ("differs from", "by")
    return holds, f"serving_default {does} ids(encode(text)) {by} {difference:.1e}{remark}."


def check_compilation(model: Model) -> tuple[bool, str]:
    """`ids` must compile for XLA."""
    ids = model.signatures["encode"](text=model.texts[:4])["ids"]
    return compiles(model, "ids", {"ids": ids})
