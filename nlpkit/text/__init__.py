"""Strings ↔ ids inside the graph, Unicode-correct, Korean included."""

from nlpkit.text.encoder import MAX_PIECES, Encoder, token_counts
from nlpkit.text.vocabulary import Vocabulary
from nlpkit.text.word_encoder import WordEncoder
from nlpkit.text.word_vocabulary import END, SPECIALS, UNKNOWN, WordVocabulary, kind_of

__all__ = [
    "END",
    "MAX_PIECES",
    "SPECIALS",
    "UNKNOWN",
    "Encoder",
    "Vocabulary",
    "WordEncoder",
    "WordVocabulary",
    "kind_of",
    "token_counts",
]
