// The links view: the tokens of both texts, and a line for each weight between them.

const minDrawnWeight = 0.01;

function tokenButtons(sideLabels, words, name) {
  const buttons = sideLabels.map((label, k) => element("button", {
    textContent: label.text, dir: "auto", className: (label.end ? "end " : "") + (label.starts ? "starts" : ""),
    "data-at": k, "data-side": name,
  }));
  return element("div", {className: "side", dir: direction(words)}, ...buttons);
}

// rows: the side whose tokens are the rows of the matrix; marks: as for the matrix.
function showLinks({words}, rows, marks) {
  const source = tokenButtons(matrix.columns, words, "source"), target = tokenButtons(matrix.rows, rows.words, "target");
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("aria-hidden", "true");
  const links = element("div", {className: "links wide"}, source, target, drawing);
  $("figure").removeAttribute("tabindex");
  $("figure").removeAttribute("aria-label");
  $("figure").removeAttribute("dir");
  $("figure").style.paddingInline = "0";
  $("figure").replaceChildren(links);
  if (Math.max(source.offsetWidth, target.offsetWidth) > availableWidth()) links.className = "links tall";
  drawLinks(links, drawing, marks);
}

function drawLinks(links, drawing, marks) {
  const [source, target] = links.querySelectorAll(".side"), wide = links.classList.contains("wide");
  const area = links.getBoundingClientRect();
  const edge = (button, first) => {
    const box = button.getBoundingClientRect();
    return wide ? [(box.left + box.right) / 2 - area.left, (first ? box.bottom : box.top) - area.top]
                : [(first ? box.right : box.left) - area.left, (box.top + box.bottom) / 2 - area.top];
  };
  const path = (j, i, weight, className, offset = 0) => {
    const shifted = ([x, y]) => wide ? [x + offset, y] : [x, y + offset];
    const [x, y] = shifted(edge(source.children[i], true)), [u, v] = shifted(edge(target.children[j], false));
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
    if (matrix.at(j, i) >= minDrawnWeight) drawn.push([j, i, matrix.at(j, i)]);
  }));
  drawn.sort((a, b) => a[2] - b[2]);
  drawing.replaceChildren(...drawn.map(([j, i, weight]) => path(j, i, weight, "")));
  // A marked link is drawn beside the line of its weight, so that both are visible, and with a rim, which separates crossing lines.
  const mark = (key, className, offset) => drawing.append(
    ...["rim", className].map(name => path(...key.split(",").map(Number), 0, name, offset)));
  for (const key of marks?.combined ? marks.model : []) mark(key, "combined", -5);
  for (const key of marks?.possible ?? []) mark(key, marks.sure.has(key) ? "gold" : "gold possible", 5);
}

// Shows only the links of a token (null: of all tokens), and the tokens at their other ends in the colors of the weights.
function selectToken(button) {
  const links = $("figure").querySelector(".links");
  if (!links) return;  // a model without attention
  for (const token of links.querySelectorAll(".side button")) {
    token.classList.remove("highlighted");
    token.style.background = token.style.color = "";
  }
  links.classList.toggle("selecting", Boolean(button));
  $("tip").hidden = true;
  if (!button) return;
  const {side, at} = button.dataset, other = side === "source" ? "target" : "source";
  button.classList.add("highlighted");
  for (const path of links.querySelectorAll("path")) path.classList.toggle("highlighted", path.dataset[side] === at);
  const weights = [...links.querySelectorAll(`[data-side=${other}]`)].map((token, k) => {
    const weight = side === "source" ? matrix.at(k, Number(at)) : matrix.at(Number(at), k);
    const drawn = weight >= minDrawnWeight;
    token.style.background = drawn ? heat(weight) : "";
    token.style.color = drawn ? textColor(weight) : "";
    return weight;
  });
  if (!weights.length) return;  // an empty translation whose end of sentence is hidden
  const largest = weights.indexOf(Math.max(...weights));
  const [row, column] = side === "source" ? [largest, Number(at)] : [Number(at), largest];
  showTip(button, matrix.columns[column].text, matrix.rows[row].text, weights[largest]);
}
