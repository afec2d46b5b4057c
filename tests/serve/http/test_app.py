"""The server's addresses, asked without a network."""

import asyncio
import contextlib
import json

import numpy as np
import pytest

from nlpkit.serve.http.app import application
from nlpkit.serve.http.limits import Limits


def ask(app, *requests):
    """The (status, headers, content) of each (method, path, body), asked all at once."""

    async def one(method, path, body=b"", headers=()):
        pieces = [{"type": "http.request", "body": body[:3], "more_body": True},
                  {"type": "http.request", "body": body[3:]}]  # fmt: skip
        sent = []

        async def receive():
            return pieces.pop(0) if pieces else await asyncio.sleep(60)

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": method, "path": path, "headers": list(headers),
                 "query_string": b"", "scheme": "http", "server": ("here", 80),
                 "root_path": ""}  # fmt: skip
        with contextlib.suppress(ZeroDivisionError):  # of a test; Starlette raises it again
            await app(scope, receive, send)
        text = b"".join(part.get("body", b"") for part in sent[1:]).decode()
        told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], told, text

    async def main():
        async with app.router.lifespan_context(app):
            return await asyncio.gather(*(one(*request) for request in requests))

    return asyncio.run(main())


def post(body, path="/v1/models/classes:predict", headers=()):
    """A request for predictions."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return "POST", path, content, headers


@pytest.fixture(scope="module")
def app(endpoint, language_endpoint):
    """Both models."""
    return application([endpoint, language_endpoint], page="<p>hello</p>")


def test_answers_are_those_of_predict(app, model):
    texts = ["a", "", "정말 최고의 영화", "b" * 300]
    answers = ask(app, *(post({"instances": [text]}) for text in texts))
    for (status, _, content), known in zip(answers, model.predict(texts), strict=True):
        (answer,) = json.loads(content)["predictions"]
        assert status == 200 and answer["label"] == known["label"]
        np.testing.assert_allclose(
            answer["probabilities"], [*known["probabilities"].values()], atol=1e-6
        )


def test_a_model_of_any_signature_answers_in_columns(app, language_model):
    asked = {"text": ["the cat"], "length": 3, "temperature": 0, "top_k": 0, "top_p": 1, "seed": 0}
    path = "/v1/models/words/versions/1:predict"
    body = {"signature_name": "generate", "inputs": asked}
    ((status, _, content),) = ask(app, post(body, path))
    (known,) = language_model.generate(["the cat"], length=3, temperature=0)
    assert (status, json.loads(content)) == (200, {"outputs": [known["generated"]]})


ADDRESSES = {
    "/": "<p>hello</p>",
    "/healthz": "ok\n",
    "/readyz": "ok\n",
    "/v1/models/classes": '"state":"AVAILABLE"',
    "/v1/models/classes/versions/1": '"version":"1"',
    "/v1/models/words/metadata": '"signature_def"',
    "/v1/models/words/versions/1/metadata": '"signature_def"',
    "/metrics": "nlpkit_waiting_examples 0.0",
}
REFUSED = {
    "/nowhere": ("GET", 404, "There is no '/nowhere'"),
    "/v1/models/none": ("GET", 404, "There is no model 'none', only `classes`, `words`."),
    "/v1/models/classes/versions/2": ("GET", 404, "has version 1 only, got '2'"),
    "/v1/models/classes:predict": ("GET", 405, "asked for with POST"),
    "/v1/models/classes/versions/1:predict": ("GET", 405, "asked for with POST"),
    "/v1/models/classes:classify": ("POST", 405, "POST is not for"),
    "/metrics": ("POST", 405, "POST is not for '/metrics'"),
}


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_address_answers(path, app):
    ((status, _, content),) = ask(app, ("GET", path))
    assert status == 200 and ADDRESSES[path] in content


@pytest.mark.parametrize("path", REFUSED)
def test_a_wrong_address_is_told_in_a_sentence(path, app):
    method, expected, message = REFUSED[path]
    ((status, _, content),) = ask(app, (method, path))
    assert status == expected and message in json.loads(content)["error"]


def test_bodies_are_bounded_and_refusals_are_counted(endpoint):
    app = application([endpoint], limits=Limits(body=40, rows=1))
    bodies = (b"{", b"a" * 41, {"instances": ["a", "b"]}, {"instances": ["a"]})
    answers = ask(app, *map(post, bodies))
    assert [status for status, _, _ in answers] == [400, 413, 400, 200]
    ((_, _, text),) = ask(app, ("GET", "/metrics"))
    assert 'nlpkit_requests_total{model="classes",status="413"} 1.0' in text
    assert 'nlpkit_requests_total{model="classes",status="400"} 2.0' in text


def test_a_request_that_takes_too_long_is_told_to_come_again(endpoint):
    app = application([endpoint], limits=Limits(timeout=1e-9))
    ((status, headers, content),) = ask(app, post({"instances": ["a"]}))
    assert status == 503 and headers["retry-after"] == "1"
    assert "no answer within 1e-09 seconds" in json.loads(content)["error"]


def test_of_what_breaks_the_client_sees_nothing(endpoint, monkeypatch):
    monkeypatch.setattr(endpoint, "call", lambda *arguments: 1 / 0)
    ((status, _, content),) = ask(application([endpoint]), post({"instances": ["a"]}))
    assert (status, json.loads(content)) == (500, {"error": "The server failed; its log says how."})


def test_texts_of_many_lengths_are_encoded_in_one_request(language_endpoint):
    texts = ["cat " * (n % 5) for n in range(70)]
    body = {"signature_name": "encode", "inputs": texts}
    path = "/v1/models/words:predict"
    ((status, _, content),) = ask(application([language_endpoint]), post(body, path))
    assert status == 200 and len(json.loads(content)["outputs"]["ids"]) == 70
    few = application([language_endpoint], limits=Limits(values=300))
    ((status, _, content),) = ask(few, post(body, path))
    assert status == 400 and "would hold 420 numbers, more than 300" in json.loads(content)["error"]


@pytest.mark.parametrize("allowed", [[], ["https://example.org"]])
def test_other_sites_may_ask_only_if_allowed(allowed, endpoint):
    origin = [(b"origin", b"https://example.org"), (b"content-type", b"application/json")]
    before = ("OPTIONS", "/v1/models/classes:predict", b"",
              [*origin, (b"access-control-request-method", b"POST")])  # fmt: skip
    app = application([endpoint], origins=allowed)
    answers = ask(app, before, post({"instances": ["a"]}, headers=origin))
    assert [status for status, _, _ in answers] == [200 if allowed else 405, 200]
    for _, headers, _ in answers:
        assert headers.get("access-control-allow-origin") == next(iter(allowed), None)
