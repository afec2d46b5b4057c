"""Requests that nobody would send: each is answered, or refused in a sentence.

NLPKIT_FUZZ=10000 pytest tests/serve/http/test_fuzz.py is the long run.
"""

import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpkit.serve.http.app import application
from nlpkit.serve.http.limits import Limits
from tests.serve.http.test_app import ask

EXAMPLES = int(os.environ.get("NLPKIT_FUZZ", 100))
AT_ONCE = 20

text = st.text(max_size=20) | st.text("\ud83d\u0000\u200b가a ", max_size=8)
number = st.integers() | st.floats() | st.integers(-2, 5)
leaf = st.none() | st.booleans() | number | text | st.fixed_dictionaries({"b64": text})
value = st.recursive(
    leaf, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=3)
)
strings = st.lists(text, max_size=4)
integers = st.integers(-3, 3) | st.integers(0, 1000)
ids = st.lists(st.lists(st.lists(integers, min_size=2, max_size=2), max_size=3), max_size=3)
column = value | strings | ids | st.lists(integers, max_size=4) | integers
NAMES = ("text", "ids", "h_0", "h_1", "c_0", "c_1", "length", "temperature", "top_k", "top_p",
         "seed", "width")  # fmt: skip
SIGNATURES = ("serving_default", "score", "encode", "decode", "ids", "step", "steps", "generate",
              "beam", "")  # fmt: skip
inputs = st.dictionaries(st.sampled_from(NAMES), column, max_size=7) | column
request = st.fixed_dictionaries(
    {},
    optional={
        "signature_name": st.sampled_from(SIGNATURES) | value,
        "instances": strings | st.lists(inputs, max_size=3),
        "inputs": inputs,
    },
)
body = (
    request.map(lambda content: json.dumps(content).encode())
    | value.map(lambda content: json.dumps(content).encode())
    | st.binary(max_size=60)
)


@pytest.fixture(scope="module")
def app(endpoint, language_endpoint):
    """Both models, with bounds that are soon met."""
    return application([endpoint, language_endpoint], limits=Limits(wait=0, words=20))


@pytest.mark.slow
@settings(max_examples=-(-EXAMPLES // AT_ONCE))
@given(bodies=st.lists(body, min_size=AT_ONCE, max_size=AT_ONCE))
@pytest.mark.parametrize("name", ["classes", "words"])
def test_whatever_is_posted_is_answered_or_refused_in_a_sentence(name, bodies, app):
    path = f"/v1/models/{name}:predict"
    for status, _, content in ask(app, *(("POST", path, body) for body in bodies)):
        answer = json.loads(content)
        if status == 200:
            assert {*answer} <= {"predictions", "outputs"}
        else:
            assert status in (400, 413) and isinstance(answer["error"], str), (status, answer)
            assert "Error" not in answer["error"]
