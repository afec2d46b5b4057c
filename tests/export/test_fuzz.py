"""Artefacts that nobody would export: each is loaded, or refused in a sentence.

NLPKIT_FUZZ=10000 pytest tests/export/test_fuzz.py is the long run.
"""

import functools
import json
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpkit import export
from nlpkit.errors import InputError
from nlpkit.export.artefact import read_extra
from nlpkit.export.manifest import MANIFEST
from nlpkit.export.notes import read_column_note, read_text_note
from nlpkit.export.plain_tensorflow import graph, safety
from nlpkit.serve import evaluation
from tests.fuzzing import damaged, fuzzed, refused

names = st.sampled_from(["format", "task", "classes", "files", "bytes", "sha256", "values", "names",
                         "text", "label", "kind", "form", "saved_model.pb", "../x"])  # fmt: skip
leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
value = st.recursive(
    leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4)
)


def notes(content):
    """Bytes of a JSON file that was changed, or that says something else."""
    return damaged([content]) | value.map(lambda it: json.dumps(it).encode())


@pytest.fixture(scope="module")
def files(artefact):
    """The contents of an artefact by path."""
    paths = [path for path in artefact.rglob("*") if path.is_file()]
    return {str(path.relative_to(artefact)): path.read_bytes() for path in paths}


def placed(folder, files):
    """An artefact of these files."""
    for name, content in files.items():
        (Path(folder) / name).parent.mkdir(exist_ok=True)
        (Path(folder) / name).write_bytes(content)
    return folder


def checked(folder):
    """All that is read of an artefact before TensorFlow loads it."""
    export.read_interface(folder)
    export.check_files(folder)
    export.remarks(folder)
    read_column_note(folder)
    read_text_note(folder)
    classes = export.read_description(folder).classes
    extra = functools.partial(read_extra, folder)
    evaluation._indices(SimpleNamespace(directory=folder, classes=classes, extra=extra))
    try:
        why = safety.refusal(graph.read(Path(folder)))
    except ValueError as error:
        raise InputError(str(error)) from None
    if why:
        raise InputError(why)


@fuzzed(60)
@given(where=st.data())
def test_a_changed_artefact_is_refused_by_its_manifest(files, where):
    name = where.draw(st.sampled_from(sorted(files)))
    content = where.draw(damaged([files[name]]))
    with tempfile.TemporaryDirectory() as folder:
        said = refused(lambda: checked(placed(folder, {**files, name: content})))
    if not name.endswith(MANIFEST):
        assert (said is None) == (content == files[name])


@fuzzed(60)
@given(where=st.data())
def test_a_forged_artefact_is_checked_or_refused_in_a_sentence(files, where):
    name = where.draw(st.sampled_from(sorted(name for name in files if "variables" not in name)))
    strategy = notes(files[name]) if name.endswith(".json") else damaged([files[name]])
    with tempfile.TemporaryDirectory() as folder:
        placed(folder, {**files, name: where.draw(strategy)})
        if not name.endswith(MANIFEST):
            export.write_manifest(folder)
        refused(lambda: checked(folder))
