// The page of attn serve. data.languages lists {code, name, targets}.

addState({source: data.languages.find(language => language.targets.length).code, target: "", text: "", line: 0});

const pauseBeforeRequest = 250;  // ms without typing
const alternativeCount = 4;

let answers = [];       // one for each line
let pending = null;     // the request under way
let timer = 0;

const languageName = code => data.languages.find(language => language.code === code)?.name ?? code;
const targetsOf = source => data.languages.find(language => language.code === source)?.targets ?? [];

// ---- languages ----

function showLanguages() {
  const option = code => element("option", {value: code, textContent: languageName(code)});
  $("source").replaceChildren(...data.languages.filter(language => language.targets.length).map(({code}) => option(code)));
  if (!targetsOf(state.source).length) state.source = defaults.source;
  $("source").value = state.source;
  const targets = targetsOf(state.source);
  if (!targets.includes(state.target)) state.target = targets[0];
  $("target").replaceChildren(...targets.map(option));
  $("target").value = state.target;
  $("input").lang = state.source;
  $("output").lang = state.target;
}

// ---- translation ----

function report(message, isError = false) {
  $("status").textContent = message;
  $("status").className = isError ? "error" : "";
}

function requestSoon() {
  clearTimeout(timer);
  timer = setTimeout(translate, pauseBeforeRequest);
}

async function translate() {
  pending?.abort();
  pending = new AbortController();
  const signal = pending.signal, lines = state.text.split("\n");
  saveState();
  if (!state.text.trim()) return showAnswers([]);
  $("output").classList.add("waiting");
  const requests = lines.map(text => ({text, n_best: alternativeCount, attention: true,
    source_language: state.source, target_language: state.target}));
  const begin = performance.now();
  try {
    const response = await fetch("v1/translate", {method: "POST", body: JSON.stringify(requests), signal,
      headers: {"Content-Type": "application/json"}});
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    const failed = answer.find(({error}) => error);
    showAnswers(answer);
    if (failed) report(failed.error, true);
    else report(`${((performance.now() - begin) / 1000).toFixed(2)} s`);
  } catch (error) {
    if (signal.aborted) return;
    report(error instanceof TypeError ? "The server does not answer." : error.message, true);
  } finally {
    if (!signal.aborted) $("output").classList.remove("waiting");
  }
}

function showAnswers(list) {
  answers = list;
  report("");
  $("output").classList.remove("waiting");
  $("output").replaceChildren(...answers.map(({translation = ""}, line) => element("p", {
    dir: "auto", textContent: translation, tabIndex: answers.length > 1 ? 0 : -1,
    onclick: () => selectLine(line), onkeydown: event => { if (event.key === "Enter") selectLine(line); },
  })));
  if (!answers[state.line]?.translation) state.line = Math.max(0, answers.findIndex(({translation}) => translation));
  show();
}

function selectLine(line) {
  state.line = line;
  show();
}

// ---- the selected line ----

function showAlternatives(answer) {
  const others = (answer?.n_best ?? []).slice(1);
  $("alternatives").hidden = !others.length;
  $("choices").replaceChildren(...others.map(({translation, log_prob, tokens}) => element("li", {},
    element("bdi", {textContent: translation}), element("span", {textContent: signed(log_prob / tokens.length, 2)}))));
}

function show() {
  const answer = answers[state.line], sides = answer?.attention;
  [...$("output").children].forEach((line, k) => line.setAttribute("aria-current", k === state.line));
  showAlternatives(answer);
  $("attention").hidden = !sides;
  if (sides) {
    maps = mapsOf(sides.source, sides.target);
    showFigureTools(maps.map(({name}) => name), [sides.source, sides.target]);
    showFigure(sides.source, null);
  }
  saveState();
}

// ---- the page ----

async function copyTranslation() {
  try {  // browsers allow it on this machine and with HTTPS only
    await navigator.clipboard.writeText(answers.map(({translation = ""}) => translation).join("\n"));
    report("Copied");
  } catch {
    report("The browser does not allow copying; select the text instead.", true);
  }
}

Object.assign(keys, {
  i: () => $("input").focus(),
  c: copyTranslation,
  j: () => selectLine(Math.min(state.line + 1, answers.length - 1)),
  k: () => selectLine(Math.max(state.line - 1, 0)),
  Escape: () => { if (answers[state.line]?.attention) clearSelection(); },
});

function install() {
  $("title").textContent = data.title;
  document.title = data.title ? `Translate: ${data.title}` : "Translate";
  start();
  state.line = 0;
  showLanguages();
  Object.assign($("input"), {value: state.text, oninput: event => { state.text = event.target.value; requestSoon(); },
    onkeydown: event => { if (event.key === "Escape") event.target.blur(); }});
  $("source").onchange = event => { state.source = event.target.value; showLanguages(); translate(); };
  $("target").onchange = event => { state.target = event.target.value; showLanguages(); translate(); };
  $("copy").onclick = copyTranslation;
  translate();
}

install();
