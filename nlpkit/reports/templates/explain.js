"use strict";
// One view for each text: tokens that are coloured by a number, and what there is to say of each.

/** An element with text and attributes; children after them. */
function make(name, text = "", attributes = {}, children = []) {
  const element = document.createElement(name);
  element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const round = value => (value === null ? "–" : Number(value.toPrecision(3)).toString());

/** The activity of each kept unit of a gate, by the unit: 16-bit numbers in base64. */
function decode(array, length) {
  const bytes = Uint8Array.from(atob(array.data), character => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const value = at => view.getInt16(2 * at, true) * array.step;
  const row = index => Array.from({length}, (_, at) => value(index * length + at));
  return new Map(array.units.map((unit, index) => [unit, row(index)]));
}

/** A colour between paper and blue or vermilion, pale enough for the text on it. */
function colour(value, [low, high]) {
  if (value === null) return "transparent";
  const share = low < 0 ? Math.abs(value) / high : (value - low) / (high - low);
  const hue = low < 0 && value > 0 ? "--high" : "--accent";
  return `color-mix(in srgb, var(${hue}) ${Math.round(60 * Math.min(1, share))}%, var(--paper))`;
}

class View {
  constructor(section) {
    this.section = section;
    this.data = JSON.parse(section.querySelector("script").textContent);
    this.at = 0;
    const length = this.data.tokens.length;
    for (const layer of this.data.layers)
      for (const array of layer.arrays) array.rows = decode(array, length);
    for (const name of ["by", "layer", "gate", "unit"]) {
      this[name] = section.querySelector(`select.${name}`);
      this[name].addEventListener("change", () => this.changed(name));
    }
    const ways = {gate: "a gate, state or unit", attribution: this.data.scales.attribution.label,
      answer: this.data.scales.answer.label};
    for (const [value, text] of Object.entries(ways)) this.by.append(make("option", text, {value}));
    this.fill(this.layer, this.data.layers.map((layer, index) => [index, layer.path]));
    this.fillGates();
    this.makeTokens();
    for (const hidden of section.querySelectorAll("[hidden]")) hidden.removeAttribute("hidden");
    this.changed("unit");
  }

  get arrays() { return this.data.layers[this.layer.value].arrays; }
  get array() { return this.arrays.find(array => array.name === this.gate.value); }

  /** What colours the tokens: its label, a value for each, and the ends of the scale. */
  get scale() {
    if (this.by.value !== "gate") return this.data.scales[this.by.value];
    const {label, mean, rows, range} = this.array;
    if (this.unit.value === "mean") return {...mean, label: `${label}: mean of all units`};
    return {label: `${label}: unit ${this.unit.value}`, values: rows.get(Number(this.unit.value)), range};
  }

  fill(select, options) {
    const before = select.value;
    select.replaceChildren(...options.map(([value, text]) => make("option", text, {value})));
    if (options.some(([value]) => String(value) === before)) select.value = before;
  }

  fillGates() {
    const forget = !this.gate.options.length && this.arrays.some(array => array.name === "f");
    this.fill(this.gate, this.arrays.map(array => [array.name, array.label]));
    if (forget) this.gate.value = "f";
    this.fillUnits();
  }

  fillUnits() {
    const {units, width} = this.array;
    const some = units.length < width ? ` (${units.length} units can be picked)` : "";
    this.fill(this.unit, [["mean", `mean of all ${width}${some}`], ...units.map(unit => [unit, `unit ${unit}`])]);
  }

  changed(name) {
    if (name === "layer") this.fillGates();
    if (name === "gate") this.fillUnits();
    if (name !== "by") this.by.value = "gate";
    this.paint();
    this.show(this.at);
  }

  pick(layer, gate, unit) {
    this.layer.value = this.data.layers.findIndex(each => each.path === layer);
    this.fillGates();
    this.gate.value = gate;
    this.fillUnits();
    this.unit.value = unit;
    this.changed("unit");
  }

  makeTokens() {
    const box = this.section.querySelector(".tokens");
    this.buttons = this.data.tokens.map((token, at) => {
      const button = make("button", token, {type: "button", tabindex: -1});
      button.addEventListener("mouseenter", () => this.show(at));
      button.addEventListener("focus", () => this.show(at));
      button.addEventListener("click", () => button.focus());
      return button;
    });
    box.append(...this.buttons);
    box.addEventListener("keydown", event => {
      const last = this.buttons.length - 1;
      const to = {ArrowRight: this.at + 1, ArrowLeft: this.at - 1, ArrowDown: this.at + 1,
        ArrowUp: this.at - 1, Home: 0, End: last}[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.buttons[Math.max(0, Math.min(last, to))].focus();
    });
  }

  paint() {
    const {label, values, range} = this.scale;
    const cells = this.section.querySelectorAll(".numbers td:last-child");
    this.section.querySelector("th.shown").textContent = label;
    values.forEach((value, at) => {
      this.buttons[at].style.background = colour(value, range);
      this.buttons[at].setAttribute("aria-label", `${this.data.tokens[at]}, ${round(value)}`);
      cells[at].textContent = round(value);
    });
    const middle = range[0] < 0 ? `${colour(0, range)}, ` : "";
    const bar = this.section.querySelector(".bar");
    bar.style.background = `linear-gradient(to right, ${colour(range[0], range)}, ${middle}${colour(range[1], range)})`;
    bar.setAttribute("aria-label", `colours: ${label}, from ${round(range[0])} to ${round(range[1])}`);
    this.section.querySelector(".low").textContent = round(range[0]);
    this.section.querySelector(".high").textContent = round(range[1]);
    this.section.querySelector(".label").textContent = label;
  }

  /** Makes a token the current one. */
  show(at) {
    this.buttons[this.at].setAttribute("aria-pressed", "false");
    this.buttons[this.at].tabIndex = -1;
    this.at = at;
    this.buttons[at].setAttribute("aria-pressed", "true");
    this.buttons[at].tabIndex = 0;
    this.draw();
    const {attribution, answer} = this.data.scales;
    const answers = this.data.answers[at].map(([name, p]) => `${name} ${(100 * p).toFixed(1)} %`);
    this.section.querySelector(".detail").replaceChildren(
      make("h3", `${this.data.tokens[at]} (token ${at + 1} of ${this.buttons.length})`),
      make("p", `Answers after it: ${answers.join(" · ")}`),
      make("p", `${answer.label}: ${round(answer.values[at])} · ${attribution.label}: ${round(attribution.values[at])}`),
      this.gates(at));
  }

  /** The selected series along the text, and where the current token is. */
  draw() {
    const {label, values, range: [low, high]} = this.scale;
    const x = at => (100 * (at + 0.5)) / values.length;
    const y = value => 97 - (94 * (value - low)) / (high - low);
    const points = values.flatMap((value, at) => (value === null ? [] : [`${x(at)},${y(value)}`])).join(" ");
    const chart = this.section.querySelector(".chart");
    chart.innerHTML = `<line class="zero" x1="0" x2="100" y1="${y(0)}" y2="${y(0)}"/>
      <line class="here" x1="${x(this.at)}" x2="${x(this.at)}" y1="0" y2="100"/><polyline points="${points}"/>`;
    chart.setAttribute("aria-label", `${label} along the text, from ${round(low)} to ${round(high)}`);
  }

  /** Every gate and state of the layer at a token, with the units that move most there. */
  gates(at) {
    const heads = ["gate or state", "mean", "change", "units that move most here, from the token before"];
    const rows = this.arrays.map(array => {
      const mean = array.mean.values;
      const step = row => (at ? row[at] - row[at - 1] : row[at]);
      const moved = [...array.rows].sort(([, a], [, b]) => Math.abs(step(b)) - Math.abs(step(a))).slice(0, 3);
      const units = moved.map(([unit, row]) => {
        const text = `${unit}: ${at ? `${round(row[at - 1])} → ` : ""}${round(row[at])}`;
        const button = make("button", text, {type: "button", title: `Colour the text by unit ${unit}`});
        button.addEventListener("click", () => this.pick(this.data.layers[this.layer.value].path, array.name, unit));
        return button;
      });
      return make("tr", "", {}, [make("th", array.label, {scope: "row"}), make("td", round(mean[at])),
        make("td", at ? round(mean[at] - mean[at - 1]) : "–"), make("td", "", {class: "words"}, units)]);
    });
    const head = make("tr", "", {}, heads.map(text => make("th", text, {scope: "col"})));
    const table = make("table", "", {}, [make("caption", this.data.layers[this.layer.value].path),
      make("thead", "", {}, [head]), make("tbody", "", {}, rows)]);
    return make("div", "", {class: "wide"}, [table]);
  }
}

const views = [...document.querySelectorAll("section.text")].map(section => new View(section));
for (const button of document.querySelectorAll("button.pick")) {
  button.addEventListener("click", () => {
    const {layer, gate, unit} = button.dataset;
    for (const view of views) view.pick(layer, gate, unit);
    document.getElementById("text1").scrollIntoView();
  });
}
