#!/usr/bin/env python3
"""Figure 2 of Bahdanau, Cho and Bengio (2015): BLEU by length of the source, with attention and with a fixed context.

  tests/figure2/figure2.py                    on the sample corpus's grammar, stretched to long sentences
  tests/figure2/figure2.py --multi30k DIR     also on Multi30k (see data/fetch_multi30k.sh)

Trains four models for each figure: attention (RNNsearch) and the encoder's last state as a fixed context (RNNencdec), of
the same sizes, each on the short pairs alone and on all. What is trained already is kept in runs/figure2, and what was
interrupted goes on. Then writes README.md beside this file, and the figures. A figure takes four trainings: of 300 seconds each, on Multi30k of 225.
"""
import argparse
import datetime
import json
import pathlib
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from program import ROOT, attn, go_on, settings

HERE = pathlib.Path(__file__).resolve().parent
RUNS = ROOT / "runs" / "figure2"
STRETCHED = ROOT / "data" / "stretched"
SCORES = {"RNNsearch": "additive", "RNNencdec": "none"}
HEAD = """# Figure 2

BLEU by length of the source, as in figure 2 of Bahdanau, Cho and Bengio (2015). There RNNsearch, the model with attention,
and RNNencdec, whose decoder sees one vector of the source, were trained on sentences of up to 30 and of up to 50 words: the
fixed context falls as sentences grow, attention holds. [`figure2.py`](figure2.py) trains the same four on a smaller scale:
the number behind a name is the length of the longest sentence in training, and all else of the four is the same. The
score of a length is that of the test sentences of about that length; a point stands at their mean.

The numbers stand as they came out.
"""


class Data:
    """What the four models of a figure are trained and tested on."""

    def __init__(self, name, about, config, short, edges, seconds, options):
        self.name, self.about, self.config, self.short = name, about, config, short
        self.edges, self.seconds, self.options = edges, seconds, options

    def models(self):
        """Name: score, and longest pair in training (none: the config's)."""
        return {f"{name}-{limit or 'all'}": (score, limit)
                for name, score in SCORES.items() for limit in (self.short, None)}

    def run(self, model):
        return RUNS / self.name / model


def stretched():
    about = ("The grammar of the sample corpus, its statements joined by conjunctions to sentences of up to 70 words "
             "(`data/sample/stretch.py`): English to French.")
    return Data("stretched", about, ROOT / "configs" / "figure2.json", 15, "10,20,30,40,50,60", 300, {})


def multi30k(folder):
    files = {f"data.{part}_{side}": folder / f"{name}.lc.norm.tok.{language}"
             for part, name in (("train", "train"), ("valid", "val"), ("test", "test_2016_flickr"))
             for side, language in (("source", "en"), ("target", "de"))}
    if missing := [file for file in files.values() if not file.is_file()]:
        sys.exit(f"--multi30k: there is no {missing[0]}; data/fetch_multi30k.sh fetches it")
    shape = {"model.embedding_size": 128, "model.hidden_size": 192, "model.decoder.readout_size": 128}
    course = {"train.schedule": "inverse_sqrt", "train.warmup": 300, "train.valid_every": 1000, "search.beam_size": 5}
    about = "Multi30k, English to German, test_2016_flickr; lengths in training are those of the pieces."
    return Data("multi30k", about, ROOT / "configs" / "multi30k_en_de.json", 15, "8,12,16,20,24", 225,
                {**files, **shape, **course})


def end_of(run):
    """The last event of a training, if it is its end."""
    metrics = run / "metrics.jsonl"
    last = json.loads(metrics.read_text().splitlines()[-1]) if metrics.exists() else {}
    return last if last.get("event") == "end" and last["reason"] != "interrupted" else None


def train(arguments, data, model):
    """A training of so many seconds, or the rest of one that was interrupted."""
    run, (score, limit) = data.run(model), data.models()[model]
    seconds = arguments.seconds or data.seconds
    if (end := end_of(run)) and end["seconds"] >= seconds:
        return
    options = {**data.options, "model.attention.score": score, "train.run_dir": run, "train.max_seconds": seconds,
               "train.max_updates": None, **({"data.max_length": limit} if limit else {})}
    attn(arguments.attn, "train", "--config", data.config, *settings(options), go_on(run))


def evaluate(arguments, data):
    models = [word for model in data.models() for word in ("--model", data.run(model) / "last")]
    return json.loads(attn(arguments.attn, "eval", *models, "--by-length", data.edges, "--by-length-figure",
                           HERE / f"{data.name}.svg", "--json"))


def range_of(bucket):
    first, last = bucket["from"], bucket["to"]
    return f"over {first - 1}" if last is None else f"{first}-{last}" if first else f"up to {last}"


def table(data, scores):
    lengths = scores["by_length"]
    head = ["model", "updates", "BLEU", *map(range_of, lengths["buckets"])]
    counts = ["*sentences*", "", "", *(str(bucket["sentences"]) for bucket in lengths["buckets"])]
    rows = [head, ["---"] * len(head), counts]
    for model, whole, parts in zip(data.models(), scores["systems"], lengths["systems"]):
        rows.append([model, str(end_of(data.run(model))["update"]), f"{whole['bleu']['score']:.1f}",
                     *(f"{score:.1f}" for score in parts["bleu"])])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def section(arguments, data, scores):
    return "\n".join(["", f"## {data.name.capitalize()}", "", data.about, "",
                      f"![BLEU by length of the source: {data.name}]({data.name}.svg)", "", table(data, scores), "",
                      f"{arguments.seconds or data.seconds} seconds of training each, {datetime.date.today()}; BLEU is "
                      f"`{scores['by_length']['signature']}`.", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attn", type=pathlib.Path, default=ROOT / "build" / "attn", help="the program")
    parser.add_argument("--seconds", type=int, help="of each training, in place of 300 and 225")
    parser.add_argument("--multi30k", type=pathlib.Path, metavar="DIR", help="folder with Multi30k's files")
    arguments = parser.parse_args()
    figures = [stretched()] + ([multi30k(arguments.multi30k.resolve())] if arguments.multi30k else [])
    if not (STRETCHED / "train.fr").exists():  # the last that it writes
        subprocess.run([sys.executable, ROOT / "data" / "sample" / "stretch.py", STRETCHED], check=True)
    sections = []
    for data in figures:
        for model in data.models():
            train(arguments, data, model)
            print(f"{data.name}: {model} is trained", flush=True)
        sections.append(section(arguments, data, evaluate(arguments, data)))
    (HERE / "README.md").write_text(HEAD + "".join(sections))


if __name__ == "__main__":
    main()
