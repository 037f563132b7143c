#!/usr/bin/env python3
"""Tests the heatmap page (attn eval --heatmap page.html) in a real browser against the JSON file of the same command.

    page.py ATTN SOURCE_DIR [SCREENSHOTS]     saves screenshots in the directory SCREENSHOTS if it is given
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
    "train": {"run_dir": "run", "batch_type": "sentences", "batch_size": 32, "learning_rate": 1e-2, "max_updates": 150},
}

SEPARATOR = "|||"
TRANSFORMER = {"type": "transformer", "heads": 2, "layers": 2, "feed_forward_size": 32}
DOCUMENTS = {"model": {**CONFIG["model"], "encoder": {"hierarchical": True, **TRANSFORMER}},
             "data": {**CONFIG["data"], "sentence_separator": SEPARATOR}, "train": {**CONFIG["train"], "max_updates": 40}}
UNSPACED = {**CONFIG, "data": {**CONFIG["data"]}, "train": {**CONFIG["train"], "max_updates": 40}}
for config in (DOCUMENTS, UNSPACED):
    config["data"].pop("test_alignment")

# Scripts that return what the page shows.
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
HORIZONTAL_BOUNDS = "const b = document.querySelector(arguments[0]).getBoundingClientRect(); return [b.left, b.right, innerWidth]"
VERTICAL_BOUNDS = "const b = document.querySelector(arguments[0]).getBoundingClientRect(); return [b.top, b.bottom, innerHeight]"
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
    """Makes every third sure link of a line a possible one."""
    return " ".join(link.replace("-", "?") if k % 3 == 1 else link for k, link in enumerate(line.split())) + "\n"


def make_documents(sample, folder):
    """Writes lines of one, two and three sentences in turn. One of them has an extra separator."""
    for name in ("train.en", "train.fr", "test.en", "test.fr"):
        between = f" {SEPARATOR} " if name.endswith(".en") else " "
        lines, text, count = iter((sample / name).read_text().splitlines()), [], 6 if name.startswith("test") else 150
        for k in range(count):
            text.append(between.join(next(lines) for _ in range(k % 3 + 1)))
        if name == "test.en":
            text[2] = text[2].replace(between, between + SEPARATOR + " ", 1)
        (folder / name).write_text("".join(line + "\n" for line in text))


def make_unspaced(sample, folder):
    """Replaces each French word by two Chinese characters, without spaces between words."""
    numbers = {}
    for name in ("train", "test"):
        count = SENTENCES if name == "test" else 400
        texts = {end: (sample / f"{name}.{end}").read_text().splitlines()[:count] for end in ("en", "fr")}
        unspaced = []
        for line in texts["fr"]:
            ids = [numbers.setdefault(word, len(numbers)) for word in line.split()]
            unspaced.append("".join(chr(0x4e00 + k // 30 % 30) + chr(0x4e00 + k % 30) for k in ids) + "。")
        for end, lines in (("en", texts["en"]), ("fr", unspaced)):
            (folder / f"{name}.{end}").write_text("".join(line + "\n" for line in lines))


def make_run(attn, config, folder):
    """Trains a model for a few updates and writes its heatmaps. Returns the contents of the JSON file."""
    (folder / "config.json").write_text(json.dumps(config))
    for command in (["train"], ["eval", "--heatmap", "page.html", "--heatmap", "page.json", "--heatmap", "picture.svg"]):
        subprocess.run([attn, command[0], "--config", "config.json", *command[1:]], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return json.loads((folder / "page.json").read_text())["sentences"]


def make_combined(attn, folder):
    """Trains a model of the opposite direction and writes the combined links of both."""
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
    """Writes a copy of the page with changed data. Returns its address."""
    text, mark = page.read_text(), '<script id="data" type="application/json">'
    begin = text.index(mark) + len(mark)
    end = text.index("</script>", begin)
    data = json.loads(text[begin:end])
    change(data)
    out = page.with_name("altered.html")
    out.write_text(text[:begin] + json.dumps(data).replace("<", "\\u003c") + text[end:])
    return out.as_uri()


def empty_translation(data):
    """Makes the first translation an end of sentence alone."""
    sentence = data["sentences"][0]
    target, width = sentence["targets"][0], len(sentence["source"]["subwords"])
    target.update(words=[], subwords=["</s>"], word_indices=[], end=True, links=[])
    for matrix in target["matrices"]:
        matrix["weights"] = matrix["weights"][:2 * width]


LONG = "donaudampfschifffahrtselektrizitätenhaupt"


def mirrored(words, end):
    """Returns a source in which each word is one subword, and as its translation the same words, each of which attends to itself."""
    count = len(words) + end
    side = {"words": words, "subwords": [*words, *["</s>"] * end], "word_indices": [[k] for k in range(len(words))], "end": end}
    matrix = "".join("~~" if i == j else "##" for j in range(count) for i in range(count))  # 1 and 0
    return {"source": side, "targets": [{**side, "name": "translation", "log_prob": -1, "entropy": 0, "links": [],
                                         "matrices": [{"name": "attention", "weights": matrix}]}]}


def long_words(data):
    """Replaces the sentences by one sentence of long words."""
    data["sentences"] = [{**data["sentences"][0], **mirrored([LONG] * 4, False)}]


def whole_scale(data):
    """Replaces the sentences by one sentence with the weights 0, 0.01 … 1, ten per row."""
    sentence, digits = data["sentences"][0], [chr(c) for c in range(35, 127) if chr(c) not in "<\\"]
    numbers = [round(min(k, 100) / 100 * data["scale"]) for k in range(110)]
    side = lambda n: {"words": ["w"] * n, "subwords": ["w"] * n, "word_indices": [[k] for k in range(n)], "end": False}
    target = {**side(11), "name": "translation", "log_prob": -1, "entropy": 0, "links": [], "matrices": [
        {"name": "attention", "weights": "".join(digits[n // 90] + digits[n % 90] for n in numbers)}]}
    data["sentences"] = [{**sentence, "source": side(10), "targets": [target]}]


def luminance(color):
    """Returns the relative luminance (WCAG 2.2) of a color rgb(…)."""
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in (c / 255 for c in channels(color))]
    return sum(factor * x for factor, x in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def channels(color):
    """Returns red, green and blue of rgb(…) or #rrggbb."""
    if color.startswith("#"):
        return [int(color[k:k + 2], 16) for k in (1, 3, 5)]
    return [int(number) for number in re.findall(r"\d+", color)[:3]]


def colors_of_pdf(path, operator="rg"):
    """Returns the fill colors (or with RG the line colors) of a PDF, and its number of pages."""
    data, colors = path.read_bytes(), set()
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        try:
            text = zlib.decompress(stream)
        except zlib.error:
            continue  # not compressed text, for example a font
        for found in re.findall(rb"(?<![\d.])([\d.]+) ([\d.]+) ([\d.]+) " + operator.encode() + rb"\b", text):
            colors.add(tuple(round(255 * float(number)) for number in found))
    return colors, len(re.findall(rb"/Type\s*/Page\b", data))


SCRIPTS = {"rtl": ["القط", "يجلس", "على", "السجادة"], "cjk": ["我", "喜欢", "读书", "。"], "marks": ["नमस्ते", "ि", "é", "x"]}


def in_scripts(data):
    """Replaces the sentences by sentences of four words in other scripts."""
    data["sentences"] = [{**data["sentences"][0], "line": line, **mirrored(words, True)}
                         for line, words in enumerate(SCRIPTS.values())]


class Test:
    def __init__(self, browser, pairs, screenshots):
        self.browser, self.screenshots = browser, screenshots
        self.translation = {pair["line"]: pair for pair in pairs if pair["name"] == "translation"}
        self.reference = {pair["line"]: pair for pair in pairs if pair["name"] == "reference"}

    def screenshot(self, name):
        if self.screenshots:
            self.browser.screenshot(self.screenshots / f"{name}.png")

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

    def words_and_subwords(self):
        first = self.translation[0]
        self.check_matrix("words", first, first["weights"])
        self.screenshot("words")
        self.press_button("granularity", "Subwords")
        self.check_matrix("subwords", first["subwords"], first["subwords"]["weights"])
        for head in (0, 1):
            self.pick("matrix", head + 1)
            self.check_matrix(f"head {head + 1}", first["subwords"], first["subwords"]["heads"][head])
        self.press_button("granularity", "Words")
        self.check_matrix("head 2 of words", first, first["heads"][1])
        self.pick("matrix", 0)

    def documents(self):
        self.press_button("granularity", "Segments")
        for line, pair in self.translation.items():
            self.browser.click(f"#list li:nth-child({line + 1}) button")
            names = [f"{k + 1}. {next(word for word in pair['source'][begin:] if word != SEPARATOR)} …"
                     for k, (begin, _) in enumerate(pair["segments"])]
            self.check_matrix(f"segments of document {line + 1}", {**pair, "source": names}, pair["segment_weights"],
                              tolerance=0.007)  # sums of rounded weights
        self.screenshot("documents")
        self.browser.run("document.activeElement.blur()")
        self.browser.press("w")
        self.check_matrix("words of a document", pair, pair["weights"])
        for layer, encoder in enumerate(pair["encoder"]):
            matrices = [encoder["weights"], *encoder["heads"]]
            for k, weights in enumerate(matrices):
                self.pick("matrix", 3 + layer * len(matrices) + k)  # after those of the decoder: the mean and two heads
                self.check_matrix(f"encoder, layer {layer + 1}, {k}", {**pair, "target": pair["source"]}, weights)
        self.screenshot("encoder")

    def unspaced(self):
        """Checks words of the source, and subwords of the target, which has no spaces."""
        for line, pair in self.translation.items():
            self.browser.click(f"#list li:nth-child({line + 1}) button")
            self.press_button("target", "Reference")
            pair = self.reference[line]
            self.check_matrix(f"unspaced sentence {line + 1}", pair, pair["weights"])
            check("rows that are subwords", pair["target"], [piece for piece in pair["subwords"]["target"] if piece])
            texts = self.browser.run("return [...document.querySelectorAll('#texts p')].map(p => p.textContent)")
            check("text without spaces", texts[2], "".join(pair["target"][:-1]))
        self.screenshot("unspaced")
        self.press_button("granularity", "Subwords")
        self.check_matrix("subwords of the unspaced sentence", pair["subwords"], pair["subwords"]["weights"])
        self.press_button("granularity", "Words")
        self.press_button("view", "Links")
        self.screenshot("unspaced-links")
        self.press_button("view", "Matrix")

    def pointer_and_keys(self):
        first = self.reference[0]
        self.press_button("target", "Reference")
        self.browser.point_at('td[data-at="1,2"]')
        self.check_tip(first, 1, 2)
        self.browser.run('document.getElementById("figure").focus()')
        self.browser.press("right", "down", "down")
        self.check_tip(first, 3, 3)
        self.screenshot("cell")
        self.browser.press("escape")
        check("the tooltip is hidden after Escape", self.browser.run("return document.getElementById('tip').hidden"), True)
        self.fingers(first)
        self.press_button("target", "Translation")

    def fingers(self, pair):
        """Checks that a tapped token remains highlighted until the next tap elsewhere."""
        self.browser.command("Emulation.setTouchEmulationEnabled", enabled=True)
        count = lambda css: self.browser.run("return document.querySelectorAll(arguments[0]).length", css)
        hidden = lambda: self.browser.run("return document.getElementById('tip').hidden")
        for column in (2, 0):
            self.browser.tap(f'td[data-at="1,{column}"]')
            check("the tooltip is hidden after a tap", hidden(), False)
            self.check_tip(pair, 1, column)
        self.browser.tap("#texts")
        check("after a tap elsewhere", [count("th.highlighted"), count(".bar"), hidden()], [0, 0, True])
        self.press_button("view", "Links")
        self.browser.tap(".side:first-child button:nth-child(2)")
        check("after a tap on a word", [count("button.highlighted"), count(".selecting"), hidden()], [1, 1, False])
        self.browser.tap("#texts")
        check("the word after a tap elsewhere", [count("button.highlighted"), count(".selecting"), hidden()], [0, 0, True])
        self.press_button("view", "Matrix")
        self.browser.command("Emulation.setTouchEmulationEnabled", enabled=False)

    def check_tip(self, pair, row, column):
        announcement = self.browser.run("return document.getElementById('announcement').textContent")
        text, number = announcement.rsplit(" ", 1)
        check("the tooltip", text, f"{pair['source'][column]} → {pair['target'][row]}")
        check_near("the weight in the tooltip", number, pair["weights"][row][column], 0.001)
        highlighted = self.browser.run("return [...document.querySelectorAll('th.highlighted')].map(th => th.textContent)")
        check("highlighted labels", highlighted, [pair["source"][column], pair["target"][row]])

    def gold(self):
        pair = self.reference[0]
        self.press_button("target", "Reference")
        self.check_matrix("reference", pair, pair["weights"])
        shown = self.browser.run(MATRIX)
        cells = lambda links: sorted(f"{t},{s}" for s, t in links)
        for kind in ("sure", "possible"):
            check(kind, sorted(shown[kind]), cells(pair["gold"][kind]))
        only = len(pair["gold"]["possible"]) - len(pair["gold"]["sure"])
        check("some links are only possible", only > 0, True)
        borders = self.browser.run(BORDERS)
        check("borders of gold links", [borders.count("solid"), borders.count("dotted")], [len(pair["gold"]["sure"]), only])
        check("links of the model", sorted(shown["model"]), cells(pair["links"]))
        facts = self.browser.run("return [...document.querySelectorAll('#texts dd')].map(dd => dd.textContent)")
        check("alignment error", facts[-1], f"{pair['alignment_error_rate']:.2f}")
        check("the marks in the legend", self.browser.run(KEYS), ["ring sure", "ring possible", "dot"])
        self.screenshot("gold")
        self.press_button("view", "Links")
        check("the lines in the legend", self.browser.run(KEYS), ["gold", "gold possible"])
        if self.browser.run(CLOSEST) < 4:
            raise AssertionError("a gold line is covered by the line of a weight")
        dashes = self.browser.run(DASHES)
        check("dashes of gold lines", [dashes.count("none"), len(dashes)], [len(pair["gold"]["sure"]), len(pair["gold"]["possible"])])
        rims = "return document.querySelectorAll('.links path.rim + path.gold').length"
        check("gold lines with a rim", self.browser.run(rims), len(dashes))
        self.screenshot("gold-links")
        self.browser.press("d")
        self.screenshot("gold-links-dark")
        self.browser.press("d")
        self.press_button("view", "Matrix")
        self.browser.click("#gold")
        check("gold links when switched off", self.browser.run(MATRIX)["possible"], [])
        self.browser.click("#gold")
        self.press_button("target", "Translation")

    def combined(self):
        """Checks that combined links of two models are marked without a gold alignment."""
        for line, pair in self.reference.items():
            self.browser.click(f"#list li:nth-child({line + 1}) button")
            shown = self.browser.run(MATRIX)
            check(f"combined links of sentence {line + 1}", sorted(shown["model"]), sorted(f"{t},{s}" for s, t in pair["links"]))
            check("gold links", shown["possible"], [])
        legend = self.browser.run("return document.getElementById('legend').innerText")
        check("the legend shows combined links", "combined links of both models" in legend, True)
        check("the legend shows links of one model or gold links", "link of the model" in legend or "possible" in legend, False)
        self.screenshot("combined")
        self.press_button("view", "Links")
        check("lines", self.browser.run("return document.querySelectorAll('.links path.combined').length"), len(pair["links"]))
        self.screenshot("combined-links")
        self.press_button("view", "Matrix")

    def end_of_sentence(self):
        first = self.translation[0]
        self.browser.click("#end")
        shown = self.browser.run(MATRIX)
        check("rows without the end of sentence", len(shown["rows"]), len(first["target"]) - first["end_of_sentence"]["target"])
        check("columns without the end of sentence", len(shown["columns"]), len(first["source"]) - 1)
        self.browser.click("#end")

    def links(self):
        first = self.translation[0]
        self.press_button("view", "Links")
        expected = sum(weight >= 0.01 for row in first["weights"] for weight in row)
        count = self.browser.run("return document.querySelectorAll('.links path').length")
        if abs(count - expected) > 2:  # rounding may move weights across the smallest one that is drawn
            raise AssertionError(f"expected {expected} links, the page draws {count}")
        self.browser.point_at(".side:first-child button:nth-child(2)")
        highlighted = self.browser.run("return [...document.querySelectorAll('path.highlighted')].map(path => path.dataset.source)")
        check("highlighted links", set(highlighted), {"1"})
        self.screenshot("links")
        self.browser.press("escape")
        check("highlighted after Escape", self.browser.run("return document.querySelectorAll('.selecting, .side .highlighted').length"), 0)
        self.press_button("view", "Matrix")

    def search(self):
        plain = lambda text: "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()
        word = next(w for w in self.reference[3]["target"] if len(w) > 4)
        has = lambda line: any(plain(word) in plain(" ".join(pair[line][side])) for pair in (self.translation, self.reference)
                               for side in ("source", "target"))
        found = [line for line in self.translation if has(line)]
        self.browser.type("#search", plain(word).upper())
        check(f"the search for {word}", self.browser.run(LIST), found)
        check("number of sentences found", self.browser.run("return document.getElementById('count').textContent"),
              f"{len(found)} of {len(self.translation)}")
        self.browser.type("#search", "xyzzy")
        check("a search without results", self.browser.run(LIST), [])
        top, bottom, height = self.browser.run(VERTICAL_BOUNDS, "#list-panel #empty")
        check("the message about no results is visible", 0 < top < bottom <= height / 2, True)
        self.screenshot("no-results")
        self.browser.press("escape")
        box = self.browser.run("const s = document.getElementById('search'); return [s.value, document.activeElement === s]")
        check("the search box after Escape", box, ["", False])
        check("the list after Escape", self.browser.run(LIST), list(self.translation))
        check("the search in the address after Escape", "query" in self.browser.run("return location.hash"), False)

    def sort(self):
        keys = {"line": lambda i: i, "log_prob": lambda i: self.translation[i]["log_prob"] / len(self.translation[i]["subwords"]["target"]),
                "length": lambda i: -len(self.translation[i]["subwords"]["source"]), "entropy": lambda i: -self.translation[i]["entropy"],
                "error": lambda i: self.translation[i]["chrf"], "aer": lambda i: -self.reference[i]["alignment_error_rate"]}
        for name, key in reversed(keys.items()):
            self.pick("sort", name)
            check(f"sorted by {name}", self.browser.run(LIST), sorted(self.translation, key=lambda i: (key(i), i)))
        self.browser.click("#reverse")
        check("reversed order", self.browser.run(LIST), sorted(self.translation, reverse=True))
        self.browser.click("#reverse")

    def sentences(self):
        for line, pair in self.translation.items():
            self.browser.click(f"#list li:nth-child({line + 1}) button")
            self.check_matrix(f"sentence {line + 1}", pair, pair["weights"])
        self.browser.run("document.activeElement.blur()")
        self.browser.press("k", "w")
        subwords = self.translation[SENTENCES - 2]["subwords"]
        self.check_matrix("subwords of the previous sentence", subwords, subwords["weights"])
        self.browser.press("w", "j")

    def colors(self):
        for theme, sign in (("light", -1), ("dark", 1)):
            check("theme", self.browser.run("return document.documentElement.dataset.theme"), theme)
            lightness = self.browser.run(LIGHTNESS)
            for weight, (one, next_one) in enumerate(zip(lightness, lightness[1:])):
                if sign * (next_one - one) <= 0:
                    raise AssertionError(f"{theme}: weight {weight}% has lightness {one}, the next one {next_one}")
            for background, weight in self.browser.run(CELLS):
                check_near("the color of a weight", background.strip("var(-c)"), 100 * weight, 1.01)
            self.screenshot(theme)
            self.browser.press("d")

    def svg_colors(self, folder):
        """Checks that cells of the page have the colors of the SVG, in steps of 0.01 of the weight."""
        check("theme", self.browser.run("return document.documentElement.dataset.theme"), "light")
        for line, pair in self.translation.items():
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
        """Checks that texts and matrix are printed in light colors in either theme, without list and toolbar."""
        self.browser.click("#list li:nth-child(1) button")
        expected = {tuple(channels(background)) for _, _, background in self.browser.run(PAINTED, "td[data-at]")}
        for theme in ("light", "dark"):
            check("theme", self.browser.run("return document.documentElement.dataset.theme"), theme)
            self.browser.command("Emulation.setEmulatedMedia", media="print")
            visible = lambda css: self.browser.run("return document.querySelector(arguments[0]).checkVisibility()", css)
            for css, wanted in (("#figure table", True), ("#texts", True), ("#legend", True), ("#list-panel", False), (".tools", False)):
                check(f"{css} is printed", visible(css), wanted)
            self.check_matrix("in print", self.translation[0], self.translation[0]["weights"])
            self.screenshot(f"print-{theme}")
            self.browser.command("Emulation.setEmulatedMedia", media="")
            paper = folder / "paper.pdf"
            self.browser.print(paper)
            colors, pages = colors_of_pdf(paper)
            check("pages", pages, 1)
            near = lambda color: any(max(abs(x - y) for x, y in zip(color, other)) <= 1 for other in colors)
            check(f"{theme}: cell colors that are missing in print", [color for color in expected if not near(color)], [])
            if self.screenshots:
                (self.screenshots / f"print-{theme}.pdf").write_bytes(paper.read_bytes())
            self.browser.press("d")

    def contrasts(self, page):
        """Checks that text on the color of a weight is readable for every weight."""
        self.browser.open(altered(page, whole_scale))
        self.browser.press("n")
        for theme in ("light", "dark"):
            check("theme", self.browser.run("return document.documentElement.dataset.theme"), theme)
            for media in ("", "print"):
                self.browser.command("Emulation.setEmulatedMedia", media=media)
                self.check_contrasts(f"{theme} {media}", "td[data-at]", 110)
            self.browser.command("Emulation.setEmulatedMedia", media="")
            self.screenshot(f"numbers-{theme}")
            self.press_button("view", "Links")
            for k in range(1, 12):
                self.browser.point_at(f".side:nth-child(2) button:nth-child({k})")
                self.check_contrasts(f"{theme}, links", ".side:first-child button", 9 if k == 1 else 10)
            self.press_button("view", "Matrix")
            self.browser.run("document.activeElement.blur()")
            self.browser.press("d")
        self.check_quiet()

    def check_contrasts(self, what, css, count):
        painted = self.browser.run(PAINTED, css)
        check(f"{what}: colored elements", len(painted), count)
        for text, color, background in painted:
            if contrast(color, background) < 4.5:
                raise AssertionError(f"{what}: {text} in {color} on {background} has a contrast of {contrast(color, background)}")

    def help(self):
        self.browser.press("?")
        text = self.browser.run("return document.getElementById('help').open && document.getElementById('help').innerText")
        for phrase in ("summed over", "averaged over", "Alignment error"):
            check(f"the help contains \"{phrase}\"", phrase in text, True)
        self.browser.press("escape")
        check("the help is open after Escape", self.browser.run("return document.getElementById('help').open"), False)

    def address(self):
        self.press_button("view", "Links")
        url = self.browser.run("return location.href")
        self.browser.open("about:blank")
        self.browser.open(url)
        check("the view restored from the address", self.browser.run("return document.querySelectorAll('.links').length"), 1)
        self.press_button("view", "Matrix")

    def emulate_phone(self, width=390):
        self.browser.command("Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=2, mobile=True)

    def phone(self):
        self.emulate_phone()
        visible = "return document.getElementById('list-panel').checkVisibility()"
        check("the list is visible on a phone", self.browser.run(visible), False)
        self.browser.click("#list-button")
        check("the list is visible when opened", self.browser.run(visible), True)
        self.browser.click("#list li:nth-child(3) button")
        check("the list is visible after a selection", self.browser.run(visible), False)
        self.check_matrix("on a phone", self.translation[2], self.translation[2]["weights"])
        check("page width on a phone", self.browser.run("return document.documentElement.scrollWidth"), 390)
        fits = self.browser.run("const f = document.getElementById('figure'); return f.scrollWidth <= f.clientWidth")
        check("the matrix fits", fits, True)
        self.screenshot("phone")

    def keys(self):
        """Checks that each key changes the page, and that pressing it often enough restores it."""
        view = lambda: self.browser.run("return [location.hash, document.getElementById('figure').innerText]")
        self.browser.run("document.activeElement.blur()")
        for key, times in (("m", 2), ("w", 2), ("t", 2), ("h", 3), ("g", 2), ("e", 2), ("n", 2)):
            before = view()
            self.browser.press(key)
            if view() == before:
                raise AssertionError(f"the key {key} changes nothing")
            self.browser.press(*[key] * (times - 1))
            check(f"the key {key}, pressed {times} times", view(), before)
        self.browser.press("/")
        check("the key /", self.browser.run("return document.activeElement.id"), "search")
        self.browser.press("escape")

    def scripts(self, page):
        self.browser.open(altered(page, in_scripts))
        for line, (name, words) in enumerate(SCRIPTS.items()):
            self.browser.click(f"#list li:nth-child({line + 1}) button")
            shown = self.browser.run(MATRIX)
            check(name, [label.strip("◌") for label in shown["columns"]], [*words, "‹end›"])
            direction = self.browser.run("return getComputedStyle(document.querySelector('#figure table')).direction")
            check(f"{name}: direction", direction, "rtl" if name == "rtl" else "ltr")
            # The columns are in reading order.
            lefts = self.browser.run("return [...document.querySelectorAll('thead th')].map(th => th.getBoundingClientRect().left)")
            check(f"{name}: order", lefts, sorted(lefts, reverse=name == "rtl"))
            fits = self.browser.run("const f = document.getElementById('figure'); return f.scrollWidth <= f.clientWidth")
            check(f"{name}: the matrix fits", fits, True)
            self.screenshot(f"script-{name}")
            self.emulate_phone()
            check(f"{name}: page width on a phone", self.browser.run("return document.documentElement.scrollWidth"), 390)
            self.screenshot(f"script-{name}-phone")
            self.browser.command("Emulation.clearDeviceMetricsOverride")
        self.check_quiet()

    def long_words(self, page):
        """Checks that long labels are truncated on a phone, and that the tooltip shows them in full."""
        self.browser.open(altered(page, long_words))
        self.emulate_phone(375)
        truncated = ("return [...document.querySelectorAll(arguments[0])].slice(0, 2)"
                  ".map(each => [each.scrollWidth > each.clientWidth, each.offsetWidth])")
        check("row labels are truncated", self.browser.run(truncated, "tbody th span"), [[True, 150], [True, 150]])
        _, right, width = self.browser.run(HORIZONTAL_BOUNDS, 'td[data-at="1,1"]')
        check("cells are visible beside the labels", right < width * 0.7, True)
        self.check_long_tip('td[data-at="1,1"]')
        self.screenshot("long-words")
        self.press_button("view", "Links")
        for k in (1, 2):
            check("words in the links view are truncated", [cut for cut, _ in self.browser.run(truncated, f".side:nth-child({k}) button")], [True, True])
        _, right, width = self.browser.run(HORIZONTAL_BOUNDS, ".side:nth-child(2) button")
        check("both sides are visible", right <= width - 14, True)
        check("page width on a phone", self.browser.run("return document.documentElement.scrollWidth"), 375)
        self.check_long_tip(".side:first-child button:nth-child(2)")
        self.screenshot("long-words-links")
        self.browser.command("Emulation.clearDeviceMetricsOverride")
        self.check_quiet()

    def check_long_tip(self, css):
        self.browser.point_at(css)
        words = self.browser.run("return [...document.querySelectorAll('#tip bdi')].map(word => word.textContent)")
        check("the tooltip of long words", words, [LONG, LONG])
        left, right, width = self.browser.run(HORIZONTAL_BOUNDS, "#tip")
        check("the tooltip is visible", 0 <= left < right <= width, True)

    def empty_translation(self, page):
        self.browser.open(altered(page, empty_translation))
        self.press_button("view", "Links")
        self.browser.click("#end")
        self.browser.point_at(".side:first-child button:nth-child(2)")
        self.press_button("view", "Matrix")
        check("rows of an empty translation", self.browser.run(MATRIX)["rows"], [])
        self.check_quiet()

    def check_quiet(self):
        """Checks that nothing was fetched and the console has no messages."""
        check("fetched resources", self.browser.run("return performance.getEntriesByType('resource').map(r => r.name)"), [])
        check("messages of the console", self.browser.messages(), [])


def main():
    attn, source = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    screenshots = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
    if None in programs():
        print("skipped: this test needs chromium and chromium-driver")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="attn-page-") as name:
        folder = pathlib.Path(name)
        make_text(source / "data" / "sample", folder)
        pairs = make_run(attn, CONFIG, folder)
        combined = make_combined(attn, folder)
        (folder / "documents").mkdir()
        make_documents(source / "data" / "sample", folder / "documents")
        documents = make_run(attn, DOCUMENTS, folder / "documents")
        (folder / "unspaced").mkdir()
        make_unspaced(source / "data" / "sample", folder / "unspaced")
        unspaced = make_run(attn, UNSPACED, folder / "unspaced")
        with Browser() as browser:
            browser.open((folder / "unspaced" / "page.html").as_uri())
            unspaced_test = Test(browser, unspaced, screenshots)
            unspaced_test.unspaced()
            unspaced_test.check_quiet()
            browser.open((folder / "documents" / "page.html").as_uri())
            documents_test = Test(browser, documents, screenshots)
            documents_test.documents()
            documents_test.check_quiet()
            browser.open((folder / "combined.html").as_uri())
            combined_test = Test(browser, combined, screenshots)
            combined_test.combined()
            combined_test.check_quiet()
            test = Test(browser, pairs, screenshots)
            test.scripts(folder / "page.html")
            test.long_words(folder / "page.html")
            test.empty_translation(folder / "page.html")
            test.contrasts(folder / "page.html")
            browser.open((folder / "page.html").as_uri())
            test.svg_colors(folder)
            test.print(folder)
            for step in (test.words_and_subwords, test.pointer_and_keys, test.gold, test.end_of_sentence, test.links,
                         test.search, test.sort, test.sentences, test.colors, test.help, test.keys, test.address, test.phone,
                         test.check_quiet):
                step()
    return 0


if __name__ == "__main__":
    sys.exit(main())
