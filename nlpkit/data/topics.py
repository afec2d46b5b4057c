"""The bundled text: the help that comes with CPython itself, some 80 topics of technical English.

Topics share paragraphs: that on compound statements holds those on `for` and `with`. So a topic is
held out as a whole, and a paragraph that several topics share is kept once, on the test side if
one of them is there. Nothing of a held-out topic is then left to learn from.
"""

import hashlib
from pydoc_data.topics import topics

from nlpkit.data.paragraphs import paragraphs

__all__ = ["read_topics"]

_SHARES = {"test": 0.1, "validation": 0.05}


def read_topics() -> dict[str, list[str]]:
    """Reads the topics and holds some out, in the order of the hashes of their names.

    Returns:
        The paragraphs of "train", "validation" and "test"; a tenth of the text is on the test side
        and a twentieth on that of validation.
    """
    sides = {"test": [], "validation": [], "train": []}
    kept = set()
    names = _sides()
    for side, chosen in sides.items():
        for name, text in topics.items():
            if names[name] == side:
                new = [p for p in dict.fromkeys(paragraphs(text.split("\n"))) if p not in kept]
                kept.update(new)
                chosen += new
    return sides


def _sides() -> dict[str, str]:
    """The side of each topic: the first one that has room for it."""
    total = sum(map(len, topics.values()))
    room = {side: share * total for side, share in _SHARES.items()}
    sides = {}
    for name in sorted(topics, key=lambda name: hashlib.blake2b(name.encode()).digest()):
        size = len(topics[name])
        sides[name] = next((side for side in room if size <= room[side]), "train")
        if sides[name] in room:
            room[sides[name]] -= size
    return sides
