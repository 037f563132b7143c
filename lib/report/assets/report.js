"use strict";
// The training report. #data is:
//   title, scale       scale as in common.js
//   training           for each quantity an array with one value per point; validation: the same
//   lines_per_point    number of log lines per point of `training`
//   tokens_per_second  mean over all updates
//   best               index of the best validation
//   end                the event "end", or null
//   config, changed    the config, and the paths of its options that differ from the defaults
//   samples            [{update, sentences: [{line, source, reference, target}]}], one element per validation; common.js describes
//                      source and target. A target has no matrices if the model has no attention or the target is too long.

const {training, validation, samples} = data;

addState({axis: "update", sentence: 0, sample: 0, changedOnly: false});  // sample: the update of the validation; 0: the last one

// ---- numbers ----

const grouped = value => Math.round(value).toLocaleString("en");
const precise = value => Math.abs(value) >= 1000 ? grouped(value) : String(Number(value.toPrecision(4)));

function clock(seconds) {
  const whole = Math.round(seconds), two = number => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

// Returns the label of a tick, with as many digits as distinguish the ticks of the axis, all in the same notation.
function tickText(value, ticks) {
  const top = Math.max(...ticks.map(Math.abs)), step = Math.min(...ticks.slice(1).map((tick, i) => tick - ticks[i]));
  const digits = Math.min(Math.max(3, Math.ceil(Math.log10(top / step)) + 1), 9);
  const number = of => Number(of.toPrecision(digits));
  const label = value >= 1e6 ? `${number(value / 1e6)}M` : value >= 1e3 && top >= 1e4 ? `${number(value / 1e3)}k`
    : value > 0 && top < 0.001 ? number(value).toExponential() : String(number(value));
  return label.replace("-", "−");
}

// The choices of the horizontal axis.
const axes = {
  update: {name: "Updates", text: tickText, steps: [1, 2, 5].flatMap(m => Array.from({length: 9}, (_, k) => m * 10 ** k))},
  seconds: {name: "Time", text: clock, steps: [1, 2, 5, 10, 15, 30].flatMap(m => [m, 60 * m])
    .concat([1, 2, 3, 6, 12].map(m => 3600 * m), [1, 2, 5, 10].map(m => 86400 * m))},
};

function multiples(low, high, step) {
  const first = Math.ceil(low / step - 1e-9), count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({length: count}, (_, k) => (first + k) * step);
}

// Returns ticks that enclose [low, high], and a function that maps values to 0 … 1 between the first and the last tick.
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
  const last = key => Math.max(0, ...points.map(series => series[key].at(-1) ?? 0));
  const tiles = [];
  if (validation.update.length) {
    const lowest = Math.min(...validation.cross_entropy), highest = Math.max(...validation.bleu);
    const at = (values, value) => `update ${grouped(validation.update[values.indexOf(value)])}`;
    tiles.push(["Best BLEU", highest.toFixed(2), at(validation.bleu, highest)],
      ["Best perplexity", precise(Math.exp(lowest)), at(validation.cross_entropy, lowest)]);
  }
  tiles.push(["Updates", grouped(last("update")), `epoch ${last("epoch")}`], ["Time", clock(last("seconds")), "including validations"]);
  if (data.tokens_per_second) tiles.push(["Tokens per second", grouped(data.tokens_per_second), "mean over all updates"]);
  const reason = data.end?.reason;
  tiles.push(["State", !reason ? "Running" : reason === "interrupted" ? "Interrupted" : "Ended",
    !reason ? "when this page was written" : reason === "interrupted" ? "continue with --resume" : `train.${reason}`]);
  $("summary").replaceChildren(...tiles.map(([name, value, note]) => element("div", {},
    element("dt", {textContent: name}), element("dd", {textContent: value}), element("dd", {className: "note", textContent: note}))));
}

// ---- the curves ----

const curve = (name, series, values) => ({name, points: values.map((value, i) =>
  ({update: series.update[i], epoch: series.epoch[i], seconds: series.seconds[i], value})).filter(point => Number.isFinite(point.value))});
const trainingCurve = key => curve("training", training, training[key]);

const charts = [
  {id: "loss", name: "Loss", unit: "nats per subword", curves: [trainingCurve("loss"), curve("validation", validation, validation.cross_entropy)]},
  {id: "perplexity", name: "Perplexity", wide: true, curves: [curve("validation", validation, validation.cross_entropy.map(Math.exp))]},
  {id: "bleu", name: "BLEU", fromZero: true, curves: [curve("validation", validation, validation.bleu)]},
  {id: "rate", name: "Learning rate", fromZero: true, curves: [trainingCurve("learning_rate")]},
  {id: "norm", name: "Gradient norm", wide: true, curves: [trainingCurve("gradient_norm")]},
  {id: "speed", name: "Tokens per second", fromZero: true, curves: [trainingCurve("tokens_per_second")]},
].map(chart => ({...chart, curves: chart.curves.filter(({points}) => points.length)})).filter(chart => chart.curves.length);

const bestUpdate = validation.update[data.best];
const height = 170, margin = {left: 44, right: 12, top: 10, bottom: 24};

let stops = [];       // the points of all curves, sorted along the horizontal axis
let cursor = null;    // the selected stop

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
  chart.picture = svg("svg", {width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": describe(chart)},
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

const describe = ({name, curves}) => `${name}: ` + curves.map(each =>
  `${each.name} from ${precise(each.points[0].value)} to ${precise(each.points.at(-1).value)}`).join(", ");

const nearest = (points, position) => points.reduce((best, point) =>
  Math.abs(point[state.axis] - position) < Math.abs(best[state.axis] - position) ? point : best);

// Shows the value of each curve nearest to the stop, or with null the last value.
function showCursor(stop) {
  cursor = stop;
  const position = (stop ?? stops.at(-1))[state.axis];
  for (const chart of charts) {
    const points = chart.curves.map(each => nearest(each.points, position));
    chart.values.replaceChildren(...chart.curves.map(({name}, k) => element("span", {className: name},
      chart.curves.length > 1 ? `${name} ` : "", element("b", {textContent: precise(points[k].value)}))));
    for (const shape of [chart.line, ...chart.dots]) shape.style.display = stop ? "" : "none";
    if (!stop) continue;
    chart.line.setAttribute("x1", chart.x(stop));
    chart.line.setAttribute("x2", chart.x(stop));
    chart.dots.forEach((dot, k) => { dot.setAttribute("cx", chart.x(points[k])); dot.setAttribute("cy", chart.y(points[k])); });
  }
  $("readout").textContent = stop ? `update ${grouped(stop.update)} · epoch ${stop.epoch} · ${clock(stop.seconds)}` : "";
}

function onChartPointer(event) {
  const chart = charts.find(({figure}) => figure.contains(event.target));
  if (!chart) return;
  const box = chart.picture.getBoundingClientRect(), inner = box.width - margin.left - margin.right;
  showCursor(nearest(stops, (event.clientX - box.left - margin.left) / inner * stops.at(-1)[state.axis]));
}

function onChartKey(event) {
  const at = stops.indexOf(cursor), end = stops.length - 1;
  const to = {ArrowLeft: at < 0 ? end : at - 1, ArrowRight: at < 0 ? 0 : at + 1, Home: 0, End: end}[event.key];
  if (to === undefined || event.target !== $("charts")) return;
  showCursor(stops[Math.min(Math.max(to, 0), end)]);
  event.preventDefault();
}

// ---- the samples ----

const sampleIndex = () => { const at = samples.findIndex(sample => sample.update === state.sample); return at < 0 ? samples.length - 1 : at; };
const sentencesAt = at => samples[at].sentences;
const sentences = samples.flatMap(sample => sample.sentences);
// The longest list of names, because long translations, and samples of earlier versions, lack some of their maps.
const mapNames = sentences.map(({source, target}) => mapsOf(source, target).map(({name}) => name))
  .reduce((longest, names) => names.length > longest.length ? names : longest, []);

// Returns for each word whether it is in the longest common subsequence with the reference.
function wordsInCommon(words, reference) {
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

function translationText({target, reference}) {
  const spaced = target.text === undefined, words = spaced ? target.words : [...target.text];
  const same = wordsInCommon(words, spaced ? reference.split(/\s+/u) : [...reference]);
  const nodes = words.flatMap((word, i) => [i && spaced ? " " : "", same[i] ? word : element("u", {textContent: word})]);
  if (!words.length) nodes.push(element("i", {textContent: "nothing"}));
  return element("div", {className: "shown"}, element("span", {className: "name", textContent: "Translation"}), element("p", {dir: "auto"}, ...nodes));
}

function installSamples() {
  if (!samples.length) {
    for (const each of [$("samples"), document.querySelector('[href="#samples"]')]) each.hidden = true;
    return;
  }
  $("list").replaceChildren(...sentencesAt(0).map(({line, source}, k) => element("li", {},
    element("button", {onclick: () => selectSentence(k), title: `line ${line + 1}`}, element("bdi", {textContent: text(source)})))));
  $("slider").max = samples.length - 1;
  $("timeline").hidden = samples.length < 2;
  $("timeline").style.setProperty("--count", samples.length);
  $("bars").replaceChildren(...samples.map((_, at) => element("i", {onclick: () => showSampleAt(at)}, element("i"))));
  $("slider").oninput = event => showSampleAt(Number(event.target.value));
  $("play").onclick = play;
  selectSentence(state.sentence);
}

function selectSentence(sentence) {
  state.sentence = Math.min(Math.max(sentence || 0, 0), sentencesAt(0).length - 1);
  showSample();
}

function showSampleAt(at) {
  const within = Math.min(Math.max(at, 0), samples.length - 1);
  state.sample = within === samples.length - 1 ? 0 : samples[within].update;
  showSample();
}

let playing = 0;

// Plays the samples from the current one to the last, or from the first if the current one is the last. Pauses if it is playing.
function play() {
  clearInterval(playing);
  const stop = playing !== 0;
  playing = 0;
  if (!stop) {
    if (sampleIndex() === samples.length - 1) showSampleAt(0);
    playing = setInterval(() => sampleIndex() < samples.length - 1 ? showSampleAt(sampleIndex() + 1) : play(), 700);
  }
  $("play").textContent = playing ? "❚❚" : "▶";
  $("play").setAttribute("aria-label", playing ? "Pause" : "Play");
}

function showSample() {
  saveState();
  if (!samples.length) return;
  const at = sampleIndex(), sample = sentencesAt(at)[state.sentence], {source, target} = sample;
  const known = validation.update.indexOf(samples[at].update);
  $("sample-info").textContent = `after update ${grouped(samples[at].update)}` +
    (known < 0 ? "" : ` · epoch ${validation.epoch[known]} · BLEU ${validation.bleu[known].toFixed(2)}`);
  $("slider").value = at;
  $("slider").setAttribute("aria-valuetext", $("sample-info").textContent);
  [...$("bars").children].forEach((bar, k) => {
    bar.firstElementChild.style.height = `${sentencesAt(k)[state.sentence].target.chrf}%`;
    bar.classList.toggle("selected", k === at);
  });
  [...$("list").children].forEach((item, k) => item.firstElementChild.setAttribute("aria-current", k === state.sentence));
  const measures = [["chrF", target.chrf.toFixed(1)], ["log-probability", signed(target.log_prob, 2)]];
  if (target.entropy !== undefined) measures.push(["attention entropy", `${target.entropy.toFixed(2)} bits`]);
  $("texts").replaceChildren(namedText("source", source), namedText("reference", {words: [sample.reference]}), translationText(sample), measureList(measures));
  showWeights(source, target);
}

function showWeights(source, target) {
  maps = mapsOf(source, target);
  const missing = !maps.length;
  for (const each of [$("figure"), $("legend"), document.querySelector(".tools")]) each.hidden = missing;
  $("no-weights").hidden = !missing;
  $("no-weights").textContent = data.config.model.attention.score === "none" ? "This model has no attention, so there are no weights to show."
    : "The matrix of this translation is too large to be included.";
  if (missing) return highlightCell(null);
  showFigureTools(mapNames, sentences.flatMap(each => [each.source, each.target]));
  showFigure(source, null);
}

// ---- the config ----

function options(section, prefix) {
  const isSection = value => value !== null && typeof value === "object" && !Array.isArray(value);
  return Object.entries(section).flatMap(([key, value]) => isSection(value)
    ? options(value, `${prefix}${key}.`) : [[prefix + key, value]]);
}

function installConfig() {
  const changed = new Set(data.changed);
  const row = section => ([key, value]) => element("div", {className: changed.has(`${section}.${key}`) ? "changed" : ""},
    element("dt", {textContent: key}), element("dd", {dir: "auto", textContent: String(value) || "—"}));
  $("options").replaceChildren(...Object.entries(data.config).map(([section, values]) => element("section", {},
    element("h3", {textContent: section}), element("dl", {}, ...options(values, "").map(row(section))))));
  $("changed-only").onchange = event => { state.changedOnly = event.target.checked; show(); };
}

// ---- the page ----

function show() {
  if (charts.length) showCharts();
  showSample();
  $("changed-only").checked = state.changedOnly;
  $("options").classList.toggle("changed-only", state.changedOnly);
}

Object.assign(toggles, {
  x: () => state.axis = state.axis === "update" ? "seconds" : "update",
  c: () => state.changedOnly = !state.changedOnly,
});
Object.assign(keys, {
  j: () => samples.length && selectSentence(state.sentence + 1),
  k: () => samples.length && selectSentence(state.sentence - 1),
  ",": () => samples.length && showSampleAt(sampleIndex() - 1),
  ".": () => samples.length && showSampleAt(sampleIndex() + 1),
  p: () => samples.length > 1 && play(),
  Escape: () => { clearSelection(); if (charts.length) showCursor(null); },
});

function install() {
  document.title = `Training: ${data.title}`;
  $("title").textContent = data.title;
  start();
  if (!axes[state.axis]) state.axis = defaults.axis;
  $("curves").hidden = !charts.length;
  $("thinning").hidden = data.lines_per_point < 2;
  $("thinning").textContent = `This is a long training run: each point of a training curve summarizes ${data.lines_per_point} log lines by ` +
    "the mean loss and speed, the largest gradient norm and the last learning rate. metrics.jsonl has all log lines.";
  showSummary();
  installSamples();
  installConfig();
  onPointing($("charts"), ["pointermove", "pointerdown"], onChartPointer, () => showCursor(null));
  $("charts").addEventListener("keydown", onChartKey);
  show();
}

install();
