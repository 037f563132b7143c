#!/usr/bin/env python3
"""Tests the page of attn serve in a real browser.

    serve.py ATTN SOURCE_DIR [SCREENSHOTS]     saves screenshots in the directory SCREENSHOTS if it is given
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

from page import CONFIG, MATRIX, SKIPPED
from webdriver import Browser, programs

LINES = 'return [...document.querySelectorAll("#output p")].map(p => p.textContent)'
CHOICES = 'return [...document.querySelectorAll("#choices bdi")].map(bdi => bdi.textContent)'
OPTIONS = "return [...document.querySelectorAll(arguments[0] + ' option')].map(option => option.textContent)"
REQUESTS = 'return performance.getEntriesByType("resource").map(entry => entry.name)'


def ensure(condition, what):
    if not condition:
        raise AssertionError(what)


def eventually(get, wanted, what):
    """Waits until get() returns `wanted`."""
    got = None
    for _ in range(200):
        got = get()
        if got == wanted:
            return
        time.sleep(0.05)
    ensure(False, f"{what}: {got!r} instead of {wanted!r}")


def make_model(attn, source, folder):
    for name in ("train.en", "train.fr", "test.en", "test.fr", "test.align"):
        lines = (source / "data" / "sample" / name).read_text().splitlines(keepends=True)[:400]
        (folder / name).write_text("".join(lines))
    (folder / "config.json").write_text(json.dumps(CONFIG))
    subprocess.run([attn, "train", "--config", "config.json"], cwd=folder, check=True, stderr=subprocess.DEVNULL)
    return folder / "run" / "best"


def answers(attn, model, lines, *options):
    requests = "".join(json.dumps({"text": line, "n_best": 4}) + "\n" for line in lines)
    out = subprocess.run([attn, "translate", "--model", model, "--json-lines", *options], input=requests, check=True, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return [json.loads(line) for line in out.splitlines()]


def test_page(browser, address, expected, lines, screenshots):
    def save(name):
        if screenshots:
            browser.screenshot(pathlib.Path(screenshots) / f"{name}.png")

    browser.open(address)
    ensure(browser.run(OPTIONS, "#source") == ["German", "English"], "source languages")
    ensure(browser.run(OPTIONS, "#target") == ["French"], "target languages")
    texts = [answer["translation"] for answer in expected]
    browser.type("#input", lines[0])  # translates while the text is typed
    eventually(lambda: browser.run(LINES), texts[:1], "the translation of a line")
    eventually(lambda: browser.run(CHOICES), [t["translation"] for t in expected[0]["n_best"][1:]], "alternatives")
    matrix = browser.run(MATRIX)
    ensure(matrix["rows"][:-1] == texts[0].split() and matrix["columns"][:-1] == lines[0].split(), "the matrix has the words")
    ensure(all(abs(sum(map(float, row)) - 1) < 0.05 for row in matrix["weights"]), "the weights of a row sum to 1")
    save("serve")
    browser.type("#input", "\n" + lines[1])
    eventually(lambda: browser.run(LINES), texts[:2], "the translation of two lines")
    browser.click("#output p:nth-child(2)")
    eventually(lambda: browser.run(MATRIX)["rows"][:-1], texts[1].split(), "the matrix of the second line")
    eventually(lambda: browser.run(CHOICES), [t["translation"] for t in expected[1]["n_best"][1:]], "its alternatives")
    browser.run("document.activeElement.blur()")
    browser.press("m")
    ensure(browser.run('return document.querySelectorAll(".links path").length') > 0, "m shows the links")
    browser.press("d")
    ensure(browser.run("return document.documentElement.dataset.theme") == "dark", "d changes the theme")
    save("serve-dark")
    browser.press("i")
    ensure(browser.run("return document.activeElement.id") == "input", "i edits the text")
    browser.press("m")  # a letter of the text, not a key of the page
    ensure(browser.run('return document.getElementById("input").value') == f"{lines[0]}\n{lines[1]}m", "letters are text")
    hash_ = browser.run("return location.hash")
    ensure("text=" in hash_ and "theme=dark" in hash_, "the address has the text and the theme")
    ensure(all(name.startswith(address) for name in browser.run(REQUESTS)), "no request to anywhere else")


def test_right_to_left(browser, address):
    browser.open(address + "#" + "text=" + "%D8%B3%D9%84%D8%A7%D9%85")
    eventually(lambda: browser.run('return getComputedStyle(document.getElementById("input")).direction'), "rtl",
               "Arabic text runs from right to left")


def test_stopped(browser, server, address):
    browser.open(address)
    server.terminate()
    server.wait()
    browser.type("#input", "a")
    eventually(lambda: browser.run('return document.getElementById("status").textContent'), "The server does not answer.",
               "the message without a server")


def main():
    if not programs():
        print("skipped: Chromium or its driver is not installed")
        return SKIPPED
    attn, source = sys.argv[1], pathlib.Path(sys.argv[2])
    screenshots = sys.argv[3] if len(sys.argv) > 3 else None
    with tempfile.TemporaryDirectory() as name:
        model = make_model(attn, source, pathlib.Path(name))
        lines = (source / "data" / "sample" / "test.en").read_text().splitlines()[:2]
        expected = answers(attn, model, lines)
        server = subprocess.Popen([attn, "serve", model, model, "--languages", "en-fr", "--languages", "de-fr", "--port", "0",
                                   "--quiet"], stdout=subprocess.PIPE, text=True)
        address = server.stdout.readline().strip()
        try:
            with Browser() as browser:
                test_page(browser, address, expected, lines, screenshots)
                ensure(not browser.messages(), f"the page is quiet: {browser.messages()}")
                test_right_to_left(browser, address)
            with Browser(420, 900) as phone:
                phone.open(address + "#text=" + lines[0].replace(" ", "+"))
                eventually(lambda: phone.run(LINES), [expected[0]["translation"]], "the page on a phone")
                ensure(phone.run("return document.documentElement.scrollWidth <= innerWidth"), "a phone needs no scrolling sideways")
                if screenshots:
                    phone.screenshot(pathlib.Path(screenshots) / "serve-phone.png")
                test_stopped(phone, server, address)
        finally:
            server.kill()
            server.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
