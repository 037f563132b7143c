// The matrix view: a table of weights with a row for each token of the target and a column for each of the source.

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
