"""Executes notebooks; as a program, stores what they say: `python -m tests.notebooks [NAME …]`."""

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
    """The notebook with its outputs anew; nothing of them tells of the machine."""
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


def told(cell):
    """The text of a cell's outputs without its numbers: these may differ between machines."""
    texts = []
    for output in cell.get("outputs", ()):
        if output.output_type == "stream" and output.name == "stdout":
            texts.append(output.text)
        elif "data" in output:
            texts.append(output.data.get("text/plain", ""))
    return [" ".join(_NUMBER.sub("#", line).split()) for line in "".join(texts).splitlines()]


def varies(cell):
    """Whether a cell is tagged so: what it says hangs on the machine, or on trained weights."""
    return "varies" in cell.metadata.get("tags", ())


if __name__ == "__main__":
    for name in sys.argv[1:] or NOTEBOOKS:
        with tempfile.TemporaryDirectory() as scratch:
            nbformat.write(executed(NOTEBOOKS[name], scratch), NOTEBOOKS[name])
