#!/usr/bin/env python3
"""Tests attn serve: answers, errors, limits, many clients at once, bad clients, and the end by SIGTERM.

    serve.py ATTN
"""
import asyncio
import json
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

ENGLISH = "one two three four five six seven eight nine ten".split()
FRENCH = "un deux trois quatre cinq six sept huit neuf dix".split()
CONFIG = {
    "model": {"embedding_size": 16, "hidden_size": 32, "decoder": {"readout_size": 16}},
    "data": {"train_source": "train.en", "train_target": "train.fr", "tokenizer": "word",
             "source_vocabulary_size": 100, "target_vocabulary_size": 100},
    "train": {"batch_type": "sentences", "batch_size": 20, "learning_rate": 1e-2, "max_updates": 200},
}
CLIENTS, REQUESTS_PER_CLIENT = 200, 50


def check(condition, what):
    if not condition:
        sys.exit(f"serve.py: failed: {what}")


def sentences(words, count):
    return [" ".join(words[(7 * i + 3 * j + i // 10) % 10] for j in range(i % 4 + 1)) for i in range(count)]


def make_model(attn, folder):
    (folder / "train.en").write_text("\n".join(sentences(ENGLISH, 200)) + "\n")
    (folder / "train.fr").write_text("\n".join(sentences(FRENCH, 200)) + "\n")
    (folder / "config.json").write_text(json.dumps(CONFIG))
    subprocess.run([attn, "train", "--config", "config.json", "--set", "train.run_dir=run"], cwd=folder, check=True,
                   stderr=subprocess.DEVNULL)
    return folder / "run"


class Server:
    def __init__(self, attn, *arguments):
        self.process = subprocess.Popen([attn, "serve", *map(str, arguments), "--port", "0"], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE if "--log-json" in arguments
                                        else subprocess.DEVNULL)
        self.address = self.process.stdout.readline().strip()
        check(re.fullmatch(r"http://127\.0\.0\.1:\d+/", self.address), f"the address is printed: {self.address!r}")
        self.port = int(self.address[:-1].rsplit(":", 1)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def memory(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def get(self, path):
        with urllib.request.urlopen(self.address + path) as answer:
            return answer.read().decode(), answer.headers

    def post(self, path, body, content_type="application/json"):
        """Returns status and JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": content_type})
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())


def translations(attn, model, lines):
    out = subprocess.run([attn, "translate", "--model", model / "best"], input="\n".join(lines) + "\n", text=True,
                         check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return out.splitlines()


def test_answers(server, lines, expected):
    def translate(**fields):
        return server.post("translate", {"source": "en", "target": "fr", **fields})

    check(translate(q=lines[3]) == (200, {"translatedText": expected[3]}), "a text")
    check(translate(q=lines[:4]) == (200, {"translatedText": expected[:4]}), "a list")
    check(translate(q="\n".join(lines[:4])) == (200, {"translatedText": "\n".join(expected[:4])}), "lines")
    check(translate(q="") == (200, {"translatedText": ""}), "an empty text")
    form = urllib.parse.urlencode({"q": lines[5], "source": "en", "target": "fr", "format": "text", "api_key": ""})
    check(server.post("translate", form.encode(), "application/x-www-form-urlencoded") ==
          (200, {"translatedText": expected[5]}), "a form")
    multipart = "".join(f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                        for name, value in {"q": lines[5], "source": "en", "target": "fr"}.items()) + "--x--\r\n"
    check(server.post("translate", multipart.encode(), "multipart/form-data; boundary=x") ==
          (200, {"translatedText": expected[5]}), "a multipart form")
    check(server.post("translate?q=other", multipart.encode(), "multipart/form-data; boundary=x") ==
          (200, {"translatedText": expected[5]}), "a form replaces the fields of the address")
    status, answer = translate(q=lines[3], source="auto", alternatives=3)
    check(status == 200 and answer["translatedText"] == expected[3] and answer["detectedLanguage"]["language"] == "en"
          and 0 < len(answer["alternatives"]) <= 3 and expected[3] not in answer["alternatives"], "alternatives and auto")
    status, answer = translate(q=f"<p>{lines[3]} <b>{lines[3]}</b></p>", format="html")
    check(status == 200 and re.fullmatch(r"<p>.*<b>.*</b>.*</p>", answer["translatedText"]), "HTML")

    check(json.loads(server.get("languages")[0]) ==
          [{"code": "en", "name": "English", "targets": ["fr"]}, {"code": "fr", "name": "French", "targets": []}],
          "languages")
    check(json.loads(server.get("health")[0]) == {"status": "ok"}, "health")
    text = " ".join(lines) * 30
    for kind, body in (("a large form", urllib.parse.urlencode({"q": text, "source": "en", "target": "fr"}).encode()),
                       ("a large text", {"q": text, "source": "en", "target": "fr"})):
        form = "application/x-www-form-urlencoded" if isinstance(body, bytes) else "application/json"
        status, answer = server.post("translate", body, form)
        check(len(text) > 9000 and status == 200 and len(answer["translatedText"]) > 1000, f"{kind}: {status} {str(answer)[:300]}")
    check(server.post("translate", {"q": lines[3], "source": "en", "target": "fr", "format": None, "alternatives": None}) ==
          (200, {"translatedText": expected[3]}), "null fields")
    check(server.post("detect", {"q": ""}) == (200, [{"confidence": 0, "language": "en"}]), "nothing to detect")
    status, answer = server.post("v1/translate", {"text": text, "attention": True})
    check(status == 200 and answer["attention"] is None and answer["links"] is None and answer["cuts"] > 0,
          f"a line that is too long for a matrix: {str(answer)[:200]}")
    status, answer = server.post("detect", {"q": "Bonjour tout le monde, comment allez-vous aujourd'hui ?"})
    check(status == 200 and answer[0]["language"] == "fr" and answer[0]["confidence"] > 50, "detect")
    page, headers = server.get("")
    check(headers["Content-Type"].startswith("text/html") and "<textarea" in page, "the page")
    check(not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page), "the page refers to nothing else")

    status, answer = server.post("v1/translate", {"source": lines[3], "id": 7, "n_best": 2, "attention": True})
    check(status == 200 and answer["translation"] == expected[3] and answer["id"] == 7 and len(answer["n_best"]) == 2
          and answer["links"] and answer["attention"]["target"]["matrices"], "v1/translate")
    status, answer = server.post("v1/translate", [{"text": lines[2]}, {"text": 3}, {"text": lines[4], "max_length": 1}])
    check(status == 200 and answer[0]["translation"] == expected[2] and "must be a string" in answer[1]["error"]
          and len(answer[2]["tokens"]) <= 2, "a list in v1/translate")


def test_errors(server):
    def refused(status, part, path, body, *content_type):
        got, answer = server.post(path, body, *content_type)
        check(got == status and part in answer["error"], f"{body!r}: {got} {answer}")

    good = {"q": "one", "source": "en", "target": "fr"}
    refused(400, "missing q", "translate", {"source": "en", "target": "fr"})
    refused(400, "missing source", "translate", {"q": "one", "target": "fr"})
    refused(400, "de is not supported", "translate", {**good, "source": "de"})
    refused(400, "de is not available as a target", "translate", {**good, "target": "de"})
    refused(400, "format must be", "translate", {**good, "format": "pdf"})
    refused(400, "alternatives", "translate", {**good, "alternatives": 1000})
    refused(400, "q must be a string", "translate", {**good, "q": [1]})
    refused(400, "not valid JSON", "translate", b"{")
    refused(400, "must be a JSON object", "translate", b"[]")
    refused(400, "not valid JSON", "translate", b'{"q": "\xff"}')
    refused(400, "not valid UTF-8", "translate", b"q=%ff&source=en&target=fr", "application/x-www-form-urlencoded")
    refused(400, "more than 100 levels", "translate", b"[" * 100000 + b"]" * 100000)
    refused(400, "exceeds text limit", "translate", {**good, "q": "one " * 30000})
    refused(400, "levels", "translate", {**good, "q": "<b>" * 5000, "format": "html"})
    refused(400, "search.beam_size", "v1/translate", {"text": "one", "beam_size": 0})
    for option in ({"beam_size": 20000}, {"min_length": 90000, "max_length": 100000}, {"max_length_ratio": 900}):
        refused(400, "a server accepts at most", "v1/translate", {"text": "one", **option})
    refused(413, "bytes", "translate", b"x" * 5_000_000)
    for path, status, allowed in (("nothing", 404, None), ("translate", 405, "POST")):
        try:
            server.get(path)
            check(False, f"GET {path} is an error")
        except urllib.error.HTTPError as error:
            check(error.code == status and error.headers["Allow"] == allowed and "error" in json.loads(error.read()),
                  f"GET {path}")
    status, body = exchange(server, b"PUT /languages HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
    check(status == 405 and "supports GET only" in json.loads(body)["error"], "PUT")
    for query, expected in (("", 400), ("?q=one&source=en&target=fr", 200)):
        begin = time.time()
        status, body = exchange(server, f"POST /translate{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        check(status == expected and time.time() - begin < 5, f"POST without a body{query}: {status} {body}")
    metrics = server.get("metrics")[0]
    check(re.search(r'^attn_requests_total\{path="/translate",status="400"\} [1-9]', metrics, re.M), "metrics of errors")
    count = int(re.search(r"^attn_request_seconds_count (\d+)", metrics, re.M)[1])
    check(count == int(re.search(r'^attn_request_seconds_bucket\{le="\+Inf"\} (\d+)', metrics, re.M)[1]), "the histogram")


def exchange(server, request):
    """Sends the bytes of a request. Returns the status and the body of the answer."""
    with connect(server) as connection:
        connection.send(request)
        answer = connection.recv(100000)
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(100000)
        head, body = answer.split(b"\r\n\r\n", 1)
        length = int(re.search(rb"Content-Length: (\d+)", head)[1])
        while len(body) < length:
            body += connection.recv(100000)
        return int(head.split()[1]), body


async def read_answer(reader):
    """Returns status, headers and body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
    return int(head.split()[1]), headers, await reader.readexactly(int(headers["content-length"]))


def request_bytes(body):
    return b"POST /translate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(
        body) + body


async def client(server, number, lines, expected):
    """Sends good and bad requests over one connection and checks each answer."""
    rng = random.Random(number)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for _ in range(REQUESTS_PER_CLIENT):
        k = rng.randrange(len(lines))
        good = {"q": lines[k], "source": "en", "target": "fr"}
        kind = rng.randrange(10)
        body = [b'{"q": ', json.dumps({**good, "source": "xx"}).encode()][kind] if kind < 2 else json.dumps(good).encode()
        writer.write(request_bytes(body))
        status, _, answer = await read_answer(reader)
        if kind < 2:
            check(status == 400 and "error" in json.loads(answer), f"a bad request: {status} {str(answer)[:300]}")
        else:
            check(status == 200 and json.loads(answer)["translatedText"] == expected[k], f"{lines[k]!r}: {status} {str(answer)[:300]}")
    writer.close()


async def many_clients(server, lines, expected):
    await asyncio.gather(*(client(server, i, lines, expected) for i in range(CLIENTS)))


def test_many_clients(server, lines, expected):
    begin = time.time()
    asyncio.run(many_clients(server, lines, expected))
    first, seconds = server.memory(), time.time() - begin
    asyncio.run(many_clients(server, lines, expected))
    check(server.memory() < first + 20, f"memory is flat: {first:.0f} MiB, then {server.memory():.0f} MiB")
    print(f"{CLIENTS} clients, {CLIENTS * REQUESTS_PER_CLIENT} requests twice: the first took {seconds:.1f} s; {first:.0f} MiB")


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def test_bad_clients(server, lines, expected):
    slow = [connect(server) for _ in range(20)]  # never finish their request
    for connection in slow:
        connection.send(b"POST /translate HTTP/1.1\r\nContent-Length: 1000\r\n\r\n{")
    for _ in range(20):  # half-open, or cut in the middle
        with connect(server) as connection:
            connection.send(b"POST /tra")
        with connect(server) as connection:
            connection.send(request_bytes(b"x" * 100)[:-50])
        with connect(server) as connection:
            connection.send(b"\x00\xff nonsense\r\n\r\n")
    with connect(server) as connection:  # a body of 100 MB is refused by its announced size
        connection.send(b"POST /translate HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n")
        try:
            for _ in range(100):
                connection.send(b"x" * 1_000_000)
        except OSError:
            pass
    check(server.post("translate", {"q": lines[7], "source": "en", "target": "fr"}) ==
          (200, {"translatedText": expected[7]}), "a good client among bad ones")
    check(server.memory() < 500, "bad clients take no memory")
    for connection in slow:
        connection.close()


def test_turns(server, lines, expected):
    """A client with many lines does not delay another one, which has a single line."""
    ends = {}

    async def ask(name, address, texts):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, local_addr=(address, 0))
        writer.write(request_bytes(json.dumps({"q": texts, "source": "en", "target": "fr"}).encode()))
        status, _, answer = await read_answer(reader)
        check(status == 200, f"{name}: {status}")
        ends[name] = time.time()
        writer.close()

    async def both():
        many = asyncio.create_task(ask("many", "127.0.0.1", lines * 50))
        await asyncio.sleep(0.02)
        await asyncio.gather(many, ask("one", "127.0.0.2", lines[:1]))

    asyncio.run(both())
    check(ends["one"] < ends["many"], "clients take turns")


def test_limits(attn, model, lines, expected):
    arguments = [model, "--languages", "en-fr", "--max-connections", 2, "--max-waiting", 3, "--allow-origin", "https://a.example",
                 "--log-json"]
    with Server(attn, *arguments) as server:
        check(server.post("translate", {"q": ["one"] * 4, "source": "en", "target": "fr"})[0] == 413, "too many lines")
        held = [connect(server) for _ in range(2)]
        for connection in held:
            connection.send(b"POST /translate HTTP/1.1\r\nContent-Length: 5\r\n\r\n")
        time.sleep(0.3)
        with connect(server) as connection:
            connection.send(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            head = connection.recv(10000).decode()
        check(" 429 " in head.splitlines()[0] and "Retry-After: 1" in head, f"too many connections: {head!r}")
        for connection in held:
            connection.close()
        time.sleep(0.3)
        check(server.get("health")[1]["Access-Control-Allow-Origin"] == "https://a.example", "the allowed origin")
        server.process.send_signal(signal.SIGTERM)
        log = [json.loads(line) for line in server.process.stderr.read().splitlines()]
        check(any("GET /health 200" in line["message"] for line in log), "one log line for each request")


def test_given_up(attn, model, lines, expected):
    """The search for a request whose time is over ends, so that it does not delay the next one."""
    with Server(attn, model, "--languages", "en-fr", "--timeout", 2, "--threads", 1, "--max-waiting", 300) as server:
        long = {"beam_size": 100, "n_best": 100, "min_length": 1000, "max_length": 1000}
        answers = {}

        def ask(name, requests):
            answers[name] = server.post("v1/translate", requests)

        waiting = [threading.Thread(target=ask, args=("long", [{"text": line, **long} for line in lines * 4])),
                   threading.Thread(target=ask, args=("after it", [{"text": "one"}] * 300))]
        for thread in waiting:
            thread.start()
            time.sleep(0.5)
        status, answer = server.post("translate", {"q": lines, "source": "en", "target": "fr"})
        check(status == 429 and "try again later" in answer["error"], f"a full queue: {status} {str(answer)[:300]}")
        for thread in waiting:
            thread.join()
        status, answer = answers["long"]
        check(status == 504 and "takes too long" in answer["error"], f"a request that takes too long: {status}")
        check(server.post("translate", {"q": lines[3], "source": "en", "target": "fr"}) ==
              (200, {"translatedText": expected[3]}), "the request after it")


def test_two_models(attn, model, lines, expected):
    with Server(attn, model, model, "--languages", "en-fr", "--languages", "de-nl") as server:
        check(server.post("translate", {"q": lines[3], "source": "de", "target": "nl"}) ==
              (200, {"translatedText": expected[3]}), "the second model")
        status, answer = server.post("translate", {"q": lines[3], "source": "de", "target": "fr"})
        check(status == 400 and "not available" in answer["error"], "a pair without a model")
        status, answer = server.post("v1/translate", {"text": "one"})
        check(status == 400 and "source_language" in answer["error"], "v1/translate without languages")
    for arguments, part in ((["--languages", "en-fr"], "once for each model"), (["--languages", "en"], "SOURCE-TARGET"),
                            ([], "names no languages"), (["--languages", "en-fr", "--host", "1.2.3.4"], "cannot listen")):
        models = [model, model] if "once" in part else [model]
        result = subprocess.run([attn, "serve", *map(str, models), *arguments, "--port", "0"], capture_output=True, text=True)
        check(result.returncode in (1, 2) and part in result.stderr, f"{arguments}: {result.stderr}")


async def load_until_end(server, lines, expected):
    """Returns the numbers of complete and of incomplete answers of clients that send until the server ends."""
    complete = cut = 0

    async def send():
        nonlocal complete, cut
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            while True:
                writer.write(request_bytes(json.dumps({"q": lines[5], "source": "en", "target": "fr"}).encode()))
                begun = await reader.read(1)
                if not begun:
                    return
                head = (begun + await reader.readuntil(b"\r\n\r\n")).decode()
                length = int(re.search(r"Content-Length: (\d+)", head)[1])
                body = await reader.readexactly(length)
                check(json.loads(body)["translatedText"] == expected[5], "an answer under load")
                complete += 1
        except asyncio.IncompleteReadError:
            cut += 1
        except OSError:
            pass

    clients = [asyncio.create_task(send()) for _ in range(30)]
    await asyncio.sleep(1)
    server.process.send_signal(signal.SIGTERM)
    await asyncio.gather(*clients)
    return complete, cut


def test_end(attn, model, lines, expected):
    with Server(attn, model, "--languages", "en-fr") as server:
        idle, half = connect(server), connect(server)
        idle.send(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        half.send(b"POST /translate HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
        time.sleep(0.5)
        begin = time.time()
        server.process.send_signal(signal.SIGTERM)
        check(server.process.wait(timeout=30) == 0 and time.time() - begin < 5, "idle connections do not delay the end")
    with Server(attn, model, "--languages", "en-fr") as server:
        complete, cut = asyncio.run(load_until_end(server, lines, expected))
        check(server.process.wait(timeout=30) == 0, "SIGTERM ends with exit code 0")
        check(complete > 100 and cut == 0, f"{complete} complete and {cut} incomplete answers")


def main():
    attn = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        model = make_model(attn, pathlib.Path(name))
        lines = sentences(ENGLISH, 60)
        expected = translations(attn, model, lines)
        with Server(attn, model, "--languages", "en-fr") as server:
            test_answers(server, lines, expected)
            test_errors(server)
            test_turns(server, lines, expected)
            test_many_clients(server, lines, expected)
            test_bad_clients(server, lines, expected)
        test_limits(attn, model, lines, expected)
        test_given_up(attn, model, lines, expected)
        test_two_models(attn, model, lines, expected)
        test_end(attn, model, lines, expected)
    print("serve.py: all tests passed")


main()
