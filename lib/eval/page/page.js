"use strict";
// Shows the sentences in #data: {title, scale, sentences: [{line, source, targets}]}.
// A side is {words, pieces, of: the words of each piece, end: whether its last piece is the end of sentence}. A target is
// a side with a name, matrices [{name, weights}], links, and what is known of log_prob, entropy, chrf, aer, gold. Weights
// are whole numbers, `scale` for 1, row by row: a row for each target piece, a column for each source piece.

const data = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id);

const state = {
  line: data.sentences[0].line, view: "matrix", unit: "words", target: 0, matrix: 0,
  gold: true, end: true, numbers: false, query: "", sort: "line", reverse: false, theme: "",
};
const defaults = {...state};

// ---- numbers ----

// The words of each piece, its end of sentence behind the words.
const places = side => side.end ? [...side.of, [side.words.length]] : side.of;

// Summed over the source pieces of a word, averaged over the target pieces of a word.
function toWords(source, target, weights) {
  const columns = places(source), rows = places(target);
  const width = source.words.length + source.end, height = target.words.length + target.end;
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
  if (unit === "words") return tokens(side.words, side.end, () => true);
  const texts = side.end ? side.pieces.slice(0, -1) : side.pieces;
  return tokens(texts, side.end, i => i === 0 || side.of[i][0] !== side.of[i - 1].at(-1));
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
function matrixOf(sentence, target) {
  const {source} = sentence;
  const columns = labels(source, state.unit), rows = labels(target, state.unit);
  const {weights} = target.matrices[Math.min(state.matrix, target.matrices.length - 1)];
  const numbers = state.unit === "words" ? toWords(source, target, weights) : weights;
  const width = columns.length;
  const shown = side => state.end ? side : side.filter(label => !label.end);
  return {rows: shown(rows), columns: shown(columns), at: (j, i) => numbers[j * width + i] / data.scale};
}

// Gold links and the model's own, of words: in subwords there are none.
function overlay(target) {
  if (!state.gold || !target.gold || state.unit !== "words") return null;
  const key = ([s, t]) => `${t},${s}`;
  return {
    sure: new Set(target.gold.sure.map(key)), possible: new Set(target.gold.possible.map(key)),
    model: new Set(target.links.map(key)),
  };
}

const signed = (value, digits) => value.toFixed(digits).replace("-", "−");
const score = target => target.log_prob / target.pieces.length;

// ---- colour: OKLab (Ottosson 2020), equal steps of weight in equal steps of the eye ----

const scales = {
  light: [[1, 0, 0], [0.66, -0.055, -0.09], [0.3, -0.018, -0.098]],
  dark: [[0.235, -0.004, -0.011], [0.6, -0.05, -0.095], [0.96, -0.025, 0.035]],
};
const steps = 100;

function css([L, a, b]) {
  const cube = x => x * x * x;
  const l = cube(L + 0.3963377774 * a + 0.2158037573 * b);
  const m = cube(L - 0.1055613458 * a - 0.0638541728 * b);
  const s = cube(L - 0.0894841775 * a - 1.291485548 * b);
  const linear = [4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
                  -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
                  -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s];
  const byte = x => Math.round(255 * (x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055));
  return `rgb(${linear.map(x => byte(Math.min(Math.max(x, 0), 1))).join(" ")})`;
}

function colour([low, middle, high], weight) {
  const distance = (p, q) => Math.hypot(...p.map((x, k) => x - q[k]));
  const between = (p, q, t) => p.map((x, k) => x + t * (q[k] - x));
  const first = distance(low, middle), second = distance(middle, high), along = weight * (first + second);
  return css(along < first ? between(low, middle, along / first) : between(middle, high, (along - first) / second));
}

// The scales as CSS variables --c0 … --c100, so that a change of theme and a printer repaint nothing by hand.
function installScales() {
  const variables = scale => Array.from({length: steps + 1}, (_, k) => `--c${k}:${colour(scale, k / steps)}`).join(";");
  const sheet = document.createElement("style");
  sheet.textContent = `:root{${variables(scales.light)}}[data-theme=dark]{${variables(scales.dark)}}` +
    `@media print{:root,[data-theme=dark]{${variables(scales.light)}}}`;
  document.head.append(sheet);
  const stops = Array.from({length: 21}, (_, k) => `var(--c${5 * k})`);
  $("ramp").style.background = `linear-gradient(to right, ${stops.join(",")})`;
}

const heat = weight => `var(--c${Math.round(steps * Math.min(Math.max(weight, 0), 1))})`;
const isHeavy = weight => weight > 0.5;

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

const text = side => side.words.join(" ");
const fold = string => string.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

// ---- the list ----

const aer = sentence => sentence.targets.find(target => target.aer !== undefined)?.aer;
const error = sentence => sentence.targets[0].chrf === undefined ? undefined : 100 - sentence.targets[0].chrf;

// What the list can be sorted by: a name, the value of a sentence, how it reads, and whether the largest comes first.
const orders = {
  line: {name: "order", value: s => s.line, show: s => signed(score(s.targets[0]), 2), falls: false},
  score: {name: "score", value: s => score(s.targets[0]), show: s => signed(score(s.targets[0]), 2), falls: false},
  length: {name: "length", value: s => s.source.pieces.length, show: s => s.source.pieces.length - s.source.end, falls: true},
  entropy: {name: "entropy", value: s => s.targets[0].entropy, show: s => s.targets[0].entropy.toFixed(2), falls: true},
  error: {name: "error", value: error, show: s => error(s).toFixed(1), falls: true},
  aer: {name: "alignment error", value: aer, show: s => aer(s).toFixed(2), falls: true},
};

const known = (order, sentence) => orders[order].value(sentence) !== undefined;
let entries = [];     // {sentence, item, button, value, key}
let inOrder = [];     // the entries that the search lets through, as the list has them

function installList() {
  for (const [key, order] of Object.entries(orders))
    if (data.sentences.some(sentence => known(key, sentence))) $("sort").append(new Option(order.name, key));
  entries = data.sentences.map(sentence => {
    const value = element("span", {className: "value"});
    const button = element("button", {onclick: () => choose(sentence)},
      element("span", {className: "line", textContent: sentence.line + 1}),
      element("bdi", {textContent: text(sentence.source)}), value,
      element("bdi", {className: "said", textContent: text(sentence.targets[0])}));
    const key = fold([sentence.source, ...sentence.targets].map(text).join("\n"));
    return {sentence, button, value, key, item: element("li", {}, button)};
  });
}

function showList() {
  const order = orders[state.sort], wanted = fold(state.query.trim());
  const sign = (order.falls ? -1 : 1) * (state.reverse ? -1 : 1);
  const value = entry => order.value(entry.sentence) ?? Infinity * sign;
  inOrder = entries.filter(entry => entry.key.includes(wanted))
    .sort((a, b) => sign * (value(a) - value(b)) || a.sentence.line - b.sentence.line);
  for (const entry of inOrder) entry.value.textContent = known(state.sort, entry.sentence) ? order.show(entry.sentence) : "";
  $("list").replaceChildren(...inOrder.map(entry => entry.item));
  $("count").textContent = inOrder.length === entries.length ? `${entries.length}` : `${inOrder.length} of ${entries.length}`;
  $("empty").hidden = inOrder.length > 0;
  $("reverse").textContent = sign > 0 ? "↑" : "↓";
  $("reverse").setAttribute("aria-pressed", state.reverse);
  if (inOrder.length && !inOrder.some(entry => entry.sentence.line === state.line)) state.line = inOrder[0].sentence.line;
  markChosen();
}

function markChosen() {
  for (const {sentence, button} of entries) button.setAttribute("aria-current", sentence.line === state.line);
  inOrder.find(entry => entry.sentence.line === state.line)?.button.scrollIntoView({block: "nearest"});
}

function choose(sentence) {
  state.line = sentence.line;
  openList(false);
  markChosen();
  show();
}

function step(by) {
  const at = inOrder.findIndex(entry => entry.sentence.line === state.line) + by;
  if (inOrder[at]) choose(inOrder[at].sentence);
}

function openList(open) {
  $("list-panel").classList.toggle("open", open);
  $("list-button").setAttribute("aria-expanded", open);
}

// ---- the sentence ----

const chosen = () => data.sentences.find(sentence => sentence.line === state.line);
const chosenTarget = sentence => sentence.targets[Math.min(state.target, sentence.targets.length - 1)];
const capital = word => word[0].toUpperCase() + word.slice(1);

function showTexts(sentence, target) {
  const row = (name, side) => element("div", {className: side === target ? "shown" : ""},
    element("span", {className: "name", textContent: capital(name)}), element("p", {dir: "auto", textContent: text(side)}));
  const facts = [["score", signed(score(target), 3)], ["entropy", `${target.entropy.toFixed(2)} bits`]];
  if (target.chrf !== undefined) facts.push(["chrF", target.chrf.toFixed(1)]);
  if (target.aer !== undefined) facts.push(["alignment error", target.aer.toFixed(2)]);
  const fact = ([name, value]) => element("div", {}, element("dt", {textContent: name}), element("dd", {textContent: value}));
  $("texts").replaceChildren(row(`sentence ${sentence.line + 1}`, sentence.source),
    ...sentence.targets.map(side => row(side.name, side)), element("dl", {}, ...facts.map(fact)));
}

// Buttons of which one is pressed; none where there is no choice.
function showChoice(id, names, pressed, choice) {
  $(id).replaceChildren(...(names.length < 2 ? [] : names).map(([value, name]) => element("button", {
    textContent: name, onclick: () => { state[id] = value; show(); focusOn(id, value); },
    "aria-pressed": value === pressed, "data-value": value,
  })));
}
const focusOn = (id, value) => $(id).querySelector(`[data-value="${value}"]`)?.focus();

function showTools(sentence, target) {
  const hasPieces = data.sentences.some(s => [s.source, ...s.targets].some(side => side.of.length !== side.words.length));
  showChoice("view", [["matrix", "Matrix"], ["links", "Links"]], state.view);
  showChoice("unit", hasPieces ? [["words", "Words"], ["pieces", "Subwords"]] : [], state.unit);
  showChoice("target", sentence.targets.map((side, k) => [k, capital(side.name)]), sentence.targets.indexOf(target));
  $("matrix").replaceChildren(...target.matrices.map((matrix, k) => new Option(matrix.name, k)));
  $("matrix").value = Math.min(state.matrix, target.matrices.length - 1);
  $("matrix-label").hidden = target.matrices.length < 2;
  $("gold").parentElement.hidden = !target.gold;
  $("gold").disabled = state.unit !== "words";
  $("numbers-label").hidden = state.view !== "matrix";
  for (const id of ["gold", "end", "numbers"]) $(id).checked = state[id];
}

// ---- the matrix ----

let matrix = null;                     // what is shown
let active = null;                     // [row, column] under the pointer or the keys
const cells = new Map();               // "row,column" → td

function cellSize(columns, rowLabels) {
  const room = (printing ? 660 : document.querySelector("main").clientWidth - 60) - rowLabels;
  const [least, most] = state.numbers ? [34, 38] : [printing ? 9 : 20, 32];
  return Math.round(Math.min(Math.max(room / columns, least), most));
}

function heading(label, scope) {
  return element("th", {className: label.end ? "end" : "", scope}, element("span", {textContent: label.text, dir: "auto"}));
}

function cell(j, i, marks) {
  const weight = matrix.at(j, i), key = `${j},${i}`;
  const td = element("td", {textContent: weight.toFixed(2), className: isHeavy(weight) ? "heavy" : weight < 0.005 ? "none" : ""});
  td.style.background = heat(weight);
  td.classList.toggle("starts", state.unit === "pieces" && matrix.columns[i].starts);
  td.dataset.at = key;
  cells.set(key, td);
  if (marks?.possible.has(key)) td.append(element("i", {className: `ring ${marks.sure.has(key) ? "sure" : "possible"}`}));
  if (marks?.model.has(key)) td.append(element("i", {className: "dot"}));
  return td;
}

function showMatrix(sentence, target) {
  const marks = overlay(target);
  cells.clear();
  const head = element("tr", {}, element("td"), ...matrix.columns.map(label => heading(label, "col")));
  const rows = matrix.rows.map((label, j) => element("tr", {
    className: state.unit === "pieces" && label.starts ? "starts" : "",
  }, heading(label, "row"), ...matrix.columns.map((_, i) => cell(j, i, marks))));
  const table = element("table", {dir: direction(sentence.source.words), className: state.numbers ? "numbers" : ""},
    element("thead", {}, head), element("tbody", {}, ...rows));
  $("figure").replaceChildren(table);
  $("figure").tabIndex = 0;
  $("figure").setAttribute("aria-label", "Matrix: rows are the target, columns the source; the arrow keys go from cell to cell");
  fit(table);
}

// Sizes that depend on how wide the labels are: slanted ones must not be cut, and short ones may stand upright.
function fit(table) {
  const spans = [...table.querySelectorAll("thead th span")];
  const rowLabels = Math.max(...[...table.querySelectorAll("tbody th")].map(th => th.offsetWidth));
  const size = cellSize(matrix.columns.length, rowLabels);
  table.style.setProperty("--cell", `${size}px`);
  table.style.setProperty("--letter", `${Math.min(14, Math.max(size * 0.62, 8))}px`);
  const widest = Math.max(...spans.map(span => span.offsetWidth));
  const upright = widest <= size + 8;  // with the padding
  table.classList.toggle("upright", upright);
  const slope = 50 * Math.PI / 180, height = spans[0].offsetHeight;
  table.style.setProperty("--head", upright ? "1.8em" : `${Math.ceil(widest * Math.sin(slope) + height)}px`);
  const reach = span => span.offsetWidth * Math.cos(slope) - size * 0.5;
  const over = Math.max(...spans.map((span, i) => reach(span) - size * (spans.length - 1 - i)), 0);
  $("figure").style.paddingInlineEnd = "0";
  $("figure").style[table.dir === "rtl" ? "paddingLeft" : "paddingRight"] = upright ? "2px" : `${Math.ceil(over + height)}px`;
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

function showLinks(sentence, target) {
  const source = sideOf(matrix.columns, sentence.source.words, "source"), said = sideOf(matrix.rows, target.words, "target");
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("aria-hidden", "true");
  const links = element("div", {className: "links wide"}, source, said, picture);
  $("figure").removeAttribute("tabindex");
  $("figure").removeAttribute("aria-label");
  $("figure").style.paddingLeft = $("figure").style.paddingRight = "0";
  $("figure").replaceChildren(links);
  const room = printing ? 660 : document.querySelector("main").clientWidth - 60;
  if (Math.max(source.offsetWidth, said.offsetWidth) > room) links.className = "links tall";
  drawLinks(links, picture, overlay(target));
}

function drawLinks(links, picture, marks) {
  const [source, target] = links.querySelectorAll(".side"), wide = links.classList.contains("wide");
  const home = links.getBoundingClientRect();
  const edge = (button, first) => {
    const box = button.getBoundingClientRect();
    return wide ? [(box.left + box.right) / 2 - home.left, (first ? box.bottom : box.top) - home.top]
                : [(first ? box.right : box.left) - home.left, (box.top + box.bottom) / 2 - home.top];
  };
  const path = (j, i, weight, className) => {
    const [x, y] = edge(source.children[i], true), [u, v] = edge(target.children[j], false);
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
  for (const key of marks?.possible ?? []) picture.append(path(...key.split(",").map(Number), 0, marks.sure.has(key) ? "gold" : "gold possible"));
}

// A token's links alone, and the tokens at their other ends in the colour of the weight.
function chooseToken(button) {
  const links = $("figure").querySelector(".links");
  for (const token of links.querySelectorAll(".side button")) {
    token.classList.remove("lit", "heavy");
    token.style.background = "";
  }
  links.classList.toggle("choosing", Boolean(button));
  $("tip").hidden = true;
  if (!button) return;
  const {side, at} = button.dataset, other = side === "source" ? "target" : "source";
  button.classList.add("lit");
  for (const path of links.querySelectorAll("path")) path.classList.toggle("lit", path.dataset[side] === at);
  const weights = [...links.querySelectorAll(`[data-side=${other}]`)].map((token, k) => {
    const weight = side === "source" ? matrix.at(k, Number(at)) : matrix.at(Number(at), k);
    token.style.background = weight >= leastDrawn ? heat(weight) : "";
    token.classList.toggle("heavy", isHeavy(weight));
    return weight;
  });
  const largest = weights.indexOf(Math.max(...weights));
  const [row, column] = side === "source" ? [largest, Number(at)] : [Number(at), largest];
  tell(button, matrix.columns[column].text, matrix.rows[row].text, weights[largest]);
}

// ---- all of it ----

let printing = false;

function show() {
  const sentence = chosen(), target = chosenTarget(sentence);
  matrix = matrixOf(sentence, target);
  active = null;
  $("tip").hidden = true;
  showTexts(sentence, target);
  showTools(sentence, target);
  (state.view === "matrix" ? showMatrix : showLinks)(sentence, target);
  const marked = Boolean(overlay(target));
  for (const key of document.querySelectorAll(".gold-key")) key.hidden = !marked;
  document.querySelector(".matrix-key").hidden = !marked || state.view !== "matrix";
  remember();
}

function showTheme() {
  const dark = state.theme ? state.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

// What is shown is the page's address: it can be kept, and sent.
function remember() {
  const changed = Object.entries(state).filter(([key, value]) => key === "line" || value !== defaults[key]);
  history.replaceState(null, "", "#" + new URLSearchParams(changed));
}

function recall() {
  for (const [key, value] of new URLSearchParams(location.hash.slice(1)))
    if (key in state) state[key] = typeof state[key] === "number" ? Number(value) : typeof state[key] === "boolean" ? value === "true" : value;
  if (!chosen()) state.line = defaults.line;
  if (!orders[state.sort]) state.sort = defaults.sort;
}

const toggles = {
  m: () => state.view = state.view === "matrix" ? "links" : "matrix",
  w: () => { if ($("unit").children.length) state.unit = state.unit === "words" ? "pieces" : "words"; },
  t: () => state.target = (state.target + 1) % chosen().targets.length,
  h: () => state.matrix = (state.matrix + 1) % chosenTarget(chosen()).matrices.length,
  g: () => state.gold = !state.gold,
  e: () => state.end = !state.end,
  n: () => state.numbers = !state.numbers,
};

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
  if (event.target.matches("input:not([type=checkbox]), select")) return inSearch(event);
  const arrow = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
  if (arrow && event.target === $("figure")) moveActive(...arrow);
  else if (toggles[event.key]) toggles[event.key](), show();
  else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  else if (event.key === "/") openList(true), $("search").focus();
  else if (event.key === "?") $("help").showModal();
  else if (event.key === "d") $("theme").click();
  else if (event.key === "Escape") lightUp(null), openList(false);
  else return;
  event.preventDefault();
}

function inSearch(event) {
  if (event.target !== $("search")) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event.key === "ArrowDown" ? 1 : -1), event.preventDefault();
  if (event.key === "Escape") $("search").blur();
}

function install() {
  document.title = data.title ? `Attention: ${data.title}` : "Attention";
  $("title").textContent = data.title;
  recall();
  installScales();
  installList();
  Object.assign($("search"), {value: state.query, oninput: event => { state.query = event.target.value; showList(); show(); }});
  Object.assign($("sort"), {value: state.sort, onchange: event => { state.sort = event.target.value; state.reverse = false; showList(); show(); }});
  $("reverse").onclick = () => { state.reverse = !state.reverse; showList(); remember(); };
  $("matrix").onchange = event => { state.matrix = Number(event.target.value); show(); };
  for (const id of ["gold", "end", "numbers"]) $(id).onchange = event => { state[id] = event.target.checked; show(); };
  for (const button of $("steps").children) button.onclick = () => step(Number(button.dataset.step));
  $("theme").onclick = () => { state.theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark"; showTheme(); remember(); };
  $("help-button").onclick = () => $("help").showModal();
  $("list-button").onclick = () => openList(!$("list-panel").classList.contains("open"));
  const pointed = event => {
    if (state.view === "links") return chooseToken(event.target.closest(".side button"));
    const td = event.target.closest("td[data-at]");
    lightUp(td && td.dataset.at.split(",").map(Number));
  };
  $("figure").addEventListener("pointerover", pointed);
  $("figure").addEventListener("focusin", event => { if (event.target.matches(".side button")) chooseToken(event.target); });
  $("figure").addEventListener("pointerleave", () => state.view === "links" ? chooseToken(null) : lightUp(null));
  document.addEventListener("keydown", pressed);
  document.querySelector("main").addEventListener("scroll", () => $("tip").hidden = true);
  addEventListener("resize", show);
  addEventListener("beforeprint", () => { printing = true; show(); });
  addEventListener("afterprint", () => { printing = false; show(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);
  showTheme();
  showList();
  show();
}

install();
