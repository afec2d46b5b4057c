"""README's examples run as printed, and what it says of the tree is so."""

import configparser
import re
from pathlib import Path

import pytest

from nlpkit.layers import FAMILY

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PACKAGES = {path.parent for path in (ROOT / "nlpkit").rglob("*.py")} | {ROOT / "recipes"}
INNER = sorted(path.name for path in PACKAGES if path.parent.name == "nlpkit")


def blocks(language, text=README):
    """The fenced blocks of one language."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [block for name, block in found if name == language]


def test_nothing_is_left_to_fill_in():
    assert not re.search(r"\b(TABLE|TODO|TBD|XXX)\b", README)


@pytest.fixture(scope="module")
def layers():
    """The names that the examples of the layers leave, one block after the other."""
    chapter = README.partition("## The layer\n")[2].partition("\n## ")[0]
    names = {"__name__": "readme"}
    for example in blocks("python", chapter):
        exec(compile(example, "README.md", "exec"), names)
    return names


def test_the_model_of_layers_runs_as_printed(layers):
    assert layers["model"].output_shape[1:] == (1,)


def test_the_traces_run_as_printed(layers):
    assert {name: array.shape for name, array in layers["trace"].items()} == dict.fromkeys(
        "ifgohc", (2, 20, 64)
    )
    assert len(layers["traces"]) == 3


def test_a_cell_of_your_own_runs_as_printed(layers):
    assert layers["mean"].numpy().item() == 4


def test_the_table_of_the_family_is_the_family():
    rows = re.findall(r"^\| `([\w-]+)` \| `(\w+)` \| [^|]+ \|(?: (.+))? \|$", README, re.MULTILINE)
    assert [(name, layer) for name, layer, _ in rows] == [
        (member.name, member.layer.__name__) for member in FAMILY.values()
    ]
    for name, _, drop_in in rows:
        keras_name = re.search(r"`keras\.layers\.(\w+)`", drop_in)
        assert (keras_name and keras_name[1]) == FAMILY[name].keras_name


@pytest.mark.parametrize("path", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_every_link_into_the_tree_leads_somewhere(path):
    assert (ROOT / path).exists()


def test_every_file_of_the_table_of_private_names_is_there():
    (table,) = re.findall(r"^\| private name .+?\n\n", README, re.DOTALL | re.MULTILINE)
    paths = re.findall(r"`((?:nlpkit|tests)/[^`]*)`", table)
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_setup_cfg_ships_every_package():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    shipped = set(setup["options"]["packages"].split())
    names = {".".join(path.relative_to(ROOT).parts) for path in PACKAGES}
    assert shipped == {name.replace("recipes", "nlpkit.recipes") for name in names}


@pytest.mark.parametrize("package", INNER)
def test_the_map_names_every_package(package):
    (tree,) = [block for block in blocks("") if "nlpkit/cells/" in block]
    assert re.search(rf"\b{package}/", tree)
