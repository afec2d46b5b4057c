"""Writes a trained model as a portable SavedModel, completely or not at all, and verifies it.

TensorFlow is imported when a model is made or written; `verify` uses it in another process.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "artefact": ["mark_unproven", "read_description", "unproven"],
        "atomic": ["atomic_directory", "atomic_file"],
        "classification": ["Classifier", "classifier"],
        "interfaces": ["read_interface"],
        "keeping": ["Draft", "run_directory"],
        "language": ["NextWord", "next_word"],
        "manifest": ["check_files", "has_manifest", "remarks", "write_manifest"],
        "notes": [
            "TextNote",
            "column_note",
            "label_note",
            "read_column_note",
            "read_text_note",
        ],
        "probes": ["PROBES"],
        "verification": ["Check", "NotPortableError", "Report", "prove", "verify"],
        "writing": ["write"],
    },
)
