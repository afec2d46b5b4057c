"""Which members of the family a test is about, as its parameter `member`."""

import pytest

from nlpkit.layers import FAMILY

__all__ = ["KINDS", "every_kind", "every_member"]

# One gate and state, two states, states of two widths, a product inside the step, nothing
# recurrent, and states that share a scale.
KINDS = ("simple-rnn", "lstm", "projected-lstm", "gru-reset-before", "min-gru", "slstm")

every_member = pytest.mark.parametrize("member", FAMILY.values(), ids=FAMILY)
"""For what follows from a cell's equations."""

every_kind = pytest.mark.parametrize("member", [FAMILY[name] for name in KINDS], ids=KINDS)
"""For what layers do alike, whatever the equations: the members that lead through other code."""
