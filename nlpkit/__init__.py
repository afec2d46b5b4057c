"""nlpkit: recurrent models in Keras, to understand, to train on an ordinary machine, to ship.

Its packages load when they are first used, so that `import nlpkit` costs nothing.
"""

import importlib
import sys

import lazy_loader
import wrapt

__version__ = "0.2.0.dev0"

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "cells",
        "checks",
        "cluster",
        "compare",
        "data",
        "errors",
        "estimators",
        "evaluation",
        "explain",
        "export",
        "layers",
        "models",
        "optimizers",
        "recurrence",
        "reports",
        "run",
        "serve",
        "signals",
        "tasks",
        "testing",
        "text",
        "training",
    ],
    submod_attrs={
        "estimators": ["NextWordModel", "SentimentClassifier"],
        "layers": ["trace"],
    },
)


# A file that Keras is to load names classes which are known once their modules are imported. So
# they come in with Keras; each waits for the one that it is made of, whoever imports that first.
@wrapt.when_imported("keras")
def _register_layers(keras) -> None:
    if "nlpkit.cells" not in sys.modules:  # else they wait for the cells, which import Keras
        importlib.import_module("nlpkit.layers")
    if keras.backend.backend() == "tensorflow":  # no other backend has sparse gradients
        importlib.import_module("nlpkit.optimizers")


@wrapt.when_imported("nlpkit.cells")
def _register_layers_of_cells(_) -> None:
    importlib.import_module("nlpkit.layers")


@wrapt.when_imported("nlpkit.layers")
def _register_models(_) -> None:
    importlib.import_module("nlpkit.models")
