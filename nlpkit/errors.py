"""The error for what a user can mend."""

__all__ = ["InputError"]


class InputError(ValueError):
    """The input or the usage is at fault, and one sentence says what would be right.

    The sentence names the thing, the rule and what was received, and a cure where there is one.
    The command line prints it, nothing else, and ends with exit status 2.

    Example:
        >>> raise InputError("`units` must be a positive integer, got 0.")
        Traceback (most recent call last):
        ...
        nlpkit.errors.InputError: `units` must be a positive integer, got 0.
    """
