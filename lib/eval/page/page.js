"use strict";
// Shows the sentences in #data: {title, scale, sentences: [{line, source, targets}]}. A target has a name, matrices, links,
// whether these are combined, and what is known of log_prob, entropy, chrf, aer, gold. A source has matrices too where the
// encoder attends: of its words to themselves.

expect({
  line: data.sentences[0].line, view: "matrix", target: 0, matrix: 0, gold: true, query: "", sort: "line", reverse: false,
});

// Links of words: in subwords there are none. Gold ones, and with them the model's own; those of two models always, as the
// weights do not show them.
function overlay(target) {
  const gold = state.gold ? target.gold : undefined;
  if (state.unit !== "words" || !(gold || target.combined)) return null;
  const keys = links => new Set((links ?? []).map(([s, t]) => `${t},${s}`));
  return {gold: Boolean(gold), sure: keys(gold?.sure), possible: keys(gold?.possible), model: keys(target.links), combined: target.combined};
}

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

function showTexts(sentence, target) {
  const measures = [["score", signed(score(target), 3)], ["entropy", `${target.entropy.toFixed(2)} bits`]];
  if (target.chrf !== undefined) measures.push(["chrF", target.chrf.toFixed(1)]);
  if (target.aer !== undefined) measures.push(["alignment error", target.aer.toFixed(2)]);
  $("texts").replaceChildren(namedText(`sentence ${sentence.line + 1}`, sentence.source),
    ...sentence.targets.map(side => namedText(side.name, side, side === target ? "shown" : "")), facts(measures));
}

// The matrices to choose from, each with the side that its rows are.
const matricesOf = (source, target) => [target, source].flatMap(side => (side.matrices ?? []).map(matrix => ({...matrix, side})));

function showTools(sentence, target) {
  showChoice("view", [["matrix", "Matrix"], ["links", "Links"]], state.view);
  showUnits(data.sentences.flatMap(s => [s.source, ...s.targets]));
  showChoice("target", sentence.targets.map((side, k) => [k, capital(side.name)]), sentence.targets.indexOf(target));
  const matrices = matricesOf(sentence.source, target);
  $("matrix").replaceChildren(...matrices.map((matrix, k) => new Option(matrix.name, k)));
  $("matrix").value = Math.min(state.matrix, matrices.length - 1);
  $("matrix-label").hidden = matrices.length < 2;
  $("gold").parentElement.hidden = !target.gold;
  $("gold").disabled = state.unit !== "words";
  $("numbers-label").hidden = state.view !== "matrix";
  for (const id of ["gold", "end", "numbers"]) $(id).checked = state[id];
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

function showLinks({source: {words}}, rows, marks) {
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

// A token's links alone, and the tokens at their other ends in the colour of the weight.
function chooseToken(button) {
  const links = $("figure").querySelector(".links");
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
// ---- all of it ----

function show() {
  const sentence = chosen(), target = chosenTarget(sentence), matrices = matricesOf(sentence.source, target);
  const {weights, side} = matrices[Math.min(state.matrix, matrices.length - 1)];
  const marks = side === target ? overlay(target) : null;
  matrix = matrixOf(sentence.source, side, numbersOf(weights));
  active = null;
  $("tip").hidden = true;
  showTexts(sentence, target);
  showTools(sentence, target);
  if (state.view === "matrix") showMatrix(sentence.source, marks);
  else showLinks(sentence, side, marks);
  for (const key of document.querySelectorAll(".gold-key")) key.hidden = !marks?.gold;
  $("model-key").hidden = !marks || (state.view !== "matrix" && !marks.combined);
  $("legend").dataset.view = state.view;
  $("model-key").lastElementChild.textContent = marks?.combined ? "links of both models, combined" : "the model’s link";
  remember();
}

Object.assign(toggles, {
  m: () => state.view = state.view === "matrix" ? "links" : "matrix",
  t: () => state.target = (state.target + 1) % chosen().targets.length,
  h: () => state.matrix = (state.matrix + 1) % matricesOf(chosen().source, chosenTarget(chosen())).length,
  g: () => state.gold = !state.gold,
});
Object.assign(keys, {
  j: () => step(1),
  k: () => step(-1),
  "/": () => { openList(true); $("search").focus(); },
  Escape: () => { lightUp(null); openList(false); },
});

function searchFor(query) {
  state.query = query;
  showList();
  show();
}

function inSearch(event) {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event.key === "ArrowDown" ? 1 : -1), event.preventDefault();
  if (event.key !== "Escape") return;
  $("search").value = "";  // a browser that clears it tells a box that has lost the focus nothing
  searchFor("");
  $("search").blur();
}

function install() {
  document.title = data.title ? `Attention: ${data.title}` : "Attention";
  $("title").textContent = data.title;
  begin();
  if (!chosen()) state.line = defaults.line;
  if (!orders[state.sort]) state.sort = defaults.sort;
  installList();
  Object.assign($("search"), {value: state.query, oninput: event => searchFor(event.target.value), onkeydown: inSearch});
  Object.assign($("sort"), {value: state.sort, onchange: event => { state.sort = event.target.value; state.reverse = false; showList(); show(); }});
  $("reverse").onclick = () => { state.reverse = !state.reverse; showList(); remember(); };
  $("matrix").onchange = event => { state.matrix = Number(event.target.value); show(); };
  $("gold").onchange = event => { state.gold = event.target.checked; show(); };
  for (const button of $("steps").children) button.onclick = () => step(Number(button.dataset.step));
  $("list-button").onclick = () => openList(!$("list-panel").classList.contains("open"));
  const pointed = event => {
    if (state.view === "links") return chooseToken(event.target.closest(".side button"));
    lightUp(cellAt(event));
  };
  onPointing($("figure"), ["pointerover"], pointed, () => state.view === "links" ? chooseToken(null) : lightUp(null));
  $("figure").addEventListener("focusin", event => { if (event.target.matches(".side button")) chooseToken(event.target); });
  showList();
  show();
}

install();
