"""Executes notebooks; as a program, stores their outputs: `python -m tests.notebooks [NAME …]`.

The outputs of a cell must be the stored ones, unless the cell has a tag:

    numbers-vary    numbers depend on the machine or on trained weights; only words are compared
    varies          words depend on these, too; nothing is compared
"""

import ast
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


def syntax(cell):
    """The code of a cell apart from comments and the words of strings, which a translation changes.

    The values within f-strings stay.
    """
    lines = (line for line in cell.source.splitlines() if not line.startswith("%"))
    return ast.dump(_WithoutWords().visit(ast.parse("\n".join(lines))))


class _WithoutWords(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node):
        values = [value for value in node.values if isinstance(value, ast.FormattedValue)]
        return self.generic_visit(ast.JoinedStr(values))


if __name__ == "__main__":
    for name in sys.argv[1:] or NOTEBOOKS:
        with tempfile.TemporaryDirectory() as scratch:
            nbformat.write(executed(NOTEBOOKS[name], scratch), NOTEBOOKS[name])
