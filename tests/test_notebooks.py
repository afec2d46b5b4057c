"""Every notebook runs from its first cell to its last, and gives the outputs stored in it."""

import nbformat
import pytest

from tests.notebooks import NOTEBOOKS, executed, outputs, syntax

TRANSLATIONS = {name: name.removesuffix("_ko") for name in NOTEBOOKS if name.endswith("_ko")}


@pytest.fixture
def jupyter(monkeypatch):
    # jupyter_core warns of its old folders unless told to use the new ones.
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_runs_and_gives_the_stored_outputs(name, tmp_path, jupyter):
    stored = nbformat.read(NOTEBOOKS[name], as_version=4)
    again = executed(NOTEBOOKS[name], tmp_path)
    assert any(cell.get("outputs") for cell in stored.cells), "run `python -m tests.notebooks`"
    for old, new in zip(stored.cells, again.cells, strict=True):
        tags = old.metadata.get("tags", ())
        assert outputs(new, tags) == outputs(old, tags), old.source


@pytest.mark.parametrize(
    ("tags", "lines"),
    [
        ([], ["nlpkit: 3.14  ms", "12 words"]),
        (["numbers-vary"], ["nlpkit: # ms", "# words"]),
        (["varies"], []),
    ],
)
def test_tags_say_which_outputs_are_compared(tags, lines):
    output = nbformat.v4.new_output("stream", text="nlpkit: 3.14  ms\n12 words\n")
    assert outputs(nbformat.v4.new_code_cell(outputs=[output]), tags) == lines


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_what_is_stored_tells_nothing_of_a_machine(name):
    for cell in nbformat.read(NOTEBOOKS[name], as_version=4).cells:
        for output in cell.get("outputs", ()):
            assert output.output_type != "error" and output.get("name") != "stderr"
            assert not any(folder in str(output) for folder in ("/home/", "/root/", "/tmp/"))
        assert "execution" not in cell.metadata


@pytest.mark.parametrize(("translation", "original"), TRANSLATIONS.items())
def test_a_translation_has_the_code_of_its_original(translation, original):
    cells = [nbformat.read(NOTEBOOKS[name], as_version=4).cells for name in (translation, original)]
    for ours, theirs in zip(*cells, strict=True):
        assert ours.cell_type == theirs.cell_type
        assert ours.metadata.get("tags") == theirs.metadata.get("tags")
        if ours.cell_type == "code":
            assert syntax(ours) == syntax(theirs)


@pytest.mark.parametrize(
    ("code", "same"),
    [
        ('%matplotlib inline\nprint("하나", f"{x}개")  # 하나', True),
        ('print("one", f"{y}")', False),
        ('print("one", f"{x}", 1)', False),
    ],
)
def test_a_translation_changes_words_and_no_code(code, same):
    ours, theirs = map(nbformat.v4.new_code_cell, (code, 'print("one", f"x is {x}")'))
    assert (syntax(ours) == syntax(theirs)) == same
