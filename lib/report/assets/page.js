"use strict";
// The heatmap page. #data is {title, scale, granularity, sentences: [{line, source, targets}]}; common.js describes source and
// target. A target also has a name, links, entropy, and where known chrf, aer (alignment error rate), gold {sure, possible} and
// combined (true: the links are those of two models). A source has matrices if the encoder has self-attention.

addState({
  line: data.sentences[0].line, target: 0, gold: true, query: "", sort: "line", reverse: false,
});

// Returns the links to mark, which exist between words only, or null. The links of one model are marked together with gold links;
// combined links are always marked, because they do not follow from the weights.
function markedLinks(target) {
  const gold = state.gold ? target.gold : undefined;
  if (state.granularity !== "words" || !(gold || target.combined)) return null;
  const keys = links => new Set((links ?? []).map(([s, t]) => `${t},${s}`));
  return {gold: Boolean(gold), sure: keys(gold?.sure), possible: keys(gold?.possible), model: keys(target.links), combined: target.combined};
}

const fold = string => string.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

// ---- the list ----

const aer = sentence => sentence.targets.find(target => target.aer !== undefined)?.aer;
const error = sentence => sentence.targets[0].chrf === undefined ? undefined : 100 - sentence.targets[0].chrf;

// The orders of the list: a name, the value of a sentence, its text in the list, and whether the largest comes first.
const sortOrders = {
  line: {name: "order", value: s => s.line, show: s => signed(logProbPerSubword(s.targets[0]), 2), descending: false},
  log_prob: {name: "log-probability per subword", value: s => logProbPerSubword(s.targets[0]),
    show: s => signed(logProbPerSubword(s.targets[0]), 2), descending: false},
  length: {name: "length", value: s => s.source.subwords.length, show: s => s.source.subwords.length - s.source.end, descending: true},
  entropy: {name: "entropy", value: s => s.targets[0].entropy, show: s => s.targets[0].entropy.toFixed(2), descending: true},
  error: {name: "error", value: error, show: s => error(s).toFixed(1), descending: true},
  aer: {name: "alignment error", value: aer, show: s => aer(s).toFixed(2), descending: true},
};

const hasValue = (order, sentence) => sortOrders[order].value(sentence) !== undefined;
let entries = [];     // {sentence, item, button, value, key}
let listed = [];      // the entries that match the search, in the order of the list

function installList() {
  for (const [key, order] of Object.entries(sortOrders))
    if (data.sentences.some(sentence => hasValue(key, sentence))) $("sort").append(new Option(order.name, key));
  entries = data.sentences.map(sentence => {
    const value = element("span", {className: "value"});
    const button = element("button", {onclick: () => selectSentence(sentence)},
      element("span", {className: "line", textContent: sentence.line + 1}),
      element("bdi", {textContent: text(sentence.source)}), value,
      element("bdi", {className: "translation", textContent: text(sentence.targets[0])}));
    const key = fold([sentence.source, ...sentence.targets].map(text).join("\n"));
    return {sentence, button, value, key, item: element("li", {}, button)};
  });
}

function showList() {
  const order = sortOrders[state.sort], query = fold(state.query.trim());
  const sign = (order.descending ? -1 : 1) * (state.reverse ? -1 : 1);
  const value = entry => order.value(entry.sentence) ?? Infinity * sign;
  listed = entries.filter(entry => entry.key.includes(query))
    .sort((a, b) => sign * (value(a) - value(b)) || a.sentence.line - b.sentence.line);
  for (const entry of listed) entry.value.textContent = hasValue(state.sort, entry.sentence) ? order.show(entry.sentence) : "";
  $("list").replaceChildren(...listed.map(entry => entry.item));
  $("count").textContent = listed.length === entries.length ? `${entries.length}` : `${listed.length} of ${entries.length}`;
  $("empty").hidden = listed.length > 0;
  $("reverse").textContent = sign > 0 ? "↑" : "↓";
  $("reverse").setAttribute("aria-pressed", state.reverse);
  if (listed.length && !listed.some(entry => entry.sentence.line === state.line)) state.line = listed[0].sentence.line;
  markSelected();
}

function markSelected() {
  for (const {sentence, button} of entries) button.setAttribute("aria-current", sentence.line === state.line);
  listed.find(entry => entry.sentence.line === state.line)?.button.scrollIntoView({block: "nearest"});
}

function selectSentence(sentence) {
  state.line = sentence.line;
  openList(false);
  markSelected();
  show();
}

function step(by) {
  const at = listed.findIndex(entry => entry.sentence.line === state.line) + by;
  if (listed[at]) selectSentence(listed[at].sentence);
}

function openList(open) {
  $("list-panel").classList.toggle("open", open);
  $("list-button").setAttribute("aria-expanded", open);
}

// ---- the sentence ----

const selected = () => data.sentences.find(sentence => sentence.line === state.line);
const selectedTarget = sentence => sentence.targets[Math.min(state.target, sentence.targets.length - 1)];

function showTexts(sentence, target) {
  const measures = [["log-probability per subword", signed(logProbPerSubword(target), 3)], ["entropy", `${target.entropy.toFixed(2)} bits`]];
  if (target.chrf !== undefined) measures.push(["chrF", target.chrf.toFixed(1)]);
  if (target.aer !== undefined) measures.push(["alignment error", target.aer.toFixed(2)]);
  $("texts").replaceChildren(namedText(`sentence ${sentence.line + 1}`, sentence.source),
    ...sentence.targets.map(side => namedText(side.name, side, side === target ? "shown" : "")), measureList(measures));
}

function showTools(sentence, target) {
  showFigureTools(maps.map(({name}) => name), data.sentences.flatMap(s => [s.source, ...s.targets]));
  showChoice("target", sentence.targets.map((side, k) => [k, capital(side.name)]), sentence.targets.indexOf(target));
  $("gold").parentElement.hidden = !target.gold;
  $("gold").disabled = state.granularity !== "words";
  $("gold").checked = state.gold;
}

// ---- the page ----

function show() {
  const sentence = selected(), target = selectedTarget(sentence);
  maps = mapsOf(sentence.source, target);
  const marks = currentMap().side === target ? markedLinks(target) : null;
  showTexts(sentence, target);
  showTools(sentence, target);
  showFigure(sentence.source, marks);
  for (const key of document.querySelectorAll(".gold-key")) key.hidden = !marks?.gold;
  $("model-key").hidden = !marks || (state.view !== "matrix" && !marks.combined);
  $("legend").dataset.view = state.view;
  $("model-key").lastElementChild.textContent = marks?.combined ? "combined links of both models" : "link of the model";
  saveState();
}

Object.assign(toggles, {
  t: () => state.target = (state.target + 1) % selected().targets.length,
  g: () => state.gold = !state.gold,
});
Object.assign(keys, {
  j: () => step(1),
  k: () => step(-1),
  "/": () => { openList(true); $("search").focus(); },
  Escape: () => { clearSelection(); openList(false); },
});

function searchFor(query) {
  state.query = query;
  showList();
  show();
}

function onSearchKey(event) {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event.key === "ArrowDown" ? 1 : -1), event.preventDefault();
  if (event.key !== "Escape") return;
  $("search").value = "";  // a browser that clears the box after it has lost the focus sends no event
  searchFor("");
  $("search").blur();
}

function install() {
  document.title = data.title ? `Attention: ${data.title}` : "Attention";
  $("title").textContent = data.title;
  start();
  if (!selected()) state.line = defaults.line;
  if (!sortOrders[state.sort]) state.sort = defaults.sort;
  installList();
  Object.assign($("search"), {value: state.query, oninput: event => searchFor(event.target.value), onkeydown: onSearchKey});
  Object.assign($("sort"), {value: state.sort, onchange: event => { state.sort = event.target.value; state.reverse = false; showList(); show(); }});
  $("reverse").onclick = () => { state.reverse = !state.reverse; showList(); saveState(); };
  $("gold").onchange = event => { state.gold = event.target.checked; show(); };
  for (const button of $("steps").children) button.onclick = () => step(Number(button.dataset.step));
  $("list-button").onclick = () => openList(!$("list-panel").classList.contains("open"));
  showList();
  show();
}

install();
