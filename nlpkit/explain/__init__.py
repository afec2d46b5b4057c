"""Looks into trained models: what the gates do at each word, and what each word adds.

run_folder.py, opening.py  model.keras with its gates, beside saved_model/ with its encoder
explainer.py             what explains a model; classifier.py and language_model.py for each task
integrated_gradients.py  what each token adds to the answer, and linear_part.py that of n-grams
probes.py                the units that correlate with a position, quotes, a class or a word
page.py, pictures.py     what is written; summary.py what is printed
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "explainer": ["Explainer", "explain_texts"],
        "explanation": ["Attribution", "Curve", "Explanation"],
        "opening": ["open_run"],
        "probes": ["Finding", "Probe", "Unit", "probe"],
        "run_folder": ["check_run"],
        "summary": ["summary_lines"],
        "writing": ["explanation_folder", "write_explanations"],
    },
)
