"""Tokens represented by their character n-grams, as the classifier reads them."""
