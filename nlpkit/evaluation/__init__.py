"""Metrics of models, and the baselines to compare them with.

Each module is loaded when it is first used, since metrics need no scikit-learn.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "baseline": ["Baseline", "tfidf_logistic_regression"],
        "bootstrap": ["compare_losses", "passage_losses"],
        "calibration": ["Calibration", "temperature"],
        "comparison": ["Comparison", "compare_accuracy"],
        "confidence": ["reliability"],
        "kneser_ney": ["KneserNey"],
        "majority": ["Majority", "majority_class"],
        "measuring": ["measure"],
        "metrics": ["classification", "confusion", "per_class", "standard_error"],
        "neural_cache": ["CacheSettings", "cache_log_probabilities"],
        "next_word": [
            "NextWordMetrics",
            "most_probable",
            "perplexity",
            "recall",
            "recall_positions",
        ],
        "ngram_baseline": ["NgramBaseline", "kneser_ney_baseline"],
        "word_beam": ["word_recall"],
    },
)
