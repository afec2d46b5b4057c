"""The `nlpkit` command: the top floor, which may import everything and which nothing imports.

Exit status: 0 done, 2 the input or the usage is at fault, 130 after Ctrl-C and 143 after SIGTERM, 1
anything else. Results go to standard output, everything else to standard error. TensorFlow, which
takes seconds to import, is imported when a command runs, not before.
"""

import functools
import io
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

import nlpkit
from nlpkit import options
from nlpkit.complaints import by_options, noted, usage
from nlpkit.errors import InputError, WorkerError
from nlpkit.recipes import compare, explain, next_word, sentiment, serve
from nlpkit.signals import Stopped, signals_as_exceptions
from nlpkit.startup import import_tensorflow

__all__ = ["app", "main"]

_INTERRUPTED = 130  # what Typer makes of Ctrl-C

app = typer.Typer(
    name="nlpkit",
    help=nlpkit.__doc__.splitlines()[0],
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _with_tensorflow(recipe: Callable[..., Any]) -> Callable[..., None]:
    """A recipe as a command, which imports TensorFlow before it begins."""

    @functools.wraps(recipe)
    def command(**arguments) -> None:
        nlpkit.run.say("starting TensorFlow", quiet=arguments["quiet"])
        import_tensorflow()
        recipe(**arguments)  # Typer would use the result as the exit status

    return command


app.command("sentiment")(_with_tensorflow(sentiment.main))
app.command("next-word")(_with_tensorflow(next_word.main))
app.command("compare")(_with_tensorflow(compare.main))
# These import TensorFlow once they know that there is a model.
app.command("explain")(explain.main)
app.command("serve")(serve.main)

Model = Annotated[Path, typer.Argument(metavar="MODEL", help="Folder of an exported SavedModel.")]


def _show_version(wanted: bool) -> None:
    """Prints the version and exits, whatever the other options."""
    if wanted:
        print(nlpkit.__version__)
        raise typer.Exit


@app.callback()
def _nlpkit(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """The options of the command itself; its help is the package's."""


@app.command()
def predict(
    model: Model,
    texts: Annotated[list[str] | None, typer.Argument(metavar="TEXT", help="Texts.")] = None,
    *,
    input: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Texts: a .txt, a line each, a table, a folder, or -: stdin."
        ),
    ] = None,
    text_column: options.TextColumn = None,
    encoding: options.Encoding = None,
    header: options.Header = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where the answers go; default: stdout.")
    ] = None,
    generate: Annotated[
        int | None,
        typer.Option(min=0, metavar="N", help="Continue each text by N words; language models."),
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(metavar="X", help="0 takes the most probable words; default: 1.")
    ] = None,
    top_k: Annotated[
        int | None, typer.Option(metavar="K", help="Draw from the K most probable words only.")
    ] = None,
    top_p: Annotated[
        float | None,
        typer.Option(
            metavar="P", help="Nucleus sampling: the most probable words up to total probability P."
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Same seed, same text; default: 0.")
    ] = None,
    beam: Annotated[
        int | None,
        typer.Option(metavar="W", help="Beam search of width W instead of sampling."),
    ] = None,
    trust: options.Trust = False,
) -> None:
    """Predict with an exported model: one JSON object per text."""
    drawing = _given(temperature=temperature, top_k=top_k, top_p=top_p, seed=seed, beam=beam)
    if generate is None and drawing:
        flags = ", ".join(f"`--{name.replace('_', '-')}`" for name in drawing)
        raise InputError(f"{flags} must go with `--generate N`.")
    options.check_input_options(input, text_column, encoding, header)
    if (input is None) == (not texts):
        raise InputError("Give either texts or `--input FILE` (- is standard input).")
    asked = _given(generate=generate) | drawing
    task, served = _load(model, asked, trust=trust)
    if input is not None:
        known = nlpkit.export.read_column_note(model)
        texts = nlpkit.serve.read_texts(
            input,
            text_column=text_column,
            encoding=encoding,
            header=header,
            known=known,
            tell=nlpkit.run.say,
        )
    answers = task.predict(served, texts, **asked)
    lines = map(nlpkit.serve.as_json, answers)
    if output is None:
        for line in lines:
            print(line)
        return
    with nlpkit.export.atomic_file(output) as new, new.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


@app.command()
def evaluate(
    model: Model,
    *,
    data: options.Data = None,
    text_column: options.TextColumn = None,
    label_column: options.LabelColumn = None,
    encoding: options.Encoding = None,
    header: options.Header = None,
    data_dir: options.DataDir = None,
    worst: Annotated[
        int | None,
        typer.Option(min=0, metavar="N", help="Mistakes of a classifier to show; default: 10."),
    ] = None,
    held_out: Annotated[
        bool | None,
        typer.Option("--held-out", help="Language models: only the part that training held out."),
    ] = None,
    trust: options.Trust = False,
) -> None:
    """Measure an exported model on data, and show its mistakes."""
    asked = _given(label_column=label_column, worst=worst, held_out=held_out)
    task, served = _load(model, asked, trust=trust)
    evaluation = task.evaluate(
        served,
        data,
        text_column=text_column,
        encoding=encoding,
        header=header,
        data_dir=data_dir,
        tell=nlpkit.run.say,
        **asked,
    )
    task.render({model.name: evaluation.test}, sys.stdout)
    print(*map(nlpkit.run.printable, task.tell(evaluation)), sep="\n")


def _given(**options: Any) -> dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def _load(model: Path, asked: Iterable[str], *, trust: bool) -> tuple[Any, Any]:
    """The task of a model, which must have the given options, and the loaded model."""
    task = nlpkit.tasks.find(model, asked)  # before TensorFlow is imported, which takes seconds
    import_tensorflow()
    served = nlpkit.serve.load(model, trust=trust)
    _remark(model)
    return task, served


@app.command()
def verify(
    model: Model,
    *,
    tpu: Annotated[
        bool, typer.Option("--tpu", help="Compile for a TPU too; needs the extra `tpu`.")
    ] = False,
    write_manifest: Annotated[
        bool,
        typer.Option("--write-manifest", help="Record the files as they are, if it is proven."),
    ] = False,
    trust: options.Trust = False,
) -> None:
    """Prove an exported model portable, or say why it is not.

    Exit status: 0 proven, 1 not proven, 2 no model or wrong usage.
    """
    report = nlpkit.export.verify(model, tpu=tpu, trust=trust, recorded=not write_manifest)
    if write_manifest and report.passed:
        nlpkit.export.write_manifest(model)
    _remark(model)
    for check in report.checks:
        said = f"{'ok  ' if check.passed else 'FAIL'} {check.name}: {check.message}"
        print(nlpkit.run.printable(said))
    if not report.passed:
        raise typer.Exit(1)


def _remark(model: Path) -> None:
    """Says what a user should know of a model."""
    for remark in nlpkit.export.remarks(model):
        nlpkit.run.say(remark)


def main() -> None:
    """Runs the command line; every failure becomes a sentence and an exit status."""
    for stream in (sys.stdout, sys.stderr):  # Korean stays Korean whatever the locale
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(_status(sys.argv[1:] or ["--help"]))


def _status(arguments: list[str]) -> int:
    """Runs a command and returns its exit status."""
    try:
        with signals_as_exceptions():
            status = app(arguments, prog_name="nlpkit", standalone_mode=False) or 0
            sys.stdout.flush()
    except Stopped as error:
        return _fail(noted("stopped; no file is left half-written.", error), _code(error))
    except SystemExit as stop:
        return _code(stop)
    except InputError as error:
        return _fail(noted(by_options(str(error), _command(arguments[0])), error), 2)
    except TyperException as error:
        return _fail(usage(error), error.exit_code)
    except (WorkerError, nlpkit.export.NotPortableError) as error:
        return _fail(noted(str(error), error), 1)
    except MemoryError as error:
        return _fail(noted("there is not enough memory.", error), 1)
    except BrokenPipeError:
        # The reader is gone. Python would flush once more at exit, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        message = f"{error.filename or 'the system'}: {error.strerror or error}."
        return _fail(noted(message, error), 1)
    except Exception as error:
        if os.environ.get("NLPKIT_TRACEBACK"):
            raise
        message = (str(error).strip() or "no reason given").splitlines()[0]
        message = f"{type(error).__name__}: {message} (NLPKIT_TRACEBACK=1 shows where.)"
        return _fail(noted(message, error), 1)
    if status == _INTERRUPTED:
        return _fail("stopped; no file is left half-written.", status)
    return status


def _command(name: str) -> Any:
    """Typer's command of a name, or None."""
    return getattr(typer.main.get_command(app), "commands", {}).get(name)


def _code(stop: SystemExit) -> int:
    """The exit status that an exception asks for."""
    return stop.code if isinstance(stop.code, int) else int(bool(stop.code))


def _fail(message: str, status: int) -> int:
    """Prints what went wrong."""
    nlpkit.run.say(f"nlpkit: {message}")
    return status
