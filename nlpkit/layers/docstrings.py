"""The docstring of a recurrent layer: its own words, and what `Recurrent` says of all."""

import inspect
import re

__all__ = ["complete_docstring"]

_SECTIONS = ("Args", "Call arguments", "Returns", "Masking", "Raises", "Example", "Reference")
_HEADING = re.compile(rf"^({'|'.join(_SECTIONS)}):\n", re.MULTILINE)
_ENTRY = re.compile(r"^    (\*{0,2}\w+): .*\n(?:     +.*\n)*", re.MULTILINE)


def complete_docstring(layer: type, base: type) -> None:
    """Adds to a layer's docstring the arguments that it shares with others, and missing sections.

    What the layer says itself of an argument, or in a section, stands.

    Args:
        layer: The layer class; without a docstring of its own it is left as it is.
        base: `Recurrent`.
    """
    if not vars(layer).get("__doc__") or not base.__doc__:  # `python -OO` strips them
        return
    introduction, own = _sections(layer.__doc__)
    _, common = _sections(base.__doc__)
    entries = {**_entries(common["Args"]), **_entries(own.get("Args", ""))}
    names = ("**kwargs" if n == "kwargs" else n for n in inspect.signature(layer).parameters)
    arguments = "".join(entries[name] for name in names if name in entries)
    sections = {**common, **own, "Args": arguments}
    parts = [f"{name}:\n{sections[name].rstrip()}" for name in _SECTIONS if name in sections]
    layer.__doc__ = "\n\n".join([introduction.rstrip(), *parts]) + "\n"


def _sections(docstring):
    """What a docstring says ahead of its sections, and each section's text by its name."""
    introduction, *pieces = _HEADING.split(inspect.cleandoc(docstring) + "\n")
    return introduction, dict(zip(pieces[::2], pieces[1::2], strict=True))


def _entries(section):
    """The lines about each argument, by its name."""
    return {match[1]: match[0] for match in _ENTRY.finditer(section)}
