"""A trained model looked into: gates at each word, the running answer, what each word adds.

    nlpkit explain sentiment "the cast is great but the plot is a mess" --out why
    nlpkit explain next-word "The quick brown" --out why
    nlpkit explain sentiment --input reviews.csv --out why      units that correlate with features

The folder of a run holds `model.keras`, which has the gates, beside `saved_model/`, which has the
encoder of texts. The page, `explain.html`, is one file that requests nothing: hover over a word to
see its gates, pick a unit to colour the sentence by it.
"""

from pathlib import Path
from typing import Annotated

import typer

import nlpkit
from nlpkit import options
from nlpkit.errors import InputError, counted
from nlpkit.startup import import_tensorflow

Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder that a recipe wrote.")]
Texts = Annotated[list[str] | None, typer.Argument(metavar="TEXT", help="Texts to explain.")]
Input = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", help="Texts to find units over: a .txt, a line each, a table, a folder, -."
    ),
]
ExplainOut = Annotated[Path, typer.Option(metavar="DIR", help="Folder for the page and pictures.")]


def main(
    run: Run,
    texts: Texts = None,
    *,
    input: Input = None,
    text_column: options.TextColumn = None,
    encoding: options.Encoding = None,
    header: options.Header = None,
    out: ExplainOut,
    trust: options.Trust = False,
    quiet: options.Quiet = False,
) -> None:
    """Explain what a trained model computes on texts, in pictures."""
    if not texts and input is None:
        raise InputError("Give a text to explain, or `--input FILE`, or both.")
    options.check_input_options(input, text_column, encoding, header)
    nlpkit.explain.check_run(run)
    for remark in nlpkit.export.remarks(run / "saved_model"):
        nlpkit.run.say(remark)

    def say(message: str) -> None:
        nlpkit.run.say(message, quiet=quiet)

    say("starting TensorFlow")
    import_tensorflow()
    with nlpkit.explain.explanation_folder(out) as folder:
        explainer = nlpkit.explain.open_run(run, trust=trust)
        probe, texts = None, texts or []
        if input is not None:
            many = nlpkit.serve.read_texts(
                input,
                text_column=text_column,
                encoding=encoding,
                header=header,
                known=nlpkit.export.read_column_note(run / "saved_model"),
                tell=say,
            )
            probe = nlpkit.explain.probe(explainer, many, tell=say, example=not texts)
            texts = texts or [probe.example]
        say("explaining")
        explanations = nlpkit.explain.explain_texts(explainer, texts)
        files = nlpkit.explain.write_explanations(
            folder, run.resolve().name, explainer.task, explanations, probe
        )
    for line in nlpkit.explain.summary_lines(explanations, probe):
        print(line)
    print(f"{out / files[0]}, and {counted(len(files) - 1, 'picture')}")
