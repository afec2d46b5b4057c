"""Words, and pieces of words: what the language model reads and writes."""
