"""The checks of a classifier: `serving_default`, `encode` and `ids`."""

from .loaded import TOLERANCE, Model, compiles, difference

__all__ = ["check_compilation", "check_composition"]


def check_composition(model: Model) -> tuple[bool, str]:
    """`serving_default` must be `ids` of `encode`."""
    served = model.signatures["serving_default"](text=model.texts)["probabilities"]
    ids = model.signatures["encode"](text=model.texts)["ids"]
    composed = model.signatures["ids"](ids=ids)["probabilities"]
    found = difference(served.numpy(), composed.numpy())
    if not found <= TOLERANCE:
        return False, f"serving_default differs from ids(encode(text)) by {found:.1e}."
    return True, f"serving_default is ids(encode(text)) within {found:.1e}."


def check_compilation(model: Model) -> tuple[bool, str]:
    """`ids` must compile for XLA."""
    ids = model.signatures["encode"](text=model.texts[:4])["ids"]
    return compiles(model, "ids", {"ids": ids})
