// The texts of a sentence, and the figure: its attention maps, the tools above it, and the choice between its views.

// ---- text ----

function element(name, properties = {}, ...children) {
  const out = document.createElement(name);
  for (const [key, value] of Object.entries(properties))
    if (key.startsWith("data-") || key.startsWith("aria-") || key === "scope") out.setAttribute(key, value);
    else out[key] = value;
  out.append(...children);
  return out;
}

// Returns the direction of the first letter.
function direction(words) {
  const letter = words.join(" ").match(/\p{L}/u);
  const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
  return letter && rightToLeft.test(letter[0]) ? "rtl" : "ltr";
}

const text = side => side.text ?? side.words.join(" ");
const capital = word => word[0].toUpperCase() + word.slice(1);

// Return the elements of #texts: a text with its name, and a list of measures [[name, text]].
const namedText = (name, side, className = "") => element("div", {className},
  element("span", {className: "name", textContent: capital(name)}), element("p", {dir: "auto", textContent: text(side)}));
const measureList = values => element("dl", {}, ...values.map(([name, value]) =>
  element("div", {}, element("dt", {textContent: name}), element("dd", {textContent: value}))));

// Shows a button for each value of state[id], or none if there are fewer than two.
function showChoice(id, names, current) {
  $(id).replaceChildren(...(names.length < 2 ? [] : names).map(([value, name]) => element("button", {
    textContent: name, onclick: () => { state[id] = value; show(); focusOn(id, value); },
    "aria-pressed": value === current, "data-value": value,
  })));
}
const focusOn = (id, value) => $(id).querySelector(`[data-value="${value}"]`)?.focus();

// Offers subwords and segments if some side has words of several subwords, or several segments.
function showGranularities(sides) {
  const choices = [["words", "Words"]];
  if (sides.some(side => side.word_indices.length !== side.words.length)) choices.push(["subwords", "Subwords"]);
  if (sides.some(side => side.segments?.ends.length > 1)) choices.push(["segments", "Segments"]);
  showChoice("granularity", choices, state.granularity);
}

function nextGranularity() {
  const choices = [...$("granularity").children].map(button => button.dataset.value);
  if (choices.length) state.granularity = choices[(choices.indexOf(state.granularity) + 1) % choices.length];
}

// ---- the figure ----

let maps = [];    // attention maps of the sentence: {name, weights, side: the side whose tokens are the rows}

// Returns the maps of a target, then those of its source.
const mapsOf = (source, target) => [target, source].flatMap(side => (side.matrices ?? []).map(matrix => ({...matrix, side})));

const currentMap = () => maps[state.matrix] ?? maps[0];

function nextMap() {
  if (maps.length) state.matrix = (maps.indexOf(currentMap()) + 1) % maps.length;
}

// names: of all maps that a sentence can have; sides: of all sentences.
function showFigureTools(names, sides) {
  showChoice("view", [["matrix", "Matrix"], ["links", "Links"]], state.view);
  showGranularities(sides);
  $("matrix").replaceChildren(...names.map((name, k) => element("option", {textContent: name, value: k, disabled: !maps[k]})));
  $("matrix").value = maps.indexOf(currentMap());
  $("matrix-label").hidden = names.length < 2;
  $("numbers-label").hidden = state.view !== "matrix";
  for (const id of ["end", "numbers"]) $(id).checked = state[id];
}

function showFigure(source, marks) {
  const {weights, side} = currentMap();
  matrix = makeMatrix(source, side, decodeWeights(weights));
  active = null;
  $("tip").hidden = true;
  if (state.view === "matrix") showMatrix(source, marks);
  else showLinks(source, side, marks);
}

function onFigurePointer(event) {
  if (state.view === "links") selectToken(event.target.closest(".side button"));
  else highlightCell(cellAt(event));
}

// Draws again, and keeps the focus on the same token.
function redraw() {
  const tokens = () => [...$("figure").querySelectorAll(".side button")], focused = tokens().indexOf(document.activeElement);
  show();
  tokens()[focused]?.focus();
}

const clearSelection = () => state.view === "links" ? selectToken(null) : highlightCell(null);
