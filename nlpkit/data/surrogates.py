"""What is no text in a Python string: halves of surrogate pairs, which UTF-8 cannot hold."""

__all__ = ["mend_surrogates"]


def mend_surrogates(text: str) -> str:
    r"""Joins halves of surrogate pairs where they make a character, else writes U+FFFD.

    They come from escapes in JSON, where a text was cut in the middle of an emoji.

    Args:
        text: Any string.

    Returns:
        The text, which UTF-8 can hold.

    Example:
        >>> mend_surrogates("\ud83d\udc4d \ud83d!") == "👍 \ufffd!"
        True
    """
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
