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

from page import CONFIG, MATRIX, SKIPPED, check, check_near
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

    def check_sample(self, at, k, unit):
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
        rows, columns = len(target["pieces"]), len(source["pieces"])
        numbers = weights_in(target["matrices"][0]["weights"])
        weights = [numbers[j * columns:][:columns] for j in range(rows)]
        if unit == "words":
            weights = self.of_words(weights, target, source)
        matrix = self.browser.run(MATRIX)["weights"]
        check(f"{what}: rows", len(matrix), len(weights))
        for row, numbers in zip(weights, matrix):
            check(f"{what}: columns", len(numbers), len(row))
            for number, weight in zip(numbers, row):
                check_near(what, number, weight, 0.0051)

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
        for part in ("label smoothing", "Popović 2015", "averaged over", "30 are kept"):
            check(f"the help says \"{part}\"", part in text, True)
        check("thinning, of a short run", "stands for" in text, False)
        self.keep("help")
        self.browser.press("escape")

    def address(self):
        self.browser.press("x", "j", ",")
        before = self.text("#which"), self.texts("#texts p")
        url = self.browser.run("return location.href")
        self.browser.open("about:blank")
        self.browser.open(url)
        check("the sample of the address", (self.text("#which"), self.texts("#texts p")), before)
        check("its axis", self.browser.run("return document.querySelector('#axis [aria-pressed=true]').textContent"), "Time")

    def paper_and_phone(self):
        if self.pictures:
            self.browser.print(self.pictures / "report.pdf")
        self.browser.command("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
        self.browser.open(self.run.joinpath("report.html").as_uri() + "?phone")
        check("width", self.browser.run("return document.documentElement.scrollWidth"), 390)
        second = "#list li:nth-child(2) button"
        self.browser.run(f"document.querySelector('{second}').scrollIntoView({{block: 'center', behavior: 'instant'}})")
        self.browser.click(second)
        self.check_sample(len(self.samples) - 1, 1, "words")
        self.browser.run("scrollTo(0, 0)")
        self.keep("phone")
        self.keep_at("#samples", "phone-samples")
        self.browser.command("Emulation.clearDeviceMetricsOverride")

    def silence(self):
        check("what was fetched", self.browser.run("return performance.getEntriesByType('resource').map(r => r.name)"), [])
        check("the console", self.browser.messages(), [])

    def without_attention(self, run):
        self.browser.open((run / "report.html").as_uri())
        check("a word on attention", "no attention" in self.text("#nothing"), True)
        for part in ("#figure", "#sample .tools"):
            check(f"{part}, without attention", self.shown(part), False)
        check("its translation", len(self.texts("#texts p")), 3)
        self.browser.press("j", "w", "e", ".", "escape")
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
        run = make_run(attn, folder, "run", train__max_updates=UPDATES, train__valid_every=VALID_EVERY, train__log_every=LOG_EVERY)
        fixed = make_run(attn, folder, "fixed", train__max_updates=4, train__valid_every=2, model__attention__score="none",
                         model__attention__heads="null")
        blind = make_run(attn, folder, "blind", train__max_updates=4, train__log_every=1, data__valid_source="null",
                         data__valid_target="null")
        with Browser() as browser:
            browser.open((run / "report.html").as_uri())
            test = Test(browser, run, pictures)
            for step in (test.summary, test.walk, test.axes, test.pointer, test.films, test.play, test.weights, test.config,
                         test.dark, test.help, test.address, test.paper_and_phone, test.silence):
                step()
            test.without_attention(fixed)
            test.without_validation(blind)
    return 0


if __name__ == "__main__":
    sys.exit(main())
