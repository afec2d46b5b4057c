"""Both artefacts behind an application, and behind a server in a process of its own."""

import contextlib
import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from nlpkit.serve.http.endpoint import Endpoint
from tests.commands import clean_environment


@pytest.fixture(scope="session")
def endpoint(model):
    """The classifier's signatures."""
    return Endpoint("classes", model.loaded)


@pytest.fixture(scope="session")
def language_endpoint(language_model):
    """The language model's signatures."""
    return Endpoint("words", language_model.loaded)


@contextlib.contextmanager
def running(*arguments):
    """A server in a process of its own: its address and the process, whose lines are `said`."""
    command = [sys.executable, "-m", "nlpkit", "serve", *map(str, arguments), "--port", "0"]
    child = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=clean_environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with child:
        try:
            for line in child.stderr:
                if found := re.search(r"http://\S+", line):
                    yield found[0].rstrip("/"), child
                    break
            else:
                raise AssertionError("the server has not begun")
        finally:
            if child.poll() is None:
                child.kill()


@pytest.fixture(scope="session")
def server(artefact, language_artefact):
    """The address of a server of both models."""
    names = ["--name", "classes", "--name", "words"]
    with running(artefact, language_artefact, *names) as (address, _):
        yield address


def fetched(url, body=None):
    """The status and the JSON, or text, of an answer; `body` is posted as JSON."""
    content = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, content), timeout=60) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read().decode()
    with contextlib.suppress(ValueError):
        text = json.loads(text)
    return status, text
