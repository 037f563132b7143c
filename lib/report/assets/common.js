"use strict";
// The common script of the pages. This file has the data, the state and the matrices to show. It is followed by colors.js,
// figure.js, matrix.js, links.js and controls.js, then by the script of the page, which adds its own variables to `state`
// (addState), defines a function show() that draws the state, and calls start().
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
