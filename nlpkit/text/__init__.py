"""Strings ↔ ids inside the graph, Unicode-correct, Korean included."""

from nlpkit.text.encoder import MAX_PIECES, Encoder, token_counts
from nlpkit.text.vocabulary import Vocabulary

__all__ = ["MAX_PIECES", "Encoder", "Vocabulary", "token_counts"]
