"use strict";
// What the pages share: the data, numbers, colors, texts, the matrix and the links, the keys, the address. A page says what
// else its `state` holds (expect), draws what it says in a show() of its own, and calls begin().
// A side of a sentence is {words, pieces, of: the words of each piece, end: whether its last piece is the end of sentence,
// text: where pieces stand for words because no spaces part these}, a target such a side with its log_prob. A source that is a
// document has sentences: {names, ends: of each the piece behind it}. Either may have matrices [{name, weights}], whose rows are
// the pieces of that side, and whose columns are those of the source. Weights are whole numbers, `data.scale` for 1, row by row,
// each in two characters: digits in base 90.

const data = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id);

const state = {}, defaults = {};

function expect(values) {
  Object.assign(state, values);
  Object.assign(defaults, state);
}

expect({view: "matrix", matrix: 0, unit: data.unit ?? "words", end: true, numbers: false, theme: ""});

// ---- numbers ----

// Digits are "#" and what follows, but "<" and the backslash.
function digitAt(digits, k) {
  const code = digits.charCodeAt(k);
  return code - 35 - (code > 60) - (code > 92);
}

const numbersOf = digits => Array.from({length: digits.length / 2}, (_, k) => 90 * digitAt(digits, 2 * k) + digitAt(digits, 2 * k + 1));

// The words of each piece, its end of sentence behind the words.
const places = side => side.end ? [...side.of, [side.words.length]] : side.of;

// The sentence of each piece.
const sentencePlaces = side => side.pieces.map((_, k) => [side.sentences.ends.findIndex(end => k < end)]);

// Summed over the source pieces of a column, `columns` being those of each piece and `width` their number; averaged over the
// target pieces of a word.
function summed(columns, width, target, weights) {
  const rows = places(target), height = target.words.length + target.end;
  const pieces = new Array(height).fill(0), out = new Float64Array(width * height);
  for (const words of rows) for (const word of words) ++pieces[word];
  rows.forEach((rowWords, j) => columns.forEach((columnWords, i) => {
    const weight = weights[j * columns.length + i] / columnWords.length;
    for (const row of rowWords) for (const column of columnWords) out[row * width + column] += weight / pieces[row];
  }));
  return out;
}

// A label for each token: what it says, whether it is the end of sentence, and whether it begins a word.
function labels(side, unit) {
  if (unit !== "pieces") return tokens(side.words, side.end, () => true);
  const texts = side.end ? side.pieces.slice(0, -1) : side.pieces;
  return tokens(texts, side.end, i => i === 0 || (!side.text && side.of[i][0] !== side.of[i - 1].at(-1)));
}

function tokens(texts, end, starts) {
  const out = texts.map((text, i) => ({text: readable(text), end: false, starts: starts(i)}));
  if (end) out.push({text: "‹end›", end: true, starts: true});
  return out;
}

// A mark that has no letter of its own gets a circle to stand on; a piece without text, a dot.
function readable(text) {
  const bare = text.trim();
  return bare === "" ? "·" : /^\p{M}/u.test(bare) ? "◌" + bare : bare;
}

// The matrix that is asked for: rows and columns (labels) and at(row, column), 0 … 1.
function matrixOf(source, target, weights) {
  const bySentence = state.unit === "sentences" && source.sentences;
  const columns = bySentence ? tokens(source.sentences.names, false, () => true) : labels(source, state.unit);
  const rows = labels(target, state.unit);
  const numbers = state.unit === "pieces" ? weights
    : summed(bySentence ? sentencePlaces(source) : places(source), columns.length, target, weights);
  const width = columns.length;
  const shown = side => state.end ? side : side.filter(label => !label.end);
  return {rows: shown(rows), columns: shown(columns), at: (j, i) => numbers[j * width + i] / data.scale};
}

const signed = (value, digits) => value.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "−");
const score = target => target.log_prob / target.pieces.length;

// ---- color: OKLab (Ottosson 2020), equal steps of weight in equal steps of the eye ----

const scales = {
  light: [[1, 0, 0], [0.66, -0.055, -0.09], [0.3, -0.018, -0.098]],
  dark: [[0.235, -0.004, -0.011], [0.6, -0.05, -0.095], [0.96, -0.025, 0.035]],
};
const steps = 100;

// Red, green and blue, 0 … 255.
function bytes([L, a, b]) {
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

function scaled([low, middle, high], weight) {
  const distance = (p, q) => Math.hypot(...p.map((x, k) => x - q[k]));
  const between = (p, q, t) => p.map((x, k) => x + t * (q[k] - x));
  const first = distance(low, middle), second = distance(middle, high), along = weight * (first + second);
  return bytes(along < first ? between(low, middle, along / first) : between(middle, high, (along - first) / second));
}

// Relative luminance (WCAG 2.2), 0 … 1.
function luminance(rgb) {
  const [r, g, b] = rgb.map(x => x / 255).map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// Of black and white the one that contrasts more: 4.58 : 1 at least, as (L + 0.05) / 0.05 and 1.05 / (L + 0.05) are equal where
// both are √21.
const inkOn = rgb => (luminance(rgb) + 0.05) ** 2 > 1.05 * 0.05 ? "#000" : "#fff";

// The scales as CSS variables --c0 … --c100, and what is written on them as --i0 …, so that a change of theme and a printer
// repaint nothing by hand.
function installScales() {
  const variables = scale => Array.from({length: steps + 1}, (_, k) => {
    const rgb = scaled(scale, k / steps);
    return `--c${k}:rgb(${rgb.join(" ")});--i${k}:${inkOn(rgb)}`;
  }).join(";");
  const sheet = document.createElement("style");
  sheet.textContent = `:root{${variables(scales.light)}}[data-theme=dark]{${variables(scales.dark)}}` +
    `@media print{:root,[data-theme=dark]{${variables(scales.light)}}}`;
  document.head.append(sheet);
  const stops = Array.from({length: 21}, (_, k) => `var(--c${5 * k})`);
  $("ramp").style.background = `linear-gradient(to right, ${stops.join(",")})`;
}

const stepOf = weight => Math.round(steps * Math.min(Math.max(weight, 0), 1));
const heat = weight => `var(--c${stepOf(weight)})`;
const ink = weight => `var(--i${stepOf(weight)})`;

// ---- text ----

function element(name, properties = {}, ...children) {
  const out = document.createElement(name);
  for (const [key, value] of Object.entries(properties))
    if (key.startsWith("data-") || key.startsWith("aria-") || key === "scope") out.setAttribute(key, value);
    else out[key] = value;
  out.append(...children);
  return out;
}

// As its first letter has it.
function direction(words) {
  const letter = words.join(" ").match(/\p{L}/u);
  const fromTheRight = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
  return letter && fromTheRight.test(letter[0]) ? "rtl" : "ltr";
}

const text = side => side.text ?? side.words.join(" ");
const capital = word => word[0].toUpperCase() + word.slice(1);

// A line of #texts; values: [[name, text]].
const namedText = (name, side, className = "") => element("div", {className},
  element("span", {className: "name", textContent: capital(name)}), element("p", {dir: "auto", textContent: text(side)}));
const facts = values => element("dl", {}, ...values.map(([name, value]) =>
  element("div", {}, element("dt", {textContent: name}), element("dd", {textContent: value}))));

// Buttons of which one is pressed; none where there is no choice.
function showChoice(id, names, pressed) {
  $(id).replaceChildren(...(names.length < 2 ? [] : names).map(([value, name]) => element("button", {
    textContent: name, onclick: () => { state[id] = value; show(); focusOn(id, value); },
    "aria-pressed": value === pressed, "data-value": value,
  })));
}
const focusOn = (id, value) => $(id).querySelector(`[data-value="${value}"]`)?.focus();

// Where some side has words of several pieces, or several sentences.
function showUnits(sides) {
  const units = [["words", "Words"]];
  if (sides.some(side => side.of.length !== side.words.length)) units.push(["pieces", "Subwords"]);
  if (sides.some(side => side.sentences?.ends.length > 1)) units.push(["sentences", "Sentences"]);
  showChoice("unit", units, state.unit);
}

function nextUnit() {
  const units = [...$("unit").children].map(button => button.dataset.value);
  if (units.length) state.unit = units[(units.indexOf(state.unit) + 1) % units.length];
}

// ---- the figure ----

let pictures = [];    // of the sentence: {name, weights, side: what its rows are}

// Those of a target, then those of its source.
const picturesOf = (source, target) => [target, source].flatMap(side => (side.matrices ?? []).map(matrix => ({...matrix, side})));

const picture = () => pictures[state.matrix] ?? pictures[0];

function nextPicture() {
  if (pictures.length) state.matrix = (pictures.indexOf(picture()) + 1) % pictures.length;
}

// names: of all pictures that there can be; sides: of all sentences.
function showFigureTools(names, sides) {
  showChoice("view", [["matrix", "Matrix"], ["links", "Links"]], state.view);
  showUnits(sides);
  $("matrix").replaceChildren(...names.map((name, k) => element("option", {textContent: name, value: k, disabled: !pictures[k]})));
  $("matrix").value = pictures.indexOf(picture());
  $("matrix-label").hidden = names.length < 2;
  $("numbers-label").hidden = state.view !== "matrix";
  for (const id of ["end", "numbers"]) $(id).checked = state[id];
}

function showFigure(source, marks) {
  const {weights, side} = picture();
  matrix = matrixOf(source, side, numbersOf(weights));
  active = null;
  $("tip").hidden = true;
  if (state.view === "matrix") showMatrix(source, marks);
  else showLinks(source, side, marks);
}

function pointAtFigure(event) {
  if (state.view === "links") chooseToken(event.target.closest(".side button"));
  else lightUp(cellAt(event));
}

// With the same token in focus.
function showAgain() {
  const tokens = () => [...$("figure").querySelectorAll(".side button")], focused = tokens().indexOf(document.activeElement);
  show();
  tokens()[focused]?.focus();
}

const leaveFigure = () => state.view === "links" ? chooseToken(null) : lightUp(null);

// ---- the matrix ----

let matrix = null;                     // what is shown
let active = null;                     // [row, column] under the pointer or the keys
const cells = new Map();               // "row,column" → td

// Pixels from side to side.
const room = () => printing ? 660 : $("figure").parentElement.clientWidth - 4;

function cellSize(columns, rowLabels) {
  const least = printing ? 9 : state.numbers ? 34 : 20, most = state.numbers ? 38 : 32;
  return Math.round(Math.min(Math.max((room() - rowLabels) / columns, least), most));
}

function heading(label, scope) {
  return element("th", {className: label.end ? "end" : "", scope}, element("span", {textContent: label.text, dir: "auto"}));
}

function cell(j, i, marks) {
  const weight = matrix.at(j, i), key = `${j},${i}`;
  const td = element("td", {textContent: weight.toFixed(2), className: weight < 0.005 ? "none" : ""});
  td.style.background = heat(weight);
  if (weight >= 0.005) td.style.color = ink(weight);
  td.classList.toggle("starts", state.unit === "pieces" && matrix.columns[i].starts);
  td.dataset.at = key;
  cells.set(key, td);
  if (marks?.possible.has(key)) td.append(element("i", {className: `ring ${marks.sure.has(key) ? "sure" : "possible"}`}));
  if (marks?.model.has(key)) td.append(element("i", {className: "dot"}));
  return td;
}

// Of a source; `marks`: sets of the cells that have one, or null.
function showMatrix(source, marks) {
  cells.clear();
  const head = element("tr", {}, element("td"), ...matrix.columns.map(label => heading(label, "col")));
  const rows = matrix.rows.map((label, j) => element("tr", {
    className: state.unit === "pieces" && label.starts ? "starts" : "",
  }, heading(label, "row"), ...matrix.columns.map((_, i) => cell(j, i, marks))));
  const table = element("table", {dir: direction(source.words), className: state.numbers ? "numbers" : ""},
    element("thead", {}, head), element("tbody", {}, ...rows));
  $("figure").replaceChildren(table);
  $("figure").tabIndex = 0;
  $("figure").setAttribute("aria-label", "Matrix: rows are the target, columns the source; the arrow keys go from cell to cell");
  fit(table);
}

// Sizes that depend on how wide the labels are: slanted ones must not be cut, and short ones may stand upright.
function fit(table) {
  const rowLabels = Math.max(0, ...[...table.querySelectorAll("tbody th")].map(th => th.offsetWidth));
  const size = over => cellSize(matrix.columns.length, rowLabels + over);
  let over = 0;
  for (let tries = 0; tries < 4; ++tries) {  // smaller cells leave their labels more to reach over
    const reached = lay(table, size(over));
    if (reached <= over) break;
    over = reached;
  }
  $("figure").scrollLeft = 0;  // where the first word is, also in a line that runs from right to left
}

// Cells of so many pixels; how far the labels reach beyond the last of them.
function lay(table, size) {
  const spans = [...table.querySelectorAll("thead th span")];
  table.style.setProperty("--cell", `${size}px`);
  table.style.setProperty("--letter", `${Math.min(14, Math.max(size * 0.62, 8))}px`);
  const widest = Math.max(...spans.map(span => span.offsetWidth));
  const upright = widest <= size + 8;  // with the padding
  table.classList.toggle("upright", upright);
  const slope = 50 * Math.PI / 180, height = spans[0].offsetHeight;
  table.style.setProperty("--head", upright ? "1.8em" : `${Math.ceil(widest * Math.sin(slope) + height)}px`);
  const reach = span => span.offsetWidth * Math.cos(slope) - size * 0.5;
  const over = Math.max(...spans.map((span, i) => reach(span) - size * (spans.length - 1 - i)), 0);
  const room = upright ? 2 : Math.ceil(over + height);
  $("figure").dir = table.dir;
  $("figure").style.paddingInlineEnd = `${room}px`;
  return room;
}

function lightUp(at) {
  active = at;
  document.querySelectorAll(".bar").forEach(bar => bar.remove());
  document.querySelectorAll("th.lit").forEach(th => th.classList.remove("lit"));
  const td = at && cells.get(at.join());
  $("tip").hidden = !td;
  if (!td) return;
  const [row, column] = at, tr = td.parentElement;
  tr.firstElementChild.classList.add("lit");
  tr.closest("table").tHead.rows[0].cells[column + 1].classList.add("lit");
  const first = cells.get("0," + column), last = cells.get(`${matrix.rows.length - 1},${column}`);
  $("figure").append(bar(cells.get(row + ",0"), cells.get(`${row},${matrix.columns.length - 1}`)), bar(first, last));
  tell(td, matrix.columns[column].text, matrix.rows[row].text, matrix.at(row, column));
}

// Calls point(event) where something in the area is pointed at, and leave() when no longer so. A finger's tap lasts until it taps
// elsewhere or scrolls, though with its release it leaves the area.
function onPointing(area, kinds, point, leave) {
  const touches = event => event.pointerType === "touch";
  for (const kind of kinds) area.addEventListener(kind, point);
  area.addEventListener("pointerleave", event => { if (!touches(event)) leave(); });
  area.addEventListener("pointercancel", leave);
  document.addEventListener("pointerdown", event => { if (touches(event) && !area.contains(event.target)) leave(); });
}

const cellAt = event => event.target.closest("td[data-at]")?.dataset.at.split(",").map(Number) ?? null;

function bar(first, last) {
  const a = first.getBoundingClientRect(), b = last.getBoundingClientRect(), home = $("figure").getBoundingClientRect();
  const left = Math.min(a.left, b.left) - home.left + $("figure").scrollLeft;
  const out = element("div", {className: "bar"});
  Object.assign(out.style, {left: `${left - 1}px`, top: `${a.top - home.top - 1}px`,
    width: `${Math.max(a.right, b.right) - Math.min(a.left, b.left) + 1}px`, height: `${b.bottom - a.top + 1}px`});
  return out;
}

// Which weight it is, beside the place it has.
function tell(place, source, target, weight) {
  const said = `${source} → ${target}`, number = weight.toFixed(3), tip = $("tip");
  tip.replaceChildren(element("bdi", {textContent: source}), " → ", element("bdi", {textContent: target}), element("b", {textContent: number}));
  $("said").textContent = `${said} ${number}`;
  tip.hidden = false;
  const box = place.getBoundingClientRect();
  const left = Math.min(Math.max(box.left + box.width / 2 - tip.offsetWidth / 2, 6), innerWidth - tip.offsetWidth - 6);
  const above = box.top - tip.offsetHeight - 8;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 4 ? above : box.bottom + 8}px`;
}

function moveActive(down, right) {
  if (!cells.size) return;
  const [row, column] = active ?? [0, 0];
  const within = (x, n) => Math.min(Math.max(x, 0), n - 1);
  const fromTheRight = $("figure").firstElementChild.dir === "rtl";
  const at = active ? [within(row + down, matrix.rows.length), within(column + (fromTheRight ? -right : right), matrix.columns.length)] : [0, 0];
  cells.get(at.join()).scrollIntoView({block: "nearest", inline: "nearest"});
  lightUp(at);
}

// ---- the links ----

const leastDrawn = 0.01;

function sideOf(sideLabels, words, name) {
  const buttons = sideLabels.map((label, k) => element("button", {
    textContent: label.text, dir: "auto", className: (label.end ? "end " : "") + (label.starts ? "starts" : ""),
    "data-at": k, "data-side": name,
  }));
  return element("div", {className: "side", dir: direction(words)}, ...buttons);
}

// Of a source and the side that the rows are; `marks`: as for the matrix.
function showLinks({words}, rows, marks) {
  const source = sideOf(matrix.columns, words, "source"), said = sideOf(matrix.rows, rows.words, "target");
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("aria-hidden", "true");
  const links = element("div", {className: "links wide"}, source, said, picture);
  $("figure").removeAttribute("tabindex");
  $("figure").removeAttribute("aria-label");
  $("figure").removeAttribute("dir");
  $("figure").style.paddingInline = "0";
  $("figure").replaceChildren(links);
  if (Math.max(source.offsetWidth, said.offsetWidth) > room()) links.className = "links tall";
  drawLinks(links, picture, marks);
}

function drawLinks(links, picture, marks) {
  const [source, target] = links.querySelectorAll(".side"), wide = links.classList.contains("wide");
  const home = links.getBoundingClientRect();
  const edge = (button, first) => {
    const box = button.getBoundingClientRect();
    return wide ? [(box.left + box.right) / 2 - home.left, (first ? box.bottom : box.top) - home.top]
                : [(first ? box.right : box.left) - home.left, (box.top + box.bottom) / 2 - home.top];
  };
  const path = (j, i, weight, className, beside = 0) => {
    const moved = ([x, y]) => wide ? [x + beside, y] : [x, y + beside];
    const [x, y] = moved(edge(source.children[i], true)), [u, v] = moved(edge(target.children[j], false));
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
    if (matrix.at(j, i) >= leastDrawn) drawn.push([j, i, matrix.at(j, i)]);
  }));
  drawn.sort((a, b) => a[2] - b[2]);
  picture.replaceChildren(...drawn.map(([j, i, weight]) => path(j, i, weight, "")));
  // Beside the weight's line, so that either is seen; where it crosses others it has a rim.
  const mark = (key, className, beside) => picture.append(
    ...["rim", className].map(name => path(...key.split(",").map(Number), 0, name, beside)));
  for (const key of marks?.combined ? marks.model : []) mark(key, "combined", -5);
  for (const key of marks?.possible ?? []) mark(key, marks.sure.has(key) ? "gold" : "gold possible", 5);
}

// A token's links alone, and the tokens at their other ends in the color of the weight.
function chooseToken(button) {
  const links = $("figure").querySelector(".links");
  if (!links) return;  // of a model without attention
  for (const token of links.querySelectorAll(".side button")) {
    token.classList.remove("lit");
    token.style.background = token.style.color = "";
  }
  links.classList.toggle("choosing", Boolean(button));
  $("tip").hidden = true;
  if (!button) return;
  const {side, at} = button.dataset, other = side === "source" ? "target" : "source";
  button.classList.add("lit");
  for (const path of links.querySelectorAll("path")) path.classList.toggle("lit", path.dataset[side] === at);
  const weights = [...links.querySelectorAll(`[data-side=${other}]`)].map((token, k) => {
    const weight = side === "source" ? matrix.at(k, Number(at)) : matrix.at(Number(at), k);
    const drawn = weight >= leastDrawn;
    token.style.background = drawn ? heat(weight) : "";
    token.style.color = drawn ? ink(weight) : "";
    return weight;
  });
  if (!weights.length) return;  // an empty translation, its end hidden
  const largest = weights.indexOf(Math.max(...weights));
  const [row, column] = side === "source" ? [largest, Number(at)] : [Number(at), largest];
  tell(button, matrix.columns[column].text, matrix.rows[row].text, weights[largest]);
}

// ---- the page ----

let printing = false;

function showTheme() {
  const dark = state.theme ? state.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

// What is shown is the page's address: it can be kept, and sent.
function remember() {
  const changed = Object.entries(state).filter(([key, value]) => value !== defaults[key]);
  history.replaceState(null, "", "#" + new URLSearchParams(changed));
}

function recall() {
  for (const [key, value] of told()) {
    const kind = typeof state[key];
    if (kind !== "number") state[key] = kind === "boolean" ? value === "true" : value;
    else if (value >= 0) state[key] = Number(value);
  }
}

// What the address tells of the state; that of a section tells nothing.
const told = () => [...new URLSearchParams(location.hash.slice(1))].filter(([key]) => key in state);

// What keys do: toggles change what is shown, which is then drawn anew.
const toggles = {
  m: () => state.view = state.view === "matrix" ? "links" : "matrix",
  w: nextUnit,
  h: nextPicture,
  e: () => state.end = !state.end,
  n: () => state.numbers = !state.numbers,
};
const keys = {
  "?": () => $("help").showModal(),
  d: () => $("theme").click(),
  Escape: () => leaveFigure(),
};

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
  if (event.target.matches("input:not([type=checkbox], [type=range]), select")) return;  // which have keys of their own
  const arrow = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
  if (arrow && event.target === $("figure")) moveActive(...arrow);
  else if (toggles[event.key]) toggles[event.key](), show();
  else if (keys[event.key]) keys[event.key]();
  else return;
  event.preventDefault();
}

function begin() {
  recall();
  installScales();
  for (const id of ["end", "numbers"]) $(id).onchange = event => { state[id] = event.target.checked; show(); };
  $("matrix").onchange = event => { state.matrix = Number(event.target.value); show(); };
  onPointing($("figure"), ["pointerover"], pointAtFigure, leaveFigure);
  $("figure").addEventListener("focusin", event => { if (event.target.matches(".side button")) chooseToken(event.target); });
  $("theme").onclick = () => { state.theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark"; showTheme(); remember(); };
  $("help-button").onclick = () => $("help").showModal();
  document.addEventListener("keydown", pressed);
  for (const scrolled of [document, document.querySelector("main")]) scrolled.addEventListener("scroll", () => $("tip").hidden = true);
  addEventListener("resize", showAgain);
  addEventListener("hashchange", () => { if (told().length) location.reload(); });  // one that was typed: remember() makes no event
  addEventListener("beforeprint", () => { printing = true; show(); });
  addEventListener("afterprint", () => { printing = false; show(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);
  showTheme();
}
