import numpy as np
import pytest

from nlpkit.checks import check_boolean, check_choice, check_fraction, check_positive_integer
from nlpkit.errors import InputError


@pytest.mark.parametrize("value", [1, 7, np.int64(3)])
def test_positive_integers_pass(value):
    check_positive_integer("units", value)


@pytest.mark.parametrize("value", [0, -2, 1.0, True, "8", None])
def test_other_values_are_no_positive_integers(value):
    with pytest.raises(InputError, match=r"^`units` must be a positive integer, got .+\.$"):
        check_positive_integer("units", value)


@pytest.mark.parametrize("value", [0, 0.25, 1, np.float32(0.5)])
def test_fractions_pass(value):
    check_fraction("dropout", value)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), True, "0.5", None])
def test_other_values_are_no_fractions(value):
    with pytest.raises(InputError, match=r"^`dropout` must be a number from 0 to 1, got .+\.$"):
        check_fraction("dropout", value)


@pytest.mark.parametrize("value", [True, False])
def test_booleans_pass(value):
    check_boolean("native", value)


@pytest.mark.parametrize("value", [0, 1, "True", None])
def test_other_values_are_no_booleans(value):
    with pytest.raises(InputError, match=rf"^`native` must be True or False, got {value!r}\.$"):
        check_boolean("native", value)


@pytest.mark.parametrize("value", ["auto", True, False])
def test_choices_pass(value):
    check_choice("use_cudnn", value, ("auto", True, False))


def test_the_error_lists_the_choices_and_the_value():
    with pytest.raises(InputError, match=r"^`pooling` must be one of 'max', 'mean', got 'sum'\.$"):
        check_choice("pooling", "sum", ("max", "mean"))


def test_an_input_error_is_a_value_error():
    assert issubclass(InputError, ValueError)
