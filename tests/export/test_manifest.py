"""What was changed in an artefact since its export is found before TensorFlow reads it."""

import json
import os
import subprocess
import sys

import pytest

from nlpkit import export
from nlpkit.errors import InputError
from nlpkit.export import manifest
from nlpkit.export.manifest import check_files, write_manifest
from tests.commands import complains, nlpkit_command

__all__ = ["nlpkit_command"]

FILES = [
    "assets.extra/answers.json",
    "assets.extra/artefact.json",
    "assets.extra/labels.json",
    "fingerprint.pb",
    "saved_model.pb",
    "variables/variables.data-00000-of-00001",
    "variables/variables.index",
]


def listed(folder):
    text = (folder / "assets.extra" / "manifest.json").read_text(encoding="utf-8")
    return json.loads(text)["files"]


def test_it_lists_every_file(artefact):
    assert list(listed(artefact)) == FILES
    for name, fields in listed(artefact).items():
        assert fields["bytes"] == (artefact / name).stat().st_size
    check_files(artefact)


def test_it_is_what_sha256sum_computes(artefact):
    for name, fields in listed(artefact).items():
        said = subprocess.run(["sha256sum", artefact / name], capture_output=True, text=True)
        assert said.stdout.split()[0] == fields["sha256"]


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (flip, r"is not the file of the manifest \(its SHA-256 differs\); copy the model anew"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), r"must have [\d,]+ bytes by the m"),
        (lambda path: path.unlink(), "of the manifest is missing; copy the model anew"),
    ],
    ids=["flipped", "cut", "lost"],
)
def test_a_changed_file_is_named(copy, name, damage, message):
    damage(copy / name)
    with pytest.raises(InputError, match=f"{name} {message}"):
        check_files(copy)


def link_out(folder):
    (folder / "fingerprint.pb").unlink()
    (folder / "fingerprint.pb").symlink_to("/etc/passwd")


def link_folder(folder):
    (folder / "variables").rename(folder.parent / "elsewhere")
    (folder / "variables").symlink_to(folder.parent / "elsewhere")


def pipe(folder):
    (folder / "fingerprint.pb").unlink()
    os.mkfifo(folder / "fingerprint.pb")


NOTHING = "is nothing that a model of nlpkit holds; remove it"
STRANGE = {
    "a link": (link_out, "fingerprint.pb is a link, and a model must hold its files themselves"),
    "a linked folder": (link_folder, "variables is a link"),
    "a pipe": (pipe, f"fingerprint.pb {NOTHING}"),
    "a second graph": (lambda f: (f / "saved_model.cpb").touch(), f"saved_model.cpb {NOTHING}"),
    "a text graph": (lambda f: (f / "saved_model.pbtxt").touch(), f"saved_model.pbtxt {NOTHING}"),
    "a folder": (lambda f: (f / "assets.extra/more").mkdir(), f"assets.extra/more {NOTHING}"),
    "a name that is no text": (lambda f: (f / os.fsdecode(b"assets/\xff")).touch(), NOTHING),
    "a name for a terminal": (lambda f: (f / "variables/\x1b[2J").touch(), NOTHING),
    "too many": (
        lambda f: [(f / "variables" / str(number)).touch() for number in range(1000)],
        NOTHING,
    ),
}


@pytest.mark.parametrize("with_manifest", [True, False])
@pytest.mark.parametrize("case", STRANGE)
def test_what_no_artefact_holds_is_refused(copy, case, with_manifest):
    add, message = STRANGE[case]
    if not with_manifest:
        (copy / "assets.extra" / "manifest.json").unlink()
    add(copy)
    with pytest.raises(InputError, match=message):
        check_files(copy)


def test_too_large_a_model_is_refused_before_it_is_read(copy):
    with (copy / "variables" / "variables.index").open("r+b") as file:
        file.truncate(manifest.LARGEST + 1)  # a hole, which takes no room
    with pytest.raises(InputError, match="a model must have at most 16 GiB"):
        check_files(copy)


@pytest.mark.parametrize("name", ["variables/more", "assets/more.txt", "assets.extra/more"])
def test_a_file_that_is_not_listed_is_named(copy, name):
    (copy / name).parent.mkdir(exist_ok=True)
    (copy / name).touch()
    cure = f"remove it, or record the files as they are with `nlpkit verify {copy} --write-man"
    with pytest.raises(InputError, match=f"the manifest does not list {name}; {cure}"):
        check_files(copy)


@pytest.mark.parametrize("name", ["README.md", "LICENSE.txt", "assets.extra/README.md"])
def test_notes_for_people_are_free_to_change(copy, name):
    for text in ("one", "another"):
        (copy / name).write_text(text)
        check_files(copy)


OUT = '{"files": {"../x": {"bytes": 0, "sha256": ""}}}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"the model is damaged \(assets.extra/manifest.json\)"),
        ("[" * 100_000, r"the model is damaged \(assets.extra/manifest.json\)"),
        ('{"files": {"a": {"bytes": 1.5, "sha256": ""}}}', "the model is damaged"),
        ('{"files": {"a": {"bytes": 1}}}', "the model is damaged"),
        (OUT, r"\.\./x of the manifest is missing"),
        (OUT.replace("../x", "/etc/passwd"), "/etc/passwd of the manifest is missing"),
    ],
)
def test_a_manifest_that_is_none_is_refused(copy, text, message):
    (copy / "assets.extra" / "manifest.json").write_text(text)
    with pytest.raises(InputError, match=message):
        check_files(copy)


COMMANDS = {
    "verify": lambda model: ("verify", model),
    "predict": lambda model: ("predict", model, "a"),
    "evaluate": lambda model: ("evaluate", model),
    "serve": lambda model: ("serve", model, "--port", "0"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_refuses_a_changed_model(nlpkit_command, copy, command):
    flip(copy / "variables" / "variables.data-00000-of-00001")
    answer = nlpkit_command(*COMMANDS[command](copy), *["--quiet"][: command == "serve"])
    complains(answer, 2, "is not the file of the manifest")


def test_files_are_checked_before_tensorflow_is_imported(copy):
    flip(copy / "saved_model.pb")
    code = (
        "import sys; from nlpkit import export\n"
        "try: export.check_files(sys.argv[1])\n"
        "except ValueError: sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, copy]).returncode == 0


def test_a_model_of_before_loads_with_a_note(nlpkit_command, copy):
    (copy / "assets.extra" / "manifest.json").unlink()
    answer = nlpkit_command("predict", copy, "a")
    assert answer.status == 0 and answer.out
    assert answer.err == (
        f"{copy}: there is no manifest, so a change of the files would not be noticed; `nlpkit "
        f"verify {copy} --write-manifest` writes one.\n"
    )


@pytest.mark.slow
def test_verify_writes_a_manifest_for_a_model_that_it_proves(nlpkit_command, copy):
    flip(copy / "assets.extra" / "manifest.json")
    (copy / "assets.extra" / "requests").write_text("to warm up with")
    answer = nlpkit_command("verify", copy, "--write-manifest")
    assert (answer.status, answer.err) == (0, "")
    assert "assets.extra/requests" in listed(copy)
    check_files(copy)


def test_the_manifest_is_as_the_files_are(copy):
    flip(copy / "fingerprint.pb")
    write_manifest(copy)
    check_files(copy)
    assert export.has_manifest(copy)


def test_it_is_not_written_into_a_file_of_somebody_else(copy, tmp_path):
    mine = tmp_path / "mine"
    mine.write_text("mine")
    (copy / "assets.extra" / "manifest.json").unlink()
    (copy / "assets.extra" / "manifest.json").hardlink_to(mine)
    write_manifest(copy)
    assert mine.read_text() == "mine"
    check_files(copy)


def test_what_a_stranger_names_does_not_command_the_terminal(nlpkit_command, copy):
    text = OUT.replace("../x", r"\u001b[2J")
    (copy / "assets.extra" / "manifest.json").write_text(text)
    complains(nlpkit_command("predict", copy, "a"), 2, r"\x1b[2J of the manifest is missing")
