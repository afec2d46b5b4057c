"""Texts to words and words to pieces once more, slowly, in plain Python, one string at a time."""

import unicodedata

from nlpkit.text import words
from nlpkit.text.words import part_of

WORDLIKE = {words.LETTER, words.DIGIT, words.JAMO, words.EXTENDER}


def composed(text: str) -> str:
    """The text without invisible characters, composed."""
    visible = (character for character in text if part_of(character) != words.FORMAT)
    return unicodedata.normalize("NFC", "".join(visible))


def cut(text: str, kind: str) -> list[str]:
    """The words of a text."""
    text = composed(text)
    if kind != "words":
        spaced = (" " if part_of(character) == words.SPACE else character for character in text)
        return [word for word in "".join(spaced).split(" ") if word]
    found: list[str] = []
    clusters = _clusters(text)
    for at, cluster in enumerate(clusters):
        if part_of(cluster[0]) == words.SPACE:
            continue
        if at and part_of(clusters[at - 1][0]) != words.SPACE and _holds(clusters, at):
            found[-1] += cluster
        else:
            found.append(cluster)
    return found


def longest_match(word: str, pieces: set[str]) -> list[str]:
    """The pieces of a word, greedily; None stands for a character that no piece begins with."""
    found, at = [], 0
    while at < len(word):
        forms = [("##" if at else "") + word[at:end] for end in range(len(word), at, -1)]
        best = next((form for form in forms if form in pieces), None)
        found.append(best)
        at += len(best) - (2 if at else 0) if best else 1
    return found


def _clusters(text: str) -> list[str]:
    """Characters, each with the marks that stand on it."""
    clusters: list[str] = []
    for character in text:
        on_base = clusters and part_of(clusters[-1][0]) != words.SPACE
        if on_base and part_of(character) == words.EXTENDER:
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _holds(clusters: list[str], at: int) -> bool:
    """Whether a cluster holds to the one before it."""
    before, cluster = clusters[at - 1], clusters[at]
    both_flags = part_of(before[0]) == part_of(cluster[0]) == words.FLAG
    same = before[-1] == cluster[0]
    return (
        both_flags
        or same
        or before[-1] == "\u200d"
        or (_wordlike(clusters, at - 1) and _wordlike(clusters, at))
    )


def _wordlike(clusters: list[str], at: int) -> bool:
    """Whether a cluster is a letter or a digit, or stands between two as part of their word."""
    cluster = clusters[at]
    if part_of(cluster[0]) in WORDLIKE:
        return True
    if not 0 < at < len(clusters) - 1:
        return False
    around = {part_of(clusters[at - 1][0]), part_of(clusters[at + 1][0])}
    in_word = cluster in {"'", "’", "-", "\u2010", "\u2011"} and around <= WORDLIKE
    return in_word or (cluster in {".", ","} and around == {words.DIGIT})
