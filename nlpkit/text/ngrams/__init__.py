"""Tokens known by their character n-grams: what the classifier reads."""
