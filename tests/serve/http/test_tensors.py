"""JSON to arrays and back: TensorFlow Serving's documented requests, and what is refused."""

import json

import numpy as np
import pytest

from nlpkit.serve.http.refusal import Refusal
from nlpkit.serve.http.tensors import Spec, read_arrays, read_request, write_answer

INT, FLOAT, TEXT = np.dtype("int64"), np.dtype("float32"), np.dtype(object)

# https://www.tensorflow.org/tfx/serving/api_rest: each request, the inputs that it is for, and the
# arrays that it means.
TAGS = {"tag": Spec(TEXT, (None,)), "signal": Spec(INT, (None, None)),
        "sensor": Spec(INT, (None, 2, 2))}  # fmt: skip
TAGGED = {"tag": [b"foo", b"bar"], "signal": [[1, 2, 3, 4, 5], [3, 4, 1, 2, 5]],
          "sensor": [[[1, 2], [3, 4]], [[4, 5], [6, 8]]]}  # fmt: skip
DOCUMENTED = {
    "named examples": (
        """{"instances": [
             {"tag": "foo", "signal": [1, 2, 3, 4, 5], "sensor": [[1, 2], [3, 4]]},
             {"tag": "bar", "signal": [3, 4, 1, 2, 5], "sensor": [[4, 5], [6, 8]]}]}""",
        TAGS,
        TAGGED,
    ),
    "columns": (
        """{"inputs": {"tag": ["foo", "bar"], "signal": [[1, 2, 3, 4, 5], [3, 4, 1, 2, 5]],
             "sensor": [[[1, 2], [3, 4]], [[4, 5], [6, 8]]]}}""",
        TAGS,
        TAGGED,
    ),
    "values of the only input": (
        '{"instances": ["foo", "bar", "baz"]}',
        {"tag": Spec(TEXT, (None,))},
        {"tag": [b"foo", b"bar", b"baz"]},
    ),
    "numbers of the only input": (
        '{"signature_name": "serving_default", "instances": [1.0, 2.0, 5.0]}',
        {"x": Spec(FLOAT, (None,))},
        {"x": [1.0, 2.0, 5.0]},
    ),
    "lists of the only input": (
        '{"instances": [[1, 2], [3, 4]]}',
        {"x": Spec(FLOAT, (None, 2))},
        {"x": [[1, 2], [3, 4]]},
    ),
    "a column of the only input": (
        '{"inputs": [[1, 2], [3, 4]]}',
        {"x": Spec(FLOAT, (None, 2))},
        {"x": [[1, 2], [3, 4]]},
    ),
    "bytes": (
        '{"instances": [{"b64": "aW1hZ2UgYnl0ZXM="}, {"b64": "YXdlc29tZSBpbWFnZSBieXRlcw=="}]}',
        {"image": Spec(TEXT, (None,))},
        {"image": [b"image bytes", b"awesome image bytes"]},
    ),
    "named bytes": (
        '{"instances": [{"image": {"b64": "aW1hZ2UgYnl0ZXM="}, "caption": "seaside"}]}',
        {"image": Spec(TEXT, (None,)), "caption": Spec(TEXT, (None,))},
        {"image": [b"image bytes"], "caption": [b"seaside"]},
    ),
    "special numbers": (
        '{"instances": [NaN, Infinity, -Infinity]}',
        {"x": Spec(FLOAT, (None,))},
        {"x": [np.nan, np.inf, -np.inf]},
    ),
}

ONE = {"text": Spec(TEXT, (None,))}
GENERATE = {"text": Spec(TEXT, (None,)), "length": Spec(np.dtype("int32"), ())}
IDS = {"ids": Spec(np.dtype("int32"), (None, None, 2))}
REFUSED = {
    "": ("", ONE, "The body is not JSON: Expecting value"),
    "\xff": (b"\xff", ONE, "The body is not JSON: 'utf-8' codec"),
    "deep": ("[" * 100_000, ONE, "nested too deeply"),
    "long number": ('{"inputs": ' + "1" * 5000 + "}", ONE, "not JSON"),
    "list": ("[]", ONE, "must be an object"),
    "nothing": ("{}", ONE, "either `instances` or `inputs`, got neither"),
    "both": ('{"instances": ["a"], "inputs": ["a"]}', ONE, "got both"),
    "signature": ('{"instances": ["a"], "signature_name": 1}', ONE, "must be a string"),
    "no list": ('{"instances": "a"}', ONE, "a list of at least one example"),
    "empty": ('{"instances": []}', ONE, "a list of at least one example"),
    "unnamed": ('{"instances": ["a"]}', {**ONE, "more": ONE["text"]}, "name them: `text`, `more`"),
    "mixed": ('{"instances": [{"text": "a"}, {}]}', ONE, "must have the same inputs"),
    "whole": ('{"instances": [{"text": "a", "length": 1}]}', GENERATE, "`length` is one number"),
    "missing": ('{"inputs": {"text": ["a"]}}', GENERATE, "needs the input `length`"),
    "unknown": ('{"inputs": {"text": ["a"], "x": 1}}', ONE, "has no input 'x', only `text`"),
    "number": ('{"inputs": [1]}', ONE, "`text` must hold strings, got 1"),
    "null": ('{"instances": [null]}', ONE, "`text` must hold strings, got null"),
    "base64": ('{"inputs": [{"b64": "a"}]}', ONE, "`b64` that is not base64"),
    "scalar": ('{"inputs": "a"}', ONE, "`text` must be a list of values"),
    "nested": ('{"inputs": [["a"]]}', ONE, "`text` must be a list of values"),
    "not scalar": ('{"inputs": {"text": ["a"], "length": [1]}}', GENERATE, "`length` must be one"),
    "ragged": ('{"inputs": [[[1, 2]], []]}', IDS, "lists of equal lengths, 3 deep"),
    "shape": ('{"inputs": [[[1]]]}', IDS, "must have the shape [any, any, 2], got [1, 1, 1]"),
    "float": ('{"inputs": [[[1.5, 2]]]}', IDS, "`ids` must hold integers, got 1.5"),
    "Boolean": ('{"inputs": [[[true, 2]]]}', IDS, "`ids` must hold integers, got true"),
    "overflow": ('{"inputs": [[[4294967296, 2]]]}', IDS, "a number that int32 cannot"),
    "large": ('{"inputs": [1e39]}', {"x": Spec(FLOAT, (None,))}, "a number that float32 cannot"),
}


def arrays_of(body, specs):
    """The arrays of a body."""
    return read_arrays(read_request(body), specs)


@pytest.mark.parametrize("case", DOCUMENTED)
def test_a_documented_request_means_what_the_documentation_says(case):
    body, specs, meant = DOCUMENTED[case]
    arrays = arrays_of(body.encode(), specs)
    assert {name: array.dtype for name, array in arrays.items()} == {
        name: spec.dtype for name, spec in specs.items()
    }
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, np.array(meant[name], specs[name].dtype))


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_request_is_refused_in_a_sentence(case):
    body, specs, message = REFUSED[case]
    with pytest.raises(Refusal) as refused:
        arrays_of(body if isinstance(body, bytes) else body.encode(), specs)
    assert message in str(refused.value) and str(refused.value).endswith(".")
    assert refused.value.status == 400


def test_half_an_emoji_becomes_a_replacement_character():
    (text,) = arrays_of(b'{"instances": ["a\\ud83d"]}', ONE)["text"]
    assert text.decode() == "a\ufffd"


ANSWERS = {
    "one output, by row": ({"y": np.float32([2.5, 3])}, True, {"predictions": [2.5, 3.0]}),
    "one output": ({"y": np.float32([[0.1]])}, False, {"outputs": [[0.1]]}),
    "several, by row": (
        {"y": np.int32([1, 2]), "z": np.array([b"a", "가".encode()], object)},
        True,
        {"predictions": [{"y": 1, "z": "a"}, {"y": 2, "z": "가"}]},
    ),
    "several": (
        {"y": np.int32(1), "z": np.float32([[], []])},
        False,
        {"outputs": {"y": 1, "z": [[], []]}},
    ),
    "bytes": (
        {"image_bytes": np.array([b"image bytes"], object)},
        True,
        {"predictions": [{"b64": "aW1hZ2UgYnl0ZXM="}]},
    ),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_an_answer_has_the_documented_form(case):
    outputs, by_row, answer = ANSWERS[case]
    assert json.loads(write_answer(outputs, by_row=by_row)) == answer
