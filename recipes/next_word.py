"""Plain text in, a keyboard's next-word model out.

    nlpkit next-word                                            CPython's own documentation
    nlpkit next-word --data novel.txt
    nlpkit next-word --data ptb.train.txt --valid-data ptb.valid.txt --test-data ptb.test.txt

Words (in Korean, pieces of words) get vectors, a stack of LSTMs reads them as one long stream,
and the vectors' own table predicts what comes next. The result is one SavedModel that suggests
words, scores sentences, continues texts, and can be stepped by a client that holds the state.

On 2 cores, measured on 2026-11-22: the documentation, 64,271 words and marks, takes three minutes
and reaches a perplexity of 53 on held-out topics (Kneser-Ney of order 5: 76).
"""

import dataclasses
from pathlib import Path
from typing import Any

import nlpkit
from nlpkit import options
from nlpkit.errors import counted


@dataclasses.dataclass(frozen=True)
class Learnt:
    """What there is after the training.

    Attributes:
        vocabulary: The words that the model knows.
        encoder: The encoder of strings to ids that the model has learnt with.
        model: The language model.
        train: The words learnt from.
        validation: The words chosen by.
        settled: What became of the options that were left open.
    """

    vocabulary: "nlpkit.text.WordVocabulary"
    encoder: "nlpkit.text.WordEncoder"
    model: "nlpkit.models.LanguageModel"
    train: "nlpkit.data.TokenStream"
    validation: "nlpkit.data.TokenStream"
    settled: dict[str, Any]


def main(
    *,
    data: options.TextData = None,
    test_data: options.TestData = None,
    valid_data: options.TextValidData = None,
    text_column: options.TextColumn = None,
    encoding: options.Encoding = None,
    header: options.Header = None,
    data_dir: options.DataDir = None,
    tokens: options.Tokens = None,
    vocabulary: options.Words = None,
    cell: options.Cell = "lstm",
    units: options.StackUnits = None,
    layers: options.StackLayers = None,
    embedding: options.WordEmbedding = None,
    vectors: options.Vectors = None,
    dropout: options.LanguageDropout = None,
    batch_size: options.Rows = None,
    steps: options.Steps = 35,
    epochs: options.Epochs = None,
    budget: options.Budget = None,
    learning_rate: options.LearningRate = 5e-3,
    cache: options.Cache = 0,
    dynamic: options.Dynamic = False,
    seed: options.Seed = 0,
    strategy: options.Strategy = "auto",
    out: options.Out = Path("next-word"),
    resume: options.Resume = False,
    checkpoint_minutes: options.CheckpointMinutes = 5.0,
    quiet: options.Quiet = False,
    config: options.Config = None,
) -> nlpkit.tasks.Result | None:
    """Train a language model and export it as one SavedModel."""
    nlpkit.checks.check_choice("--cell", cell, nlpkit.models.RECURRENT)
    if tokens is not None:
        nlpkit.checks.check_choice("--tokens", tokens, nlpkit.text.TOKENIZATIONS)
    with nlpkit.tasks.running(nlpkit.tasks.NEXT_WORD, locals()) as run:
        if vectors is not None:  # A wrong file is told before the data are read.
            nlpkit.data.open_vectors(vectors, embedding)
        corpus = nlpkit.data.prepare_text(
            data,
            test_data=test_data,
            valid_data=valid_data,
            text_column=text_column,
            encoding=encoding,
            header=header,
            data_dir=data_dir,
            tell=run.say,
            directory=run.scratch,
        )
        learnt = learn(run, corpus)
        if not run.goes_on:
            return None
        model, known, encoder = learnt.model, learnt.vocabulary, learnt.encoder
        run.keep(
            model,
            text_column=corpus.text_column,
            encoding=corpus.encoding,
            **learnt.settled,
        )

        served = nlpkit.export.next_word(encoder, model)
        notes = nlpkit.export.TextNote(known.tokenization, corpus.form).files()
        notes |= nlpkit.export.column_note(nlpkit.data.Columns(corpus.text_column))
        run.export(served, notes)

        train, validation = learnt.train, learnt.validation
        test = nlpkit.data.encode_passages(corpus.test, encoder, run.scratch / "test.ids")
        units_of_text = {"continues": known.continues, "characters": known.characters}
        measured = nlpkit.training.evaluate_language_model(model, test, **units_of_text)
        others = {}
        if cache:
            run.say("tuning the cache on the validation data")
            cached = nlpkit.training.perplexity_with_cache(model, validation, test, size=cache)
            others[f"{cell} with a cache of {cache:,} words"] = {"perplexity": cached}
        if dynamic:
            run.say("tuning dynamic evaluation on the validation data")
            adapted = nlpkit.training.perplexity_with_dynamic_evaluation(
                model, train, validation, test
            )
            others[f"{cell} with dynamic evaluation"] = {"perplexity": adapted}

        run.say("counting n-grams for the baseline")
        baseline = nlpkit.evaluation.kneser_ney_baseline(
            train.ids, test.ids, vocabulary=len(known), **units_of_text
        )

        run.report(
            nlpkit.reports.TrainedLanguageModel(
                settings=run.settings,
                corpus=corpus,
                metrics=measured.as_dict(),
                baseline=baseline,
                parameters=model.count_params(),
                clock=run.clock,
                vocabulary=known,
                tokens={"train": train.size, "validation": validation.size, "test": test.size},
                losses=measured.losses,
                others=others,
            )
        )
    return run.result


def learn(run: nlpkit.tasks.Session, corpus: "nlpkit.data.TextCorpus") -> Learnt:
    """Learns vocabulary and weights, for `main` and for `nlpkit.NextWordModel`.

    Args:
        run: Where to learn, and the options of `main`.
        corpus: The texts, of which the test split is not looked at.

    Returns:
        What was learnt.
    """
    given = run.options
    word_vectors, embedding = None, given.embedding
    if given.vectors is not None:
        word_vectors = nlpkit.data.open_vectors(given.vectors, given.embedding)
        embedding = word_vectors.dimension
    tokenization = given.tokens or (
        "spaces"
        if corpus.form == "pre-tokenised"
        else nlpkit.text.detect_tokenization(corpus.train.texts())
    )
    run.say(
        f"{corpus.name}, {corpus.form}: {corpus.train.characters:,} characters for training, "
        f"{corpus.validation.characters:,} for validation, {corpus.test.characters:,} for testing; "
        f"learning the vocabulary of {tokenization}"
    )
    if corpus.left_out:
        run.say(f"left out {corpus.left_out:,} characters that Project Gutenberg put around it")
    known = nlpkit.text.WordVocabulary.learn(
        corpus.train.texts(), tokenization=tokenization, size=given.vocabulary
    )
    encoder = nlpkit.text.WordEncoder(known)
    train, validation = (
        nlpkit.data.encode_passages(passages, encoder, passages.path.with_suffix(".ids"))
        for passages in (corpus.train, corpus.validation)
    )
    batch_size = given.batch_size or nlpkit.training.language_batch_size(train.size)
    allowance = None if given.budget is None else nlpkit.training.Allowance(given.budget)

    def build(size: "nlpkit.training.Size") -> "nlpkit.models.LanguageModel":
        return nlpkit.models.LanguageModel(
            len(known),
            cell=given.cell,
            units=size.units,
            layers=size.layers,
            embedding=size.embedding,
            **nlpkit.training.language_dropouts(size.dropout, given.cell),
            seed=given.seed,
        )

    def measure(size: "nlpkit.training.Size") -> float:
        return nlpkit.training.seconds_per_token(
            build(size), train, validation, batch_size=batch_size, steps=given.steps
        )

    kept = {
        "units": given.units,
        "layers": given.layers,
        "embedding": embedding,
        "dropout": given.dropout,
    }
    wanted = nlpkit.training.language_epochs(train.size, tokenization)
    run.expect(train.path, validation.path)

    def planned() -> dict[str, Any]:
        run.say("timing models from small to large")
        sizes = nlpkit.training.sizes_for(train.size, **kept)
        plan = nlpkit.training.choose_plan(
            allowance, sizes, train.size, measure, wanted=wanted, passes=given.epochs
        )
        run.say(f"{given.budget:g} minute{'' if given.budget == 1 else 's'}: {plan}")
        return {"size": dataclasses.asdict(plan.size), "passes": plan.passes}

    if allowance is None:
        size, epochs = nlpkit.training.size_for(train.size, **kept), given.epochs or wanted
    else:
        decided = run.decide("plan", planned)
        size, epochs = nlpkit.training.Size(**decided["size"]), decided["passes"]
    run.say(f"{len(known):,} {tokenization}; {train.size:,} tokens, {counted(epochs, 'epoch')}")

    model = build(size)
    model.init_bias_from_counts(train.counts(len(known)))
    if word_vectors is not None:
        run.say("reading the word vectors")
        find = nlpkit.text.WordFinder(encoder)
        nlpkit.training.start_from_vectors(model.embeddings, word_vectors, find, tell=run.say)
    run.clock.lap()
    nlpkit.training.fit_language_model(
        model,
        train,
        validation,
        batch_size=batch_size,
        steps=given.steps,
        epochs=epochs,
        learning_rate=given.learning_rate,
        seed=given.seed,
        allowance=allowance,
        checkpoints=run.checkpoints,
        distribution=run.distribution,
        log=run.log,
        quiet=run.quiet,
    )
    run.clock.lap("train")
    settled = {
        "tokens": tokenization,
        **dataclasses.asdict(size),
        "batch_size": batch_size,
        "epochs": epochs,
    }
    return Learnt(known, encoder, model, train, validation, settled)
