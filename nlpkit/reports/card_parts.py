"""Parts that the model cards of all tasks share: tables, settings, circumstances, requests."""

import string
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath, PureWindowsPath
from typing import Any

from nlpkit import run

__all__ = [
    "amount_used",
    "cell",
    "circumstances",
    "code",
    "metrics_table",
    "named",
    "serving",
    "settings",
    "start",
    "table",
]

# Settings that are or may be a path.
_PATHS = frozenset({"data", "test_data", "valid_data", "vectors", "data_dir", "out", "config"})

_SERVING = string.Template("""\
```sh
docker run --rm -p 8501:8501 -e MODEL_NAME=$name \\
    -v "$$PWD/saved_model:/models/$name/1:ro" tensorflow/serving

curl http://localhost:8501/v1/models/$name:predict -d '{"instances": ["$example", ""]}'
curl http://localhost:8501/v1/models/$name:predict -d '{"inputs": {"text": ["$example", ""]}}'
```""")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table.

    Args:
        header: Names of the columns, Markdown.
        rows: Cells, Markdown.

    Returns:
        The lines, without a line end after the last.

    Example:
        >>> print(table(("split", "examples"), [("train", "1,200")]))
        | split | examples |
        | --- | --- |
        | train | 1,200 |
    """
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(value: Any) -> str:
    """Escapes a value for a cell of a Markdown table.

    Args:
        value: Anything; it is shown as `str` does.

    Returns:
        One line.

    Example:
        >>> print(cell("a|b"))
        a\\|b
    """
    text = " ".join(str(value).split())
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in text)


def code(value: Any) -> str:
    """Makes a value safe to stand between two backticks.

    Args:
        value: Anything; it is shown as `str` does.

    Returns:
        One line without a backtick.
    """
    return " ".join(str(value).split()).replace("`", "'")


def named(name: str, value: Any) -> Any:
    """A setting as a card may show it: a path is cut to its last part, to reveal no folders.

    Args:
        name: The setting.
        value: Its value.

    Returns:
        The value, or the last part of the path.

    Example:
        >>> named("data", "/home/someone/reviews.tsv"), named("data", "tfds:imdb_reviews/bytes")
        ('reviews.tsv', 'tfds:imdb_reviews/bytes')
    """
    rooted = PureWindowsPath(str(value)).root  # splits at both kinds of slash
    path = name in _PATHS or rooted or isinstance(value, PurePath)
    return run.source_name(value) if path else value


def settings(config: Mapping[str, Any]) -> str:
    """Every setting that was in force.

    Args:
        config: What config.json holds.

    Returns:
        A Markdown table.
    """
    return table(
        ("setting", "value"),
        [
            (f"`{key}`", cell("–" if value is None else named(key, value)))
            for key, value in config.items()
        ],
    )


def start(config: Mapping[str, Any]) -> str:
    """What a training started from.

    Args:
        config: What config.json holds.

    Returns:
        Markdown: "scratch", or pretrained word vectors.

    Example:
        >>> start({"vectors": "/home/someone/wiki.vec"})
        'the word vectors in `wiki.vec`'
    """
    vectors = named("vectors", config.get("vectors"))
    return "scratch" if vectors is None else f"the word vectors in `{code(vectors)}`"


def metrics_table(
    titles: Mapping[str, tuple[str, str]], columns: Mapping[str, Mapping[str, Any]]
) -> str:
    """The metrics of several models side by side.

    Args:
        titles: The title and the format of each metric, in the order of the rows.
        columns: The metrics of each model, by its name; a missing one shows as a dash.

    Returns:
        A Markdown table.

    Example:
        >>> titles = {"top1": ("top 1", "{:.1%}")}
        >>> print(metrics_table(titles, {"ours": {"top1": 0.25}, "n-gram": {}}))
        |  | ours | n-gram |
        | --- | --- | --- |
        | top 1 | 25.0% | – |
    """
    rows = [
        (title, *(form.format(each[key]) if key in each else "–" for each in columns.values()))
        for key, (title, form) in titles.items()
    ]
    return table(("", *map(cell, columns)), rows)


def amount_used(used: int | None, given: int, unit: str) -> str:
    """How much of the training split a baseline learnt from.

    Args:
        used: The amount it used; None for all.
        given: The amount there was.
        unit: What is counted, in the plural.

    Returns:
        For example "all" or "900 examples".
    """
    return "all" if used is None or used >= given else f"{used:,} {unit}"


def circumstances(metrics: Mapping[str, Any]) -> str:
    """Time and memory, and a list of the versions.

    Args:
        metrics: What metrics.json holds.

    Returns:
        Markdown.
    """
    versions = "\n".join(f"* {name} {version}" for name, version in metrics["versions"].items())
    return (
        f"Trained in {metrics['seconds']['train']:.0f} s "
        f"({metrics['seconds']['total']:.0f} s in all) with at most "
        f"{metrics['peak_memory_mb']:,.0f} MB of memory, by\n\n{versions}"
    )


def serving(*, name: str, example: str) -> str:
    """Shell commands that serve a model with TensorFlow Serving and query it, in both formats.

    Args:
        name: The name of the model in TensorFlow Serving: letters, digits, "-" and "_".
        example: A short text, without quotes or backslashes.

    Returns:
        A fenced block of shell commands.
    """
    return _SERVING.substitute(name=name, example=example)
