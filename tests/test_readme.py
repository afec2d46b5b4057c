"""README's examples run as printed, and what it says of the tree is so."""

import configparser
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PACKAGES = {path.parent for path in (ROOT / "nlpkit").rglob("*.py")} | {ROOT / "recipes"}
INNER = sorted(path.name for path in PACKAGES if path.parent.name == "nlpkit")


def blocks(language):
    """The fenced blocks of one language."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return [block for name, block in found if name == language]


def test_nothing_is_left_to_fill_in():
    assert not re.search(r"\b(TABLE|TODO|TBD|XXX)\b", README)


def test_the_layer_example_runs_as_printed():
    (example,) = [block for block in blocks("python") if "nlpkit.layers" in block]
    names = {}
    exec(compile(example, "README.md", "exec"), names)
    assert names["model"].output_shape[1:] == (1,)


@pytest.mark.parametrize("path", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_every_link_into_the_tree_leads_somewhere(path):
    assert (ROOT / path).exists()


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
