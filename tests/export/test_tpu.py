"""What the TPU's compiler is asked, what it answers, and what is said where it is missing.

It runs in the process that `verify` starts, never in this one.
"""

import configparser
import importlib.metadata
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
import tensorflow as tf

from nlpkit import export
from nlpkit.errors import InputError
from nlpkit.export import verification
from nlpkit.export.plain_tensorflow import behaviour, tpu
from tests.artefacts import DeviceBranch, Orthogonal, tiny_classifier, tiny_model

SETUP = Path(__file__).parents[2] / "setup.cfg"


@pytest.fixture(scope="module")
def beyond(tmp_path_factory):
    """An artefact that runs anywhere but on a TPU."""
    folder = tmp_path_factory.mktemp("beyond") / "saved_model"
    export.write(tiny_classifier(tiny_model(recurrence=Orthogonal())), folder)
    return folder


def programs(folder):
    return tpu.Programs(behaviour.Model(folder))


def saved(folder, **signatures):
    """The programs of a SavedModel with these functions and their arguments' specifications."""
    module = tf.Module()
    functions = {name: tf.function(f, input_signature=s) for name, (f, s) in signatures.items()}
    module.functions = list(functions.values())
    tf.saved_model.save(module, str(folder), signatures=functions)
    return programs(folder)


def test_the_numeric_signatures_are_asked_about_at_a_batch_and_a_length(artefact):
    actual = programs(artefact)
    assert tpu.check_stablehlo(actual) == (True, "No custom call is in the StableHLO of ids.")
    assert list(actual.texts) == ["ids"]
    assert f"tensor<{tpu.BATCH}x{tpu.LENGTH}x2xi32>" in actual.texts["ids"]


def test_a_signature_of_one_step_has_a_batch_and_no_length(tmp_path):
    def step(ids, h):
        return {"h": tf.one_hot(ids, 3) + h}

    def decode(ids):
        return {"words": tf.strings.as_string(ids)}

    ids, h = tf.TensorSpec([None], tf.int32, "ids"), tf.TensorSpec([None, 3], name="h")
    actual = saved(tmp_path, step=(step, [ids, h]), decode=(decode, [ids]))
    assert list(actual.texts) == ["step"]
    for tensor in (f"tensor<{tpu.BATCH}xi32>", f"tensor<{tpu.BATCH}x3xf32>"):
        assert tensor in actual.texts["step"]


def test_a_model_of_strings_alone_cannot_run_on_a_tpu(tmp_path):
    def decode(ids):
        return {"words": tf.strings.as_string(ids)}

    actual = saved(tmp_path, decode=(decode, [tf.TensorSpec([None], tf.int32, "ids")]))
    passed, message = tpu.check_stablehlo(actual)
    assert not passed
    assert message == "Every signature takes or gives strings, so none can run on a TPU."


def test_a_custom_call_is_refused(beyond):
    passed, message = tpu.check_stablehlo(programs(beyond))
    assert not passed
    calls = "ProductOfElementaryHouseholderReflectors, Qr"
    assert message == f"ids needs the custom calls {calls}, which a TPU may lack."


@pytest.mark.slow
def test_the_compiler_takes_a_model_with_a_device_branch_and_tells_its_estimate(tmp_path):
    export.write(tiny_classifier(tiny_model(recurrence=DeviceBranch())), tmp_path / "model")
    report = export.verify(tmp_path / "model", tpu=True)
    assert report.passed, report
    assert [check.name for check in report.checks[-3:]] == ["compilation", "stablehlo", "tpu"]
    assert re.fullmatch(
        rf"ids compiles for a TPU v5e \(one chip, batch {tpu.BATCH}, length {tpu.LENGTH}\): "
        r"[\d,]{4,} flops, [\d,]{6,} bytes, \d+\.\d µs by the compiler's estimate, "
        "which is a roofline, not a latency, and counts the body of a loop once.",
        report.checks[-1].message,
    )


@pytest.mark.parametrize(
    ("costs", "told"),
    [
        (
            {"flops": 5e3, "bytes accessed": 7.0, "optimal_seconds": 2e-6},
            "5,000 flops, 7 bytes, 2.0 µs",
        ),
        ({"optimal_seconds": -1.99}, "unknown flops, unknown bytes, no time"),
        ({"flops": 1.0}, "1 flops, unknown bytes, no time"),
    ],
)
def test_a_cost_that_the_compiler_does_not_know_is_not_told_as_one(costs, told):
    executable = SimpleNamespace(cost_analysis=lambda: costs)
    assert f"): {told} by the compiler's estimate" in tpu._told("ids", "batch 1", executable)


@pytest.mark.slow
def test_the_compiler_takes_a_loop_and_runs_beside_another(artefact):
    with ThreadPoolExecutor(2) as pool:
        reports = [*pool.map(lambda _: export.verify(artefact, tpu=True), range(2))]
    assert all(report.passed for report in reports), reports


@pytest.mark.slow
def test_the_compiler_is_not_asked_about_a_custom_call(beyond):
    checks = export.verify(beyond, tpu=True).checks
    assert [check.name for check in checks if not check.passed] == ["stablehlo"]
    assert checks[-1].name == "stablehlo"


@pytest.mark.parametrize(
    ("installed", "got"),
    [
        ({}, "jax none and libtpu none"),
        ({"jax": "0.10.2"}, "jax 0.10.2 and libtpu none"),
        ({"libtpu": "0.0.42.1"}, "jax none and libtpu 0.0.42.1"),
        ({"jax": "0.11.0", "libtpu": "0.0.42.1"}, "jax 0.11.0 and libtpu 0.0.42.1"),
        ({"jax": "0.10.2", "libtpu": "0.0.43"}, "jax 0.10.2 and libtpu 0.0.43"),
    ],
)
def test_without_the_extra_the_sentence_says_how_to_get_it(artefact, monkeypatch, installed, got):
    def version(package):
        if package not in installed:
            raise importlib.metadata.PackageNotFoundError(package)
        return installed[package]

    monkeypatch.setattr(importlib.metadata, "version", version)
    message = (
        "`tpu` uses the TPU's compiler, which needs jax 0.10.2 and libtpu 0.0.42.*, "
        f"got {got}; run `python3 -m pip --python {sys.prefix} install "
        "'jax==0.10.2' 'libtpu==0.0.42.*'`."
    )
    with pytest.raises(InputError, match=re.escape(message)):
        export.verify(artefact, tpu=True)


def test_what_is_asked_for_is_the_extra():
    setup = configparser.ConfigParser()
    setup.read(SETUP, encoding="utf-8")
    extra = setup["options.extras_require"]["tpu"].split("\n")
    assert set(filter(None, extra)) == {f"{n} == {v}" for n, v in verification._COMPILER.items()}
