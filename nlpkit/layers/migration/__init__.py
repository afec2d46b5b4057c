"""Models, layers and weights from elsewhere: Keras's layers, torch's weights, Keras 2."""
