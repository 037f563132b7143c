#!/usr/bin/env python3
"""Tests the training report of attn train in a real browser against metrics.jsonl and samples.jsonl.

    report.py ATTN SOURCE_DIR [SCREENSHOTS]     saves screenshots in the directory SCREENSHOTS if it is given
"""
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from page import (CONFIG, DOCUMENTS, MATRIX, PAINTED, SKIPPED, altered, channels, check, check_near, colors_of_pdf,
                  make_documents)
from webdriver import Browser, programs

VALID_EVERY, LOG_EVERY, UPDATES = 10, 5, 60
VALUES = """return Object.fromEntries([...document.querySelectorAll(".chart")].map(chart => [chart.dataset.chart,
  Object.fromEntries([...chart.querySelectorAll(".values > span")].map(span => [span.className, span.querySelector("b").textContent]))]))"""
PATHS = """return Object.fromEntries([...document.querySelectorAll(".chart")].map(chart => [chart.dataset.chart,
  Object.fromEntries([...chart.querySelectorAll("path.curve")].map(path => [path.classList[1],
    path.getAttribute("d").slice(1).split("L").map(point => point.split(" ").map(Number))]))]))"""
FIELDS = {"loss": {"training": "loss", "validation": "cross_entropy"}, "perplexity": {"validation": "perplexity"},
          "bleu": {"validation": "bleu"}, "rate": {"training": "learning_rate"}, "norm": {"training": "gradient_norm"},
          "speed": {"training": "target_tokens_per_second"}}
LOGARITHMIC = {"perplexity", "norm"}  # for values of a large range
DIGITS = "".join(chr(code) for code in range(ord("#"), ord("~") + 1) if chr(code) not in "<\\")
OPTIONS = "return [...document.querySelectorAll('#matrix option')].map(option => [option.textContent, option.disabled])"
LINKS = """return [...document.querySelectorAll(".links path")].map(path => {
  const {source, target} = path.dataset, style = getComputedStyle(path);
  return [Number(target), Number(source), (parseFloat(style.strokeWidth) - 1) / 5, style.stroke, path.style.stroke];
})"""
ENDS = """const at = (point, css) => {
  const box = document.querySelector(css).getBoundingClientRect();
  return Math.hypot(Math.max(box.left - point.x, 0, point.x - box.right), Math.max(box.top - point.y, 0, point.y - box.bottom));
};
return Math.max(...[...document.querySelectorAll(".links path")].map(path => {
  const point = length => path.getPointAtLength(length).matrixTransform(path.getScreenCTM());
  const token = side => `.side button[data-side=${side}][data-at="${path.dataset[side]}"]`;
  return Math.max(at(point(0), token("source")), at(point(path.getTotalLength()), token("target")));
}))"""
EVENTS = {"training": "train", "validation": "valid"}


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def make_run(attn, folder, name, **options):
    sets = [f"{key.replace('__', '.')}={value}" for key, value in options.items()] + [f"train.run_dir={name}"]
    command = [attn, "train", "--config", "config.json", *(word for each in sets for word in ("--set", each))]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return folder / name


def make_config(sample, folder):
    for name in ("train.en", "train.fr", "test.en", "test.fr", "test.align"):
        text = (sample / name).read_text().splitlines(keepends=True)
        (folder / name).write_text("".join(text[:20 if name.startswith("test") else 400]))
    (folder / "config.json").write_text(json.dumps(CONFIG))


def make_heatmaps(attn, run, text):
    """Returns the heatmap data over subwords of the last model, by line of the text."""
    heatmap = run.parent / f"{run.name}.json"
    subprocess.run([attn, "eval", "--model", run / "last", "--source", text / "test.en", "--reference", text / "test.fr",
                    "--heatmap", heatmap], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return {pair["line"]: pair["subwords"] for pair in json.loads(heatmap.read_text())["sentences"] if pair["name"] == "translation"}


def longest_common(a, b):
    """Returns the length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for x in a:
        before = row[:]
        for j, y in enumerate(b):
            row[j + 1] = before[j] + 1 if x == y else max(row[j], before[j + 1])
    return row[-1]


def decode_weights(digits):
    """Decodes weights of two digits of base 90. Digits are the ASCII characters from "#" on, without "<" and the backslash."""
    values = [DIGITS.index(digit) for digit in digits]
    return [(90 * high + low) / 8099 for high, low in zip(values[::2], values[1::2])]


def matrices_of(sentence):
    """Returns the name, the side of the rows and the weights of each attention map of a sample."""
    return [(matrix["name"], sentence[side], decode_weights(matrix["weights"]))
            for side in ("target", "source") for matrix in sentence[side].get("matrices", [])]


class Test:
    def __init__(self, browser, run, screenshots):
        self.browser, self.run, self.screenshots = browser, run, screenshots
        self.events, self.samples = lines(run / "metrics.jsonl"), lines(run / "samples.jsonl")

    def screenshot(self, name):
        if self.screenshots:
            self.browser.screenshot(self.screenshots / f"report-{name}.png")

    def events_of(self, kind):
        return [event for event in self.events if event["event"] == EVENTS[kind]]

    def text(self, css):
        return self.browser.run("return document.querySelector(arguments[0]).textContent", css)

    def texts(self, css):
        return self.browser.run("return [...document.querySelectorAll(arguments[0])].map(each => each.textContent)", css)

    def is_visible(self, css):
        return self.browser.run("return document.querySelector(arguments[0]).checkVisibility()", css)

    def summary(self):
        names, values = self.texts("#summary dt"), self.texts("#summary dd:not(.note)")
        tiles = dict(zip(names, values))
        check_near("best BLEU", tiles["Best BLEU"], max(event["bleu"] for event in self.events_of("validation")), 0.0051)
        check("updates", tiles["Updates"], str(UPDATES))
        check("state", tiles["State"], "Ended")
        check("the reason", self.texts("#summary .note")[-1], "train.max_updates")
        self.screenshot("top")

    def check_values(self, what, axis, position):
        values = self.browser.run(VALUES)
        check(f"{what}: the charts", set(values), set(FIELDS))
        for chart, fields in FIELDS.items():
            check(f"{what}: the curves of {chart}", set(values[chart]), set(fields))
            for kind, field in fields.items():
                nearest = min(self.events_of(kind), key=lambda event: abs(event[axis] - position))
                number = float(values[chart][kind].replace(",", ""))
                tolerance = max(6e-4 * abs(nearest[field]), 0.51 if nearest[field] >= 1000 else 0)
                check_near(f"{what}: {field}", number, nearest[field], tolerance)

    def walk(self):
        self.browser.run("document.getElementById('charts').focus()")
        self.browser.press("home")
        for update in range(LOG_EVERY, UPDATES + 1, LOG_EVERY):
            check("position of the cursor", self.text("#readout").split(" · ")[0], f"update {update}")
            self.check_values(f"update {update}", "update", update)
            self.browser.press("right")
        self.browser.press("escape")
        check("position after Escape", self.text("#readout"), "")
        self.check_values("last values", "update", UPDATES)

    def check_paths(self, axis):
        paths = self.browser.run(PATHS)
        for chart, fields in FIELDS.items():
            for kind, field in fields.items():
                events, points = self.events_of(kind), paths[chart][kind]
                what = f"the curve of {field} by {axis}"
                check(f"{what}: points", len(points), len(events))
                self.check_linear(f"{what}: x", [event[axis] for event in events], [x for x, _ in points])
                values = [event[field] for event in events]
                if chart in LOGARITHMIC and max(values) > 10 * min(values):
                    values = [math.log(value) for value in values]
                self.check_linear(f"{what}: y", values, [y for _, y in points])

    def check_linear(self, what, values, pixels):
        """Checks that pixels are a linear function of the values, within a fifth of a pixel."""
        low, high = values.index(min(values)), values.index(max(values))
        span = values[high] - values[low]
        for value, pixel in zip(values, pixels):
            fraction = (value - values[low]) / span if span else 0
            check_near(f"{what} of {value}", pixel, pixels[low] + fraction * (pixels[high] - pixels[low]), 0.2)

    def axes(self):
        self.check_paths("update")
        self.browser.run("document.activeElement.blur()")
        self.browser.press("x")
        self.check_paths("seconds")
        ticks = self.texts(".chart[data-chart=bleu] text.along")
        check("ticks of time", (len(ticks) > 1, all(":" in text for text in ticks)), (True, True))
        self.browser.run("[...document.querySelectorAll('#axis button')][0].click()")
        check("the axis", self.browser.run("return document.querySelector('#axis [aria-pressed=true]').textContent"), "Updates")

    def pointer(self):
        self.browser.point_at(".chart[data-chart=bleu] svg")
        self.screenshot("curves")
        update = int(self.text("#readout").split(" · ")[0].split()[1])
        self.check_values("under the pointer", "update", update)
        lines_shown = self.browser.run("return [...document.querySelectorAll('.cursor')].filter(line => line.style.display !== 'none').length")
        check("cursors", lines_shown, len(FIELDS))
        self.browser.point_at("#title")
        check("position without the pointer", self.text("#readout"), "")
        self.fingers()

    def fingers(self):
        """Checks that a tap has an effect until the next tap elsewhere."""
        self.browser.command("Emulation.setTouchEmulationEnabled", enabled=True)
        self.browser.tap(".chart[data-chart=bleu] svg")
        self.check_values("after a tap", "update", int(self.text("#readout").split(" · ")[0].split()[1]))
        self.browser.tap("#title")
        check("position after a tap elsewhere", self.text("#readout"), "")
        self.browser.run("document.querySelector('td[data-at]').scrollIntoView({block: 'center', behavior: 'instant'})")
        highlighted = "return [document.querySelectorAll('th.highlighted').length, document.getElementById('tip').hidden]"
        self.browser.tap('td[data-at="0,1"]')
        check("after a tap on a cell", self.browser.run(highlighted), [2, False])
        self.browser.tap("#texts")
        check("the cell after a tap elsewhere", self.browser.run(highlighted), [0, True])
        self.browser.run("scrollTo({top: 0, behavior: 'instant'})")
        self.browser.command("Emulation.setTouchEmulationEnabled", enabled=False)

    def check_sample(self, at, k, granularity, index=0):
        sample = self.samples[at]["sentences"][k]
        source, target = sample["source"], sample["target"]
        what = f"sentence {k} after update {self.samples[at]['update']}"
        shown = self.texts("#texts p")
        check(f"{what}: source", shown[0], " ".join(source["words"]))
        check(f"{what}: reference", shown[1], sample["reference"])
        check(f"{what}: translation", shown[2], " ".join(target["words"]) or "nothing")
        plain = len(target["words"]) - len(self.texts("#texts u"))
        check(f"{what}: words in common", plain, longest_common(target["words"], sample["reference"].split()))
        check_near(f"{what}: chrF", self.texts("#texts dd")[0], target["chrf"], 0.051)
        weights, matrix = self.attention_map(at, k, granularity, index), self.browser.run(MATRIX)["weights"]
        check(f"{what}: rows", len(matrix), len(weights))
        for row, numbers in zip(weights, matrix):
            check(f"{what}: columns", len(numbers), len(row))
            for number, weight in zip(numbers, row):
                check_near(f"{what}, map {index}", number, weight, 0.0051)

    def attention_map(self, at, k, granularity, index):
        """Returns the weights of an attention map in samples.jsonl."""
        sample = self.samples[at]["sentences"][k]
        _, rows, numbers = matrices_of(sample)[index]
        columns = len(sample["source"]["subwords"])
        weights = [numbers[j * columns:][:columns] for j in range(len(rows["subwords"]))]
        return self.over_words(weights, rows, sample["source"]) if granularity == "words" else weights

    @staticmethod
    def over_words(weights, target, source):
        """Sums weights over the subwords of a source word and averages them over those of a target word."""
        word_indices = lambda side: side["word_indices"] + ([[len(side["words"])]] if side["end"] else [])
        rows, columns = word_indices(target), word_indices(source)
        out = [[0.0] * (len(source["words"]) + source["end"]) for _ in range(len(target["words"]) + target["end"])]
        for j, row in enumerate(rows):
            for i, column in enumerate(columns):
                for t in row:
                    for s in column:
                        out[t][s] += weights[j][i] / len(column) / sum(t in each for each in rows)
        return out

    def pick(self, index):
        self.browser.click(f'#matrix option[value="{index}"]')

    def check_heatmaps(self, heatmaps):
        """Checks that the samples of the last validation have the attention weights of the last model."""
        for sentence in self.samples[-1]["sentences"]:
            subwords, what = heatmaps[sentence["line"]], f"line {sentence['line']}"
            expected = [subwords["weights"], *subwords.get("heads", [])]
            for layer in subwords.get("encoder", []):
                expected += [layer["weights"], *layer.get("heads", [])]
            check(f"{what}: translation", subwords["target"], sentence["target"]["subwords"])
            actual = matrices_of(sentence)
            check(f"{what}: attention maps", len(actual), len(expected))
            for (name, _, weights), rows in zip(actual, expected):
                flat = [weight for row in rows for weight in row]
                check(f"{what}, {name}: weights", len(weights), len(flat))
                for weight, number in zip(weights, flat):
                    check_near(f"{what}, {name}", weight, number, 1e-4)

    def check_all_maps(self):
        """Checks the attention map of each head and of each encoder layer. Returns their names."""
        last = len(self.samples) - 1
        names = [name for name, _, _ in matrices_of(self.samples[last]["sentences"][0])]
        check("names of the maps", self.browser.run(OPTIONS), [[name, False] for name in names])
        check("the map that is shown first", self.browser.run("return document.getElementById('matrix').value"), "0")
        for granularity in ("words", "subwords"):
            for index in range(len(names)):
                self.pick(index)
                self.check_sample(last, 0, granularity, index)
            self.browser.run("document.activeElement.blur()")
            self.browser.press("w")
        if len(self.texts("#granularity button")) == 3:
            self.browser.press("w")  # skips segments
        self.browser.press("h")
        self.check_sample(last, 0, "words", 0)  # the first one follows the last one
        return names

    def heads(self):
        names = self.check_all_maps()
        check("names", names, ["mean of the heads", "head 1", "head 2"])
        self.pick(2)
        self.screenshot_at("#samples", "head")
        self.browser.run("document.activeElement.blur()")
        for at in range(len(self.samples) - 1, -1, -1):
            self.check_sample(at, 0, "words", 2)  # the selected map remains selected
            self.browser.press(",")
        self.browser.press("h", *["."] * len(self.samples))
        self.check_sample(len(self.samples) - 1, 0, "words", 0)

    def check_links(self, what, at, k, granularity, index=0):
        """Checks that each weight of at least 0.01 is drawn as a line between its words, wider for larger weights."""
        expected = {(j, i): weight for j, row in enumerate(self.attention_map(at, k, granularity, index)) for i, weight in enumerate(row)}
        drawn = self.browser.run(LINKS)
        for j, i, weight, _, color in drawn:
            check_near(f"{what}: the link from {i} to {j}", weight, expected[j, i], 0.002)
            check_near(f"{what}: color of the link from {i} to {j}", color.strip("var(-c)"), 100 * (0.15 + 0.85 * weight), 0.51)
        missing = {cell for cell, weight in expected.items() if weight > 0.0102} - {(j, i) for j, i, *_ in drawn}
        check(f"{what}: missing links", missing, set())
        check(f"{what}: links in the order of their widths", [link[2] for link in drawn], sorted(link[2] for link in drawn))
        check_near(f"{what}: pixels between the end of a link and its word", self.browser.run(ENDS), 0, 0.6)
        return drawn

    def links(self):
        last = len(self.samples) - 1
        self.press_button("view", "Links")
        check("tables in the links view", self.browser.run("return document.querySelectorAll('#figure table').length"), 0)
        check("the option numbers in the links view", self.is_visible("#numbers-label"), False)
        for index in range(3):
            self.pick(index)
            self.check_links(f"map {index}", last, 0, "words", index)
        self.pick(0)
        self.point_at_token()
        self.browser.run("document.activeElement.blur()")
        for at in range(last, -1, -1):
            self.check_links(f"after update {self.samples[at]['update']}", at, 0, "words")
            self.browser.press(",")
        self.browser.press(*["."] * len(self.samples), "w")
        self.check_links("subwords", last, 0, "subwords")
        self.screenshot_at("#samples", "links-subwords")
        self.browser.press("w")
        self.screenshot_at("#samples", "links")
        light = {link[3] for link in self.check_links("light", last, 0, "words")}
        self.browser.press("d")
        dark = {link[3] for link in self.check_links("dark", last, 0, "words")}
        check("colors that both themes use", light & dark, set())
        self.screenshot_at("#samples", "dark-links")
        self.browser.press("d")
        self.tab_to_token()
        self.press_button("view", "Matrix")
        check("the option numbers in the matrix view", self.is_visible("#numbers-label"), True)

    def check_token(self, at, column):
        """Checks that only the links of a source word are highlighted, with its largest weight in the tooltip."""
        weights = [row[column] for row in self.attention_map(at, 0, "words", 0)]
        highlighted = self.browser.run("return [...document.querySelectorAll('path.highlighted')].map(path => [path.dataset.source, path.dataset.target])")
        check("highlighted links", (all(source == str(column) for source, _ in highlighted), bool(highlighted)), (True, True))
        largest = weights.index(max(weights))
        words = [self.browser.run("return document.querySelector(arguments[0]).textContent", f'.side button[data-side={side}][data-at="{k}"]')
                 for side, k in (("source", column), ("target", largest))]
        text, number = self.text("#announcement").rsplit(" ", 1)
        check("the tooltip", text, " → ".join(words))
        check_near("the weight in the tooltip", number, weights[largest], 0.001)
        painted = self.browser.run(PAINTED, ".side:nth-child(2) button")
        check("words in the color of their weight", len(painted), len(highlighted))

    def point_at_token(self):
        self.browser.run("document.querySelector('.side').scrollIntoView({block: 'center', behavior: 'instant'})")
        self.browser.point_at(".side:first-child button:nth-child(2)")
        self.check_token(len(self.samples) - 1, 1)
        self.screenshot("links-selected")
        self.browser.point_at("#title")
        check("highlighted links without the pointer", self.browser.run("return document.querySelectorAll('.selecting').length"), 0)

    def tab_to_token(self):
        self.browser.run("document.getElementById('end').focus()")
        for column in (0, 1, 2):
            self.browser.press("tab")
            self.check_token(len(self.samples) - 1, column)
        self.browser.run("document.activeElement.blur()")

    def keys(self):
        """Checks that each key changes the page, and that pressing it often enough restores it."""
        view = lambda: self.browser.run("return [location.hash, document.getElementById('figure').innerText]")
        for key, times in (("m", 2), ("w", 2), ("h", 3), ("e", 2), ("n", 2)):
            before = view()
            self.browser.press(key)
            check(f"the key {key} changes something", view() != before, True)
            self.browser.press(*[key] * (times - 1))
            check(f"the key {key}, pressed {times} times", view(), before)

    def timeline(self):
        count = UPDATES // VALID_EVERY
        check("samples", len(self.samples), count)
        check("bars", len(self.texts("#bars > i")), count)
        self.check_sample(count - 1, 0, "words")
        self.screenshot_at("#samples", "samples")
        self.browser.run("[...document.querySelectorAll('#granularity button')][1].click()")
        for k in range(len(self.samples[0]["sentences"])):
            self.browser.click(f"#list li:nth-child({k + 1}) button")
            self.browser.run("document.getElementById('slider').focus()")
            self.browser.press("home")
            for at in range(count):
                check("the sample", self.text("#sample-info").split(" · ")[0], f"after update {VALID_EVERY * (at + 1)}")
                self.check_sample(at, k, "subwords")
                self.browser.press("right")
        self.browser.press("home")
        self.screenshot_at("#samples", "first-sample")
        self.browser.press("k", ".", "w")
        self.check_sample(1, len(self.samples[0]["sentences"]) - 2, "words")
        self.browser.click("#bars > i:nth-child(4)")
        self.check_sample(3, len(self.samples[0]["sentences"]) - 2, "words")

    def play(self):
        self.browser.press(",", ",", ",", ",", "p")
        check("playing", self.browser.run("return document.getElementById('play').ariaLabel"), "Pause")
        for _ in range(300):
            if self.browser.run("return document.getElementById('play').ariaLabel") == "Play":
                break
            time.sleep(0.1)
        check("the sample after playing", self.text("#sample-info").split(" · ")[0], f"after update {UPDATES}")

    def weights(self):
        self.browser.run("document.querySelector('td[data-at]').scrollIntoView({block: 'center'})")
        self.browser.point_at('td[data-at="0,1"]')
        highlighted = self.browser.run("return [...document.querySelectorAll('th.highlighted')].map(th => th.textContent)")
        check("highlighted labels", len(highlighted), 2)
        check("the tooltip", self.text("#announcement").rsplit(" ", 1)[0], " → ".join(highlighted))
        self.browser.press("escape")

    def press_button(self, group, name):
        self.browser.run("[...document.querySelectorAll(`#${arguments[0]} button`)]"
                         ".find(button => button.textContent === arguments[1]).click()", group, name)

    def screenshot_at(self, css, name):
        self.browser.run("document.documentElement.style.scrollBehavior = 'auto'; document.querySelector(arguments[0]).scrollIntoView()", css)
        self.screenshot(name)

    def config(self):
        config = json.loads((self.run / "config.json").read_text())
        leaves = lambda value: sum(map(leaves, value.values())) if isinstance(value, dict) else 1
        check("options", len(self.texts("#options dt")), leaves(config))
        changed = self.texts("#options .changed dt")
        for name in ("hidden_size", "attention.heads", "train_source", "max_updates", "log_every"):
            check(f"{name} is changed", name in changed, True)
        for name in ("attention.hidden_size", "beam_size", "optimizer"):
            check(f"{name} is changed", name in changed, False)
        self.browser.press("c")
        visible = self.browser.run("return [...document.querySelectorAll('#options dt')].filter(dt => dt.checkVisibility()).map(dt => dt.textContent)")
        check("options with only changed ones shown", visible, changed)
        self.browser.press("c")
        self.screenshot_at("#config", "config")

    def dark(self):
        self.browser.press("d")
        check("theme", self.browser.run("return document.documentElement.dataset.theme"), "dark")
        self.browser.run("scrollTo(0, 0)")
        self.browser.point_at(".chart[data-chart=loss] svg")
        self.screenshot("dark")
        self.screenshot_at("#samples", "dark-samples")
        self.browser.press("d")

    def help(self):
        self.browser.press("?")
        text = self.browser.run("return document.getElementById('help').open && document.getElementById('help').innerText")
        for phrase in ("label smoothing", "Popović 2015", "averaged over", "at most 30 validations", "matrix or links",
                       "next head or layer"):
            check(f"the help contains \"{phrase}\"", phrase in text, True)
        check("the help of a short run mentions merged points", "summarizes" in text, False)
        self.screenshot("help")
        self.browser.press("escape")

    def address(self):
        self.browser.press("x", "j", ",", "m", "h")
        view = lambda: (self.text("#sample-info"), self.texts("#texts p"), self.browser.run(LINKS))
        before = view()
        url = self.browser.run("return location.href")
        self.browser.open("about:blank")
        self.browser.open(url)
        check("the sample restored from the address", view(), before)
        selected = self.browser.run("return [...document.querySelectorAll('#list button')].findIndex(button => button.ariaCurrent === 'true')")
        self.check_links("restored from the address", len(self.samples) - 2, selected, "words", 1)
        check("the axis restored from the address", self.browser.run("return document.querySelector('#axis [aria-pressed=true]').textContent"), "Time")

    def paper(self, folder):
        """Checks that the sample, its matrix or links, and the legend are printed in light colors in either theme, without toolbar."""
        self.browser.open(self.run.joinpath("report.html").as_uri() + "?paper")
        last = len(self.samples) - 1
        for theme in ("light", "dark"):
            for view, operator in (("matrix", "rg"), ("links", "RG")):
                what = f"{theme}, {view}"
                self.browser.command("Emulation.setEmulatedMedia", media="print")
                for css, wanted in (("#figure", True), ("#texts", True), ("#legend", True), ("#timeline", True), ("#matrix", True),
                                    ("#list", False), ("#slider", False), ("#view", False), ("#granularity", False), ("#end", False)):
                    check(f"{what}: {css} is printed", self.is_visible(css), wanted)
                if view == "matrix":
                    self.check_sample(last, 0, "words")
                    expected = {color for _, _, color in self.browser.run(PAINTED, "td[data-at]")}
                else:
                    expected = {link[3] for link in self.check_links(what, last, 0, "words")}
                self.browser.command("Emulation.setEmulatedMedia", media="")
                paper = (self.screenshots or folder) / f"report-{theme}-{view}.pdf"
                self.browser.print(paper)
                colors, _ = colors_of_pdf(paper, operator)
                near = lambda color: any(max(abs(x - y) for x, y in zip(color, other)) <= 1 for other in colors)
                check(f"{what}: colors that are missing in print", [color for color in expected if not near(channels(color))], [])
                self.browser.press("m")
            self.browser.press("d")

    def phone(self):
        self.browser.command("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
        self.browser.open(self.run.joinpath("report.html").as_uri() + "?phone")
        width = lambda: self.browser.run("return document.documentElement.scrollWidth")
        check("page width on a phone", width(), 390)
        last, second = len(self.samples) - 1, "#list li:nth-child(2) button"
        self.browser.run(f"document.querySelector('{second}').scrollIntoView({{block: 'center', behavior: 'instant'}})")
        self.browser.click(second)
        self.check_sample(last, 1, "words")
        self.browser.run("scrollTo(0, 0)")
        self.screenshot("phone")
        self.screenshot_at("#samples", "phone-samples")
        self.press_button("view", "Links")
        for index in range(3):
            self.pick(index)
            self.check_links(f"on a phone, map {index}", last, 1, "words", index)
            check("page width in the links view", width(), 390)
        self.screenshot_at(".tools", "phone-links")
        self.browser.command("Emulation.clearDeviceMetricsOverride")

    def check_quiet(self):
        """Checks that nothing was fetched and the console has no messages."""
        check("fetched resources", self.browser.run("return performance.getEntriesByType('resource').map(r => r.name)"), [])
        check("messages of the console", self.browser.messages(), [])

    def old_samples(self):
        """Checks that maps which samples of an earlier version lack are listed but cannot be selected."""
        def remove_heads(data):
            for sample in data["samples"][:2]:
                for sentence in sample["sentences"]:
                    del sentence["target"]["matrices"][1:]
        self.browser.open(altered(self.run / "report.html", remove_heads))
        self.pick(2)
        self.browser.run("document.activeElement.blur()")
        self.check_sample(len(self.samples) - 1, 0, "words", 2)
        self.browser.press(*[","] * len(self.samples))
        check("disabled maps", [disabled for _, disabled in self.browser.run(OPTIONS)], [False, True, True])
        self.check_sample(0, 0, "words", 0)
        self.browser.press("h")
        self.check_sample(0, 0, "words", 0)
        self.screenshot_at("#samples", "old-samples")
        self.browser.press("m", *["."] * len(self.samples))
        self.check_links("with samples of an earlier version", len(self.samples) - 1, 0, "words", 0)
        self.check_quiet()

    def long_words(self):
        """Checks that very long words are truncated in the matrix and the links view, and that the tooltip shows them in full."""
        long = "To-" * 100
        def lengthen(data):
            target = data["samples"][-1]["sentences"][0]["target"]
            target["words"][0] = long
        self.browser.open(altered(self.run / "report.html", lengthen))
        for css, cell in (("tbody th span", 'td[data-at="0,1"]'), (".side:nth-child(2) button", ".side:nth-child(2) button")):
            size = "const label = document.querySelector(arguments[0]); return [label.scrollWidth > label.clientWidth, label.offsetWidth]"
            check("a long word is truncated", self.browser.run(size, css), [True, 224])
            self.browser.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center', behavior: 'instant'})", cell)
            self.browser.point_at(cell)
            check("the tooltip shows the long word", self.browser.run("return document.querySelector('#tip bdi:last-of-type').textContent"), long)
            self.screenshot(f"long-{self.browser.run('return state.view')}")
            self.browser.press("m")
        self.check_quiet()

    def documents(self, heatmaps):
        """Checks the report of a hierarchical model with self-attention in the encoder."""
        self.browser.open((self.run / "report.html").as_uri())
        self.check_heatmaps(heatmaps)
        names = self.check_all_maps()
        layers = [f"encoder, layer {layer}, {what}" for layer in (1, 2) for what in ("mean", "head 1", "head 2")]
        check("names", names, ["mean of the heads", "head 1", "head 2", *layers])
        self.screenshot_at("#samples", "documents")
        self.press_button("view", "Links")
        for index in range(len(names)):
            self.pick(index)
            self.check_links(names[index], len(self.samples) - 1, 0, "words", index)
        self.screenshot_at("#samples", "documents-links")
        self.press_button("view", "Matrix")
        self.pick(0)
        self.press_button("granularity", "Segments")
        for k, sentence in enumerate(self.samples[-1]["sentences"]):
            self.browser.click(f"#list li:nth-child({k + 1}) button")
            source, shown = sentence["source"], self.browser.run(MATRIX)["weights"]
            ends = source["segments"]["ends"]
            segments = [[sum(end <= subword for end in ends)] for subword in range(len(source["subwords"]))]
            weights = self.over_words(self.attention_map(-1, k, "subwords", 0), sentence["target"], {"word_indices": segments, "words": ends, "end": False})
            check("rows of segments", len(shown), len(weights))
            for row, numbers in zip(weights, shown):
                check("columns of segments", len(numbers), len(ends))
                for number, weight in zip(numbers, row):
                    check_near(f"segments of document {k}", number, weight, 0.0051)
        self.check_quiet()

    def without_attention(self, run):
        self.browser.open((run / "report.html").as_uri())
        check("the message about no attention", "no attention" in self.text("#no-weights"), True)
        for css in ("#figure", "#sample .tools"):
            check(f"{css} is visible without attention", self.is_visible(css), False)
        check("texts without attention", len(self.texts("#texts p")), 3)
        self.browser.press("j", "w", "e", "m", "h", "n", ".", "escape")
        self.check_quiet()

    def without_validation(self, run):
        self.browser.open((run / "report.html").as_uri())
        check("samples without validation", self.is_visible("#samples"), False)
        check("curves without validation", sorted(self.browser.run(VALUES)), ["loss", "norm", "rate", "speed"])
        self.browser.press("j", "p", ".", "x", "escape")
        self.check_quiet()


def main():
    attn, source = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    screenshots = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
    if None in programs():
        print("skipped: this test needs chromium and chromium-driver")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="attn-report-") as name:
        folder = pathlib.Path(name)
        make_config(source / "data" / "sample", folder)
        run = make_run(attn, folder, "run", train__max_updates=UPDATES, train__valid_every=VALID_EVERY, train__log_every=LOG_EVERY,
                       train__valid_beam=5)
        heatmaps = make_heatmaps(attn, run, folder)
        (folder / "documents").mkdir()
        make_documents(source / "data" / "sample", folder / "documents")
        (folder / "documents" / "config.json").write_text(json.dumps(DOCUMENTS))
        documents = make_run(attn, folder / "documents", "run", train__valid_every=20, train__valid_beam=5,
                          data__source_vocabulary_size=240)
        document_heatmaps = make_heatmaps(attn, documents, folder / "documents")
        no_attention = make_run(attn, folder, "no_attention", train__max_updates=4, train__valid_every=2, model__attention__score="none",
                         model__attention__heads="null")
        no_validation = make_run(attn, folder, "no_validation", train__max_updates=4, train__log_every=1, data__valid_source="null",
                         data__valid_target="null")
        with Browser() as browser:
            browser.open((run / "report.html").as_uri())
            test = Test(browser, run, screenshots)
            test.check_heatmaps(heatmaps)
            for step in (test.summary, test.walk, test.axes, test.pointer, test.heads, test.links, test.keys, test.timeline, test.play,
                         test.weights, test.config, test.dark, test.help, test.address):
                step()
            test.paper(folder)
            test.phone()
            test.check_quiet()
            test.old_samples()
            test.long_words()
            Test(browser, documents, screenshots).documents(document_heatmaps)
            test.without_attention(no_attention)
            test.without_validation(no_validation)
    return 0


if __name__ == "__main__":
    sys.exit(main())
