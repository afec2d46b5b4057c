"""Tokenization inside the graph: strings to ids and back, for all of Unicode, Korean included."""

from nlpkit.text.ngrams.encoder import MAX_NGRAMS, NgramEncoder, token_counts
from nlpkit.text.ngrams.ngrams import token_strings
from nlpkit.text.ngrams.vocabulary import NgramVocabulary
from nlpkit.text.ngrams.whole_words import NgramWordFinder
from nlpkit.text.words.detection import detect_tokenization
from nlpkit.text.words.encoder import WordEncoder
from nlpkit.text.words.tokenization import TOKENIZATIONS
from nlpkit.text.words.vocabulary import END, SPECIALS, UNKNOWN, WordVocabulary
from nlpkit.text.words.whole_words import WordFinder

__all__ = [
    "END",
    "TOKENIZATIONS",
    "MAX_NGRAMS",
    "SPECIALS",
    "UNKNOWN",
    "NgramEncoder",
    "NgramVocabulary",
    "NgramWordFinder",
    "WordEncoder",
    "WordFinder",
    "WordVocabulary",
    "detect_tokenization",
    "token_counts",
    "token_strings",
]
