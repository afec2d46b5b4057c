"""Where text comes from: bundled, TFDS, files; checked, split and streamed through tf.data."""

from nlpkit.data.batching import batches
from nlpkit.data.corpus import Corpus, prepare
from nlpkit.data.labels import Labels
from nlpkit.data.overlap import overlap
from nlpkit.data.shards import Split

__all__ = ["Corpus", "Labels", "Split", "batches", "overlap", "prepare"]
