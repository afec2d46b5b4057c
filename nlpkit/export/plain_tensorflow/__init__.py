"""The checks of an artefact, as a program of its own.

`nlpkit.export.verify` runs this package in a process in which nlpkit cannot be imported, so its
modules import only the standard library, NumPy, TensorFlow and one another; `tpu` alone imports
JAX, if requested.
"""
