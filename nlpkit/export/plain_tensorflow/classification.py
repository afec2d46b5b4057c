"""The checks of a classifier: `serving_default`, `encode` and `ids`."""

from .loaded import Answers, Model, compiles
from .tolerances import agreement

__all__ = ["check_compilation", "check_composition"]


def check_composition(model: Model) -> tuple[bool, str]:
    """`serving_default` must be `ids` of `encode`."""
    ids = model.signatures["encode"](text=model.texts)["ids"]

    def composed() -> Answers:
        return {"probabilities": model.signatures["ids"](ids=ids)["probabilities"].numpy()}

    served = model.signatures["serving_default"](text=model.texts)["probabilities"].numpy()
    found = agreement(composed(), {"probabilities": served}, lambda: model.neighbours(composed))
    does = "is" if found.holds else "differs from"
    by = "within" if found.holds else "by"
    message = f"serving_default {does} ids(encode(text)) {by} {found.difference:.1e}{found.remark}."
    return found.holds, message


def check_compilation(model: Model) -> tuple[bool, str]:
    """`ids` must compile for XLA."""
    ids = model.signatures["encode"](text=model.texts[:4])["ids"]
    return compiles(model, "ids", {"ids": ids})
