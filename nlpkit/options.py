"""The options that commands share: types of recipe arguments, with their help."""

from pathlib import Path
from typing import Annotated

import typer

from nlpkit.checks import check_choice
from nlpkit.cluster import STRATEGIES, read_cluster
from nlpkit.errors import InputError
from nlpkit.run import read_config

__all__ = [
    "Batch",
    "Budget",
    "Cache",
    "Cell",
    "CheckpointMinutes",
    "Config",
    "Data",
    "DataDir",
    "Dropout",
    "Dynamic",
    "Embedding",
    "Encoding",
    "Epochs",
    "Header",
    "LabelColumn",
    "LabelNames",
    "LanguageDropout",
    "Layers",
    "Linear",
    "LearningRate",
    "MaxLength",
    "Out",
    "Patience",
    "Quiet",
    "Resume",
    "Rows",
    "Seed",
    "StackLayers",
    "StackUnits",
    "Steps",
    "Strategy",
    "TestData",
    "TextColumn",
    "TextData",
    "TextValidData",
    "Tokens",
    "Trust",
    "Units",
    "ValidData",
    "Vectors",
    "VocabularySize",
    "WordEmbedding",
    "Words",
    "check_input_options",
]


def _share(value: float | None) -> float | None:
    """Checks a dropout rate; 1 would drop everything."""
    if value is not None and not 0 <= value < 1:
        raise typer.BadParameter(f"must be at least 0 and below 1, got {value}.")
    return value


def _positive(value: float | None) -> float | None:
    """Checks a learning rate or a time: finite and above 0."""
    if value is not None and not 0 < value < float("inf"):
        raise typer.BadParameter(f"must be a finite number above 0, got {value}.")
    return value


def _strategy(value: str) -> str:
    """Checks a strategy, and `TF_CONFIG` where it may matter."""
    check_choice("--strategy", value, STRATEGIES)
    if value in ("auto", "multi-worker"):
        read_cluster()
    return value


def _number(help: str, *, least: int = 1) -> typer.models.OptionInfo:
    """An option that takes an integer."""
    return typer.Option(min=least, metavar="N", help=help)


_SPEC = "A .csv, .tsv, .jsonl, .json, .txt, .gz, .parquet, .zip, a folder, or tfds:NAME[/CONFIG]"

Data = Annotated[str | None, typer.Option(metavar="SPEC", help=f"{_SPEC}; default: bundled.")]
TestData = Annotated[
    str | None, typer.Option(metavar="SPEC", help="Test data; default: a tenth is held out.")
]
ValidData = Annotated[
    str | None,
    typer.Option(metavar="SPEC", help="Validation data; default: a tenth, of small data more."),
]
TextColumn = Annotated[
    str | None, typer.Option(metavar="C", help="Column with the text; default: guessed.")
]
LabelColumn = Annotated[
    str | None, typer.Option(metavar="C", help="Column with the label; default: guessed.")
]
LabelNames = Annotated[
    str | None,
    typer.Option(
        metavar="L=NAME,…",
        help="Names for labels, e.g. 1=bad,2=bad,3=,4=good,5=good; without a name: left out.",
    ),
]
Encoding = Annotated[
    str | None, typer.Option(metavar="E", help="Encoding of the files; default: found out.")
]
Header = Annotated[
    bool | None,
    typer.Option(
        "--header/--no-header",
        help="Whether a first row names the columns; if not, they are 1, 2, …; default: found out.",
    ),
]
DataDir = Annotated[
    str | None, typer.Option(metavar="DIR", help="Folder of prepared TFDS data sets.")
]
Cell = Annotated[
    str, typer.Option(metavar="CELL", help="lstm, gru, keras-lstm, …; an unknown name lists all.")
]
Units = Annotated[int, _number("Units of each direction.")]
Layers = Annotated[int, _number("Recurrent layers.")]
Embedding = Annotated[int | None, _number("Embedding size; default: 128, or that of --vectors.")]
Vectors = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Pretrained word vectors to start from: fastText's .vec, GloVe's .txt, word2vec's "
        ".bin, or .gz of one.",
    ),
]
VocabularySize = Annotated[int, _number("Maximum vocabulary size, words and n-grams.")]
MaxLength = Annotated[int | None, _number("Tokens kept of each text; default: follows the data.")]
Dropout = Annotated[
    float,
    typer.Option(callback=_share, metavar="P", help="Dropout of n-grams, embeddings and outputs."),
]
Linear = Annotated[
    bool,
    typer.Option(
        "--linear/--no-linear",
        help="Whether a linear model of n-grams and phrases answers too, up to 20 classes.",
    ),
]
Batch = Annotated[int | None, _number("Batch size; default: follows the data.")]
Epochs = Annotated[
    int | None, _number("Passes over the data at most; default: follows their size.")
]
LearningRate = Annotated[
    float, typer.Option(callback=_positive, metavar="X", help="Peak learning rate of Adam.")
]
Patience = Annotated[
    int | None,
    _number("Epochs without progress before stopping; default: follows the number of texts."),
]
Seed = Annotated[
    int, typer.Option(min=0, max=2**31 - 1, metavar="N", help="Same seed, same result.")
]
TextData = Annotated[
    str | None,
    typer.Option(metavar="SPEC", help=f"{_SPEC}; default: Python's own documentation."),
]
TextValidData = Annotated[
    str | None,
    typer.Option(metavar="SPEC", help="Validation data; default: a twentieth is held out."),
]
Tokens = Annotated[
    str | None,
    typer.Option(
        metavar="UNIT", help="words, subwords or spaces (already tokenized); default: detected."
    ),
]
Words = Annotated[
    int | None, _number("Maximum vocabulary size; default: 50,000 words, 16,000 subwords.", least=3)
]
StackUnits = Annotated[
    int | None,
    _number("Units of each recurrent layer but the last; default: 256, or what --budget allows."),
]
StackLayers = Annotated[
    int | None, _number("Recurrent layers; default: 2, or what --budget allows.")
]
WordEmbedding = Annotated[
    int | None,
    _number("Embedding size, and units of the last layer; default: --units, or that of --vectors."),
]
LanguageDropout = Annotated[
    float | None,
    typer.Option(
        callback=_share,
        metavar="P",
        help="Dropout of outputs; other rates scale with it; default: follows the data.",
    ),
]
Rows = Annotated[int | None, _number("Batch size; default: follows the data.")]
Steps = Annotated[int, _number("Tokens of truncated back-propagation.")]
Budget = Annotated[
    float | None,
    typer.Option(
        callback=_positive,
        metavar="MINUTES",
        help="Time for training, by which size and epochs are chosen; default: any.",
    ),
]
Cache = Annotated[int, _number("Also measure with a neural cache of N words.", least=0)]
Dynamic = Annotated[
    bool,
    typer.Option(
        "--dynamic/--no-dynamic",
        help="Also measure with weights that adapt to the text being read.",
    ),
]
Strategy = Annotated[
    str,
    typer.Option(
        callback=_strategy,
        metavar="S",
        help="Where to train: auto, cpu, mirrored (the GPUs), multi-worker (by TF_CONFIG) or tpu.",
    ),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on from where an interrupted run of this --out was.")
]
CheckpointMinutes = Annotated[
    float,
    typer.Option(
        callback=_positive,
        metavar="MINUTES",
        help="Time between checkpoints; there is one after each epoch too.",
    ),
]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Folder for the model.")]
Trust = Annotated[
    bool, typer.Option("--trust", help="Take a model that may read files or run code.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress on standard error.")]


def _read_config(context: typer.Context, path: Path | None) -> Path | None:
    """Makes the settings of a config.json the defaults of this run."""
    if path is not None:
        settings = read_config(path, context.info_name)
        for name in settings.keys() - {option.name for option in context.command.params}:
            raise InputError(f"`--config` holds {name!r}, which is not a setting of this command.")
        context.default_map = {**(context.default_map or {}), **settings}
    return path


Config = Annotated[
    Path | None,
    typer.Option(
        callback=_read_config,
        is_eager=True,
        expose_value=True,
        metavar="FILE",
        help="Repeats the run of a config.json; options on the command line win.",
    ),
]


def check_input_options(
    input: str | None, text_column: str | None, encoding: str | None, header: bool | None
) -> None:
    """Requires `--input` where options say how to read it.

    Args:
        input: `--input`.
        text_column: `--text-column`.
        encoding: `--encoding`.
        header: `--header` or `--no-header`.

    Raises:
        InputError: If there is one of them, but no `--input`.
    """
    if input is None and (text_column, encoding, header) != (None, None, None):
        raise InputError("`--text-column`, `--encoding` and `--header` go with `--input FILE`.")
