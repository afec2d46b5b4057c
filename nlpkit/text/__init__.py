"""Strings ↔ ids inside the graph, Unicode-correct, Korean included."""

from nlpkit.text.encoder import MAX_PIECES, Encoder, token_counts
from nlpkit.text.look import kind_of
from nlpkit.text.vocabulary import Vocabulary
from nlpkit.text.word_encoder import WordEncoder
from nlpkit.text.word_vocabulary import END, SPECIALS, UNKNOWN, WordVocabulary
from nlpkit.text.words import KINDS

__all__ = [
    "END",
    "KINDS",
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
