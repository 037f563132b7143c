"""A client for the W3C WebDriver protocol, with the commands that the tests need."""
import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of an element reference in the protocol
KEYS = {"left": "\ue012", "up": "\ue013", "right": "\ue014", "down": "\ue015", "escape": "\ue00c",
        "home": "\ue011", "tab": "\ue004"}


def programs():
    """Returns the paths of Chromium and its driver, None if missing."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return browser, shutil.which("chromedriver")


class Browser:
    """Headless Chromium, a context manager."""

    def __init__(self, width=1280, height=900):
        browser, driver = programs()
        self.folder = tempfile.TemporaryDirectory(prefix="attn-browser-")
        self.log = open(os.path.join(self.folder.name, "log"), "w+")
        self.process = subprocess.Popen([driver, "--port=0"], stdout=self.log, stderr=subprocess.STDOUT)
        self.url = f"http://127.0.0.1:{self._port()}/session"
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                     f"--window-size={width},{height}", f"--user-data-dir={self.folder.name}/profile"]
        session = self._send("POST", "", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"binary": browser, "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.url += "/" + session["sessionId"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._send("DELETE", "")
        finally:
            self.process.terminate()
            self.process.wait()
            self.log.close()
            self.folder.cleanup()

    def _port(self):
        for _ in range(600):
            with open(self.log.name) as log:
                for line in log:
                    if "started successfully on port" in line:
                        return int(line.rsplit(" ", 1)[1].rstrip(".\n"))
            time.sleep(0.1)
        raise RuntimeError("chromedriver does not start; its output is " + open(self.log.name).read())

    def _send(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {json.load(error)['value']['message']}") from None

    def open(self, url):
        self._send("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        return self._send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, css):
        return self._send("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def click(self, css):
        self._send("POST", f"/element/{self.find(css)}/click", {})

    def type(self, css, text):
        """Sends keys to an element, which receives the focus."""
        self._send("POST", f"/element/{self.find(css)}/value", {"text": text})

    def press(self, *keys):
        """Sends keys to the element with the focus."""
        actions = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keys", "actions": actions})

    def point_at(self, css):
        origin = {ELEMENT: self.find(css)}
        self._act({"type": "pointer", "id": "mouse", "actions": [
            {"type": "pointerMove", "duration": 0, "x": 0, "y": 0, "origin": origin}]})

    def tap(self, css):
        """Taps the center of a visible element with a finger."""
        x, y = self.run("const b = document.querySelector(arguments[0]).getBoundingClientRect();"
                        "return [(b.left + b.right) / 2, (b.top + b.bottom) / 2]", css)
        self.command("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        self.command("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def _act(self, source):
        self._send("POST", "/actions", {"actions": [source]})

    def command(self, name, **parameters):
        """Runs a command of the Chrome DevTools Protocol."""
        return self._send("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def messages(self):
        """Returns the messages of the console since the last call."""
        return self._send("POST", "/se/log", {"type": "browser"})

    def screenshot(self, path):
        with open(path, "wb") as out:
            out.write(base64.b64decode(self._send("GET", "/screenshot")))

    def print(self, path):
        with open(path, "wb") as out:
            out.write(base64.b64decode(self._send("POST", "/print", {})))
