"""Small corpora in files, for the tests of `prepare`."""

import csv
import json

from nlpkit import data

TEXTS = [f"text {number} 영화" for number in range(600)]
EXAMPLES = [(text, number % 2) for number, text in enumerate(TEXTS)]


def write(path, examples, columns=("text", "label")):
    """Writes labelled texts in the format that the name of the file says."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        if path.suffix == ".jsonl":
            for row in examples:
                stream.write(json.dumps(dict(zip(columns, row, strict=True))) + "\n")
        else:
            delimiter = "," if path.suffix == ".csv" else "\t"
            csv.writer(stream, delimiter=delimiter).writerows([columns, *examples])
    return path


def prepare_examples(tmp_path, examples, name="x.tsv", **options):
    """The corpus of labelled texts, by way of a file."""
    path = write(tmp_path / name, examples)
    return data.prepare(path, directory=tmp_path / "shards", **options)


def splits(corpus):
    """The examples of each split."""
    return [list(split) for split in (corpus.train, corpus.validation, corpus.test)]
