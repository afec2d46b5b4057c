"""The commands that use a model: predict, evaluate and verify, on the command line."""

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys

import pytest

import nlpkit
from tests.artefacts import CLASSES
from tests.commands import clean_environment, complains, nlpkit_command

__all__ = ["nlpkit_command"]


def test_predict_answers_a_line_of_json_a_text(nlpkit_command, artefact):
    answer = nlpkit_command("predict", artefact, "a", "", "최고")
    assert (answer.status, answer.err) == (0, "")
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert [line["text"] for line in lines] == ["a", "", "최고"]
    for line in lines:
        assert tuple(line["probabilities"]) == CLASSES
        assert line["score"] == line["probabilities"][line["label"]]


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("x.txt", "a\n\n최고\n", ()),
        ("x.csv", 'text,n\na,1\n"",2\n최고,3\n', ()),
        ("x.jsonl", '{"t": "a"}\n{"t": ""}\n{"t": "최고"}\n', ("--text-column", "t")),
    ],
)
def test_predict_reads_files_and_writes_one(
    nlpkit_command, artefact, tmp_path, name, content, options
):
    (tmp_path / name).write_text(content, encoding="utf-8")
    output = tmp_path / "answers.jsonl"
    answer = nlpkit_command(
        "predict", artefact, "--input", tmp_path / name, "--output", output, *options
    )
    assert answer == (0, "", "")
    lines = output.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["a", "", "최고"]


def test_predict_that_fails_halfway_leaves_the_old_answers(nlpkit_command, artefact, tmp_path):
    (tmp_path / "x.txt").write_bytes(b"a\n\xff\n")
    output = tmp_path / "answers.jsonl"
    output.write_text("old")
    answer = nlpkit_command("predict", artefact, "--input", tmp_path / "x.txt", "--output", output)
    complains(answer, 2, "x.txt, line 2: the bytes are not valid utf-8; name the file's encoding")
    assert output.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.slow
def test_predict_reads_standard_input_and_bears_a_reader_that_leaves(artefact):
    start = [sys.executable, "-m", "nlpkit", "predict", artefact, "--input", "-"]
    child = subprocess.Popen(
        start,
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    child.stdin.write("최고\n".encode() * 5000)
    child.stdin.close()
    first = json.loads(child.stdout.readline())
    child.stdout.close()
    assert first["text"] == "최고"
    assert child.stderr.read().decode() == ""
    child.stderr.close()
    assert child.wait() == 1


def test_evaluate_shows_figures_and_the_worst_mistakes(nlpkit_command, artefact, tmp_path):
    data = tmp_path / "x.csv"
    data.write_text("text,label\na,0\na,1\n최고,negative\n최고,긍정\n", encoding="utf-8")
    answer = nlpkit_command("evaluate", artefact, "--data", data, "--worst", "1")
    assert (answer.status, answer.err) == (0, "")
    assert "saved_model   50.00%" in answer.out
    *_, count, _, title, header, mistake = answer.out.splitlines()
    assert count == f"4 examples of {data}"
    assert title == "The most confident mistakes:"
    assert re.match(r"score  predicted  label( {3,6}) text$", header)
    assert re.match(r"0\.\d{3}  (negative   긍정  |긍정       negative  )", mistake)


def test_evaluate_tells_of_one_example(nlpkit_command, artefact, tmp_path):
    data = tmp_path / "x.csv"
    data.write_text("text,label\na,negative\n", encoding="utf-8")
    answer = nlpkit_command("evaluate", artefact, "--data", data, "--worst", "0")
    assert answer.out.splitlines()[-1] == f"1 example of {data}"


def test_evaluate_refuses_a_label_that_the_model_lacks(nlpkit_command, artefact, tmp_path):
    (tmp_path / "x.csv").write_text("text,label\na,0\nb,7\n", encoding="utf-8")
    answer = nlpkit_command("evaluate", artefact, "--data", tmp_path / "x.csv")
    complains(answer, 2, "x.csv, line 3: the label '7' must be one that the model knows")


def test_predict_suggests_words(nlpkit_command, language_artefact):
    answer = nlpkit_command("predict", language_artefact, "the cat", "")
    assert (answer.status, answer.err) == (0, "")
    for line in answer.out.splitlines():
        assert list(json.loads(line)) == ["text", "words", "probabilities"]


@pytest.mark.parametrize(
    "options",
    [
        ("--temperature", "0"),
        ("--temperature", "0.7", "--top-k", "4", "--top-p", "0.9", "--seed", "7"),
        ("--beam", "3"),
    ],
)
def test_predict_continues_texts(nlpkit_command, language_artefact, options):
    answer = nlpkit_command("predict", language_artefact, "the cat", "--generate", "4", *options)
    assert (answer.status, answer.err) == (0, "")
    (line,) = map(json.loads, answer.out.splitlines())
    assert line["text"] == "the cat"
    assert line["generated"].startswith("the cat")
    assert line["generated"] != "the cat"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--temperature", "-1"),
            "`--temperature` must be a finite number of at least 0, got -1.0.",
        ),
        (("--top-k", "99"), "`--top-k` must be an integer from 0 to 12, the size of the"),
        (("--top-p", "0"), "`--top-p` must be a number above 0 and at most 1, got 0.0."),
        (
            ("--beam", "2", "--seed", "1"),
            "`--beam` draws nothing; leave out `--temperature`, `--top-k`",
        ),
    ],
)
def test_predict_refuses_options_out_of_range(nlpkit_command, language_artefact, options, message):
    answer = nlpkit_command("predict", language_artefact, "the", "--generate", "1", *options)
    complains(answer, 2, message)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["predict", "a", "--generate", "3"],
            "`--generate` must go with a language model, got a classifier.",
        ),
        (
            ["evaluate", "--held-out"],
            "`--held-out` must go with a language model, got a classifier.",
        ),
    ],
)
def test_a_classifier_has_no_next_word(nlpkit_command, artefact, arguments, message):
    command, *rest = arguments
    complains(nlpkit_command(command, artefact, *rest), 2, message)


@pytest.mark.parametrize("option", [("--worst", "3"), ("--label-column", "x")])
def test_a_language_model_makes_no_labelled_mistakes(nlpkit_command, language_artefact, option):
    answer = nlpkit_command("evaluate", language_artefact, *option)
    complains(answer, 2, f"`{option[0]}` must go with a classifier, got a language model.")


def test_evaluate_shows_how_well_words_are_foreseen(nlpkit_command, language_artefact, tmp_path):
    (tmp_path / "x.txt").write_text("the cat sat\nthe dog barked\n")
    answer = nlpkit_command("evaluate", language_artefact, "--data", tmp_path / "x.txt")
    assert (answer.status, answer.err) == (0, "")
    assert "perplexity" in answer.out
    *_, count = answer.out.splitlines()
    assert count == f"8 tokens of {tmp_path / 'x.txt'}, 16.67% of words unknown"


@pytest.mark.parametrize("command", ["predict", "evaluate", "verify"])
def test_what_is_no_model_is_refused(nlpkit_command, artefact, tmp_path, command):
    texts = ["text"] if command == "predict" else []
    answer = nlpkit_command(command, tmp_path / "nowhere", *texts)
    complains(answer, 2, "nowhere: there is no such folder; give one that nlpkit wrote.")
    answer = nlpkit_command(command, artefact.parent, *texts)
    complains(answer, 2, f"did you mean {artefact}?")


@pytest.mark.slow
def test_verify_says_what_it_proved_and_what_it_did_not(nlpkit_command, artefact, tmp_path):
    answer = nlpkit_command("verify", artefact)
    assert (answer.status, answer.err) == (0, "")
    assert all(line.startswith("ok   ") for line in answer.out.splitlines())
    copy = shutil.copytree(artefact, tmp_path / "copy")
    answers = copy / "assets.extra" / "answers.json"
    (stored,) = before = json.loads(answers.read_text(encoding="utf-8"))
    stored["outputs"]["score"][0] += 1e-3
    answers.write_text(json.dumps(before), encoding="utf-8")
    nlpkit.export.write_manifest(copy)
    answer = nlpkit_command("verify", copy)
    assert (answer.status, answer.err) == (1, "")
    assert "FAIL " in answer.out and "ok   " in answer.out


def test_verify_for_a_tpu_says_what_is_missing(nlpkit_command, artefact, monkeypatch):
    def version(package):
        raise importlib.metadata.PackageNotFoundError(package)

    monkeypatch.setattr(importlib.metadata, "version", version)
    answer = nlpkit_command("verify", artefact, "--tpu")
    complains(answer, 2, " install 'jax==0.10.2' 'libtpu==0.0.42.*'`.")


@pytest.mark.slow
def test_verify_for_a_tpu_keeps_the_compilers_noise_to_itself(nlpkit_command, artefact):
    answer = nlpkit_command("verify", artefact, "--tpu")
    assert (answer.status, answer.err) == (0, "")
    *_, program, compiler = answer.out.splitlines()
    assert program == "ok   stablehlo: No custom call is in the StableHLO of ids."
    assert compiler.startswith("ok   tpu: ids compiles for a TPU v5e (one chip, batch ")
