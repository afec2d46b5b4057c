"""A loaded model's signatures as a server uses them: described, bounded, run."""

import numpy as np
import pytest

from nlpkit.serve.http.limits import Limits
from nlpkit.serve.http.refusal import Refusal


def texts(*values):
    """Strings as an input."""
    return {"text": np.array([value.encode() for value in values], object)}


GENERATE = {"temperature": 0.0, "top_k": 0, "top_p": 1.0, "seed": 0}
REFUSED = {
    "examples": (Limits(rows=1), "encode", texts("a", "b"), "1 examples at most, got 2"),
    "text": (Limits(text=3), "encode", texts("가나"), "3 bytes at most, got 6"),
    "padded": (Limits(padded=5), "encode", texts("a", "abc"), "to the longest, got 6; send fewer"),
    "words": (Limits(), "generate", texts("a") | {"length": 1001}, "at most 1,000, got 1,001"),
    "beam": (Limits(words=9), "beam", texts("a") | {"length": 5, "width": 2}, "`width` must be"),
    "numbers": (
        Limits(values=30),
        "steps",
        {"ids": np.zeros([2, 3])},
        "numbers, more than 30; send fewer",
    ),
    "sizes": (
        Limits(),
        "step",
        {"ids": np.zeros(2), "h_0": np.zeros([1, 6])},
        "the same number of examples, got 2 of `c_0`.*1 of `h_0`",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_take_too_much_is_refused(case, language_endpoint):
    limits, signature, arrays, message = REFUSED[case]
    specs = language_endpoint.specs(signature)
    rows = len(next(iter(arrays.values())))
    scalars = {name: np.asarray(value) for name, value in GENERATE.items() if name in specs}
    states = {n: np.zeros([rows, *s.shape[1:]]) for n, s in specs.items() if n[1:2] == "_"}
    given = {n: np.asarray(a) for n, a in ({**scalars, **states} | arrays).items()}
    with pytest.raises(Refusal, match=message):
        language_endpoint.check(signature, given, limits)


def test_an_unknown_signature_is_refused_with_those_that_there_are(endpoint):
    with pytest.raises(Refusal, match="no signature 'none', only `serving_default`, `encode`"):
        endpoint.specs("none")


def test_values_that_the_model_cannot_take_are_the_clients_fault(endpoint):
    with pytest.raises(Refusal, match=r"these values: indices\[.*\] = 1000000 is not in \[.*\)\.$"):
        endpoint.call("ids", {"ids": np.full([1, 1, 2], 10**6)})


def test_requests_are_joined_where_each_example_is_answered_by_itself(endpoint, language_endpoint):
    by_row = {n for n in language_endpoint.inputs if language_endpoint.is_per_example(n)}
    joined = {n for n in language_endpoint.inputs if language_endpoint.can_join(n)}
    assert joined == {"serving_default", "score", "decode", "step", "steps"}
    assert by_row == joined | {"encode"}  # which pads every text to the longest
    assert {n for n in endpoint.inputs if endpoint.can_join(n)} == {"serving_default", "ids"}


def test_the_signatures_are_described_as_tensorflow_serving_does(endpoint):
    content = endpoint.metadata
    assert content["model_spec"] == {"name": "classes", "signature_name": "", "version": "1"}
    signatures = content["metadata"]["signature_def"]["signature_def"]
    served = signatures["serving_default"]
    assert served["method_name"] == "tensorflow/serving/predict"
    assert served["inputs"]["text"] == {
        "dtype": "DT_STRING",
        "tensor_shape": {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False},
        "name": "text",
    }
    assert served["outputs"]["probabilities"]["dtype"] == "DT_FLOAT"
    sizes = served["outputs"]["probabilities"]["tensor_shape"]["dim"]
    assert [size["size"] for size in sizes] == ["-1", "2"]
