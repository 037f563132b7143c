// The theme, the state in the address of the page, and keys. start() connects them.

let printing = false;

function showTheme() {
  const dark = state.theme ? state.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

// Writes the state to the address of the page, so that a view can be bookmarked and shared.
function saveState() {
  const changed = Object.entries(state).filter(([key, value]) => value !== defaults[key]);
  history.replaceState(null, "", "#" + new URLSearchParams(changed));
}

function restoreState() {
  for (const [key, value] of addressEntries()) {
    const kind = typeof state[key];
    if (kind !== "number") state[key] = kind === "boolean" ? value === "true" : value;
    else if (value >= 0) state[key] = Number(value);
  }
}

// Returns the variables of the state that are in the address. The address of a section contains none.
const addressEntries = () => [...new URLSearchParams(location.hash.slice(1))].filter(([key]) => key in state);

// The actions of keys. After a toggle, show() draws the new state.
const toggles = {
  m: () => state.view = state.view === "matrix" ? "links" : "matrix",
  w: nextGranularity,
  h: nextMap,
  e: () => state.end = !state.end,
  n: () => state.numbers = !state.numbers,
};
const keys = {
  "?": () => $("help").showModal(),
  d: () => $("theme").click(),
  Escape: () => clearSelection(),
};

function onKeyDown(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
  if (event.target.matches("input:not([type=checkbox], [type=range]), select, textarea")) return;  // these use keys themselves
  const arrow = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
  if (arrow && event.target === $("figure")) moveActive(...arrow);
  else if (toggles[event.key]) toggles[event.key](), show();
  else if (keys[event.key]) keys[event.key]();
  else return;
  event.preventDefault();
}

function start() {
  restoreState();
  installScales();
  for (const id of ["end", "numbers"]) $(id).onchange = event => { state[id] = event.target.checked; show(); };
  $("matrix").onchange = event => { state.matrix = Number(event.target.value); show(); };
  onPointing($("figure"), ["pointerover"], onFigurePointer, clearSelection);
  $("figure").addEventListener("focusin", event => { if (event.target.matches(".side button")) selectToken(event.target); });
  $("theme").onclick = () => { state.theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark"; showTheme(); saveState(); };
  $("help-button").onclick = () => $("help").showModal();
  document.addEventListener("keydown", onKeyDown);
  for (const area of [document, document.querySelector("main")]) area.addEventListener("scroll", () => $("tip").hidden = true);
  addEventListener("resize", redraw);
  addEventListener("hashchange", () => { if (addressEntries().length) location.reload(); });  // a typed address; saveState() causes no event
  addEventListener("beforeprint", () => { printing = true; show(); });
  addEventListener("afterprint", () => { printing = false; show(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);
  showTheme();
}
