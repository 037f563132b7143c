#!/usr/bin/env python3
"""The page of attn eval --heatmap page.html, used in a real browser, shows the numbers of the JSON of the same run.

    page.py ATTN SOURCE_DIR [SCREENSHOTS]     with a folder, it keeps pictures of what it saw
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unicodedata
import zlib

from webdriver import Browser, programs

SKIPPED = 77
SENTENCES = 12
CONFIG = {
    "model": {"embedding_size": 24, "hidden_size": 32, "decoder": {"readout_size": 24}, "attention": {"heads": 2}},
    "data": {"train_source": "train.en", "train_target": "train.fr", "valid_source": "test.en", "valid_target": "test.fr",
             "test_source": "test.en", "test_target": "test.fr", "test_alignment": "test.align", "tokenizer": "bpe",
             "source_vocabulary_size": 120, "target_vocabulary_size": 120},
    "train": {"run_dir": "run", "batch_unit": "sentences", "batch_size": 32, "learning_rate": 1e-2, "max_updates": 150},
}

SEPARATOR = "|||"
ATTENDING = {"type": "self_attention", "heads": 2, "layers": 2, "feed_forward_size": 32}
DOCUMENTS = {"model": {**CONFIG["model"], "encoder": {"hierarchical": True, **ATTENDING}},
             "data": {**CONFIG["data"], "sentence_separator": SEPARATOR}, "train": {**CONFIG["train"], "max_updates": 40}}
UNSPACED = {**CONFIG, "data": {**CONFIG["data"]}, "train": {**CONFIG["train"], "max_updates": 40}}
for config in (DOCUMENTS, UNSPACED):
    config["data"].pop("test_alignment")

# What the page says of itself.
MATRIX = """return {
  columns: [...document.querySelectorAll("thead th")].map(th => th.textContent),
  rows: [...document.querySelectorAll("tbody th")].map(th => th.textContent),
  weights: [...document.querySelectorAll("tbody tr")].map(tr => [...tr.querySelectorAll("td")].map(td => td.textContent)),
  sure: [...document.querySelectorAll("td:has(.sure)")].map(td => td.dataset.at),
  possible: [...document.querySelectorAll("td:has(.ring)")].map(td => td.dataset.at),
  model: [...document.querySelectorAll("td:has(.dot)")].map(td => td.dataset.at)}"""
BORDERS = 'return [...document.querySelectorAll("td .ring")].map(ring => getComputedStyle(ring).borderTopStyle)'
DASHES = 'return [...document.querySelectorAll(".links path.gold")].map(path => getComputedStyle(path).strokeDasharray)'
CLOSEST = """const start = path => path.getAttribute("d").match(/[0-9.]+/g).slice(0, 2).map(Number);
const weights = [...document.querySelectorAll('.links path[class=""]')].map(start);
return Math.min(...[...document.querySelectorAll(".links path.gold")].map(start).flatMap(
  ([x, y]) => weights.map(([u, v]) => Math.hypot(x - u, y - v))))"""
KEYS = """return [...document.querySelectorAll("#legend .key")].filter(key => key.checkVisibility()).map(
  key => [...key.querySelectorAll("i, path")].filter(mark => mark.checkVisibility()).map(mark => mark.getAttribute("class")).join())"""
SIDES = "const b = document.querySelector(arguments[0]).getBoundingClientRect(); return [b.left, b.right, innerWidth]"
PLACE = "const b = document.querySelector(arguments[0]).getBoundingClientRect(); return [b.top, b.bottom, innerHeight]"
LIST = 'return [...document.querySelectorAll("#list .line")].map(line => Number(line.textContent) - 1)'
LIGHTNESS = """const probe = document.body.appendChild(document.createElement("i"));
const lightness = Array.from({length: 101}, (_, k) => {
  probe.style.color = `var(--c${k})`;
  const [r, g, b] = getComputedStyle(probe).color.match(/[0-9.]+/g).map(Number);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
});
probe.remove();
return lightness"""
PAINTED = """return [...document.querySelectorAll(arguments[0])].map(each => {
  const style = getComputedStyle(each);
  return [each.textContent, style.color, style.backgroundColor];
}).filter(([, , background]) => background !== "rgba(0, 0, 0, 0)")"""
CELLS = 'return [...document.querySelectorAll("td[data-at]")].map(td => [td.style.background, Number(td.textContent)])'


def make_text(sample, folder):
    for name in ("train.en", "train.fr", "test.en", "test.fr", "test.align"):
        lines = (sample / name).read_text().splitlines(keepends=True)
        lines = lines[:SENTENCES if name.startswith("test") else 400]
        if name == "test.align":
            lines = [with_possible(line) for line in lines]
        (folder / name).write_text("".join(lines))


def with_possible(line):
    """Every third of a line's sure links is only possible."""
    return " ".join(link.replace("-", "?") if k % 3 == 1 else link for k, link in enumerate(line.split())) + "\n"


def make_documents(sample, folder):
    """Lines of one, two and three sentences in turn; one has a separator too many."""
    for name in ("train.en", "train.fr", "test.en", "test.fr"):
        between = f" {SEPARATOR} " if name.endswith(".en") else " "
        lines, text, count = iter((sample / name).read_text().splitlines()), [], 6 if name.startswith("test") else 150
        for k in range(count):
            text.append(between.join(next(lines) for _ in range(k % 3 + 1)))
        if name == "test.en":
            text[2] = text[2].replace(between, between + SEPARATOR + " ", 1)
        (folder / name).write_text("".join(line + "\n" for line in text))


def make_unspaced(sample, folder):
    """The French as if it were Chinese: two characters of thirty for a word, and no spaces."""
    numbers = {}
    for name in ("train", "test"):
        count = SENTENCES if name == "test" else 400
        texts = {end: (sample / f"{name}.{end}").read_text().splitlines()[:count] for end in ("en", "fr")}
        said = []
        for line in texts["fr"]:
            places = [numbers.setdefault(word, len(numbers)) for word in line.split()]
            said.append("".join(chr(0x4e00 + k // 30 % 30) + chr(0x4e00 + k % 30) for k in places) + "。")
        for end, lines in (("en", texts["en"]), ("fr", said)):
            (folder / f"{name}.{end}").write_text("".join(line + "\n" for line in lines))


def make_run(attn, config, folder):
    """A model that has hardly learned anything, and what it looks at."""
    (folder / "config.json").write_text(json.dumps(config))
    for command in (["train"], ["eval", "--heatmap", "page.html", "--heatmap", "page.json", "--heatmap", "picture.svg"]):
        subprocess.run([attn, command[0], "--config", "config.json", *command[1:]], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return json.loads((folder / "page.json").read_text())["sentences"]


def make_combined(attn, folder):
    """The links of two models, of either direction."""
    data = {**CONFIG["data"]}
    for text in ("train", "valid", "test"):
        data[f"{text}_source"], data[f"{text}_target"] = data[f"{text}_target"], data[f"{text}_source"]
    data.pop("test_alignment")
    config = {**CONFIG, "data": data, "train": {**CONFIG["train"], "run_dir": "reverse", "max_updates": 40}}
    (folder / "reverse.json").write_text(json.dumps(config))
    align = ["align", "--model", "run/best", "--reverse-model", "reverse/best", "--source", "test.en", "--target", "test.fr",
             "--output", "links.txt", "--heatmap", "combined.html", "--heatmap", "combined.json"]
    for command in (["train", "--config", "reverse.json"], align):
        subprocess.run([attn, *command], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return json.loads((folder / "combined.json").read_text())["sentences"]


def check(what, shown, expected):
    if shown != expected:
        raise AssertionError(f"{what}: expected {expected!r}, the page shows {shown!r}")


def check_near(what, shown, expected, tolerance):
    if abs(float(shown) - expected) > tolerance:
        raise AssertionError(f"{what}: expected {expected}, the page shows {shown}")


def altered(page, change):
    """The page's file with its data changed, beside it."""
    text, mark = page.read_text(), '<script id="data" type="application/json">'
    begin = text.index(mark) + len(mark)
    end = text.index("</script>", begin)
    data = json.loads(text[begin:end])
    change(data)
    out = page.with_name("altered.html")
    out.write_text(text[:begin] + json.dumps(data).replace("<", "\\u003c") + text[end:])
    return out.as_uri()


def say_nothing(data):
    """The first translation is its end of sentence alone."""
    sentence = data["sentences"][0]
    target, width = sentence["targets"][0], len(sentence["source"]["pieces"])
    target.update(words=[], pieces=["</s>"], of=[], end=True, links=[])
    for matrix in target["matrices"]:
        matrix["weights"] = matrix["weights"][:2 * width]


LONG = "donaudampfschifffahrtselektrizitätenhaupt"


def mirrored(words, end):
    """A source, a word a piece, and its translation: the same words, each of which looks at that of its place."""
    count = len(words) + end
    side = {"words": words, "pieces": [*words, *["</s>"] * end], "of": [[k] for k in range(len(words))], "end": end}
    matrix = "".join("~~" if i == j else "##" for j in range(count) for i in range(count))  # 1 and 0
    return {"source": side, "targets": [{**side, "name": "translation", "log_prob": -1, "entropy": 0, "links": [],
                                         "matrices": [{"name": "attention", "weights": matrix}]}]}


def lengthen(data):
    """One sentence of long words."""
    data["sentences"] = [{**data["sentences"][0], **mirrored([LONG] * 4, False)}]


def whole_scale(data):
    """One sentence with the weights 0, 0.01 … 1, ten a row."""
    sentence, digits = data["sentences"][0], [chr(c) for c in range(35, 127) if chr(c) not in "<\\"]
    numbers = [round(min(k, 100) / 100 * data["scale"]) for k in range(110)]
    side = lambda n: {"words": ["w"] * n, "pieces": ["w"] * n, "of": [[k] for k in range(n)], "end": False}
    target = {**side(11), "name": "translation", "log_prob": -1, "entropy": 0, "links": [], "matrices": [
        {"name": "attention", "weights": "".join(digits[n // 90] + digits[n % 90] for n in numbers)}]}
    data["sentences"] = [{**sentence, "source": side(10), "targets": [target]}]


def luminance(color):
    """Relative, as WCAG 2.2 has it, of an rgb(…) that the browser gives."""
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in (c / 255 for c in channels(color))]
    return sum(share * x for share, x in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def channels(color):
    """Of rgb(…), as the browser gives it, or of #rrggbb."""
    if color.startswith("#"):
        return [int(color[k:k + 2], 16) for k in (1, 3, 5)]
    return [int(part) for part in re.findall(r"\d+", color)[:3]]


def colors_of_pdf(path, operator="rg"):
    """What its pages are painted with (or, RG, its lines), and how many they are."""
    data, colors = path.read_bytes(), set()
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        try:
            text = zlib.decompress(stream)
        except zlib.error:
            continue  # a font, say
        for found in re.findall(rb"(?<![\d.])([\d.]+) ([\d.]+) ([\d.]+) " + operator.encode() + rb"\b", text):
            colors.add(tuple(round(255 * float(part)) for part in found))
    return colors, len(re.findall(rb"/Type\s*/Page\b", data))


SCRIPTS = {"rtl": ["القط", "يجلس", "على", "السجادة"], "cjk": ["我", "喜欢", "读书", "。"], "marks": ["नमस्ते", "ि", "é", "x"]}


def in_scripts(data):
    """Sentences of four words in other scripts."""
    data["sentences"] = [{**data["sentences"][0], "line": line, **mirrored(words, True)}
                         for line, words in enumerate(SCRIPTS.values())]


class Test:
    def __init__(self, browser, pairs, pictures):
        self.browser, self.pictures = browser, pictures
        self.said = {pair["line"]: pair for pair in pairs if pair["name"] == "translation"}
        self.reference = {pair["line"]: pair for pair in pairs if pair["name"] == "reference"}

    def keep(self, name):
        if self.pictures:
            self.browser.screenshot(self.pictures / f"{name}.png")

    def press_button(self, group, name):
        self.browser.run("[...document.querySelectorAll(`#${arguments[0]} button`)]"
                         ".find(button => button.textContent === arguments[1]).click()", group, name)

    def pick(self, select, value):
        self.browser.click(f'#{select} option[value="{value}"]')

    def check_matrix(self, what, pair, weights, tolerance=0.0052):
        shown = self.browser.run(MATRIX)
        check(f"{what}: rows", len(shown["weights"]), len(weights))
        for row, numbers in zip(weights, shown["weights"]):
            check(f"{what}: columns", len(numbers), len(row))
            for number, weight in zip(numbers, row):
                check_near(what, number, weight, tolerance)
        for side, labels in (("source", shown["columns"]), ("target", shown["rows"])):
            check(f"{what}: {side}", [label.strip("◌") for label in labels],
                  ["‹end›" if text == "</s>" else text.strip() or "·" for text in pair[side]])

    def words_and_pieces(self):
        first = self.said[0]
        self.check_matrix("words", first, first["weights"])
        self.keep("words")
        self.press_button("unit", "Subwords")
        self.check_matrix("subwords", first["pieces"], first["pieces"]["weights"])
        for head in (0, 1):
            self.pick("matrix", head + 1)
            self.check_matrix(f"head {head + 1}", first["pieces"], first["pieces"]["heads"][head])
        self.press_button("unit", "Words")
        self.check_matrix("head 2 of words", first, first["heads"][1])
        self.pick("matrix", 0)

    def documents(self):
        self.press_button("unit", "Sentences")
        for line, pair in self.said.items():
            self.browser.click(f"#list li:nth-child({line + 1}) button")
            names = [f"{k + 1}. {next(word for word in pair['source'][begin:] if word != SEPARATOR)} …"
                     for k, (begin, _) in enumerate(pair["sentences"])]
            self.check_matrix(f"sentences of document {line + 1}", {**pair, "source": names}, pair["sentence_weights"],
                              tolerance=0.007)  # sums of rounded weights
        self.keep("documents")
        self.browser.run("document.activeElement.blur()")
        self.browser.press("w")
        self.check_matrix("words of a document", pair, pair["weights"])
        for layer, encoder in enumerate(pair["encoder"]):
            matrices = [encoder["weights"], *encoder["heads"]]
            for k, weights in enumerate(matrices):
                self.pick("matrix", 3 + layer * len(matrices) + k)  # behind the decoder's: mean and two heads
                self.check_matrix(f"encoder, layer {layer + 1}, {k}", {**pair, "target": pair["source"]}, weights)
        self.keep("encoder")

    def unspaced(self):
        """Words of the source, and pieces of the target, which has no spaces."""
        for line, pair in self.said.items():
            self.browser.click(f"#list li:nth-child({line + 1}) button")
            self.press_button("target", "Reference")
            pair = self.reference[line]
            self.check_matrix(f"unspaced sentence {line + 1}", pair, pair["weights"])
            check("its rows are pieces", pair["target"], [piece for piece in pair["pieces"]["target"] if piece])
            texts = self.browser.run("return [...document.querySelectorAll('#texts p')].map(p => p.textContent)")
            check("its text", texts[2], "".join(pair["target"][:-1]))
        self.keep("unspaced")
        self.press_button("unit", "Subwords")
        self.check_matrix("its subwords", pair["pieces"], pair["pieces"]["weights"])
        self.press_button("unit", "Words")
        self.press_button("view", "Links")
        self.keep("unspaced-links")
        self.press_button("view", "Matrix")

    def pointer_and_keys(self):
        first = self.reference[0]
        self.press_button("target", "Reference")
        self.browser.point_at('td[data-at="1,2"]')
        self.check_tip(first, 1, 2)
        self.browser.run('document.getElementById("figure").focus()')
        self.browser.press("right", "down", "down")
        self.check_tip(first, 3, 3)
        self.keep("cell")
        self.browser.press("escape")
        check("the tip after escape", self.browser.run("return document.getElementById('tip').hidden"), True)
        self.fingers(first)
        self.press_button("target", "Translation")

    def fingers(self, pair):
        """What is tapped stays lit when the finger goes, until it taps elsewhere."""
        self.browser.command("Emulation.setTouchEmulationEnabled", enabled=True)
        lit = lambda css: self.browser.run("return document.querySelectorAll(arguments[0]).length", css)
        hidden = lambda: self.browser.run("return document.getElementById('tip').hidden")
        for column in (2, 0):
            self.browser.tap(f'td[data-at="1,{column}"]')
            check("the tip is hidden after a tap", hidden(), False)
            self.check_tip(pair, 1, column)
        self.browser.tap("#texts")
        check("after a tap elsewhere", [lit("th.lit"), lit(".bar"), hidden()], [0, 0, True])
        self.press_button("view", "Links")
        self.browser.tap(".side:first-child button:nth-child(2)")
        check("a word, tapped", [lit("button.lit"), lit(".choosing"), hidden()], [1, 1, False])
        self.browser.tap("#texts")
        check("a word, after a tap elsewhere", [lit("button.lit"), lit(".choosing"), hidden()], [0, 0, True])
        self.press_button("view", "Matrix")
        self.browser.command("Emulation.setTouchEmulationEnabled", enabled=False)

    def check_tip(self, pair, row, column):
        said = self.browser.run("return document.getElementById('said').textContent")
        text, number = said.rsplit(" ", 1)
        check("the tip", text, f"{pair['source'][column]} → {pair['target'][row]}")
        check_near("the tip", number, pair["weights"][row][column], 0.001)
        lit = self.browser.run("return [...document.querySelectorAll('th.lit')].map(th => th.textContent)")
        check("lit up", lit, [pair["source"][column], pair["target"][row]])

    def gold(self):
        pair = self.reference[0]
        self.press_button("target", "Reference")
        self.check_matrix("reference", pair, pair["weights"])
        shown = self.browser.run(MATRIX)
        places = lambda links: sorted(f"{t},{s}" for s, t in links)
        for kind in ("sure", "possible"):
            check(kind, sorted(shown[kind]), places(pair["gold"][kind]))
        only = len(pair["gold"]["possible"]) - len(pair["gold"]["sure"])
        check("some are only possible", only > 0, True)
        borders = self.browser.run(BORDERS)
        check("how they look", [borders.count("solid"), borders.count("dotted")], [len(pair["gold"]["sure"]), only])
        check("the model's links", sorted(shown["model"]), places(pair["links"]))
        facts = self.browser.run("return [...document.querySelectorAll('#texts dd')].map(dd => dd.textContent)")
        check("alignment error", facts[-1], f"{pair['alignment_error_rate']:.2f}")
        check("the marks in the legend", self.browser.run(KEYS), ["ring sure", "ring possible", "dot"])
        self.keep("gold")
        self.press_button("view", "Links")
        check("the lines in the legend", self.browser.run(KEYS), ["gold", "gold possible"])
        if self.browser.run(CLOSEST) < 4:
            raise AssertionError("a gold line hides behind a weight's")
        dashes = self.browser.run(DASHES)
        check("how their lines look", [dashes.count("none"), len(dashes)], [len(pair["gold"]["sure"]), len(pair["gold"]["possible"])])
        rims = "return document.querySelectorAll('.links path.rim + path.gold').length"
        check("gold lines with a rim", self.browser.run(rims), len(dashes))
        self.keep("gold-links")
        self.browser.press("d")
        self.keep("gold-links-dark")
        self.browser.press("d")
        self.press_button("view", "Matrix")
        self.browser.click("#gold")
        check("gold links, not wanted", self.browser.run(MATRIX)["possible"], [])
        self.browser.click("#gold")
        self.press_button("target", "Translation")

    def combined(self):
        """Links of two models are marked though no gold is given."""
        for line, pair in self.reference.items():
            self.browser.click(f"#list li:nth-child({line + 1}) button")
            shown = self.browser.run(MATRIX)
            check(f"combined links of sentence {line + 1}", sorted(shown["model"]), sorted(f"{t},{s}" for s, t in pair["links"]))
            check("gold links", shown["possible"], [])
        legend = self.browser.run("return document.getElementById('legend').innerText")
        check("the legend tells of both", "links of both models, combined" in legend, True)
        check("the legend tells of one, or of gold", "the model’s" in legend or "possible" in legend, False)
        self.keep("combined")
        self.press_button("view", "Links")
        check("lines", self.browser.run("return document.querySelectorAll('.links path.combined').length"), len(pair["links"]))
        self.keep("combined-links")
        self.press_button("view", "Matrix")

    def end_of_sentence(self):
        first = self.said[0]
        self.browser.click("#end")
        shown = self.browser.run(MATRIX)
        check("rows without an end", len(shown["rows"]), len(first["target"]) - first["end_of_sentence"]["target"])
        check("columns without an end", len(shown["columns"]), len(first["source"]) - 1)
        self.browser.click("#end")

    def links(self):
        first = self.said[0]
        self.press_button("view", "Links")
        expected = sum(weight >= 0.01 for row in first["weights"] for weight in row)
        count = self.browser.run("return document.querySelectorAll('.links path').length")
        if abs(count - expected) > 2:  # those that rounding moves across the least weight that is drawn
            raise AssertionError(f"expected {expected} links, the page draws {count}")
        self.browser.point_at(".side:first-child button:nth-child(2)")
        lit = self.browser.run("return [...document.querySelectorAll('path.lit')].map(path => path.dataset.source)")
        check("links lit up", set(lit), {"1"})
        self.keep("links")
        self.browser.press("escape")
        check("lit after Escape", self.browser.run("return document.querySelectorAll('.choosing, .side .lit').length"), 0)
        self.press_button("view", "Matrix")

    def search(self):
        plain = lambda text: "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()
        word = next(w for w in self.reference[3]["target"] if len(w) > 4)
        has = lambda line: any(plain(word) in plain(" ".join(pair[line][side])) for pair in (self.said, self.reference)
                               for side in ("source", "target"))
        found = [line for line in self.said if has(line)]
        self.browser.type("#search", plain(word).upper())
        check(f"the search for {word}", self.browser.run(LIST), found)
        check("how many", self.browser.run("return document.getElementById('count').textContent"),
              f"{len(found)} of {len(self.said)}")
        self.browser.type("#search", "xyzzy")
        check("a search for nothing", self.browser.run(LIST), [])
        top, bottom, height = self.browser.run(PLACE, "#list-panel #empty")
        check("which is said in view, in the list", 0 < top < bottom <= height / 2, True)
        self.keep("found-nothing")
        self.browser.press("escape")
        box = self.browser.run("const s = document.getElementById('search'); return [s.value, document.activeElement === s]")
        check("the search, after escape", box, ["", False])
        check("the list, after escape", self.browser.run(LIST), list(self.said))
        check("the search in the address, after escape", "query" in self.browser.run("return location.hash"), False)

    def sort(self):
        keys = {"line": lambda i: i, "score": lambda i: self.said[i]["log_prob"] / len(self.said[i]["pieces"]["target"]),
                "length": lambda i: -len(self.said[i]["pieces"]["source"]), "entropy": lambda i: -self.said[i]["entropy"],
                "error": lambda i: self.said[i]["chrf"], "aer": lambda i: -self.reference[i]["alignment_error_rate"]}
        for name, key in reversed(keys.items()):
            self.pick("sort", name)
            check(f"sorted by {name}", self.browser.run(LIST), sorted(self.said, key=lambda i: (key(i), i)))
        self.browser.click("#reverse")
        check("the other way round", self.browser.run(LIST), sorted(self.said, reverse=True))
        self.browser.click("#reverse")

    def sentences(self):
        for line, pair in self.said.items():
            self.browser.click(f"#list li:nth-child({line + 1}) button")
            self.check_matrix(f"sentence {line + 1}", pair, pair["weights"])
        self.browser.run("document.activeElement.blur()")
        self.browser.press("k", "w")
        pieces = self.said[SENTENCES - 2]["pieces"]
        self.check_matrix("by the keys", pieces, pieces["weights"])
        self.browser.press("w", "j")

    def colors(self):
        for theme, sign in (("light", -1), ("dark", 1)):
            check("theme", self.browser.run("return document.documentElement.dataset.theme"), theme)
            lightness = self.browser.run(LIGHTNESS)
            for weight, (one, next_one) in enumerate(zip(lightness, lightness[1:])):
                if sign * (next_one - one) <= 0:
                    raise AssertionError(f"{theme}: weight {weight} % has lightness {one}, the next {next_one}")
            for background, weight in self.browser.run(CELLS):
                check_near("the color of a weight", background.strip("var(-c)"), 100 * weight, 1.01)
            self.keep(theme)
            self.browser.press("d")

    def svg_colors(self, folder):
        """A cell of the page has the color that the SVG gives it, in steps of a hundredth of weight."""
        check("theme", self.browser.run("return document.documentElement.dataset.theme"), "light")
        for line, pair in self.said.items():
            self.browser.click(f"#list li:nth-child({line + 1}) button")
            picture = (folder / f"picture-{line + 1:02}.svg").read_text()
            cells = re.findall(r'fill="(#[0-9a-f]{6})"><title>[^<]* → [^<]* ([01]\.\d\d)</title>', picture)
            shown = self.browser.run(PAINTED, "td[data-at]")
            check(f"cells of sentence {line + 1}", len(shown), len(cells))
            for (fill, weight), (number, _, background) in zip(cells, shown):
                check_near("the weight of a cell of the SVG", number, float(weight), 0.011)
                for one, other in zip(channels(fill), channels(background)):
                    check_near(f"the color of {weight}, {fill} in the SVG", one, other, 4)

    def print(self, folder):
        """On paper: the texts and the matrix in light colors, whatever the theme; no list, no tools."""
        self.browser.click("#list li:nth-child(1) button")
        expected = {tuple(channels(background)) for _, _, background in self.browser.run(PAINTED, "td[data-at]")}
        for theme in ("light", "dark"):
            check("theme", self.browser.run("return document.documentElement.dataset.theme"), theme)
            self.browser.command("Emulation.setEmulatedMedia", media="print")
            visible = lambda css: self.browser.run("return document.querySelector(arguments[0]).checkVisibility()", css)
            for css, wanted in (("#figure table", True), ("#texts", True), ("#legend", True), ("#list-panel", False), (".tools", False)):
                check(f"{css} is printed", visible(css), wanted)
            self.check_matrix("in print", self.said[0], self.said[0]["weights"])
            self.keep(f"print-{theme}")
            self.browser.command("Emulation.setEmulatedMedia", media="")
            paper = folder / "paper.pdf"
            self.browser.print(paper)
            colors, pages = colors_of_pdf(paper)
            check("pages", pages, 1)
            near = lambda color: any(max(abs(x - y) for x, y in zip(color, other)) <= 1 for other in colors)
            check(f"{theme}: colors of cells that are not printed", [color for color in expected if not near(color)], [])
            if self.pictures:
                (self.pictures / f"print-{theme}.pdf").write_bytes(paper.read_bytes())
            self.browser.press("d")

    def contrasts(self, page):
        """What is written on a weight's color can be read, whatever the weight."""
        self.browser.open(altered(page, whole_scale))
        self.browser.press("n")
        for theme in ("light", "dark"):
            check("theme", self.browser.run("return document.documentElement.dataset.theme"), theme)
            for media in ("", "print"):
                self.browser.command("Emulation.setEmulatedMedia", media=media)
                self.check_contrasts(f"{theme} {media}", "td[data-at]", 110)
            self.browser.command("Emulation.setEmulatedMedia", media="")
            self.keep(f"numbers-{theme}")
            self.press_button("view", "Links")
            for k in range(1, 12):
                self.browser.point_at(f".side:nth-child(2) button:nth-child({k})")
                self.check_contrasts(f"{theme}, links", ".side:first-child button", 9 if k == 1 else 10)
            self.press_button("view", "Matrix")
            self.browser.run("document.activeElement.blur()")
            self.browser.press("d")
        self.silence()

    def check_contrasts(self, what, css, count):
        painted = self.browser.run(PAINTED, css)
        check(f"{what}: how many", len(painted), count)
        for text, color, background in painted:
            if contrast(color, background) < 4.5:
                raise AssertionError(f"{what}: {text} in {color} on {background} has a contrast of {contrast(color, background)}")

    def help(self):
        self.browser.press("?")
        text = self.browser.run("return document.getElementById('help').open && document.getElementById('help').innerText")
        for part in ("summed over", "averaged over", "Alignment error"):
            check(f"the help says \"{part}\"", part in text, True)
        self.browser.press("escape")
        check("the help, closed", self.browser.run("return document.getElementById('help').open"), False)

    def address(self):
        self.press_button("view", "Links")
        url = self.browser.run("return location.href")
        self.browser.open("about:blank")
        self.browser.open(url)
        check("the view of the address", self.browser.run("return document.querySelectorAll('.links').length"), 1)
        self.press_button("view", "Matrix")

    def become_phone(self, width=390):
        self.browser.command("Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=2, mobile=True)

    def phone(self):
        self.become_phone()
        seen = "return document.getElementById('list-panel').checkVisibility()"
        check("the list on a phone", self.browser.run(seen), False)
        self.browser.click("#list-button")
        check("the list, opened", self.browser.run(seen), True)
        self.browser.click("#list li:nth-child(3) button")
        check("the list, after a choice", self.browser.run(seen), False)
        self.check_matrix("on a phone", self.said[2], self.said[2]["weights"])
        check("width", self.browser.run("return document.documentElement.scrollWidth"), 390)
        fits = self.browser.run("const f = document.getElementById('figure'); return f.scrollWidth <= f.clientWidth")
        check("the matrix fits", fits, True)
        self.keep("phone")

    def keys(self):
        """Each key of the help does what it says; twice, and all is as before."""
        seen = lambda: self.browser.run("return [location.hash, document.getElementById('figure').innerText]")
        self.browser.run("document.activeElement.blur()")
        for key, times in (("m", 2), ("w", 2), ("t", 2), ("h", 3), ("g", 2), ("e", 2), ("n", 2)):
            before = seen()
            self.browser.press(key)
            if seen() == before:
                raise AssertionError(f"the key {key} changes nothing")
            self.browser.press(*[key] * (times - 1))
            check(f"the key {key}, {times} times", seen(), before)
        self.browser.press("/")
        check("the key /", self.browser.run("return document.activeElement.id"), "search")
        self.browser.press("escape")

    def scripts(self, page):
        self.browser.open(altered(page, in_scripts))
        for line, (name, words) in enumerate(SCRIPTS.items()):
            self.browser.click(f"#list li:nth-child({line + 1}) button")
            shown = self.browser.run(MATRIX)
            check(name, [label.strip("◌") for label in shown["columns"]], [*words, "‹end›"])
            way = self.browser.run("return getComputedStyle(document.querySelector('#figure table')).direction")
            check(f"{name}: direction", way, "rtl" if name == "rtl" else "ltr")
            # The first word's column is in sight, on the side where a line begins.
            places = self.browser.run("return [...document.querySelectorAll('thead th')].map(th => th.getBoundingClientRect().left)")
            check(f"{name}: order", places, sorted(places, reverse=name == "rtl"))
            fits = self.browser.run("const f = document.getElementById('figure'); return f.scrollWidth <= f.clientWidth")
            check(f"{name}: all of it fits", fits, True)
            self.keep(f"script-{name}")
            self.become_phone()
            check(f"{name}: width of a phone", self.browser.run("return document.documentElement.scrollWidth"), 390)
            self.keep(f"script-{name}-phone")
            self.browser.command("Emulation.clearDeviceMetricsOverride")
        self.silence()

    def long_words(self, page):
        """On a phone a long word leaves the matrix and the links their room; the tip has all of it."""
        self.browser.open(altered(page, lengthen))
        self.become_phone(375)
        parted = ("return [...document.querySelectorAll(arguments[0])].slice(0, 2)"
                  ".map(each => [each.scrollWidth > each.clientWidth, each.offsetWidth])")
        check("first labels of rows are cut", self.browser.run(parted, "tbody th span"), [[True, 150], [True, 150]])
        _, right, width = self.browser.run(SIDES, 'td[data-at="1,1"]')
        check("cells have room beside the labels", right < width * 0.7, True)
        self.check_long_tip('td[data-at="1,1"]')
        self.keep("long-words")
        self.press_button("view", "Links")
        for k in (1, 2):
            check("words of links are cut", [cut for cut, _ in self.browser.run(parted, f".side:nth-child({k}) button")], [True, True])
        _, right, width = self.browser.run(SIDES, ".side:nth-child(2) button")
        check("both sides are in view", right <= width - 14, True)
        check("width of a phone", self.browser.run("return document.documentElement.scrollWidth"), 375)
        self.check_long_tip(".side:first-child button:nth-child(2)")
        self.keep("long-words-links")
        self.browser.command("Emulation.clearDeviceMetricsOverride")
        self.silence()

    def check_long_tip(self, css):
        self.browser.point_at(css)
        said = self.browser.run("return [...document.querySelectorAll('#tip bdi')].map(word => word.textContent)")
        check("the tip of long words", said, [LONG, LONG])
        left, right, width = self.browser.run(SIDES, "#tip")
        check("the tip is in view", 0 <= left < right <= width, True)

    def nothing_said(self, page):
        self.browser.open(altered(page, say_nothing))
        self.press_button("view", "Links")
        self.browser.click("#end")
        self.browser.point_at(".side:first-child button:nth-child(2)")
        self.press_button("view", "Matrix")
        check("rows of nothing", self.browser.run(MATRIX)["rows"], [])
        self.silence()

    def silence(self):
        check("what was fetched", self.browser.run("return performance.getEntriesByType('resource').map(r => r.name)"), [])
        check("the console", self.browser.messages(), [])


def main():
    attn, source = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    pictures = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
    if None in programs():
        print("skipped: the test of the page needs chromium and chromium-driver")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="attn-page-") as name:
        folder = pathlib.Path(name)
        make_text(source / "data" / "sample", folder)
        pairs = make_run(attn, CONFIG, folder)
        combined = make_combined(attn, folder)
        (folder / "documents").mkdir()
        make_documents(source / "data" / "sample", folder / "documents")
        parted = make_run(attn, DOCUMENTS, folder / "documents")
        (folder / "unspaced").mkdir()
        make_unspaced(source / "data" / "sample", folder / "unspaced")
        unspaced = make_run(attn, UNSPACED, folder / "unspaced")
        with Browser() as browser:
            browser.open((folder / "unspaced" / "page.html").as_uri())
            of_unspaced = Test(browser, unspaced, pictures)
            of_unspaced.unspaced()
            of_unspaced.silence()
            browser.open((folder / "documents" / "page.html").as_uri())
            of_documents = Test(browser, parted, pictures)
            of_documents.documents()
            of_documents.silence()
            browser.open((folder / "combined.html").as_uri())
            of_two = Test(browser, combined, pictures)
            of_two.combined()
            of_two.silence()
            test = Test(browser, pairs, pictures)
            test.scripts(folder / "page.html")
            test.long_words(folder / "page.html")
            test.nothing_said(folder / "page.html")
            test.contrasts(folder / "page.html")
            browser.open((folder / "page.html").as_uri())
            test.svg_colors(folder)
            test.print(folder)
            for step in (test.words_and_pieces, test.pointer_and_keys, test.gold, test.end_of_sentence, test.links,
                         test.search, test.sort, test.sentences, test.colors, test.help, test.keys, test.address, test.phone,
                         test.silence):
                step()
    return 0


if __name__ == "__main__":
    sys.exit(main())
