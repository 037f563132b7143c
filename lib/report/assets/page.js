"use strict";
// Shows the sentences in #data: {title, scale, sentences: [{line, source, targets}]}. A target has a name, matrices, links,
// whether these are combined, and what is known of log_prob, entropy, chrf, aer, gold. A source has matrices too where the
// encoder attends: of its words to themselves.

expect({
  line: data.sentences[0].line, target: 0, gold: true, query: "", sort: "line", reverse: false,
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

function showTools(sentence, target) {
  showFigureTools(pictures.map(({name}) => name), data.sentences.flatMap(s => [s.source, ...s.targets]));
  showChoice("target", sentence.targets.map((side, k) => [k, capital(side.name)]), sentence.targets.indexOf(target));
  $("gold").parentElement.hidden = !target.gold;
  $("gold").disabled = state.unit !== "words";
  $("gold").checked = state.gold;
}

// ---- all of it ----

function show() {
  const sentence = chosen(), target = chosenTarget(sentence);
  pictures = picturesOf(sentence.source, target);
  const marks = picture().side === target ? overlay(target) : null;
  showTexts(sentence, target);
  showTools(sentence, target);
  showFigure(sentence.source, marks);
  for (const key of document.querySelectorAll(".gold-key")) key.hidden = !marks?.gold;
  $("model-key").hidden = !marks || (state.view !== "matrix" && !marks.combined);
  $("legend").dataset.view = state.view;
  $("model-key").lastElementChild.textContent = marks?.combined ? "links of both models, combined" : "the model’s link";
  remember();
}

Object.assign(toggles, {
  t: () => state.target = (state.target + 1) % chosen().targets.length,
  g: () => state.gold = !state.gold,
});
Object.assign(keys, {
  j: () => step(1),
  k: () => step(-1),
  "/": () => { openList(true); $("search").focus(); },
  Escape: () => { leaveFigure(); openList(false); },
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
  $("gold").onchange = event => { state.gold = event.target.checked; show(); };
  for (const button of $("steps").children) button.onclick = () => step(Number(button.dataset.step));
  $("list-button").onclick = () => openList(!$("list-panel").classList.contains("open"));
  showList();
  show();
}

install();
