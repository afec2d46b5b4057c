"""What the command line makes of the messages of errors, its own and Typer's."""

import re
from typing import Any

from typer.exceptions import TyperException

__all__ = ["by_options", "noted", "usage"]


def by_options(message: str, command: Any) -> str:
    """The message for those who call a recipe from Python, with the options of its command.

    Args:
        message: A sentence that names arguments, such as `top_k`.
        command: Typer's command; or None.

    Returns:
        The sentence with `--top-k`.
    """
    options = {p.name: p.opts[0] for p in command.params} if command else {}
    # `tpu` is an option of `verify`, and an extra too.
    return re.sub("(?<!extra )`([a-z_]+)`", lambda m: f"`{options.get(m[1], m[1])}`", message)


def noted(message: str, error: BaseException) -> str:
    """The message of an error, followed by its notes, such as what was kept.

    Args:
        message: The message.
        error: The error.

    Returns:
        Both.
    """
    return " ".join([message, *getattr(error, "__notes__", ())])


def usage(error: TyperException) -> str:
    """Typer's message about a wrong command line, as one sentence with a cure.

    Args:
        error: What Typer raised.

    Returns:
        The sentence, with the value that was received.
    """
    message, context = error.format_message(), getattr(error, "ctx", None)
    command = context.command_path if context else "nlpkit"
    for fault in getattr(error.__cause__, "errors", list)()[:1]:  # pydantic's text leaves it out
        message += f", got {fault['input']!r}"
    return message if message.endswith("?") else f"{message.rstrip('.')}; see `{command} --help`."
