"""JSON to arrays and back, in the two forms of TensorFlow Serving.

    row form       {"instances": [example, …]}          → {"predictions": [answer, …]}
    column form    {"inputs": {name: array, …}}         → {"outputs": {name: array, …}}

Where there is one input, or one output, its name may be left out. Bytes that are not UTF-8 are
written as {"b64": "…"}; an output whose name ends in `_bytes` comes back so.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from nlpkit.data.surrogates import mend_surrogates
from nlpkit.serve.answers import as_json, short
from nlpkit.serve.http.refusal import Refusal

__all__ = ["DEFAULT", "Request", "Spec", "read_arrays", "read_request", "write_answer"]

DEFAULT = "serving_default"
"""The signature of a request that names none."""


class Spec(NamedTuple):
    """An input or output of a signature.

    Attributes:
        dtype: NumPy's type of an element; `object` for strings, which are bytes.
        shape: Its sizes; None where any is allowed.
    """

    dtype: np.dtype
    shape: tuple[int | None, ...]

    @property
    def per_example(self) -> bool:
        """Whether the first axis counts examples."""
        return bool(self.shape) and self.shape[0] is None


class Request(NamedTuple):
    """A request's body.

    Attributes:
        signature: The name of the signature.
        by_row: Whether it is in row form, and so the answer.
        content: What `instances` or `inputs` holds.
    """

    signature: str
    by_row: bool
    content: Any


def read_request(body: bytes) -> Request:
    """Reads the body of a request.

    Args:
        body: JSON, UTF-8.

    Returns:
        The request.

    Raises:
        Refusal: If it is not JSON, or not a request.

    Example:
        >>> read_request(b'{"instances": ["good"]}')
        Request(signature='serving_default', by_row=True, content=['good'])
    """
    try:
        fields = json.loads(body)
    except RecursionError:
        raise Refusal("The body is nested too deeply.") from None
    except ValueError as error:
        raise Refusal(f"The body is not JSON: {_reason(error)}.") from None
    if not isinstance(fields, dict):
        raise Refusal('The body must be an object, such as {"instances": ["a text"]}.')
    forms = [form for form in ("instances", "inputs") if form in fields]
    if len(forms) != 1:
        got = "both" if forms else "neither"
        raise Refusal(f"The body must have either `instances` or `inputs`, got {got}.")
    signature = fields.get("signature_name", DEFAULT)
    if not isinstance(signature, str):
        raise Refusal("`signature_name` must be a string.")
    return Request(signature or DEFAULT, forms[0] == "instances", fields[forms[0]])


def read_arrays(request: Request, specs: Mapping[str, Spec]) -> dict[str, np.ndarray]:
    """The arrays of a request.

    Args:
        request: The request.
        specs: The inputs of its signature, by name.

    Returns:
        An array for each input, of its type and rank. Strings are bytes; lone surrogates, which
        are not characters, become U+FFFD.

    Raises:
        Refusal: If an input is missing, unknown, or of another type or shape.
    """
    columns = _columns(request.content, specs) if request.by_row else request.content
    if not request.by_row and not _is_named(columns, specs):
        columns = {_only(specs): columns}
    if missing := [name for name in specs if name not in columns]:
        raise Refusal(f"`{request.signature}` needs the input `{missing[0]}`.")
    if foreign := [name for name in columns if name not in specs]:
        known = ", ".join(f"`{name}`" for name in specs)
        raise Refusal(f"`{request.signature}` has no input {foreign[0]!r:.60}, only {known}.")
    return {name: _array(name, columns[name], spec) for name, spec in specs.items()}


def write_answer(outputs: Mapping[str, np.ndarray], *, by_row: bool) -> str:
    """Writes the outputs of a signature.

    Args:
        outputs: Arrays by name. Strings are bytes.
        by_row: Whether to answer in row form; each array then has a first axis of one size.

    Returns:
        JSON. Numbers have the digits that identify a float32.

    Example:
        >>> write_answer({"score": np.array([0.1], "float32")}, by_row=True)
        '{"predictions": [0.1]}'
    """
    columns = {name: _plain(name, array) for name, array in outputs.items()}
    if not by_row:
        content = columns if len(columns) > 1 else next(iter(columns.values()))
        return as_json({"outputs": content})
    if len(columns) == 1:
        return as_json({"predictions": next(iter(columns.values()))})
    rows = zip(*columns.values(), strict=True)
    return as_json({"predictions": [dict(zip(columns, row, strict=True)) for row in rows]})


def _columns(instances, specs):
    """The values of each input from a list of examples."""
    if not isinstance(instances, list) or not instances:
        raise Refusal("`instances` must be a list of at least one example.")
    if whole := [name for name, spec in specs.items() if not spec.per_example]:
        raise Refusal(f"Use `inputs`: `{whole[0]}` is one number for all examples.")
    if not all(_is_named(example, specs) for example in instances):
        name = _only(specs)
        return {name: instances}
    names = instances[0].keys()
    if any(example.keys() != names for example in instances):
        raise Refusal("Every example of `instances` must have the same inputs.")
    return {name: [example[name] for example in instances] for name in names}


def _is_named(value, specs):
    """Whether a value gives inputs by name, rather than the only input itself."""
    return isinstance(value, dict) and not (len(specs) == 1 and value.keys() == {"b64"})


def _only(specs):
    """The name of the only input."""
    if len(specs) > 1:
        names = ", ".join(f"`{name}`" for name in specs)
        raise Refusal(f"There are several inputs, so name them: {names}.")
    return next(iter(specs))


def _array(name, value, spec):
    """A value as an array."""
    if spec.dtype == object:
        value = _strings(name, value)
    array = _measured(name, value, len(spec.shape))
    fits = zip(array.shape, spec.shape, strict=True)
    if any(wanted is not None and size != wanted for size, wanted in fits):
        raise Refusal(
            f"`{name}` must have the shape {_shape(spec.shape)}, got {list(array.shape)}."
        )
    return array if spec.dtype == object else _cast(name, array, spec.dtype)


def _measured(name, value, rank):
    """Nested lists as an array of objects, of a rank."""
    shape, inner = [], value
    for _ in range(rank):
        if not isinstance(inner, list):
            break
        shape.append(len(inner))
        inner = inner[0] if inner else None
    if len(shape) == rank or not all(shape):
        shape += [0] * (rank - len(shape))
        flat = _flat(value, rank)
        if flat is not None and len(flat) == np.prod(shape, dtype=int):
            array = np.empty(len(flat), object)
            array[:] = flat
            return array.reshape(shape)
    kinds = {0: "one value, not a list", 1: "a list of values"}
    kind = kinds.get(rank, f"lists of equal lengths, {rank} deep")
    raise Refusal(f"`{name}` must be {kind}.")


def _flat(value, depth):
    """The elements of lists nested to a depth; None if the lists of a level differ in length."""
    level = [value]
    for _ in range(depth):
        if not all(isinstance(part, list) for part in level):
            return None
        if len({len(part) for part in level}) > 1:
            return None
        level = [element for part in level for element in part]
    return None if any(isinstance(element, (list, dict)) for element in level) else level


def _strings(name, value):
    """Nested lists with bytes in place of strings."""
    if isinstance(value, list):
        return [_strings(name, element) for element in value]
    if isinstance(value, str):
        return mend_surrogates(value).encode()
    if isinstance(value, dict) and value.keys() == {"b64"} and isinstance(value["b64"], str):
        try:
            return base64.b64decode(value["b64"], validate=True)
        except (binascii.Error, ValueError):
            raise Refusal(f"`{name}` holds a `b64` that is not base64.") from None
    raise Refusal(f"`{name}` must hold strings, got {json.dumps(value)[:60]}.")


def _cast(name, array, dtype):
    """Numbers of JSON in a type that holds them."""
    flat = array.ravel().tolist()
    kinds = (int,) if dtype.kind in "iu" else (bool,) if dtype.kind == "b" else (int, float)
    for value in flat:
        right = isinstance(value, kinds) and (dtype.kind == "b") == isinstance(value, bool)
        if not right:
            wanted = {"i": "integers", "u": "integers", "b": "Booleans"}.get(dtype.kind, "numbers")
            raise Refusal(f"`{name}` must hold {wanted}, got {json.dumps(value)[:60]}.")
    try:
        with np.errstate(over="raise"):
            return np.array(flat, dtype).reshape(array.shape)
    except (OverflowError, FloatingPointError):
        raise Refusal(f"`{name}` holds a number that {dtype} cannot.") from None


def _plain(name, array):
    """An array as lists for JSON."""
    if array.dtype == object:
        elements = [_text(name, value) for value in array.ravel().tolist()]
    elif array.dtype == np.float32:
        elements = list(map(short, array.ravel()))
    else:
        elements = array.ravel().tolist()
    boxed = np.empty(len(elements), object)
    boxed[:] = elements
    return boxed.reshape(array.shape).tolist()


def _text(name, value):
    """Bytes as JSON has them."""
    if name.endswith("_bytes"):
        return {"b64": base64.b64encode(value).decode()}
    return value.decode(errors="replace")


def _shape(sizes):
    """A shape for a message."""
    return f"[{', '.join('any' if size is None else str(size) for size in sizes)}]"


def _reason(error):
    """Why something is not JSON, in one line."""
    return str(error).partition("\n")[0].rstrip(".")[:200]
