"""Predictions and metrics from an exported artefact alone, and a server of such artefacts."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["http"],
    submod_attrs={
        "answers": ["as_json"],
        "classifier": ["Prediction", "ServedClassifier"],
        "evaluation": ["Evaluation", "Mistake", "evaluate"],
        "language_evaluation": ["LanguageEvaluation", "evaluate_language"],
        "language_model": ["ServedLanguageModel"],
        "live": ["serve_live"],
        "loading": ["load"],
        "texts": ["read_texts"],
    },
)
