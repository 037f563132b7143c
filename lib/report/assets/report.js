"use strict";
// Shows the training in #data: {title, scale, lines_a_point, training and validation: an array for each number, best: the
// index of a validation, tokens_per_second, end: the last event, config, changed: paths of options, samples: [{update,
// sentences: [{line, source, reference, target}]}]}. A target without matrices is of a model without attention, or too long.

const {training, validation, samples} = data;

expect({axis: "update", sentence: 0, at: 0, only: false});  // at: the update of a sample; 0: of the last

// ---- numbers ----

const grouped = value => Math.round(value).toLocaleString("en");
const precise = value => Math.abs(value) >= 1000 ? grouped(value) : String(Number(value.toPrecision(4)));

function clock(seconds) {
  const whole = Math.round(seconds), two = number => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

// A tick among those of its axis: in as many digits as they differ in, all in one notation.
function tickText(value, ticks) {
  const top = Math.max(...ticks.map(Math.abs)), step = Math.min(...ticks.slice(1).map((tick, i) => tick - ticks[i]));
  const digits = Math.min(Math.max(3, Math.ceil(Math.log10(top / step)) + 1), 9);
  const number = of => Number(of.toPrecision(digits));
  const said = value >= 1e6 ? `${number(value / 1e6)}M` : value >= 1e3 && top >= 1e4 ? `${number(value / 1e3)}k`
    : value > 0 && top < 0.001 ? number(value).toExponential() : String(number(value));
  return said.replace("-", "−");
}

// What the horizontal axis can be.
const axes = {
  update: {name: "Updates", text: tickText, steps: [1, 2, 5].flatMap(m => Array.from({length: 9}, (_, k) => m * 10 ** k))},
  seconds: {name: "Time", text: clock, steps: [1, 2, 5, 10, 15, 30].flatMap(m => [m, 60 * m])
    .concat([1, 2, 3, 6, 12].map(m => 3600 * m), [1, 2, 5, 10].map(m => 86400 * m))},
};

function multiples(low, high, step) {
  const first = Math.ceil(low / step - 1e-9), count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({length: count}, (_, k) => (first + k) * step);
}

// Values to 0 … 1, and ticks between; both ends are ticks.
function linearScale(low, high) {
  if (high === low) high = low + (Math.abs(low) || 1);
  const rough = (high - low) / 4, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find(multiple => multiple * power >= rough * 0.999);
  const [first, last] = [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
  return {ticks: multiples(first, last, step), at: value => (value - first) / (last - first)};
}

function logScale(low, high) {
  const powers = multiples(Math.floor(Math.log10(low) - 1e-9), Math.ceil(Math.log10(high)), 1);
  const all = powers.flatMap(power => [1, 2, 5].map(multiple => multiple * 10 ** power));
  const first = all.findLast(tick => tick <= low), last = all.find(tick => tick >= high);
  const inside = all.filter(tick => tick >= first && tick <= last);
  const ticks = inside.length <= 6 ? inside : inside.filter(tick => Number.isInteger(Number(Math.log10(tick).toFixed(9))));
  return {ticks, at: value => Math.log(value / first) / Math.log(last / first)};
}

// ---- the summary ----

function showSummary() {
  const points = [training, validation, {update: [data.end?.update ?? 0], epoch: [data.end?.epoch ?? 0], seconds: [data.end?.seconds ?? 0]}];
  const most = key => Math.max(0, ...points.map(series => series[key].at(-1) ?? 0));
  const tiles = [];
  if (validation.update.length) {
    const lowest = Math.min(...validation.cross_entropy), highest = Math.max(...validation.bleu);
    const at = (values, value) => `update ${grouped(validation.update[values.indexOf(value)])}`;
    tiles.push(["Best BLEU", highest.toFixed(2), at(validation.bleu, highest)],
      ["Best perplexity", precise(Math.exp(lowest)), at(validation.cross_entropy, lowest)]);
  }
  tiles.push(["Updates", grouped(most("update")), `epoch ${most("epoch")}`], ["Time", clock(most("seconds")), "validations included"]);
  if (data.tokens_per_second) tiles.push(["Tokens a second", grouped(data.tokens_per_second), "mean of the updates"]);
  const reason = data.end?.reason;
  tiles.push(["State", !reason ? "Under way" : reason === "interrupted" ? "Interrupted" : "Ended",
    !reason ? "when this was written" : reason === "interrupted" ? "--resume goes on" : `train.${reason}`]);
  $("summary").replaceChildren(...tiles.map(([name, value, note]) => element("div", {},
    element("dt", {textContent: name}), element("dd", {textContent: value}), element("dd", {className: "note", textContent: note}))));
}

// ---- the curves ----

const curve = (name, series, values) => ({name, points: values.map((value, i) =>
  ({update: series.update[i], epoch: series.epoch[i], seconds: series.seconds[i], value})).filter(point => Number.isFinite(point.value))});
const ofTraining = key => curve("training", training, training[key]);

const charts = [
  {id: "loss", name: "Loss", unit: "nats a subword", curves: [ofTraining("loss"), curve("validation", validation, validation.cross_entropy)]},
  {id: "perplexity", name: "Perplexity", wide: true, curves: [curve("validation", validation, validation.cross_entropy.map(Math.exp))]},
  {id: "bleu", name: "BLEU", fromZero: true, curves: [curve("validation", validation, validation.bleu)]},
  {id: "rate", name: "Learning rate", fromZero: true, curves: [ofTraining("learning_rate")]},
  {id: "norm", name: "Gradient norm", wide: true, curves: [ofTraining("gradient_norm")]},
  {id: "speed", name: "Tokens a second", fromZero: true, curves: [ofTraining("tokens_per_second")]},
].map(chart => ({...chart, curves: chart.curves.filter(({points}) => points.length)})).filter(chart => chart.curves.length);

const bestUpdate = validation.update[data.best];
const height = 170, margin = {left: 44, right: 12, top: 10, bottom: 24};

let stops = [];       // the points of all curves, as the horizontal axis has them
let cursor = null;    // the stop that is pointed at

function svg(name, attributes, ...children) {
  const out = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) out.setAttribute(key, value);
  out.append(...children);
  return out;
}

function valueScale({curves, fromZero, wide}) {
  const values = curves.flatMap(({points}) => points.map(point => point.value));
  const low = Math.min(...values), high = Math.max(...values);
  return wide && low > 0 && high > 10 * low ? logScale(low, high) : linearScale(fromZero ? 0 : low, high);
}

function axisTicks(furthest, width) {
  const fitting = axes[state.axis].steps.filter(step => furthest / step <= Math.max(2, width / 75));
  return multiples(0, furthest, Math.min(...fitting, furthest));
}

function showCharts() {
  const axis = state.axis, unique = new Map(charts.flatMap(({curves}) => curves.flatMap(({points}) => points)).map(point => [point[axis], point]));
  stops = [...unique.values()].sort((a, b) => a[axis] - b[axis]);
  showChoice("axis", Object.entries(axes).map(([key, {name}]) => [key, name]), axis);
  for (const key of document.querySelectorAll(".validation-key")) key.hidden = validation.update.length === 0;
  for (const chart of charts) chart.figure ??= element("figure", {className: "chart", "data-chart": chart.id});
  $("charts").replaceChildren(...charts.map(chart => chart.figure));
  charts.forEach(drawChart);
  showCursor(null);
}

function drawChart(chart) {
  const padding = 16, width = (chart.figure.clientWidth || 316) - padding, axis = state.axis;
  const inner = {width: width - margin.left - margin.right, height: height - margin.top - margin.bottom};
  const furthest = stops.at(-1)[axis] || 1, scale = valueScale(chart);
  chart.x = point => margin.left + inner.width * point[axis] / furthest;
  chart.y = point => margin.top + inner.height * (1 - scale.at(point.value));
  const right = width - margin.right, bottom = height - margin.bottom;
  const rows = scale.ticks.map(value => {
    const y = chart.y({value});
    return svg("g", {}, svg("line", {x1: margin.left, x2: right, y1: y, y2: y}), svg("text", {x: margin.left - 7, y: y + 3.5, "text-anchor": "end"}, tickText(value, scale.ticks)));
  });
  const columns = axisTicks(furthest, inner.width).map((value, _, ticks) => {
    const x = chart.x({[axis]: value});
    return svg("g", {}, svg("line", {x1: x, x2: x, y1: bottom, y2: bottom + 4}),
      svg("text", {class: "along", x, y: bottom + 17, "text-anchor": x > right - 14 ? "end" : "middle"}, axes[axis].text(value, ticks)));
  });
  chart.line = svg("line", {class: "cursor", y1: margin.top, y2: bottom});
  chart.dots = chart.curves.map(({name}) => svg("circle", {class: `dot ${name}`, r: 4.5}));
  chart.picture = svg("svg", {width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": described(chart)},
    svg("g", {class: "ticks"}, ...rows, ...columns), ...chart.curves.flatMap(each => drawCurve(chart, each)), chart.line, ...chart.dots);
  chart.values = element("span", {className: "values"});
  chart.figure.replaceChildren(element("figcaption", {}, element("b", {textContent: chart.name}),
    element("small", {textContent: chart.unit ?? ""}), chart.values), chart.picture);
}

function drawCurve(chart, {name, points}) {
  const path = points.map((point, i) => `${i ? "L" : "M"}${chart.x(point).toFixed(2)} ${chart.y(point).toFixed(2)}`).join("");
  const spot = (point, r, kind) => svg("circle", {class: kind, r, cx: chart.x(point), cy: chart.y(point)});
  const dense = points.length > (name === "validation" ? 60 : 1);
  const spots = dense ? [] : points.map(point => spot(point, 2.5, `spot ${name}`));
  const best = name === "validation" ? points.filter(point => point.update === bestUpdate).map(point => spot(point, 6, "best")) : [];
  return [svg("path", {class: `curve ${name}`, d: path}), ...spots, ...best];
}

const described = ({name, curves}) => `${name}: ` + curves.map(each =>
  `${each.name} from ${precise(each.points[0].value)} to ${precise(each.points.at(-1).value)}`).join(", ");

const nearest = (points, place) => points.reduce((best, point) =>
  Math.abs(point[state.axis] - place) < Math.abs(best[state.axis] - place) ? point : best);

// Each curve's value at the stop, or without one its last.
function showCursor(stop) {
  cursor = stop;
  const place = (stop ?? stops.at(-1))[state.axis];
  for (const chart of charts) {
    const points = chart.curves.map(each => nearest(each.points, place));
    chart.values.replaceChildren(...chart.curves.map(({name}, k) => element("span", {className: name},
      chart.curves.length > 1 ? `${name} ` : "", element("b", {textContent: precise(points[k].value)}))));
    for (const part of [chart.line, ...chart.dots]) part.style.display = stop ? "" : "none";
    if (!stop) continue;
    chart.line.setAttribute("x1", chart.x(stop));
    chart.line.setAttribute("x2", chart.x(stop));
    chart.dots.forEach((dot, k) => { dot.setAttribute("cx", chart.x(points[k])); dot.setAttribute("cy", chart.y(points[k])); });
  }
  $("readout").textContent = stop ? `update ${grouped(stop.update)} · epoch ${stop.epoch} · ${clock(stop.seconds)}` : "";
}

function pointAt(event) {
  const chart = charts.find(({figure}) => figure.contains(event.target));
  if (!chart) return;
  const box = chart.picture.getBoundingClientRect(), inner = box.width - margin.left - margin.right;
  showCursor(nearest(stops, (event.clientX - box.left - margin.left) / inner * stops.at(-1)[state.axis]));
}

function keyInCharts(event) {
  const at = stops.indexOf(cursor), end = stops.length - 1;
  const to = {ArrowLeft: at < 0 ? end : at - 1, ArrowRight: at < 0 ? 0 : at + 1, Home: 0, End: end}[event.key];
  if (to === undefined || event.target !== $("charts")) return;
  showCursor(stops[Math.min(Math.max(to, 0), end)]);
  event.preventDefault();
}

// ---- the samples ----

const chosenAt = () => { const at = samples.findIndex(sample => sample.update === state.at); return at < 0 ? samples.length - 1 : at; };
const sentencesAt = at => samples[at].sentences;
const sentences = samples.flatMap(sample => sample.sentences);
// Of long translations, and of those of earlier versions, some are not kept.
const pictureNames = sentences.map(({source, target}) => picturesOf(source, target).map(({name}) => name))
  .reduce((longest, names) => names.length > longest.length ? names : longest, []);

// Which words are in the longest common subsequence with the reference.
function common(words, reference) {
  const length = Array.from({length: words.length + 1}, () => new Array(reference.length + 1).fill(0));
  for (let i = words.length - 1; i >= 0; --i)
    for (let j = reference.length - 1; j >= 0; --j)
      length[i][j] = words[i] === reference[j] ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
  const out = [];
  for (let i = 0, j = 0; i < words.length; ++i) {
    while (j < reference.length && length[i][j] === length[i][j + 1]) ++j;
    out.push(j < reference.length && words[i] === reference[j]);
    if (out[i]) ++j;
  }
  return out;
}

function translated({target, reference}) {
  const spaced = target.text === undefined, words = spaced ? target.words : [...target.text];
  const same = common(words, spaced ? reference.split(/\s+/u) : [...reference]);
  const parts = words.flatMap((word, i) => [i && spaced ? " " : "", same[i] ? word : element("u", {textContent: word})]);
  if (!words.length) parts.push(element("i", {textContent: "nothing"}));
  return element("div", {className: "shown"}, element("span", {className: "name", textContent: "Translation"}), element("p", {dir: "auto"}, ...parts));
}

function installSamples() {
  if (!samples.length) {
    for (const part of [$("samples"), document.querySelector('[href="#samples"]')]) part.hidden = true;
    return;
  }
  $("list").replaceChildren(...sentencesAt(0).map(({line, source}, k) => element("li", {},
    element("button", {onclick: () => choose(k), title: `line ${line + 1}`}, element("bdi", {textContent: text(source)})))));
  $("slider").max = samples.length - 1;
  $("film").hidden = samples.length < 2;
  $("film").style.setProperty("--count", samples.length);
  $("bars").replaceChildren(...samples.map((_, at) => element("i", {onclick: () => showAt(at)}, element("i"))));
  $("slider").oninput = event => showAt(Number(event.target.value));
  $("play").onclick = play;
  choose(state.sentence);
}

function choose(sentence) {
  state.sentence = Math.min(Math.max(sentence || 0, 0), sentencesAt(0).length - 1);
  showSample();
}

function showAt(at) {
  const within = Math.min(Math.max(at, 0), samples.length - 1);
  state.at = within === samples.length - 1 ? 0 : samples[within].update;
  showSample();
}

let playing = 0;

// From here to the end, or from the beginning.
function play() {
  clearInterval(playing);
  const stop = playing !== 0;
  playing = 0;
  if (!stop) {
    if (chosenAt() === samples.length - 1) showAt(0);
    playing = setInterval(() => chosenAt() < samples.length - 1 ? showAt(chosenAt() + 1) : play(), 700);
  }
  $("play").textContent = playing ? "❚❚" : "▶";
  $("play").setAttribute("aria-label", playing ? "Pause" : "Play");
}

function showSample() {
  remember();
  if (!samples.length) return;
  const at = chosenAt(), sample = sentencesAt(at)[state.sentence], {source, target} = sample;
  const known = validation.update.indexOf(samples[at].update);
  $("which").textContent = `after update ${grouped(samples[at].update)}` +
    (known < 0 ? "" : ` · epoch ${validation.epoch[known]} · BLEU ${validation.bleu[known].toFixed(2)}`);
  $("slider").value = at;
  $("slider").setAttribute("aria-valuetext", $("which").textContent);
  [...$("bars").children].forEach((bar, k) => {
    bar.firstElementChild.style.height = `${sentencesAt(k)[state.sentence].target.chrf}%`;
    bar.classList.toggle("chosen", k === at);
  });
  [...$("list").children].forEach((item, k) => item.firstElementChild.setAttribute("aria-current", k === state.sentence));
  const measures = [["chrF", target.chrf.toFixed(1)], ["log-probability", signed(target.log_prob, 2)]];
  if (target.entropy !== undefined) measures.push(["entropy of the weights", `${target.entropy.toFixed(2)} bits`]);
  $("texts").replaceChildren(namedText("source", source), namedText("reference", {words: [sample.reference]}), translated(sample), facts(measures));
  showWeights(source, target);
}

function showWeights(source, target) {
  pictures = picturesOf(source, target);
  const nothing = !pictures.length;
  for (const part of [$("figure"), $("legend"), document.querySelector(".tools")]) part.hidden = nothing;
  $("nothing").hidden = !nothing;
  $("nothing").textContent = data.config.model.attention.score === "none" ? "The model has no attention: there are no weights to see."
    : "With this translation the matrix is too large to be kept here.";
  if (nothing) return lightUp(null);
  showFigureTools(pictureNames, sentences.flatMap(each => [each.source, each.target]));
  showFigure(source, null);
}

// ---- the config ----

function options(section, prefix) {
  return Object.entries(section).flatMap(([key, value]) => value !== null && typeof value === "object"
    ? options(value, `${prefix}${key}.`) : [[prefix + key, value]]);
}

function installConfig() {
  const changed = new Set(data.changed);
  const row = section => ([key, value]) => element("div", {className: changed.has(`${section}.${key}`) ? "changed" : ""},
    element("dt", {textContent: key}), element("dd", {dir: "auto", textContent: value === "" ? "—" : String(value)}));
  $("options").replaceChildren(...Object.entries(data.config).map(([section, values]) => element("section", {},
    element("h3", {textContent: section}), element("dl", {}, ...options(values, "").map(row(section))))));
  $("only").onchange = event => { state.only = event.target.checked; show(); };
}

// ---- all of it ----

function show() {
  if (charts.length) showCharts();
  showSample();
  $("only").checked = state.only;
  $("options").classList.toggle("only", state.only);
}

Object.assign(toggles, {
  x: () => state.axis = state.axis === "update" ? "seconds" : "update",
  c: () => state.only = !state.only,
});
Object.assign(keys, {
  j: () => samples.length && choose(state.sentence + 1),
  k: () => samples.length && choose(state.sentence - 1),
  ",": () => samples.length && showAt(chosenAt() - 1),
  ".": () => samples.length && showAt(chosenAt() + 1),
  p: () => samples.length > 1 && play(),
  Escape: () => { leaveFigure(); if (charts.length) showCursor(null); },
});

function install() {
  document.title = `Training: ${data.title}`;
  $("title").textContent = data.title;
  begin();
  if (!axes[state.axis]) state.axis = defaults.axis;
  $("curves").hidden = !charts.length;
  $("thinning").hidden = data.lines_a_point < 2;
  $("thinning").textContent = `This is a long training: a point of a curve of training stands for ${data.lines_a_point} lines of the log, ` +
    "with the mean of loss and speed, the largest norm and the last learning rate. All of them are in metrics.jsonl.";
  showSummary();
  installSamples();
  installConfig();
  onPointing($("charts"), ["pointermove", "pointerdown"], pointAt, () => showCursor(null));
  $("charts").addEventListener("keydown", keyInCharts);
  show();
}

install();
