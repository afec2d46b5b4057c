"""The recurrent layers that models are tested with: one of each kind, the family has its own tests.

The LSTM; one state and one that is no linear function of it; an output narrower than the cell; no
product with the state; four states of which one does not begin with zero; a layer of Keras.
"""

__all__ = ["CELLS"]

CELLS = ("lstm", "gru", "projected-lstm", "min-gru", "slstm", "keras-gru")
