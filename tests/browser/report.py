#!/usr/bin/env python3
"""The report of attn train, used in a real browser, shows the numbers of metrics.jsonl and samples.jsonl.

    report.py ATTN SOURCE_DIR [SCREENSHOTS]     with a folder, it keeps pictures of what it saw
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
LOGARITHMIC = {"perplexity", "norm"}  # perhaps
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
  const place = length => path.getPointAtLength(length).matrixTransform(path.getScreenCTM());
  const token = side => `.side button[data-side=${side}][data-at="${path.dataset[side]}"]`;
  return Math.max(at(place(0), token("source")), at(place(path.getTotalLength()), token("target")));
}))"""
EVENTS = {"training": "train", "validation": "valid"}


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def make_run(attn, folder, name, **options):
    sets = [f"{key.replace('__', '.')}={value}" for key, value in options.items()] + [f"train.run_dir={name}"]
    command = [attn, "train", "--config", "config.json", *(part for each in sets for part in ("--set", each))]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return folder / name


def make_config(sample, folder):
    for name in ("train.en", "train.fr", "test.en", "test.fr", "test.align"):
        text = (sample / name).read_text().splitlines(keepends=True)
        (folder / name).write_text("".join(text[:20 if name.startswith("test") else 400]))
    (folder / "config.json").write_text(json.dumps(CONFIG))


def make_looks(attn, run, text):
    """What the model of the last validation looks at, of each line that it translates."""
    heatmap = run.parent / f"{run.name}.json"
    subprocess.run([attn, "eval", "--model", run / "last", "--source", text / "test.en", "--reference", text / "test.fr",
                    "--heatmap", heatmap], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return {pair["line"]: pair["pieces"] for pair in json.loads(heatmap.read_text())["sentences"] if pair["name"] == "translation"}


def longest_common(a, b):
    """Length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for x in a:
        before = row[:]
        for j, y in enumerate(b):
            row[j + 1] = before[j] + 1 if x == y else max(row[j], before[j + 1])
    return row[-1]


def weights_in(digits):
    """Two digits each, which are what is printed in ASCII from "#" on, without "<" and the backslash."""
    values = [DIGITS.index(digit) for digit in digits]
    return [(90 * high + low) / 8099 for high, low in zip(values[::2], values[1::2])]


def matrices_of(sentence):
    """Name, side of the rows and weights of each picture of a sample."""
    return [(matrix["name"], sentence[side], weights_in(matrix["weights"]))
            for side in ("target", "source") for matrix in sentence[side].get("matrices", [])]


class Test:
    def __init__(self, browser, run, pictures):
        self.browser, self.run, self.pictures = browser, run, pictures
        self.events, self.samples = lines(run / "metrics.jsonl"), lines(run / "samples.jsonl")

    def keep(self, name):
        if self.pictures:
            self.browser.screenshot(self.pictures / f"report-{name}.png")

    def of(self, kind):
        return [event for event in self.events if event["event"] == EVENTS[kind]]

    def text(self, css):
        return self.browser.run("return document.querySelector(arguments[0]).textContent", css)

    def texts(self, css):
        return self.browser.run("return [...document.querySelectorAll(arguments[0])].map(each => each.textContent)", css)

    def shown(self, css):
        return self.browser.run("return document.querySelector(arguments[0]).checkVisibility()", css)

    def summary(self):
        names, values = self.texts("#summary dt"), self.texts("#summary dd:not(.note)")
        tiles = dict(zip(names, values))
        check_near("best BLEU", tiles["Best BLEU"], max(event["bleu"] for event in self.of("validation")), 0.0051)
        check("updates", tiles["Updates"], str(UPDATES))
        check("state", tiles["State"], "Ended")
        check("the reason", self.texts("#summary .note")[-1], "train.max_updates")
        self.keep("top")

    def check_values(self, what, axis, place):
        values = self.browser.run(VALUES)
        check(f"{what}: the charts", set(values), set(FIELDS))
        for chart, fields in FIELDS.items():
            check(f"{what}: the curves of {chart}", set(values[chart]), set(fields))
            for kind, field in fields.items():
                nearest = min(self.of(kind), key=lambda event: abs(event[axis] - place))
                number = float(values[chart][kind].replace(",", ""))
                tolerance = max(6e-4 * abs(nearest[field]), 0.51 if nearest[field] >= 1000 else 0)
                check_near(f"{what}: {field}", number, nearest[field], tolerance)

    def walk(self):
        self.browser.run("document.getElementById('charts').focus()")
        self.browser.press("home")
        for update in range(LOG_EVERY, UPDATES + 1, LOG_EVERY):
            check("where", self.text("#readout").split(" · ")[0], f"update {update}")
            self.check_values(f"update {update}", "update", update)
            self.browser.press("right")
        self.browser.press("escape")
        check("where, after escape", self.text("#readout"), "")
        self.check_values("the last", "update", UPDATES)

    def check_paths(self, axis):
        paths = self.browser.run(PATHS)
        for chart, fields in FIELDS.items():
            for kind, field in fields.items():
                events, points = self.of(kind), paths[chart][kind]
                what = f"the curve of {field} by {axis}"
                check(f"{what}: points", len(points), len(events))
                self.check_linear(f"{what}: x", [event[axis] for event in events], [x for x, _ in points])
                values = [event[field] for event in events]
                if chart in LOGARITHMIC and max(values) > 10 * min(values):
                    values = [math.log(value) for value in values]
                self.check_linear(f"{what}: y", values, [y for _, y in points])

    def check_linear(self, what, values, places):
        """Within a fifth of a pixel."""
        low, high = values.index(min(values)), values.index(max(values))
        span = values[high] - values[low]
        for value, place in zip(values, places):
            part = (value - values[low]) / span if span else 0
            check_near(f"{what} of {value}", place, places[low] + part * (places[high] - places[low]), 0.2)

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
        self.keep("curves")
        update = int(self.text("#readout").split(" · ")[0].split()[1])
        self.check_values("under the pointer", "update", update)
        lines_shown = self.browser.run("return [...document.querySelectorAll('.cursor')].filter(line => line.style.display !== 'none').length")
        check("cursors", lines_shown, len(FIELDS))
        self.browser.point_at("#title")
        check("without the pointer", self.text("#readout"), "")
        self.fingers()

    def fingers(self):
        """What is tapped stays shown when the finger goes, until it taps elsewhere."""
        self.browser.command("Emulation.setTouchEmulationEnabled", enabled=True)
        self.browser.tap(".chart[data-chart=bleu] svg")
        self.check_values("after a tap", "update", int(self.text("#readout").split(" · ")[0].split()[1]))
        self.browser.tap("#title")
        check("after a tap elsewhere", self.text("#readout"), "")
        self.browser.run("document.querySelector('td[data-at]').scrollIntoView({block: 'center', behavior: 'instant'})")
        lit = "return [document.querySelectorAll('th.lit').length, document.getElementById('tip').hidden]"
        self.browser.tap('td[data-at="0,1"]')
        check("a cell, tapped", self.browser.run(lit), [2, False])
        self.browser.tap("#texts")
        check("a cell, after a tap elsewhere", self.browser.run(lit), [0, True])
        self.browser.run("scrollTo({top: 0, behavior: 'instant'})")
        self.browser.command("Emulation.setTouchEmulationEnabled", enabled=False)

    def check_sample(self, at, k, unit, picture=0):
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
        weights, matrix = self.picture(at, k, unit, picture), self.browser.run(MATRIX)["weights"]
        check(f"{what}: rows", len(matrix), len(weights))
        for row, numbers in zip(weights, matrix):
            check(f"{what}: columns", len(numbers), len(row))
            for number, weight in zip(numbers, row):
                check_near(f"{what}, picture {picture}", number, weight, 0.0051)

    def picture(self, at, k, unit, picture):
        """Its weights, as samples.jsonl has them."""
        sample = self.samples[at]["sentences"][k]
        _, rows, numbers = matrices_of(sample)[picture]
        columns = len(sample["source"]["pieces"])
        weights = [numbers[j * columns:][:columns] for j in range(len(rows["pieces"]))]
        return self.of_words(weights, rows, sample["source"]) if unit == "words" else weights

    @staticmethod
    def of_words(weights, target, source):
        """Summed over the pieces of a source word, averaged over those of a target word."""
        places = lambda side: side["of"] + ([[len(side["words"])]] if side["end"] else [])
        rows, columns = places(target), places(source)
        out = [[0.0] * (len(source["words"]) + source["end"]) for _ in range(len(target["words"]) + target["end"])]
        for j, row in enumerate(rows):
            for i, column in enumerate(columns):
                for t in row:
                    for s in column:
                        out[t][s] += weights[j][i] / len(column) / sum(t in each for each in rows)
        return out

    def pick(self, picture):
        self.browser.click(f'#matrix option[value="{picture}"]')

    def looks(self, looks):
        """The samples of the last validation have what the last model looks at."""
        for sentence in self.samples[-1]["sentences"]:
            pieces, what = looks[sentence["line"]], f"line {sentence['line']}"
            expected = [pieces["weights"], *pieces.get("heads", [])]
            for layer in pieces.get("encoder", []):
                expected += [layer["weights"], *layer.get("heads", [])]
            check(f"{what}: its translation", pieces["target"], sentence["target"]["pieces"])
            kept = matrices_of(sentence)
            check(f"{what}: pictures", len(kept), len(expected))
            for (name, _, weights), rows in zip(kept, expected):
                flat = [weight for row in rows for weight in row]
                check(f"{what}, {name}: weights", len(weights), len(flat))
                for weight, number in zip(weights, flat):
                    check_near(f"{what}, {name}", weight, number, 1e-4)

    def pictures_of_all(self):
        """Each head, and each layer of an encoder that attends, under its name."""
        last = len(self.samples) - 1
        names = [name for name, _, _ in matrices_of(self.samples[last]["sentences"][0])]
        check("the names of the pictures", self.browser.run(OPTIONS), [[name, False] for name in names])
        check("which is shown first", self.browser.run("return document.getElementById('matrix').value"), "0")
        for unit in ("words", "pieces"):
            for picture in range(len(names)):
                self.pick(picture)
                self.check_sample(last, 0, unit, picture)
            self.browser.run("document.activeElement.blur()")
            self.browser.press("w")
        if len(self.texts("#unit button")) == 3:
            self.browser.press("w")  # past sentences
        self.browser.press("h")
        self.check_sample(last, 0, "words", 0)  # the first again, behind the last
        return names

    def heads(self):
        names = self.pictures_of_all()
        check("names", names, ["mean of the heads", "head 1", "head 2"])
        self.pick(2)
        self.keep_at("#samples", "head")
        self.browser.run("document.activeElement.blur()")
        for at in range(len(self.samples) - 1, -1, -1):
            self.check_sample(at, 0, "words", 2)  # it stays from validation to validation
            self.browser.press(",")
        self.browser.press("h", *["."] * len(self.samples))
        self.check_sample(len(self.samples) - 1, 0, "words", 0)

    def check_links(self, what, at, k, unit, picture=0):
        """Each weight of a hundredth or more has a link between its words, the wider the larger."""
        expected = {(j, i): weight for j, row in enumerate(self.picture(at, k, unit, picture)) for i, weight in enumerate(row)}
        drawn = self.browser.run(LINKS)
        for j, i, weight, _, step in drawn:
            check_near(f"{what}: the link from {i} to {j}", weight, expected[j, i], 0.002)
            check_near(f"{what}: its color", step.strip("var(-c)"), 100 * (0.15 + 0.85 * weight), 0.51)
        missing = {place for place, weight in expected.items() if weight > 0.0102} - {(j, i) for j, i, *_ in drawn}
        check(f"{what}: links that are not drawn", missing, set())
        check(f"{what}: the widest is on top", [link[2] for link in drawn], sorted(link[2] for link in drawn))
        check_near(f"{what}: pixels from an end to its word", self.browser.run(ENDS), 0, 0.6)
        return drawn

    def links(self):
        last = len(self.samples) - 1
        self.press_button("view", "Links")
        check("the matrix, with links", self.browser.run("return document.querySelectorAll('#figure table').length"), 0)
        check("numbers, with links", self.shown("#numbers-label"), False)
        for picture in range(3):
            self.pick(picture)
            self.check_links(f"picture {picture}", last, 0, "words", picture)
        self.pick(0)
        self.point_at_token()
        self.browser.run("document.activeElement.blur()")
        for at in range(last, -1, -1):
            self.check_links(f"after update {self.samples[at]['update']}", at, 0, "words")
            self.browser.press(",")
        self.browser.press(*["."] * len(self.samples), "w")
        self.check_links("subwords", last, 0, "pieces")
        self.keep_at("#samples", "links-subwords")
        self.browser.press("w")
        self.keep_at("#samples", "links")
        light = {link[3] for link in self.check_links("light", last, 0, "words")}
        self.browser.press("d")
        dark = {link[3] for link in self.check_links("dark", last, 0, "words")}
        check("colors that light and dark share", light & dark, set())
        self.keep_at("#samples", "dark-links")
        self.browser.press("d")
        self.tab_to_token()
        self.press_button("view", "Matrix")
        check("numbers, with the matrix", self.shown("#numbers-label"), True)

    def check_token(self, at, column):
        """The links of a source word alone, its largest weight in the tip, and the words at their other ends."""
        weights = [row[column] for row in self.picture(at, 0, "words", 0)]
        lit = self.browser.run("return [...document.querySelectorAll('path.lit')].map(path => [path.dataset.source, path.dataset.target])")
        check("links lit up", (all(source == str(column) for source, _ in lit), bool(lit)), (True, True))
        largest = weights.index(max(weights))
        words = [self.browser.run("return document.querySelector(arguments[0]).textContent", f'.side button[data-side={side}][data-at="{k}"]')
                 for side, k in (("source", column), ("target", largest))]
        said, number = self.text("#said").rsplit(" ", 1)
        check("the tip", said, " → ".join(words))
        check_near("the tip", number, weights[largest], 0.001)
        painted = self.browser.run(PAINTED, ".side:nth-child(2) button")
        check("words in the color of their weight", len(painted), len(lit))

    def point_at_token(self):
        self.browser.run("document.querySelector('.side').scrollIntoView({block: 'center', behavior: 'instant'})")
        self.browser.point_at(".side:first-child button:nth-child(2)")
        self.check_token(len(self.samples) - 1, 1)
        self.keep("links-chosen")
        self.browser.point_at("#title")
        check("links lit up, without the pointer", self.browser.run("return document.querySelectorAll('.choosing').length"), 0)

    def tab_to_token(self):
        self.browser.run("document.getElementById('end').focus()")
        for column in (0, 1, 2):
            self.browser.press("tab")
            self.check_token(len(self.samples) - 1, column)
        self.browser.run("document.activeElement.blur()")

    def keys(self):
        """Each key of the sample changes what is shown; so often, and all is as before."""
        seen = lambda: self.browser.run("return [location.hash, document.getElementById('figure').innerText]")
        for key, times in (("m", 2), ("w", 2), ("h", 3), ("e", 2), ("n", 2)):
            before = seen()
            self.browser.press(key)
            check(f"the key {key} changes something", seen() != before, True)
            self.browser.press(*[key] * (times - 1))
            check(f"the key {key}, {times} times", seen(), before)

    def films(self):
        count = UPDATES // VALID_EVERY
        check("samples", len(self.samples), count)
        check("bars", len(self.texts("#bars > i")), count)
        self.check_sample(count - 1, 0, "words")
        self.keep_at("#samples", "samples")
        self.browser.run("[...document.querySelectorAll('#unit button')][1].click()")
        for k in range(len(self.samples[0]["sentences"])):
            self.browser.click(f"#list li:nth-child({k + 1}) button")
            self.browser.run("document.getElementById('slider').focus()")
            self.browser.press("home")
            for at in range(count):
                check("which", self.text("#which").split(" · ")[0], f"after update {VALID_EVERY * (at + 1)}")
                self.check_sample(at, k, "pieces")
                self.browser.press("right")
        self.browser.press("home")
        self.keep_at("#samples", "first-sample")
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
        check("at the end", self.text("#which").split(" · ")[0], f"after update {UPDATES}")

    def weights(self):
        self.browser.run("document.querySelector('td[data-at]').scrollIntoView({block: 'center'})")
        self.browser.point_at('td[data-at="0,1"]')
        lit = self.browser.run("return [...document.querySelectorAll('th.lit')].map(th => th.textContent)")
        check("lit up", len(lit), 2)
        said = self.text("#said")
        check("the tip", said.rsplit(" ", 1)[0], " → ".join(lit))
        self.browser.press("escape")

    def press_button(self, group, name):
        self.browser.run("[...document.querySelectorAll(`#${arguments[0]} button`)]"
                         ".find(button => button.textContent === arguments[1]).click()", group, name)

    def keep_at(self, css, name):
        self.browser.run("document.documentElement.style.scrollBehavior = 'auto'; document.querySelector(arguments[0]).scrollIntoView()", css)
        self.keep(name)

    def config(self):
        kept = json.loads((self.run / "config.json").read_text())
        leaves = lambda value: sum(map(leaves, value.values())) if isinstance(value, dict) else 1
        check("options", len(self.texts("#options dt")), leaves(kept))
        changed = self.texts("#options .changed dt")
        for name in ("hidden_size", "attention.heads", "train_source", "max_updates", "log_every"):
            check(f"{name} is changed", name in changed, True)
        for name in ("attention.size", "beam_size", "optimizer"):
            check(f"{name} is changed", name in changed, False)
        self.browser.press("c")
        visible = self.browser.run("return [...document.querySelectorAll('#options dt')].filter(dt => dt.checkVisibility()).map(dt => dt.textContent)")
        check("only what is changed", visible, changed)
        self.browser.press("c")
        self.keep_at("#config", "config")

    def dark(self):
        self.browser.press("d")
        check("theme", self.browser.run("return document.documentElement.dataset.theme"), "dark")
        self.browser.run("scrollTo(0, 0)")
        self.browser.point_at(".chart[data-chart=loss] svg")
        self.keep("dark")
        self.keep_at("#samples", "dark-samples")
        self.browser.press("d")

    def help(self):
        self.browser.press("?")
        text = self.browser.run("return document.getElementById('help').open && document.getElementById('help').innerText")
        for part in ("label smoothing", "Popović 2015", "averaged over", "30 are kept", "matrix or links", "next head or layer"):
            check(f"the help says \"{part}\"", part in text, True)
        check("thinning, of a short run", "stands for" in text, False)
        self.keep("help")
        self.browser.press("escape")

    def address(self):
        self.browser.press("x", "j", ",", "m", "h")
        seen = lambda: (self.text("#which"), self.texts("#texts p"), self.browser.run(LINKS))
        before = seen()
        url = self.browser.run("return location.href")
        self.browser.open("about:blank")
        self.browser.open(url)
        check("the sample of the address", seen(), before)
        chosen = self.browser.run("return [...document.querySelectorAll('#list button')].findIndex(button => button.ariaCurrent === 'true')")
        self.check_links("of the address", len(self.samples) - 2, chosen, "words", 1)
        check("its axis", self.browser.run("return document.querySelector('#axis [aria-pressed=true]').textContent"), "Time")

    def paper(self, folder):
        """On paper: sample, matrix or links of which head, and legend in light colors, whatever the theme; no tools."""
        self.browser.open(self.run.joinpath("report.html").as_uri() + "?paper")
        last = len(self.samples) - 1
        for theme in ("light", "dark"):
            for view, operator in (("matrix", "rg"), ("links", "RG")):
                what = f"{theme}, {view}"
                self.browser.command("Emulation.setEmulatedMedia", media="print")
                for css, wanted in (("#figure", True), ("#texts", True), ("#legend", True), ("#film", True), ("#matrix", True),
                                    ("#list", False), ("#slider", False), ("#view", False), ("#unit", False), ("#end", False)):
                    check(f"{what}: {css} is printed", self.shown(css), wanted)
                if view == "matrix":
                    self.check_sample(last, 0, "words")
                    expected = {color for _, _, color in self.browser.run(PAINTED, "td[data-at]")}
                else:
                    expected = {link[3] for link in self.check_links(what, last, 0, "words")}
                self.browser.command("Emulation.setEmulatedMedia", media="")
                paper = (self.pictures or folder) / f"report-{theme}-{view}.pdf"
                self.browser.print(paper)
                colors, _ = colors_of_pdf(paper, operator)
                near = lambda color: any(max(abs(x - y) for x, y in zip(color, other)) <= 1 for other in colors)
                check(f"{what}: colors that are not printed", [color for color in expected if not near(channels(color))], [])
                self.browser.press("m")
            self.browser.press("d")

    def phone(self):
        self.browser.command("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
        self.browser.open(self.run.joinpath("report.html").as_uri() + "?phone")
        width = lambda: self.browser.run("return document.documentElement.scrollWidth")
        check("width", width(), 390)
        last, second = len(self.samples) - 1, "#list li:nth-child(2) button"
        self.browser.run(f"document.querySelector('{second}').scrollIntoView({{block: 'center', behavior: 'instant'}})")
        self.browser.click(second)
        self.check_sample(last, 1, "words")
        self.browser.run("scrollTo(0, 0)")
        self.keep("phone")
        self.keep_at("#samples", "phone-samples")
        self.press_button("view", "Links")
        for picture in range(3):
            self.pick(picture)
            self.check_links(f"on a phone, picture {picture}", last, 1, "words", picture)
            check("width, with links", width(), 390)
        self.keep_at(".tools", "phone-links")
        self.browser.command("Emulation.clearDeviceMetricsOverride")

    def silence(self):
        check("what was fetched", self.browser.run("return performance.getEntriesByType('resource').map(r => r.name)"), [])
        check("the console", self.browser.messages(), [])

    def old_samples(self):
        """Where an earlier version left one picture of each, the others are there to see but not to choose."""
        def forget(data):
            for sample in data["samples"][:2]:
                for sentence in sample["sentences"]:
                    del sentence["target"]["matrices"][1:]
        self.browser.open(altered(self.run / "report.html", forget))
        self.pick(2)
        self.browser.run("document.activeElement.blur()")
        self.check_sample(len(self.samples) - 1, 0, "words", 2)
        self.browser.press(*[","] * len(self.samples))
        check("what can be chosen", [disabled for _, disabled in self.browser.run(OPTIONS)], [False, True, True])
        self.check_sample(0, 0, "words", 0)
        self.browser.press("h")
        self.check_sample(0, 0, "words", 0)
        self.keep_at("#samples", "old-samples")
        self.browser.press("m", *["."] * len(self.samples))
        self.check_links("with samples of an earlier version", len(self.samples) - 1, 0, "words", 0)
        self.silence()

    def words_without_end(self):
        """What is said by a model that knows nothing leaves the matrix and the links their room; the tip has all of it."""
        long = "To-" * 100
        def stammer(data):
            target = data["samples"][-1]["sentences"][0]["target"]
            target["words"][0] = long
        self.browser.open(altered(self.run / "report.html", stammer))
        for css, cell in (("tbody th span", 'td[data-at="0,1"]'), (".side:nth-child(2) button", ".side:nth-child(2) button")):
            cut = "const label = document.querySelector(arguments[0]); return [label.scrollWidth > label.clientWidth, label.offsetWidth]"
            check("a long word is cut", self.browser.run(cut, css), [True, 224])
            self.browser.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center', behavior: 'instant'})", cell)
            self.browser.point_at(cell)
            check("the tip has all of it", self.browser.run("return document.querySelector('#tip bdi:last-of-type').textContent"), long)
            self.keep(f"long-{self.browser.run('return state.view')}")
            self.browser.press("m")
        self.silence()

    def documents(self, looks):
        """Of a hierarchical model whose encoder attends."""
        self.browser.open((self.run / "report.html").as_uri())
        self.looks(looks)
        names = self.pictures_of_all()
        layers = [f"encoder, layer {layer}, {what}" for layer in (1, 2) for what in ("mean", "head 1", "head 2")]
        check("names", names, ["mean of the heads", "head 1", "head 2", *layers])
        self.keep_at("#samples", "documents")
        self.press_button("view", "Links")
        for picture in range(len(names)):
            self.pick(picture)
            self.check_links(names[picture], len(self.samples) - 1, 0, "words", picture)
        self.keep_at("#samples", "documents-links")
        self.press_button("view", "Matrix")
        self.pick(0)
        self.press_button("unit", "Sentences")
        for k, sentence in enumerate(self.samples[-1]["sentences"]):
            self.browser.click(f"#list li:nth-child({k + 1}) button")
            source, shown = sentence["source"], self.browser.run(MATRIX)["weights"]
            ends = source["sentences"]["ends"]
            places = [[sum(end <= piece for end in ends)] for piece in range(len(source["pieces"]))]
            weights = self.of_words(self.picture(-1, k, "pieces", 0), sentence["target"], {"of": places, "words": ends, "end": False})
            check("rows of sentences", len(shown), len(weights))
            for row, numbers in zip(weights, shown):
                check("columns of sentences", len(numbers), len(ends))
                for number, weight in zip(numbers, row):
                    check_near(f"sentences of document {k}", number, weight, 0.0051)
        self.silence()

    def without_attention(self, run):
        self.browser.open((run / "report.html").as_uri())
        check("a word on attention", "no attention" in self.text("#nothing"), True)
        for part in ("#figure", "#sample .tools"):
            check(f"{part}, without attention", self.shown(part), False)
        check("its translation", len(self.texts("#texts p")), 3)
        self.browser.press("j", "w", "e", "m", "h", "n", ".", "escape")
        self.silence()

    def without_validation(self, run):
        self.browser.open((run / "report.html").as_uri())
        check("samples, without validation", self.shown("#samples"), False)
        check("curves, without validation", sorted(self.browser.run(VALUES)), ["loss", "norm", "rate", "speed"])
        self.browser.press("j", "p", ".", "x", "escape")
        self.silence()


def main():
    attn, source = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    pictures = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
    if None in programs():
        print("skipped: the test of the report needs chromium and chromium-driver")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="attn-report-") as name:
        folder = pathlib.Path(name)
        make_config(source / "data" / "sample", folder)
        run = make_run(attn, folder, "run", train__max_updates=UPDATES, train__valid_every=VALID_EVERY, train__log_every=LOG_EVERY,
                       train__valid_beam=5)
        looks = make_looks(attn, run, folder)
        (folder / "documents").mkdir()
        make_documents(source / "data" / "sample", folder / "documents")
        (folder / "documents" / "config.json").write_text(json.dumps(DOCUMENTS))
        parted = make_run(attn, folder / "documents", "run", train__valid_every=20, train__valid_beam=5,
                          data__source_vocabulary_size=240)
        looks_of_parted = make_looks(attn, parted, folder / "documents")
        fixed = make_run(attn, folder, "fixed", train__max_updates=4, train__valid_every=2, model__attention__score="none",
                         model__attention__heads="null")
        blind = make_run(attn, folder, "blind", train__max_updates=4, train__log_every=1, data__valid_source="null",
                         data__valid_target="null")
        with Browser() as browser:
            browser.open((run / "report.html").as_uri())
            test = Test(browser, run, pictures)
            test.looks(looks)
            for step in (test.summary, test.walk, test.axes, test.pointer, test.heads, test.links, test.keys, test.films, test.play,
                         test.weights, test.config, test.dark, test.help, test.address):
                step()
            test.paper(folder)
            test.phone()
            test.silence()
            test.old_samples()
            test.words_without_end()
            Test(browser, parted, pictures).documents(looks_of_parted)
            test.without_attention(fixed)
            test.without_validation(blind)
    return 0


if __name__ == "__main__":
    sys.exit(main())
