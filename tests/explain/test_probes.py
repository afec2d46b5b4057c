"""Units that are planted are found, and noise is not."""

import numpy as np
import pytest

from nlpkit.errors import InputError
from nlpkit.explain import probe, probes
from nlpkit.explain.explainer import LONGEST
from nlpkit.explain.probes import FEWEST, MOST
from tests.explain.cases import TEXTS as TWO
from tests.explain.cases import Noise, explained, explainer

RNG = np.random.default_rng(3)
WORDS = ("a", "but", "great", "plot", '"')
TEXTS = [
    " ".join([*RNG.choice(WORDS, size=RNG.integers(4, 9)), f"n{number:06}"])
    for number in range(200)
]
PLANTED = {"position": ("the position", 7), "word": ("the word “but”", 11),
           "class": ("the class “five”", 5)}  # fmt: skip


@pytest.mark.parametrize("feature", PLANTED)
def test_a_planted_unit_is_found(feature):
    name, unit = PLANTED[feature]
    result = probe(Noise({feature: unit}), TEXTS, tell=lambda _: None)
    assert {(found.feature, found.unit.number) for found in result.findings} >= {(name, unit)}
    best = next(found for found in result.findings if found.feature == name)
    assert best.unit == ("layer", "h", unit)
    assert best.correlation == pytest.approx(best.selection, abs=0.15) and best.correlation > 0.3
    assert name not in result.missed


def test_nothing_is_found_in_noise():
    result = probe(Noise(), TEXTS, tell=lambda _: None)
    assert result.findings == ()
    assert len(result.missed) * 3 == result.tests > 15


def test_of_equal_texts_one_is_read_and_of_many_a_thousand():
    said = []
    result = probe(Noise(), [*TEXTS, *TEXTS, "", "one"], tell=said.append)
    assert result.texts == len(TEXTS) and said == ["looking for units over 200 texts"]
    many = (f"a text {number}" for number in range(10**9))
    assert probe(Noise(), many, tell=said.append).texts == MOST
    assert result.example == TEXTS[0]


def test_an_example_must_fit_on_a_page_and_is_looked_for_first():
    texts = [" ".join([f"n{number}"] * (LONGEST + 1)) for number in range(FEWEST)]
    said = []
    with pytest.raises(InputError, match=f"shown whole, of at most {LONGEST:,} tokens"):
        probe(Noise(), texts, tell=said.append)
    assert said == []
    assert probe(Noise(), [*texts, "two words"], tell=said.append).example == "two words"
    assert probe(Noise(), texts, tell=said.append, example=False).example is None


def test_a_unit_that_goes_the_other_way_on_the_second_half_is_no_finding(monkeypatch):
    signs = []
    test = probes.wilcoxon
    monkeypatch.setattr(
        probes,
        "wilcoxon",
        lambda x, alternative: signs.append(alternative) or test(x, alternative=alternative),
    )
    found = probe(Noise({"position": 7}), TEXTS, tell=lambda _: None).findings
    assert set(signs) == {"greater", "less"}
    assert all(finding.selection * finding.correlation > 0 for finding in found)


def test_too_few_texts_prove_nothing():
    with pytest.raises(InputError, match=f"at least {FEWEST} different texts.*got 39"):
        probe(Noise(), TEXTS[:39], tell=lambda _: None)


@pytest.mark.slow
@pytest.mark.parametrize("case", ["lstm + linear", "subwords, slstm"])
def test_units_of_real_layers_are_looked_through(case):
    texts = [f'the cast is "{"great" * (number % 3)}" {number} 영화' for number in range(60)]
    result = probe(explainer(case), texts, tell=lambda _: None)
    assert result.texts == 60
    units = {found.unit for found in result.findings if found.feature == "the position"}
    assert units  # states that begin at zero go with the position
    assert {unit.layer for unit in units} <= set(explained(case, TWO[0]).traces)
