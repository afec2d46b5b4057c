"""Texts to words and words to pieces once more, slowly, in plain Python, one string at a time."""

import unicodedata

from nlpkit.text.words.tokenization import (
    DIGIT,
    EXTENDER,
    FLAG,
    FORMAT,
    JAMO,
    LETTER,
    SPACE,
    part_of,
)

WORDLIKE = {LETTER, DIGIT, JAMO, EXTENDER}


def composed(text: str) -> str:
    """The text without invisible characters, composed."""
    return unicodedata.normalize("NFC", _visible(text))


def is_normalized(text: str) -> bool:
    """Whether marks stand in Unicode's order, and no character is another one's duplicate."""
    return any(unicodedata.is_normalized(form, _visible(text)) for form in ("NFC", "NFD"))


def _visible(text: str) -> str:
    """The text without invisible characters."""
    return "".join(character for character in text if part_of(character) != FORMAT)


def cut(text: str, tokenization: str) -> list[str]:
    """The words of a text."""
    text = composed(text)
    if tokenization != "words":
        spaced = (" " if part_of(character) == SPACE else character for character in text)
        return [word for word in "".join(spaced).split(" ") if word]
    parts: list[str] = []
    clusters = _clusters(text)
    for at, cluster in enumerate(clusters):
        if part_of(cluster[0]) == SPACE:
            continue
        if at and part_of(clusters[at - 1][0]) != SPACE and _holds(clusters, at):
            parts[-1] += cluster
        else:
            parts.append(cluster)
    return parts


def longest_match(word: str, pieces: set[str]) -> list[str]:
    """The pieces of a word, greedily; None stands for a character that no piece begins with."""
    parts, at = [], 0
    while at < len(word):
        forms = [("##" if at else "") + word[at:end] for end in range(len(word), at, -1)]
        best = next((form for form in forms if form in pieces), None)
        parts.append(best)
        at += len(best) - (2 if at else 0) if best else 1
    return parts


def _clusters(text: str) -> list[str]:
    """Characters, each with the marks that stand on it."""
    clusters: list[str] = []
    for character in text:
        on_base = clusters and part_of(clusters[-1][0]) != SPACE
        if on_base and part_of(character) == EXTENDER:
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _holds(clusters: list[str], at: int) -> bool:
    """Whether a cluster holds to the one before it."""
    before, cluster = clusters[at - 1], clusters[at]
    both_flags = part_of(before[0]) == part_of(cluster[0]) == FLAG
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
    return in_word or (cluster in {".", ","} and around == {DIGIT})
