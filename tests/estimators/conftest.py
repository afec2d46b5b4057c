"""Each estimator, fitted once; who changes it takes a copy."""

import pytest

from tests.estimators.cases import CASES


@pytest.fixture(scope="session")
def fitted():
    """A function from the name of a case to its fitted estimator."""
    made = {}

    def fit(name):
        if name not in made:
            made[name] = CASES[name].make().fit(*CASES[name].data)
        return made[name]

    return fit


@pytest.fixture
def untrained(monkeypatch):
    """Nothing is learnt: for what has nothing to do with learning."""

    def fit(*_, log, **__):
        log.write_text("epoch,loss,val_loss\n1,0.7,0.7\n")
        return 1.0

    monkeypatch.setattr("nlpkit.training.fit", fit)
    monkeypatch.setattr("nlpkit.training.fit_language_model", fit)
