"""Where text comes from: bundled, TFDS, files; checked, split and streamed through tf.data."""

from nlpkit.data.batching import batches
from nlpkit.data.columns import Columns
from nlpkit.data.corpus import Corpus, prepare
from nlpkit.data.in_memory import corpus_of_texts, stream_of_texts, text_corpus_of_texts
from nlpkit.data.labels import Labels
from nlpkit.data.overlap import overlap
from nlpkit.data.passages import Passages
from nlpkit.data.shards import Split
from nlpkit.data.text_corpus import TextCorpus, prepare_text
from nlpkit.data.token_stream import TokenStream, encode_passages
from nlpkit.data.vector_files import VectorFile
from nlpkit.data.vector_opening import open_vectors
from nlpkit.data.word_vectors import WordVectors, find_vectors

__all__ = [
    "Columns",
    "Corpus",
    "Labels",
    "Passages",
    "Split",
    "TextCorpus",
    "TokenStream",
    "VectorFile",
    "WordVectors",
    "batches",
    "corpus_of_texts",
    "encode_passages",
    "find_vectors",
    "open_vectors",
    "overlap",
    "prepare",
    "prepare_text",
    "stream_of_texts",
    "text_corpus_of_texts",
]
