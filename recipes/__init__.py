"""Each recipe tells one story, from raw text to a served model."""
