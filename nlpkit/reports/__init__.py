"""Reports on a trained model: tables, pictures, the model card, and the files that hold them.

Each module is loaded when it is first used, since a table needs no plotting library.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "classifier_report": ["TrainedClassifier"],
        "language_report": ["TrainedLanguageModel"],
        "report": ["SCORES", "Trained", "epochs", "history", "write_report"],
        "table": ["Column", "columns", "render", "results"],
        "verdict": ["majority_warning"],
    },
)
