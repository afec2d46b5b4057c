"""Words and subwords, which the language model reads and writes."""
