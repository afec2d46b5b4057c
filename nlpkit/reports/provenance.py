"""Where the data of a run come from, as far as that is known."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from nlpkit.reports import card_parts

__all__ = ["REVIEWS", "TOPICS", "provenance", "scripts"]

REVIEWS = """\
* Language: English and Korean.
* Subject: short reviews of products, films, food, hotels, shops and services.
* Source: written for nlpkit and distributed with it; not collected from customers.
* Date: November 2026.
* Licence: Apache-2.0."""
"""The bundled reviews."""

TOPICS = """\
* Language: English, technical, with Python code.
* Subject: the Python language; the help topics of `pydoc`.
* Source: distributed with CPython $python; written by its developers.
* Date: that of this version of Python.
* Licence: Python Software Foundation License Version 2."""
"""The help topics that are the bundled text; `$python` stands for the version of Python."""

_TFDS = """\
* Source, authors, date and licence: see
  <https://www.tensorflow.org/datasets/catalog/$name>."""

_FILES = """\
* Source, authors, date: not known to nlpkit; please fill in.
* Licence: not known to nlpkit; please fill in before passing the model on."""

_VECTORS = """\
* Word vectors given: `$name`. Their texts, source and licence: not known to nlpkit; please fill in
  before passing the model on."""

_FILE_SETTINGS = ("data", "valid_data", "test_data")
_SAMPLE = 1_000_000
_RARE = 0.005
_WIDTHS = ("FULLWIDTH ", "HALFWIDTH ")


def provenance(metrics: Mapping[str, Any], config: Mapping[str, Any], bundled: str) -> str:
    """The section of a model card about the origin of its data.

    Args:
        metrics: What metrics.json holds.
        config: What config.json holds.
        bundled: What to say where the data are the bundled ones: `REVIEWS` or `TOPICS`.

    Returns:
        A Markdown list. It describes bundled data, links to the catalogue of TensorFlow Datasets,
        or names the files that the user gave; what only the user can know is left to fill in.
    """
    lines = []
    data = str(metrics["data"])
    if data == "bundled":
        lines.append(bundled.replace("$python", metrics["versions"]["python"]))
    elif data.startswith("tfds:"):
        name = data.removeprefix("tfds:").partition("/")[0].partition(":")[0]
        lines.append(_TFDS.replace("$name", card_parts.code(name)))
    else:
        given = [
            card_parts.named(name, config[name]) for name in _FILE_SETTINGS if config.get(name)
        ]
        files = ", ".join(f"`{card_parts.code(file)}`" for file in given)
        lines.append(f"* Data given: {files}; {sum(metrics['examples'].values()):,} examples.")
        lines.append(_FILES)
    others = [card_parts.named(n, config[n]) for n in _FILE_SETTINGS[1:] if config.get(n)]
    if others and (data == "bundled" or data.startswith("tfds:")):
        files = ", ".join(f"`{card_parts.code(file)}`" for file in others)
        lines += [f"* Validation or test data from other sources: {files}.", _FILES]
    if (vectors := config.get("vectors")) is not None:
        name = card_parts.named("vectors", vectors)
        lines.append(_VECTORS.replace("$name", card_parts.code(name)))
    if by_script := metrics.get("scripts"):
        fractions = ", ".join(f"{name} {fraction:.0%}" for name, fraction in by_script.items())
        lines.append(f"* Letters of the training texts, by script: {fractions}.")
    return "\n".join(lines)


def scripts(texts: Iterable[str]) -> dict[str, float]:
    """The scripts that texts are written in, as a hint at their languages.

    Args:
        texts: Texts; about the first million characters are read.

    Returns:
        The fraction of the letters in each script, the most frequent first; scripts below 0.5 %
        are left out.

    Example:
        >>> scripts(["very good!", "좋아요"])
        {'Latin': 0.7272727272727273, 'Hangul': 0.2727272727272727}
    """
    characters: Counter[str] = Counter()
    seen = 0
    for text in texts:
        characters.update(text)
        seen += len(text)
        if seen >= _SAMPLE:
            break
    letters: Counter[str] = Counter()
    for character, count in characters.items():
        if character.isalpha():
            letters[_script(character)] += count
    total = letters.total()
    return {name: n / total for name, n in letters.most_common() if n >= _RARE * total}


def _script(letter: str) -> str:
    """The script of a letter: the first word of its Unicode name, apart from its width."""
    name = unicodedata.name(letter, "OTHER")
    for width in _WIDTHS:
        name = name.removeprefix(width)
    first = name.partition(" ")[0]
    return "Han" if first == "CJK" else first.capitalize()
