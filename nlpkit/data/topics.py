"""The bundled text: the help that comes with CPython itself, some 80 topics of technical English.

Topics share paragraphs: that on compound statements holds those on `for` and `with`. So a topic is
held out as a whole, and a paragraph that several topics share is kept once, in the test split if
one of them is there. Nothing of a held-out topic is then left to learn from.
"""

import hashlib
from pydoc_data.topics import topics

from nlpkit.data.paragraphs import paragraphs

__all__ = ["read_topics"]

_FRACTIONS = {"test": 0.1, "validation": 0.05}


def read_topics() -> dict[str, list[str]]:
    """Reads the topics and holds some out, in the order of the hashes of their names.

    Returns:
        The paragraphs of "train", "validation" and "test"; a tenth of the text is in the test split
        and a twentieth on that of validation.
    """
    splits: dict[str, list[str]] = {"test": [], "validation": [], "train": []}
    kept = set()
    split_of = _assigned()
    for split, chosen in splits.items():
        for name, text in topics.items():
            if split_of[name] == split:
                new = [p for p in dict.fromkeys(paragraphs(text.split("\n"))) if p not in kept]
                kept.update(new)
                chosen += new
    return splits


def _assigned() -> dict[str, str]:
    """The split of each topic: the first one that has room for it."""
    total = sum(map(len, topics.values()))
    room = {split: fraction * total for split, fraction in _FRACTIONS.items()}
    splits = {}
    for name in sorted(topics, key=lambda name: hashlib.blake2b(name.encode()).digest()):
        size = len(topics[name])
        splits[name] = next((split for split in room if size <= room[split]), "train")
        if splits[name] in room:
            room[splits[name]] -= size
    return splits
