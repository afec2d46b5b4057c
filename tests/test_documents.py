"""README and docs/: examples and commands run as printed, and what they say of the tree is so."""

import configparser
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nlpkit import models
from nlpkit.layers import FAMILY

ROOT = Path(__file__).parent.parent
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (*ROOT.glob("*.md"), *sorted((ROOT / "docs").glob("*.md")))
}
PACKAGES = {path.parent for path in (ROOT / "nlpkit").rglob("*.py")} | {ROOT / "recipes"}
INNER = sorted(path.name for path in PACKAGES if path.parent.name == "nlpkit")
_FENCED = re.compile(r"(?:^<!-- (.+?) -->\n)?^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
every_page = pytest.mark.parametrize("page", PAGES)


def blocks(page, language):
    """The fenced blocks of one language, each with the remark in front of it."""
    return [(block, mark) for mark, name, block in _FENCED.findall(PAGES[page]) if name == language]


@pytest.fixture(scope="module")
def desk(tmp_path_factory, artefact):
    """A folder with the files that the pages speak of."""
    folder = tmp_path_factory.mktemp("desk")
    good, bad = "a wonderful film number {}", "dull, and a waste of money {}"
    for name, rows in (("reviews.csv", 120), ("more_reviews.csv", 20)):
        lines = [f'"{(good, bad)[i % 2].format(i)}",{1 - i % 2}\n' for i in range(rows)]
        (folder / name).write_text("text,label\n" + "".join(lines), encoding="utf-8")
    for name, count in (("novel.txt", 300), ("another.txt", 30)):
        text = "\n\n".join(
            f"The quick brown fox jumps over dog number {i % 7}." for i in range(count)
        )
        (folder / name).write_text(text, encoding="utf-8")
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    shapes = {0: ((64, 8), (64, 16), (64,), (64,)), 1: ((64, 16), (64, 16), (64,), (64,))}
    state = {
        f"{name}_l{level}": np.zeros(shape, "float32")
        for level in shapes
        for name, shape in zip(names, shapes[level], strict=True)
    }
    np.savez(folder / "reader.npz", **state)
    (folder / "sentiment").mkdir()
    (folder / "sentiment" / "saved_model").symlink_to(artefact)
    sizes = {"vocabulary": 8, "pieces": 2, "units": 4, "embedding": 4}
    classifier = models.classifier(classes=2, seed=0, **sizes)
    classifier.save(folder / "sentiment" / "model.keras")
    command = folder / ".venv" / "bin" / "nlpkit"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m nlpkit "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return folder


@every_page
def test_nothing_is_left_to_fill_in(page):
    assert not re.search(r"\b(TABLE|TODO|TBD|XXX)\b", PAGES[page])


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")])
def test_the_examples_of_a_page_run_as_printed(page, desk, monkeypatch):
    monkeypatch.chdir(desk)
    names = {"__name__": "page"}
    for block, _ in blocks(page, "python"):
        if "import torch" in block and importlib.util.find_spec("torch") is None:
            continue  # the next block reads what this one writes, and `desk` holds it
        exec(compile(block, page, "exec"), names)
    if page == "docs/layers.md":
        assert {name: array.shape for name, array in names["trace"].items()} == dict.fromkeys(
            "ifgohc", (2, 20, 64)
        )
        assert len(names["traces"]) == 2
        assert names["mean"].numpy().item() == 4


@pytest.mark.slow
def test_the_commands_of_the_pages_run_as_printed(desk):
    """The README's first: but for those that `.ci/run` runs, and those that say why they do not."""
    environment = os.environ | {
        "PATH": f"{desk / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    for page in sorted(PAGES, key=lambda page: page != "README.md"):
        for block, mark in blocks(page, "sh"):
            if not mark.startswith(("ci: ", "not run: ")):
                done = subprocess.run(
                    ["bash", "-euc", block],
                    cwd=desk,
                    env=environment,
                    capture_output=True,
                    text=True,
                )
                assert done.returncode == 0, done.stderr


def test_the_readme_is_short():
    assert len(PAGES["README.md"].splitlines()) < 150


def test_the_table_of_the_family_is_the_family():
    rows = re.findall(
        r"^\| `([\w-]+)` \| `(\w+)` \| [^|]+ \|(?: (.+))? \|$",
        PAGES["docs/layers.md"],
        re.MULTILINE,
    )
    assert [(name, layer) for name, layer, _ in rows] == [
        (member.name, member.layer.__name__) for member in FAMILY.values()
    ]
    for name, _, drop_in in rows:
        keras_name = re.search(r"`keras\.layers\.(\w+)`", drop_in)
        assert (keras_name and keras_name[1]) == FAMILY[name].keras_name


@every_page
def test_every_link_into_the_tree_leads_somewhere(page):
    for path in re.findall(r"\]\((?!http)([^)#]+)\)", PAGES[page]):
        assert ((ROOT / page).parent / path).exists(), path


def test_every_file_of_the_table_of_private_names_is_there():
    (table,) = re.findall(
        r"^\| private name .+?\n(?:\n|\Z)", PAGES["CONTRIBUTING.md"], re.DOTALL | re.MULTILINE
    )
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
    ((tree, _),) = blocks("docs/design.md", "")
    assert re.search(rf"\b{package}/", tree)
