// Colors of weights: perceptually uniform steps (OKLab: Ottosson 2020), as in report/heatmap.cpp.

const scales = {
  light: [[1, 0, 0], [0.66, -0.055, -0.09], [0.3, -0.018, -0.098]],
  dark: [[0.235, -0.004, -0.011], [0.6, -0.05, -0.095], [0.96, -0.025, 0.035]],
};
const scaleSteps = 100;

// Returns red, green and blue, 0 … 255.
function srgb([L, a, b]) {
  const cube = x => x * x * x;
  const l = cube(L + 0.3963377774 * a + 0.2158037573 * b);
  const m = cube(L - 0.1055613458 * a - 0.0638541728 * b);
  const s = cube(L - 0.0894841775 * a - 1.291485548 * b);
  const linear = [4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
                  -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
                  -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s];
  const byte = x => Math.round(255 * (x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055));
  return linear.map(x => byte(Math.min(Math.max(x, 0), 1)));
}

function colorAt([low, middle, high], weight) {
  const distance = (p, q) => Math.hypot(...p.map((x, k) => x - q[k]));
  const between = (p, q, t) => p.map((x, k) => x + t * (q[k] - x));
  const first = distance(low, middle), second = distance(middle, high), along = weight * (first + second);
  return srgb(along < first ? between(low, middle, along / first) : between(middle, high, (along - first) / second));
}

// Returns the relative luminance (WCAG 2.2), 0 … 1.
function luminance(rgb) {
  const [r, g, b] = rgb.map(x => x / 255).map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// Returns black or white, whichever has the larger contrast. The contrast is at least 4.58 : 1, because (L + 0.05) / 0.05 and
// 1.05 / (L + 0.05) are equal where both are √21.
const textColorOn = rgb => (luminance(rgb) + 0.05) ** 2 > 1.05 * 0.05 ? "#000" : "#fff";

// Defines CSS variables for the colors of weights, --c0 … --c100, and for text on them, --i0 … --i100, so that a change of theme
// and printing need no redrawing.
function installScales() {
  const variables = scale => Array.from({length: scaleSteps + 1}, (_, k) => {
    const rgb = colorAt(scale, k / scaleSteps);
    return `--c${k}:rgb(${rgb.join(" ")});--i${k}:${textColorOn(rgb)}`;
  }).join(";");
  const sheet = document.createElement("style");
  sheet.textContent = `:root{${variables(scales.light)}}[data-theme=dark]{${variables(scales.dark)}}` +
    `@media print{:root,[data-theme=dark]{${variables(scales.light)}}}`;
  document.head.append(sheet);
  const stops = Array.from({length: 21}, (_, k) => `var(--c${5 * k})`);
  $("ramp").style.background = `linear-gradient(to right, ${stops.join(",")})`;
}

const stepOf = weight => Math.round(scaleSteps * Math.min(Math.max(weight, 0), 1));
const heat = weight => `var(--c${stepOf(weight)})`;
const textColor = weight => `var(--i${stepOf(weight)})`;
