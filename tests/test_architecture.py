"""The shape of the package: who imports whom, and that what is public is documented."""

import ast
import dataclasses
import functools
import importlib
import inspect
import re
from pathlib import Path

import pytest

from nlpkit.layers import FAMILY, Recurrent
from nlpkit.layers.signature import parameters_of

ROOT = Path(__file__).parents[1]

# A floor imports from the floors before it and from its own folder, never from those after it.
FLOORS = (
    ("errors", "signals", "startup"),
    ("checks", "cluster", "run"),
    ("cells",),
    ("recurrence",),
    ("layers",),
    ("optimizers",),
    ("testing",),
    ("text",),
    ("data",),
    ("evaluation",),
    ("models",),
    ("export",),
    ("reports",),
    ("training",),
    ("serve",),
    ("explain",),
    ("tasks",),
    ("compare",),
    ("complaints", "options"),
    ("recipes",),
    ("cli", "estimators"),
    ("__main__",),
)
HEIGHT = {name: height for height, names in enumerate(FLOORS) for name in names}
FILES = [*sorted((ROOT / "nlpkit").rglob("*.py")), *sorted((ROOT / "recipes").rglob("*.py"))]
# Runs beside TensorFlow alone, under another name: nothing of nlpkit is there to import.
ALONE = [path for path in FILES if path.parent.name == "plain_tensorflow"]
# `nlpkit` is what every user's Keras model imports, on any backend.
ANY_BACKEND = ("__init__", "errors", "checks", "cells", "layers")
PACKAGES = ("cells", "checks", "cluster", "compare", "data", "errors", "estimators", "evaluation",
            "explain", "export", "layers", "models", "optimizers", "recurrence", "reports", "run",
            "serve", "signals", "startup", "tasks", "testing", "text", "training")  # fmt: skip


def _place(path):
    """A file's path below nlpkit, as it is installed: recipes/ is nlpkit.recipes."""
    path = path.relative_to(ROOT)
    return path if path.parts[0] == "recipes" else Path(*path.parts[1:])


def _floor(path):
    """The module or package of nlpkit that a file belongs to."""
    return _place(path).parts[0].removesuffix(".py")


def _imports(path):
    """The modules that a file imports anywhere, and the parts of nlpkit that it names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module
            if node.module == "nlpkit":
                yield from (f"nlpkit.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "nlpkit" and not node.attr.startswith("__"):
                yield f"nlpkit.{node.attr}"


def _id(path):
    return str(_place(path))


def test_every_module_has_its_floor():
    assert {_floor(path) for path in FILES} == {*HEIGHT, "__init__"}


@pytest.mark.parametrize("path", FILES, ids=_id)
def test_imports_go_down(path):
    if _floor(path) == "__init__":
        return
    parts = {name.split(".")[1] for name in _imports(path) if name.startswith("nlpkit.")}
    upward = {
        part for part in parts if part != _floor(path) and HEIGHT[part] >= HEIGHT[_floor(path)]
    }
    assert not upward


@pytest.mark.parametrize("path", [path for path in FILES if path not in ALONE], ids=_id)
def test_imports_are_spelt_in_full(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    relative = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]
    assert not relative


@pytest.mark.parametrize("path", [path for path in FILES if _floor(path) in ANY_BACKEND], ids=_id)
def test_layers_and_cells_speak_keras_alone(path):
    roots = {name.split(".")[0] for name in _imports(path)}
    assert not roots & {"tensorflow", "jax", "torch"}


@pytest.mark.parametrize("path", ALONE, ids=_id)
def test_the_verifying_process_needs_nothing_of_nlpkit(path):
    roots = {name.split(".")[0] for name in _imports(path)}
    assert not roots & {"nlpkit", "keras"}


def _public():
    """Every public class and function, with where it is public."""
    for package in PACKAGES:
        module = importlib.import_module(f"nlpkit.{package}")
        for name in dir(module) if package in ("compare", "export") else module.__all__:
            item = getattr(module, name)
            if inspect.isclass(item) or inspect.isfunction(item):
                yield pytest.param(item, id=f"{package}.{name}")
            if inspect.isclass(item):
                for method in _own_methods(item):
                    yield pytest.param(method, id=f"{package}.{name}.{method.__name__}")


def _own_methods(item):
    """The public methods that a class adds: what it overrides is documented by its base."""
    for name in vars(item):
        method = getattr(item, name)
        inherited = any(hasattr(base, name) for base in item.__bases__)
        routine = inspect.isroutine(method) and not isinstance(method, functools.cached_property)
        # scikit-learn adds `set_predict_request` and its like, with words of its own.
        theirs = (getattr(method, "__module__", None) or "").startswith("sklearn")
        if routine and not name.startswith("_") and not inherited and not theirs:
            yield method


def _documented(item):
    """The arguments or the fields that a docstring describes, `**kwargs` apart."""
    sections = r"^(?:Args|Attributes):\n((?:(?: .*)?\n?)*)"
    section = re.search(sections, inspect.getdoc(item), re.MULTILINE)
    return re.findall(r"^    (?!\*\*kwargs)\**(\w+):", section[1], re.MULTILINE) if section else []


def _arguments(item):
    """The parameters of a function, or of a class that has a constructor of its own."""
    if inspect.isclass(item) and "__init__" not in vars(item):
        return []
    if item is Recurrent:  # has the words for what its subclasses take
        taken = {name for member in FAMILY.values() for name in parameters_of(member.layer)}
        return [name for name in _documented(item) if name in taken]
    parameters = inspect.signature(item).parameters
    return [name for name in parameters if name not in ("self", "kwargs")]


def _fields(item):
    """The fields of a dataclass or a named tuple, else none."""
    if dataclasses.is_dataclass(item):
        return [field.name for field in dataclasses.fields(item)]
    return list(getattr(item, "_fields", ()))


@pytest.mark.parametrize("item", [*_public()])
def test_what_is_public_has_a_docstring(item):
    first = inspect.getdoc(item).splitlines()[0]
    assert first.endswith(".") and not first[0].islower()


@pytest.mark.parametrize("item", [*_public()])
def test_every_argument_or_field_is_documented_and_nothing_else(item):
    assert _documented(item) == (_fields(item) or _arguments(item))


@pytest.mark.parametrize("item", [*_public()])
def test_what_is_given_back_is_documented(item):
    if inspect.isroutine(item):
        gives = inspect.signature(item).return_annotation not in (None, inspect.Signature.empty)
        sections = re.findall(r"^(Returns|Yields):", inspect.getdoc(item), re.MULTILINE)
        assert bool(sections) == gives
