"""Trained models as a web service: TensorFlow Serving's REST interface, and a page to try them.

    nlpkit serve sentiment/saved_model next-word/saved_model
    curl http://127.0.0.1:8501/v1/models/sentiment:predict -d '{"instances": ["정말 최고의 영화"]}'

Requests that arrive together are computed together. Only this machine is served unless `--host`
says otherwise, and Ctrl-C or SIGTERM ends the server once it has answered what has arrived.
"""

import re
from pathlib import Path
from typing import Annotated

import typer

import nlpkit
from nlpkit import options
from nlpkit.errors import InputError

Models = Annotated[
    list[Path], typer.Argument(metavar="MODEL", help="Folders of exported SavedModels.")
]
Names = Annotated[
    list[str] | None,
    typer.Option("--name", metavar="NAME", help="A model's name, in order; default: its recipe's."),
]
Host = Annotated[
    str, typer.Option(metavar="H", help="Address to listen at; 0.0.0.0 serves other machines.")
]
Port = Annotated[int, typer.Option(min=0, max=65_535, metavar="N", help="Port; 0 is any free one.")]
Workers = Annotated[
    int, typer.Option(min=1, metavar="N", help="Processes, each with the models in memory.")
]
BatchExamples = Annotated[
    int, typer.Option("--max-batch", min=1, metavar="N", help="Examples computed together.")
]
Wait = Annotated[
    float,
    typer.Option(min=0, max=1000, metavar="MS", help="Milliseconds to wait for others to join."),
]
Body = Annotated[int, typer.Option(min=1, metavar="N", help="Bytes of a request, at most.")]
Text = Annotated[int, typer.Option(min=1, metavar="N", help="Bytes of one text, at most.")]
Queue = Annotated[
    int, typer.Option(min=1, metavar="N", help="Examples that may wait; beyond, clients get 503.")
]
Timeout = Annotated[
    float,
    typer.Option(min=0.1, max=3600, metavar="S", help="Seconds until a request is given up."),
]
Origins = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-origin",
        metavar="URL",
        help="A site whose pages may ask, e.g. https://example.org, or *; repeatable.",
    ),
]


def main(
    models: Models,
    *,
    name: Names = None,
    host: Host = "127.0.0.1",
    port: Port = 8501,
    workers: Workers = 1,
    max_batch: BatchExamples = 64,
    wait: Wait = 2.0,
    max_body: Body = 1 << 20,
    max_text: Text = 100_000,
    max_queue: Queue = 1024,
    timeout: Timeout = 30.0,
    allow_origin: Origins = None,
    trust: options.Trust = False,
    quiet: options.Quiet = False,
) -> None:
    """Serve exported models over HTTP; needs the extra `serve`."""
    for origin in allow_origin or ():
        # As browsers name a site; anything else would match none.
        if origin != "*" and not re.fullmatch(r"[a-z]+://[^/\s]+", origin):
            raise InputError(
                f"`--allow-origin` must be a site, such as https://example.org, got {origin!r}."
            )
    served = nlpkit.serve.http.Served(
        _named(models, name),
        nlpkit.serve.http.Limits(
            batch=max_batch,
            wait=wait / 1000,
            body=max_body,
            text=max_text,
            queue=max_queue,
            timeout=timeout,
        ),
        tuple(allow_origin or ()),
        trust=trust,
    )
    for model in models:
        for remark in nlpkit.export.remarks(model):
            nlpkit.run.say(remark)

    def say(message: str) -> None:
        nlpkit.run.say(message, quiet=quiet)

    nlpkit.serve.http.serve(served, host=host, port=port, workers=workers, tell=say)
    say("stopped; what had arrived was answered.")


def _named(models: list[Path], names: list[str] | None) -> dict[str, Path]:
    """The folders by name: those given, else the recipes'."""
    if names is None:
        names = [nlpkit.export.read_interface(model)[0].task for model in models]
    if len(names) != len(models):
        raise InputError(
            f"`--name` must be given once for each model, got {len(names)} for {len(models)}."
        )
    for name in names:
        if not name or set(name) & set("/:?#% "):
            raise InputError(f"`--name` must be a part of an address, got {name!r}.")
        if names.count(name) > 1:
            raise InputError(f"Two models are called {name!r}; give each a `--name`.")
    return dict(zip(names, models, strict=True))
