"""What is no language model any more, though it loads, is found by its checks."""

import re
import shutil

import pytest
import tensorflow as tf

from nlpkit import export
from nlpkit.export import interfaces
from nlpkit.export.plain_tensorflow import behaviour, tpu
from tests.artefacts import tiny_next_word

UNSPACED = ("</s>", "<unk>", "今天", "##天", "天", "##下雨", "##了", "了", "##雨", "下雨")


class Altered:
    """A signature that gives something else as one of its outputs."""

    def __init__(self, signature, output, change):
        self.structured_input_signature = signature.structured_input_signature
        self.signature, self.output, self.change = signature, output, change

    def __call__(self, **inputs):
        answers = self.signature(**inputs)
        return {**answers, self.output: self.change(answers[self.output])}


@pytest.mark.parametrize(
    ("name", "output", "change", "message"),
    [
        ("step", "h_0", tf.zeros_like, "steps differs from step, word by word, by "),
        ("steps", "log_probabilities", lambda t: t + 0.1, "steps differs from step, word by word"),
        (
            "serving_default",
            "probabilities",
            lambda t: t * 0.9,
            "serving_default differs from step",
        ),
        ("serving_default", "words", lambda t: tf.reverse(t, [1]), "serving_default differs from"),
        ("decode", "words", tf.strings.upper, "it suggests words that decode lacks"),
    ],
)
def test_a_signature_that_tells_another_story_is_found(
    language_artefact, name, output, change, message
):
    model = behaviour.Model(language_artefact)
    model.signatures[name] = Altered(model.signatures[name], output, change)
    passed, said = behaviour.check_composition(model)
    assert not passed
    assert re.search(message, said)


@pytest.mark.parametrize("merges", [True, False], ids=["texts", "ids, as older ones"])
def test_suggestions_of_text_without_spaces_are_proven(tmp_path, merges):
    module = tiny_next_word(UNSPACED, tokenization="subwords")
    module.suggestions._merges = merges
    export.write(module, tmp_path / "model", probes=["今天", "", "天 下雨了", "了"])
    model = behaviour.Model(tmp_path / "model")
    served = model.signatures["serving_default"](text=model.texts)["words"].numpy().ravel()
    assert any(word.startswith(b"##") for word in served) is not merges
    passed, said = behaviour.check_composition(model)
    assert passed, said
    wrong = Altered(model.signatures["serving_default"], "probabilities", lambda t: t * 0.9)
    model.signatures["serving_default"] = wrong
    assert not behaviour.check_composition(model)[0]


def test_every_task_has_its_checks(language_artefact, tmp_path):
    """Which they are is read, not guessed from the signatures."""
    assert set(behaviour.TASKS) == set(interfaces.INTERFACES)
    copy = shutil.copytree(language_artefact, tmp_path / "model")
    description = export.artefact.Description("chess", ())
    (copy / "assets.extra" / "artefact.json").write_text(description.to_json())
    with pytest.raises(ValueError, match="must be one of sentiment, next-word, got 'chess'"):
        behaviour.check_composition(behaviour.Model(copy))


def test_the_numeric_signatures_are_asked_about_with_their_sizes(language_artefact):
    programs = tpu.Programs(behaviour.Model(language_artefact))
    assert programs.sizes == {"step": "batch 32", "steps": "batch 32, length 64"}
    passed, message = tpu.check_stablehlo(programs)
    assert (passed, message) == (True, "No custom call is in the StableHLO of step, steps.")


@pytest.mark.slow
def test_it_passes_in_a_fresh_process_and_for_a_tpu(language_artefact):
    report = export.verify(language_artefact, tpu=True)
    assert report.passed, report
    said = {check.name: check.message for check in report.checks}
    assert "serving_default and steps agree with step, word by word" in said["composition"]
    assert "step compiles" in said["compilation"] and "steps compiles" in said["compilation"]
    for message in ("step compiles for a TPU v5e", "steps compiles for a TPU v5e"):
        assert message in report.checks[-1].message
