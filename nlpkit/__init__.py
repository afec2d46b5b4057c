"""nlpkit: recurrent models in Keras, to understand, to train on an ordinary machine, to ship.

Its packages load when they are first used, so that `import nlpkit` costs nothing.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "cells",
        "checks",
        "compare",
        "data",
        "errors",
        "evaluation",
        "export",
        "layers",
        "models",
        "recurrence",
        "run",
        "serve",
        "text",
        "training",
    ],
    submod_attrs={"layers": ["trace"]},
)
