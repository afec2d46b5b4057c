"""Models side by side answer as each alone, and share their weights."""

import pytest
from keras import ops

from nlpkit.errors import InputError
from nlpkit.models import calibrated, side_by_side
from nlpkit.testing import VALUES, assert_close
from tests.training import toy

COOLED = {"cool": 0.5, "warm": 2.0}
IDS = toy.examples(8)[0]


def test_each_answers_as_alone():
    model = toy.model()
    models = {"logits": model, **{n: calibrated(model, t, name=n) for n, t in COOLED.items()}}
    together = side_by_side(models)
    answers = together(IDS)
    assert list(answers) == list(models)
    for name, alone in models.items():
        got, expected = map(ops.convert_to_numpy, (answers[name], alone(IDS)))
        assert_close(got, expected, VALUES["float32"], name)
    assert {id(weight) for weight in together.weights} == {id(weight) for weight in model.weights}


def test_no_model_at_all_is_refused():
    with pytest.raises(InputError, match=r"^`models` must hold at least one model, got none\.$"):
        side_by_side({})
