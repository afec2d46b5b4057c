"""The command line: its words, its exit statuses, and what it leaves alone."""

import importlib.metadata
import json
import re
import shutil
import signal
import subprocess
import sys

import pytest

from nlpkit import cli, export
from tests.artefacts import CLASSES
from tests.commands import clean_environment, complains, nlpkit_command

__all__ = ["nlpkit_command"]

USAGE = {
    "wrong flag": (["sentiment", "--dta", "x"], "--dta (Possible options: --data"),
    "wrong command": (["sentimnt"], "Did you mean 'sentiment'?"),
    "missing argument": (["predict"], "Missing argument 'MODEL'; see `nlpkit predict --help`."),
    "value out of range": (["sentiment", "--units", "0"], "'--units'"),
    "no number": (["sentiment", "--epochs", "many"], "'--epochs'"),
    "dropout of everything": (["sentiment", "--dropout", "1"], "1.0 is not in the range 0<=x<1"),
    "rate that is no number": (["sentiment", "--learning-rate", "nan"], "not a positive number"),
    "neither texts nor input": (["predict", "."], "Give either texts or `--input FILE`"),
    "drawing without generating": (
        ["predict", ".", "text", "--top-k", "3", "--beam", "2"],
        "`--top-k`, `--beam` must go with `--generate N`.",
    ),
    "fewer words than none": (["predict", ".", "text", "--generate", "-1"], "'--generate'"),
    "texts and input": (["predict", ".", "text", "--input", "-"], "Give either texts or"),
}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--help"], 0),
        (["sentiment", "--help"], 0),
        (["sentiment", "--dta"], 2),
        (["predict"], 2),
        (["predict", "."], 2),
        (["verify", "nowhere"], 2),
    ],
)
def test_help_and_wrong_usage_do_not_wait_for_tensorflow(arguments, status):
    code = (
        f"import sys; sys.argv = ['nlpkit', *{arguments!r}]; from nlpkit import cli\n"
        "try: cli.main()\n"
        "finally: print(sorted({'tensorflow', 'keras', 'sklearn'} & set(sys.modules)))"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert (child.returncode, child.stdout.splitlines()[-1]) == (status, "[]")


def test_help_lists_the_commands(nlpkit_command):
    for answer in (nlpkit_command("--help"), nlpkit_command()):
        assert (answer.status, answer.err) == (0, "")
        for command in ("sentiment", "next-word", "compare", "predict", "evaluate", "verify"):
            assert f"\n  {command} " in answer.out


def test_help_of_a_command_lists_its_options(nlpkit_command):
    answer = nlpkit_command("sentiment", "-h")
    assert (answer.status, answer.err) == (0, "")
    options = (
        "data test-data valid-data text-column label-column label-names cell units layers "
        "max-length vocabulary batch-size epochs seed encoding out quiet config"
    )
    for option in options.split():
        assert f"--{option} " in answer.out


def test_version_is_shown(nlpkit_command):
    answer = nlpkit_command("--version")
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.count(".") == 2


@pytest.mark.parametrize(("arguments", "message"), USAGE.values(), ids=USAGE.keys())
def test_wrong_usage_is_one_sentence_and_status_2(nlpkit_command, arguments, message):
    complains(nlpkit_command(*arguments), 2, message)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MemoryError(), "there is not enough memory."),
        (OSError(28, "No space left on device", "out/x"), "out/x: No space left on device."),
        (OSError("odd"), "the system: odd."),
        (RuntimeError("first line\nsecond line"), "RuntimeError: first line (NLPKIT_TRACEBACK=1"),
        (KeyError(), "KeyError: no reason given"),
        (export.NotPortableError("it is not proven."), "nlpkit: it is not proven."),
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_other_failure_is_one_sentence_and_status_1(
    nlpkit_command, monkeypatch, error, message
):
    def fail(directory, *, tpu):
        raise error

    monkeypatch.setattr(export, "verify", fail)
    complains(nlpkit_command("verify", "anything"), 1, message)


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_signal_is_one_sentence_and_the_status_of_a_shell(
    nlpkit_command, monkeypatch, number, status
):
    before = signal.getsignal(number)
    usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
    signal.signal(number, usual)
    monkeypatch.setattr(export, "verify", lambda *_, **__: signal.raise_signal(number))
    try:
        complains(nlpkit_command("verify", "anything"), status, "stopped; nothing is half written.")
        assert signal.getsignal(number) is usual
    finally:
        signal.signal(number, before)


def test_what_was_kept_of_a_failed_run_is_said_last(nlpkit_command, monkeypatch):
    error = OSError(28, "No space left on device", "out/x")
    error.add_note("The trained model is kept in out-unfinished.")

    def fail(directory, *, tpu):
        raise error

    monkeypatch.setattr(export, "verify", fail)
    message = "out/x: No space left on device. The trained model is kept in out-unfinished.\n"
    complains(nlpkit_command("verify", "anything"), 1, message)


def test_a_mark_that_a_model_is_unproven_is_seen(nlpkit_command, artefact, tmp_path):
    marked = shutil.copytree(artefact, tmp_path / "marked")
    export.mark_unproven(marked, "The model is not proven portable: xla.")
    answer = nlpkit_command("predict", marked, "a")
    assert answer.status == 0 and json.loads(answer.out)["text"] == "a"
    assert re.fullmatch(
        r".*marked: marked as unproven when it was exported \(assets.extra/UNPROVEN.txt\): "
        r"The model is not proven portable: xla\.\n",
        answer.err,
    )


def test_the_traceback_is_shown_on_demand(monkeypatch):
    def fail(directory, *, tpu):
        raise RuntimeError("deep inside")

    monkeypatch.setattr(export, "verify", fail)
    monkeypatch.setenv("NLPKIT_TRACEBACK", "1")
    monkeypatch.setattr(sys, "argv", ["nlpkit", "verify", "anything"])
    with pytest.raises(RuntimeError, match="deep inside"):
        cli.main()


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
    assert title == "The surest mistakes:"
    assert re.match(r"score  predicted  label( {3,6}) text$", header)
    assert re.match(r"0\.\d{3}  (negative   긍정  |긍정       negative  )", mistake)


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
        (("--temperature", "-1"), "`temperature` must be a finite number of at least 0, got -1.0."),
        (("--top-k", "99"), "`top_k` must be an integer from 0 to 12, the size of the vocabulary"),
        (("--top-p", "0"), "`top_p` must be a number above 0 and at most 1, got 0.0."),
        (("--beam", "2", "--seed", "1"), "`beam` draws nothing; leave out"),
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
            "`--generate` must go with a language model, got one for sentiment.",
        ),
        (
            ["evaluate", "--held-out"],
            "`--held-out` must go with a language model, got one for sentiment.",
        ),
    ],
)
def test_a_classifier_has_no_next_word(nlpkit_command, artefact, arguments, message):
    command, *rest = arguments
    complains(nlpkit_command(command, artefact, *rest), 2, message)


@pytest.mark.parametrize("option", [("--worst", "3"), ("--label-column", "x")])
def test_a_language_model_makes_no_labelled_mistakes(nlpkit_command, language_artefact, option):
    answer = nlpkit_command("evaluate", language_artefact, *option)
    complains(answer, 2, f"`{option[0]}` must go with a classifier, got one for next-word.")


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
    complains(answer, 2, "nowhere: there is no such folder.")
    answer = nlpkit_command(command, artefact.parent, *texts)
    complains(answer, 2, f"did you mean {artefact}?")


@pytest.mark.slow
def test_verify_says_what_it_proved_and_what_it_did_not(nlpkit_command, artefact):
    answer = nlpkit_command("verify", artefact)
    assert (answer.status, answer.err) == (0, "")
    assert all(line.startswith("ok   ") for line in answer.out.splitlines())
    answers = artefact / "assets.extra" / "answers.json"
    (stored,) = before = json.loads(answers.read_text(encoding="utf-8"))
    stored["outputs"]["score"][0] += 1e-3
    whole = answers.read_text(encoding="utf-8")
    answers.write_text(json.dumps(before), encoding="utf-8")
    try:
        answer = nlpkit_command("verify", artefact)
    finally:
        answers.write_text(whole, encoding="utf-8")
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
