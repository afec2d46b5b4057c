"""Executes notebooks; as a program, stores their outputs: `python -m tests.notebooks [NAME …]`.

The outputs of a cell must be the stored ones, unless the cell has a tag:

    numbers-vary    numbers depend on the machine or on trained weights; only words are compared
    varies          words depend on these, too; nothing is compared
"""

import re
import sys
import tempfile
from pathlib import Path

import nbclient
import nbformat

NOTEBOOKS = {
    path.stem: path for path in sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
}
_NUMBER = re.compile(r"[-+]?\d[\d.,]*(?:e[-+]?\d+)?")


def executed(path, folder):
    """The notebook with new outputs, which reveal nothing of the machine."""
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": folder}},
    )
    client.execute()
    notebook.metadata.language_info = {"name": "python"}  # its version would change
    return notebook


def outputs(cell, tags):
    """The lines of a cell's outputs that must not change, given its tags."""
    if "varies" in tags:
        return []
    texts = []
    for output in cell.get("outputs", ()):
        if output.output_type == "stream" and output.name == "stdout":
            texts.append(output.text)
        elif "data" in output:
            texts.append(output.data.get("text/plain", ""))
    lines = "".join(texts).splitlines()
    if "numbers-vary" in tags:
        return [" ".join(_NUMBER.sub("#", line).split()) for line in lines]
    return lines


if __name__ == "__main__":
    for name in sys.argv[1:] or NOTEBOOKS:
        with tempfile.TemporaryDirectory() as scratch:
            nbformat.write(executed(NOTEBOOKS[name], scratch), NOTEBOOKS[name])
