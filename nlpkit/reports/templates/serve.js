"use strict";
// One view for each model: a text field, and what the model says of the text.

const PAUSE = 120; // milliseconds without a key before the model is asked
const SHOWN = 40; // words of which the score is shown, the last ones; of a long text fewer
const ASKED = 200_000; // characters of a request, which the server takes in any language

const percent = p => `${(100 * p).toFixed(1)} %`;

/** What a model predicts for some texts. */
async function predict(name, texts, signal) {
  const response = await fetch(`v1/models/${encodeURIComponent(name)}:predict`, {
    method: "POST",
    headers: {"Content-Type": "application/json"},
    body: JSON.stringify({instances: texts}),
    signal,
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer.predictions;
}

/** An element with text and children. */
function make(name, text, ...children) {
  const element = document.createElement(name);
  element.textContent = text;
  element.append(...children);
  return element;
}

class View {
  constructor(section, model) {
    this.section = section;
    this.model = model;
    this.field = section.querySelector("textarea");
    this.answer = section.querySelector(".answer");
    this.failure = section.querySelector(".failure");
    // While an input method composes a syllable, the field holds it already: ask for it, too.
    this.field.addEventListener("input", () => this.later());
    this.field.addEventListener("compositionend", () => this.later());
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    this.request?.abort(); // an older answer must not come after a newer one
    const request = (this.request = new AbortController());
    try {
      const answers = await predict(this.model.name, this.texts(), request.signal);
      if (request.signal.aborted) return;
      this.failure.textContent = "";
      this.show(answers);
    } catch (error) {
      if (error.name === "AbortError") return;
      const lost = error instanceof TypeError; // the server is gone
      this.failure.textContent = lost ? "The server does not answer." : error.message;
    }
  }
}

/** A classifier: the score of the text, and of it up to each of its last words. */
class Scores extends View {
  texts() {
    const text = this.field.value;
    const shown = Math.max(1, Math.min(SHOWN, Math.floor(ASKED / (text.length + 1)) - 1));
    this.words = [...text.matchAll(/\S+/gu)].slice(-shown);
    return [...this.words.map(word => text.slice(0, word.index + word[0].length)), text];
  }

  show(answers) {
    const last = answers.at(-1);
    const empty = !this.words.length;
    const values = this.section.querySelectorAll(".value");
    this.section.querySelectorAll("meter").forEach((meter, index) => {
      meter.value = empty ? 0 : last.probabilities[index];
      values[index].textContent = empty ? "–" : percent(last.probabilities[index]);
    });
    this.answer.textContent = empty ? "" : `${last.label}, ${percent(last.score)}`;
    const followed = last.probabilities.indexOf(Math.max(...last.probabilities));
    const course = this.words.map((word, index) => {
      const p = answers[index].probabilities[followed];
      const item = make("li", word[0], make("small", percent(p)));
      item.style.background = `color-mix(in srgb, var(--accent) ${Math.round(60 * p)}%, var(--paper))`;
      return item;
    });
    this.section.querySelector(".course").replaceChildren(...course);
  }
}

/** A language model: the words that may follow. */
class Suggestions extends View {
  constructor(section, model) {
    super(section, model);
    this.suggestions = [];
    this.leaving = false;
    this.field.addEventListener("keydown", event => this.pressed(event));
    this.field.addEventListener("blur", () => (this.leaving = false));
    this.ask();
  }

  texts() { return [this.field.value]; }

  show([{words, probabilities}]) {
    this.suggestions = words;
    const items = words.map((word, index) => {
      const button = make("button", `${word} `, make("small", percent(probabilities[index])));
      button.type = "button";
      button.addEventListener("click", () => this.take(index));
      return make("li", "", button);
    });
    this.section.querySelector(".suggestions").replaceChildren(...items);
    this.answer.textContent = words.length ? `next: ${words.join(", ")}` : "";
  }

  pressed(event) {
    if (event.isComposing) return; // the key belongs to the input method
    const digit = Number(event.code.replace("Digit", "")); // the key itself: with Alt, macOS types ¡
    if (event.key === "Escape") this.leaving = true;
    else if (event.key === "Tab" && !event.shiftKey && !this.leaving && this.suggestions.length) {
      event.preventDefault();
      this.take(0);
    } else if (event.altKey && !event.ctrlKey && this.suggestions[digit - 1] !== undefined) {
      event.preventDefault();
      this.take(digit - 1);
    } else if (event.key !== "Shift" && event.key !== "Tab") this.leaving = false;
  }

  /** Adds a suggestion to the text: to its last word where it is the rest of one. */
  take(index) {
    const word = this.suggestions[index], text = this.field.value;
    const rest = word.length > 2 && word.startsWith("##");
    const joined = rest || !this.model.spaced || !text || /\s$/u.test(text);
    this.field.value = `${rest ? text.trimEnd() : text}${joined ? "" : " "}${rest ? word.slice(2) : word}`;
    this.suggestions = [];
    this.field.focus();
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
    this.ask();
  }
}

const models = JSON.parse(document.getElementById("views").textContent);
for (const section of document.querySelectorAll(".model")) {
  const model = models[section.dataset.index];
  new (model.classes ? Scores : Suggestions)(section, model);
}
