"use strict";
// The common script of the pages: data, colors, texts, the matrix view and the links view, keys, and the state in the address.
// A page adds its own variables to `state` (addState), defines a function show() that draws the state, and calls start().
//
// The data of a source or target, a "side":
//   words         its words
//   subwords      its subwords
//   word_indices  for each subword, the indices of its words; not for the end of sentence
//   end           whether the last subword is the end of sentence
//   text          the text as a whole, only if `words` are subwords, which have no spaces between them
//   matrices      [{name, weights}], optional; rows are the subwords of this side, columns those of the source
//   segments      {names, ends}, only for a source that is a document: the label of each segment, and the end of its subwords
//   log_prob      only for a target
// Weights are stored row by row as integers, two digits of base 90 each; `data.scale` is weight 1.

const data = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id);

const state = {}, defaults = {};

function addState(values) {
  Object.assign(state, values);
  Object.assign(defaults, values);
}

addState({view: "matrix", matrix: 0, granularity: data.granularity ?? "words", end: true, numbers: false, theme: ""});

// ---- numbers ----

// The digits are the ASCII characters from "#" on, without "<" and the backslash.
function digitAt(digits, k) {
  const code = digits.charCodeAt(k);
  return code - 35 - (code > 60) - (code > 92);
}

const decodeWeights = digits => Array.from({length: digits.length / 2}, (_, k) => 90 * digitAt(digits, 2 * k) + digitAt(digits, 2 * k + 1));

// Returns the indices of the words of each subword. The index of the end of sentence is the number of words.
const wordIndices = side => side.end ? [...side.word_indices, [side.words.length]] : side.word_indices;

// Returns for each subword a list with the index of its segment.
const segmentIndices = side => side.subwords.map((_, k) => [side.segments.ends.findIndex(end => k < end)]);

// Converts weights over subwords to weights over `width` columns and the words of the target. Weights are summed over the source
// subwords of a column (`columns` lists the columns of each subword) and averaged over the target subwords of a word.
function aggregate(columns, width, target, weights) {
  const rows = wordIndices(target), height = target.words.length + target.end;
  const counts = new Array(height).fill(0), out = new Float64Array(width * height);
  for (const words of rows) for (const word of words) ++counts[word];
  rows.forEach((rowWords, j) => columns.forEach((columnWords, i) => {
    const weight = weights[j * columns.length + i] / columnWords.length;
    for (const row of rowWords) for (const column of columnWords) out[row * width + column] += weight / counts[row];
  }));
  return out;
}

// Returns a label for each token: its text, whether it is the end of sentence, and whether it begins a word.
function labels(side, granularity) {
  if (granularity !== "subwords") return tokens(side.words, side.end, () => true);
  const texts = side.end ? side.subwords.slice(0, -1) : side.subwords;
  return tokens(texts, side.end, i => i === 0 || (!side.text && side.word_indices[i][0] !== side.word_indices[i - 1].at(-1)));
}

function tokens(texts, end, starts) {
  const out = texts.map((text, i) => ({text: readable(text), end: false, starts: starts(i)}));
  if (end) out.push({text: "‹end›", end: true, starts: true});
  return out;
}

// Makes a token visible: a combining mark without a base letter is placed on a dotted circle; an empty token becomes a dot.
function readable(text) {
  const bare = text.trim();
  return bare === "" ? "·" : /^\p{M}/u.test(bare) ? "◌" + bare : bare;
}

// Returns the matrix to show: labels of `rows` and `columns`, and the weight at(row, column) between 0 and 1.
function makeMatrix(source, target, weights) {
  const bySegment = state.granularity === "segments" && source.segments;
  const columns = bySegment ? tokens(source.segments.names, false, () => true) : labels(source, state.granularity);
  const rows = labels(target, state.granularity);
  const numbers = state.granularity === "subwords" ? weights
    : aggregate(bySegment ? segmentIndices(source) : wordIndices(source), columns.length, target, weights);
  const width = columns.length;
  const visible = labels => state.end ? labels : labels.filter(label => !label.end);
  return {rows: visible(rows), columns: visible(columns), at: (j, i) => numbers[j * width + i] / data.scale};
}

const signed = (value, digits) => value.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "−");
const logProbPerSubword = target => target.log_prob / target.subwords.length;

// ---- colors: perceptually uniform steps (OKLab: Ottosson 2020), as in report/heatmap.cpp ----

const scales = {
  light: [[1, 0, 0], [0.66, -0.055, -0.09], [0.3, -0.018, -0.098]],
  dark: [[0.235, -0.004, -0.011], [0.6, -0.05, -0.095], [0.96, -0.025, 0.035]],
};
const scaleSteps = 100;

// Returns red, green and blue, 0 … 255.
function srgb([L, a, b]) {
  const cube = x => x * x * x;
  const l = cube(L + 0.3963377774 * a + 0.2158037573 * b);
  const m = cube(L - 0.1055613458 * a - 0.0638541728 * b);
  const s = cube(L - 0.0894841775 * a - 1.291485548 * b);
  const linear = [4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
                  -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
                  -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s];
  const byte = x => Math.round(255 * (x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055));
  return linear.map(x => byte(Math.min(Math.max(x, 0), 1)));
}

function colorAt([low, middle, high], weight) {
  const distance = (p, q) => Math.hypot(...p.map((x, k) => x - q[k]));
  const between = (p, q, t) => p.map((x, k) => x + t * (q[k] - x));
  const first = distance(low, middle), second = distance(middle, high), along = weight * (first + second);
  return srgb(along < first ? between(low, middle, along / first) : between(middle, high, (along - first) / second));
}

// Returns the relative luminance (WCAG 2.2), 0 … 1.
function luminance(rgb) {
  const [r, g, b] = rgb.map(x => x / 255).map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// Returns black or white, whichever has the larger contrast. The contrast is at least 4.58 : 1, because (L + 0.05) / 0.05 and
// 1.05 / (L + 0.05) are equal where both are √21.
const textColorOn = rgb => (luminance(rgb) + 0.05) ** 2 > 1.05 * 0.05 ? "#000" : "#fff";

// Defines CSS variables for the colors of weights, --c0 … --c100, and for text on them, --i0 … --i100, so that a change of theme
// and printing need no redrawing.
function installScales() {
  const variables = scale => Array.from({length: scaleSteps + 1}, (_, k) => {
    const rgb = colorAt(scale, k / scaleSteps);
    return `--c${k}:rgb(${rgb.join(" ")});--i${k}:${textColorOn(rgb)}`;
  }).join(";");
  const sheet = document.createElement("style");
  sheet.textContent = `:root{${variables(scales.light)}}[data-theme=dark]{${variables(scales.dark)}}` +
    `@media print{:root,[data-theme=dark]{${variables(scales.light)}}}`;
  document.head.append(sheet);
  const stops = Array.from({length: 21}, (_, k) => `var(--c${5 * k})`);
  $("ramp").style.background = `linear-gradient(to right, ${stops.join(",")})`;
}

const stepOf = weight => Math.round(scaleSteps * Math.min(Math.max(weight, 0), 1));
const heat = weight => `var(--c${stepOf(weight)})`;
const textColor = weight => `var(--i${stepOf(weight)})`;

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

// ---- the matrix ----

let matrix = null;                     // the current matrix (makeMatrix)
let active = null;                     // [row, column] selected by pointer or keys
const cells = new Map();               // "row,column" → td

// The width of the figure in pixels.
const availableWidth = () => printing ? 660 : $("figure").parentElement.clientWidth - 4;

function cellSize(columns, rowLabels) {
  const min = printing ? 9 : state.numbers ? 34 : 20, max = state.numbers ? 38 : 32;
  return Math.round(Math.min(Math.max((availableWidth() - rowLabels) / columns, min), max));
}

function heading(label, scope) {
  return element("th", {className: label.end ? "end" : "", scope}, element("span", {textContent: label.text, dir: "auto"}));
}

function cell(j, i, marks) {
  const weight = matrix.at(j, i), key = `${j},${i}`;
  const td = element("td", {textContent: weight.toFixed(2), className: weight < 0.005 ? "none" : ""});
  td.style.background = heat(weight);
  if (weight >= 0.005) td.style.color = textColor(weight);
  td.classList.toggle("starts", state.granularity === "subwords" && matrix.columns[i].starts);
  td.dataset.at = key;
  cells.set(key, td);
  if (marks?.possible.has(key)) td.append(element("i", {className: `ring ${marks.sure.has(key) ? "sure" : "possible"}`}));
  if (marks?.model.has(key)) td.append(element("i", {className: "dot"}));
  return td;
}

// marks: null or sets of cells, as keys "row,column": sure, possible and model links.
function showMatrix(source, marks) {
  cells.clear();
  const head = element("tr", {}, element("td"), ...matrix.columns.map(label => heading(label, "col")));
  const rows = matrix.rows.map((label, j) => element("tr", {
    className: state.granularity === "subwords" && label.starts ? "starts" : "",
  }, heading(label, "row"), ...matrix.columns.map((_, i) => cell(j, i, marks))));
  const table = element("table", {dir: direction(source.words), className: state.numbers ? "numbers" : ""},
    element("thead", {}, head), element("tbody", {}, ...rows));
  $("figure").replaceChildren(table);
  $("figure").tabIndex = 0;
  $("figure").setAttribute("aria-label", "Matrix of target rows and source columns; use the arrow keys to move between cells");
  fit(table);
}

// Chooses the cell size by the widths of the labels: slanted labels must not be cut off; short labels are upright.
function fit(table) {
  const rowLabels = Math.max(0, ...[...table.querySelectorAll("tbody th")].map(th => th.offsetWidth));
  let margin = 0;
  for (let tries = 0; tries < 4; ++tries) {  // with smaller cells, labels extend further beyond the last cell
    const needed = layOut(table, cellSize(matrix.columns.length, rowLabels + margin));
    if (needed <= margin) break;
    margin = needed;
  }
  $("figure").scrollLeft = 0;  // shows the first word, also in right-to-left text
}

// Lays out the table with cells of `size` pixels. Returns the margin that the labels need beyond the last cell.
function layOut(table, size) {
  const spans = [...table.querySelectorAll("thead th span")];
  table.style.setProperty("--cell", `${size}px`);
  table.style.setProperty("--letter", `${Math.min(14, Math.max(size * 0.62, 8))}px`);
  const widest = Math.max(...spans.map(span => span.offsetWidth));
  const upright = widest <= size + 8;  // the labels have padding
  table.classList.toggle("upright", upright);
  const slope = 50 * Math.PI / 180, height = spans[0].offsetHeight;
  table.style.setProperty("--head", upright ? "1.8em" : `${Math.ceil(widest * Math.sin(slope) + height)}px`);
  const reach = span => span.offsetWidth * Math.cos(slope) - size * 0.5;
  const excess = Math.max(...spans.map((span, i) => reach(span) - size * (spans.length - 1 - i)), 0);
  const margin = upright ? 2 : Math.ceil(excess + height);
  $("figure").dir = table.dir;
  $("figure").style.paddingInlineEnd = `${margin}px`;
  return margin;
}

function highlightCell(at) {
  active = at;
  document.querySelectorAll(".bar").forEach(bar => bar.remove());
  document.querySelectorAll("th.highlighted").forEach(th => th.classList.remove("highlighted"));
  const td = at && cells.get(at.join());
  $("tip").hidden = !td;
  if (!td) return;
  const [row, column] = at, tr = td.parentElement;
  tr.firstElementChild.classList.add("highlighted");
  tr.closest("table").tHead.rows[0].cells[column + 1].classList.add("highlighted");
  const first = cells.get("0," + column), last = cells.get(`${matrix.rows.length - 1},${column}`);
  $("figure").append(bar(cells.get(row + ",0"), cells.get(`${row},${matrix.columns.length - 1}`)), bar(first, last));
  showTip(td, matrix.columns[column].text, matrix.rows[row].text, matrix.at(row, column));
}

// Calls point(event) when the pointer moves over the area, and leave() when it leaves the area. A tap with a finger has an effect
// until the next tap elsewhere or until scrolling, although the pointer leaves the area with the release.
function onPointing(area, kinds, point, leave) {
  const touches = event => event.pointerType === "touch";
  for (const kind of kinds) area.addEventListener(kind, point);
  area.addEventListener("pointerleave", event => { if (!touches(event)) leave(); });
  area.addEventListener("pointercancel", leave);
  document.addEventListener("pointerdown", event => { if (touches(event) && !area.contains(event.target)) leave(); });
}

const cellAt = event => event.target.closest("td[data-at]")?.dataset.at.split(",").map(Number) ?? null;

function bar(first, last) {
  const a = first.getBoundingClientRect(), b = last.getBoundingClientRect(), figure = $("figure").getBoundingClientRect();
  const left = Math.min(a.left, b.left) - figure.left + $("figure").scrollLeft;
  const out = element("div", {className: "bar"});
  Object.assign(out.style, {left: `${left - 1}px`, top: `${a.top - figure.top - 1}px`,
    width: `${Math.max(a.right, b.right) - Math.min(a.left, b.left) + 1}px`, height: `${b.bottom - a.top + 1}px`});
  return out;
}

// Shows a weight in a tooltip beside an element, and announces it to screen readers.
function showTip(anchor, source, target, weight) {
  const number = weight.toFixed(3), tip = $("tip");
  tip.replaceChildren(element("bdi", {textContent: source}), " → ", element("bdi", {textContent: target}), element("b", {textContent: number}));
  $("announcement").textContent = `${source} → ${target} ${number}`;
  tip.hidden = false;
  const box = anchor.getBoundingClientRect();
  const left = Math.min(Math.max(box.left + box.width / 2 - tip.offsetWidth / 2, 6), innerWidth - tip.offsetWidth - 6);
  const above = box.top - tip.offsetHeight - 8;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 4 ? above : box.bottom + 8}px`;
}

function moveActive(down, right) {
  if (!cells.size) return;
  const [row, column] = active ?? [0, 0];
  const within = (x, n) => Math.min(Math.max(x, 0), n - 1);
  const rightToLeft = $("figure").firstElementChild.dir === "rtl";
  const at = active ? [within(row + down, matrix.rows.length), within(column + (rightToLeft ? -right : right), matrix.columns.length)] : [0, 0];
  cells.get(at.join()).scrollIntoView({block: "nearest", inline: "nearest"});
  highlightCell(at);
}

// ---- the links view ----

const minDrawnWeight = 0.01;

function tokenButtons(sideLabels, words, name) {
  const buttons = sideLabels.map((label, k) => element("button", {
    textContent: label.text, dir: "auto", className: (label.end ? "end " : "") + (label.starts ? "starts" : ""),
    "data-at": k, "data-side": name,
  }));
  return element("div", {className: "side", dir: direction(words)}, ...buttons);
}

// rows: the side whose tokens are the rows of the matrix; marks: as for the matrix.
function showLinks({words}, rows, marks) {
  const source = tokenButtons(matrix.columns, words, "source"), target = tokenButtons(matrix.rows, rows.words, "target");
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("aria-hidden", "true");
  const links = element("div", {className: "links wide"}, source, target, drawing);
  $("figure").removeAttribute("tabindex");
  $("figure").removeAttribute("aria-label");
  $("figure").removeAttribute("dir");
  $("figure").style.paddingInline = "0";
  $("figure").replaceChildren(links);
  if (Math.max(source.offsetWidth, target.offsetWidth) > availableWidth()) links.className = "links tall";
  drawLinks(links, drawing, marks);
}

function drawLinks(links, drawing, marks) {
  const [source, target] = links.querySelectorAll(".side"), wide = links.classList.contains("wide");
  const area = links.getBoundingClientRect();
  const edge = (button, first) => {
    const box = button.getBoundingClientRect();
    return wide ? [(box.left + box.right) / 2 - area.left, (first ? box.bottom : box.top) - area.top]
                : [(first ? box.right : box.left) - area.left, (box.top + box.bottom) / 2 - area.top];
  };
  const path = (j, i, weight, className, offset = 0) => {
    const shifted = ([x, y]) => wide ? [x + offset, y] : [x, y + offset];
    const [x, y] = shifted(edge(source.children[i], true)), [u, v] = shifted(edge(target.children[j], false));
    const bend = wide ? `${x} ${(y + v) / 2} ${u} ${(y + v) / 2}` : `${(x + u) / 2} ${y} ${(x + u) / 2} ${v}`;
    const out = document.createElementNS("http://www.w3.org/2000/svg", "path");
    out.setAttribute("d", `M${x} ${y}C${bend} ${u} ${v}`);
    out.setAttribute("class", className);
    Object.assign(out.dataset, {source: i, target: j});
    if (!className) Object.assign(out.style, {stroke: heat(0.15 + 0.85 * weight), strokeWidth: `${1 + 5 * weight}px`});
    return out;
  };
  const drawn = [];
  matrix.rows.forEach((_, j) => matrix.columns.forEach((__, i) => {
    if (matrix.at(j, i) >= minDrawnWeight) drawn.push([j, i, matrix.at(j, i)]);
  }));
  drawn.sort((a, b) => a[2] - b[2]);
  drawing.replaceChildren(...drawn.map(([j, i, weight]) => path(j, i, weight, "")));
  // A marked link is drawn beside the line of its weight, so that both are visible, and with a rim, which separates crossing lines.
  const mark = (key, className, offset) => drawing.append(
    ...["rim", className].map(name => path(...key.split(",").map(Number), 0, name, offset)));
  for (const key of marks?.combined ? marks.model : []) mark(key, "combined", -5);
  for (const key of marks?.possible ?? []) mark(key, marks.sure.has(key) ? "gold" : "gold possible", 5);
}

// Shows only the links of a token (null: of all tokens), and the tokens at their other ends in the colors of the weights.
function selectToken(button) {
  const links = $("figure").querySelector(".links");
  if (!links) return;  // a model without attention
  for (const token of links.querySelectorAll(".side button")) {
    token.classList.remove("highlighted");
    token.style.background = token.style.color = "";
  }
  links.classList.toggle("selecting", Boolean(button));
  $("tip").hidden = true;
  if (!button) return;
  const {side, at} = button.dataset, other = side === "source" ? "target" : "source";
  button.classList.add("highlighted");
  for (const path of links.querySelectorAll("path")) path.classList.toggle("highlighted", path.dataset[side] === at);
  const weights = [...links.querySelectorAll(`[data-side=${other}]`)].map((token, k) => {
    const weight = side === "source" ? matrix.at(k, Number(at)) : matrix.at(Number(at), k);
    const drawn = weight >= minDrawnWeight;
    token.style.background = drawn ? heat(weight) : "";
    token.style.color = drawn ? textColor(weight) : "";
    return weight;
  });
  if (!weights.length) return;  // an empty translation whose end of sentence is hidden
  const largest = weights.indexOf(Math.max(...weights));
  const [row, column] = side === "source" ? [largest, Number(at)] : [Number(at), largest];
  showTip(button, matrix.columns[column].text, matrix.rows[row].text, weights[largest]);
}

// ---- the page ----

let printing = false;

function showTheme() {
  const dark = state.theme ? state.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

// Writes the state to the address of the page, so that a view can be bookmarked and shared.
function saveState() {
  const changed = Object.entries(state).filter(([key, value]) => value !== defaults[key]);
  history.replaceState(null, "", "#" + new URLSearchParams(changed));
}

function restoreState() {
  for (const [key, value] of addressEntries()) {
    const kind = typeof state[key];
    if (kind !== "number") state[key] = kind === "boolean" ? value === "true" : value;
    else if (value >= 0) state[key] = Number(value);
  }
}

// Returns the variables of the state that are in the address. The address of a section contains none.
const addressEntries = () => [...new URLSearchParams(location.hash.slice(1))].filter(([key]) => key in state);

// The actions of keys. After a toggle, show() draws the new state.
const toggles = {
  m: () => state.view = state.view === "matrix" ? "links" : "matrix",
  w: nextGranularity,
  h: nextMap,
  e: () => state.end = !state.end,
  n: () => state.numbers = !state.numbers,
};
const keys = {
  "?": () => $("help").showModal(),
  d: () => $("theme").click(),
  Escape: () => clearSelection(),
};

function onKeyDown(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
  if (event.target.matches("input:not([type=checkbox], [type=range]), select")) return;  // these use keys themselves
  const arrow = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
  if (arrow && event.target === $("figure")) moveActive(...arrow);
  else if (toggles[event.key]) toggles[event.key](), show();
  else if (keys[event.key]) keys[event.key]();
  else return;
  event.preventDefault();
}

function start() {
  restoreState();
  installScales();
  for (const id of ["end", "numbers"]) $(id).onchange = event => { state[id] = event.target.checked; show(); };
  $("matrix").onchange = event => { state.matrix = Number(event.target.value); show(); };
  onPointing($("figure"), ["pointerover"], onFigurePointer, clearSelection);
  $("figure").addEventListener("focusin", event => { if (event.target.matches(".side button")) selectToken(event.target); });
  $("theme").onclick = () => { state.theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark"; showTheme(); saveState(); };
  $("help-button").onclick = () => $("help").showModal();
  document.addEventListener("keydown", onKeyDown);
  for (const area of [document, document.querySelector("main")]) area.addEventListener("scroll", () => $("tip").hidden = true);
  addEventListener("resize", redraw);
  addEventListener("hashchange", () => { if (addressEntries().length) location.reload(); });  // a typed address; saveState() causes no event
  addEventListener("beforeprint", () => { printing = true; show(); });
  addEventListener("afterprint", () => { printing = false; show(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);
  showTheme();
}
