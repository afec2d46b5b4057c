"""The server as a process: its address, its clients, its end."""

import asyncio
import concurrent.futures
import shutil
import signal
import socket
import subprocess
import sys

import pytest

from tests.commands import complains, nlpkit_command
from tests.serve.http.conftest import fetched, running
from tests.serve.http.load import ask, some_texts

__all__ = ["nlpkit_command"]

TEXTS = {"instances": ["a", "정말 최고의 영화"]}


@pytest.mark.slow
def test_many_clients_get_the_answers_of_predict_and_the_bad_ones_a_sentence(server, model):
    expected = {answer.text: answer.probabilities for answer in model.classify(some_texts(50))}
    url = f"{server}/v1/models/classes:predict"
    outcome = asyncio.run(ask(url, expected, clients=16, seconds=3, bad=0.2))
    assert outcome.faults == []
    assert {*outcome.statuses} == {200, 400, 413} and outcome.statuses[200] > 20


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_once_what_has_arrived_is_answered(number, artefact):
    with (
        running(artefact, "--wait", "1000", "--name", "classes") as (address, child),
        concurrent.futures.ThreadPoolExecutor() as clients,
    ):
        url = f"{address}/v1/models/classes:predict"
        assert fetched(url, TEXTS)[0] == 200
        waiting = clients.submit(fetched, url, TEXTS)
        while not waiting_examples(address):
            assert not waiting.done()
        child.send_signal(number)
        assert waiting.result()[0] == 200
        said = child.stderr.read()
        assert child.wait() == 0
    assert said == "stopped; what had arrived was answered.\n"


def waiting_examples(address):
    """How many examples wait to be computed."""
    _, text = fetched(f"{address}/metrics")
    (line,) = [line for line in text.splitlines() if line.startswith("nlpkit_waiting_examples ")]
    return float(line.split()[1])


@pytest.mark.slow
def test_several_processes_share_an_address_and_count_together(artefact):
    with running(artefact, "--workers", "2", "--name", "classes") as (address, child):
        url = f"{address}/v1/models/classes:predict"
        answers = [fetched(url, TEXTS) for _ in range(6)]
        assert [status for status, _ in answers] == [200] * 6
        _, text = fetched(f"{address}/metrics")
        assert 'nlpkit_requests_total{model="classes",status="200"} 6.0' in text
        child.send_signal(signal.SIGTERM)
        said = child.stderr.read()
        assert child.wait() == 0
    assert said == "stopped; what had arrived was answered.\n"


@pytest.mark.slow
def test_a_model_that_no_process_can_load_ends_them_all(artefact, tmp_path):
    damaged = shutil.copytree(artefact, tmp_path / "damaged")
    next(damaged.glob("variables/*.data-*")).write_bytes(b"")
    (damaged / "assets.extra" / "manifest.json").unlink()  # which would tell before any starts
    command = [sys.executable, "-m", "nlpkit", "serve", damaged, "--workers", "2"]
    ended = subprocess.run([*command, "--port", "0"], capture_output=True, encoding="utf-8")
    assert ended.returncode == 2 and "stopped" not in ended.stderr
    assert f"{damaged}: the model is damaged" in ended.stderr


def test_a_port_that_is_taken_is_told_with_the_cure(nlpkit_command, artefact):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = nlpkit_command("serve", artefact, "--port", port)
    complains(answer, 2, f"Port {port} of 127.0.0.1 cannot be had: Address already in use; another")


@pytest.mark.parametrize("package", ["prometheus_client", "starlette", "uvicorn.supervisors"])
def test_a_package_that_is_missing_is_told_with_the_cure(
    package, nlpkit_command, artefact, monkeypatch
):
    monkeypatch.setitem(sys.modules, package, None)
    answer = nlpkit_command("serve", artefact)
    complains(answer, 2, f"{package} is missing; run `python3 -m pip --python {sys.prefix} install")


WRONG = {
    "folder": (["nowhere"], "nowhere: there is no such folder; give one that nlpkit wrote."),
    "host": (["MODEL", "--host", "no.such.host.invalid"], "`--host` 'no.such.host.invalid' is no"),
    "twice": (["MODEL", "MODEL"], "Two models are called 'sentiment'; give each a `--name`."),
    "names": (["MODEL", "--name", "a", "--name", "b"], "once for each model, got 2 for 1."),
    "name": (["MODEL", "--name", "a/b"], "`--name` must be a part of an address, got 'a/b'."),
    "port": (["MODEL", "--port", "70000"], "should be less than or equal to 65535"),
    "workers": (["MODEL", "--workers", "0"], "should be greater than or equal to 1"),
    "origin": (["MODEL", "--allow-origin", "example.org/"], "must be a site, such as https://exa"),
    "timeout": (["MODEL", "--timeout", "inf"], "should be less than or equal to 3600"),
    "nothing": ([], "Missing argument 'MODEL"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_option_is_told_before_anything_is_loaded(case, nlpkit_command, artefact):
    arguments, message = WRONG[case]
    given = [artefact if argument == "MODEL" else argument for argument in arguments]
    complains(nlpkit_command("serve", *given), 2, message)
