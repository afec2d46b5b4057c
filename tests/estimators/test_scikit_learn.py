"""scikit-learn's own checks of an estimator, as far as they mean something to one of texts.

They fit tables of numbers, so each row is written as a text here. What they ask about is not how
well a model learns: nothing is trained, and a fit is a moment.
"""

import functools

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import estimator_checks_generator

from tests.estimators.cases import CASES

# Of some fifty checks. The others are about numbers (NaN, sparse, complex and empty tables, dtypes,
# memory order, `n_features_in_`) or blobs of them; or the tests beside this one ask the same of
# texts, with one fit instead of several: pickles, two fits, subsets, order, types of labels.
CHECKS = (
    "check_estimator_cloneable",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_estimator_repr",
    "check_no_attributes_set_in_init",
    "check_mixin_order",
    "check_parameters_default_constructible",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_get_params_invariance",
    "check_set_params",
    "check_estimators_unfitted",
    "check_fit_score_takes_y",
    "check_dont_overwrite_parameters",
    "check_dict_unchanged",
)


def _written(rows):
    """A text for each row of a table; texts, which one method hands to another, as they are."""
    if len(rows) and isinstance(rows[0], str):
        return rows
    return [" ".join(f"number {value:.1f}" for value in row) for row in np.asarray(rows)]


def _on_numbers(estimator):
    """The same estimator, which writes rows as texts before it looks at them."""

    class OnNumbers(estimator):
        def __sklearn_tags__(self):
            tags = super().__sklearn_tags__()
            tags.input_tags.two_d_array = True
            tags.input_tags.one_d_array = tags.input_tags.string = False
            return tags

    for name in ("fit", "predict", "predict_proba", "score"):
        if method := getattr(estimator, name, None):

            def written(self, X, *rest, method=method):
                return method(self, _written(X), *rest)

            setattr(OnNumbers, name, functools.wraps(method)(written))
    OnNumbers.__name__ = estimator.__name__
    return OnNumbers


ESTIMATORS = [_on_numbers(case.estimator)(**case.options) for case in CASES.values()]


def _checks():
    """Each estimator with each of its checks."""
    for estimator in ESTIMATORS:
        named = {check.func.__name__: check for _, check in estimator_checks_generator(estimator)}
        for name in CHECKS:
            yield pytest.param(estimator, named[name], id=f"{type(estimator).__name__}-{name}")


@pytest.mark.parametrize(("estimator", "check"), [*_checks()])
def test_scikit_learn_finds_nothing_to_complain_of(untrained, estimator, check):
    check(clone(estimator))
