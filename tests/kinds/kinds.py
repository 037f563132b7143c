#!/usr/bin/env python3
"""Trains one model of every kind on the sample corpus, with the same size, time and seed, and writes the table of
configs/KINDS.md: BLEU, alignment error and the time of an update beside additive attention's.

  tests/kinds/kinds.py                      what is missing yet; goes on where it stopped
  tests/kinds/kinds.py --only luong dot     these alone
  tests/kinds/kinds.py --multi30k DIR       also 10 minutes each on Multi30k (see data/fetch_multi30k.sh), a kind a section
  tests/kinds/kinds.py --table              the table alone, of what has been measured

Runs and measurements are kept in runs/kinds: remove a folder there to measure that kind anew.
"""
import argparse
import datetime
import json
import math
import os
import pathlib
import shutil
import statistics
import struct
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "configs" / "KINDS.md"
RUNS = ROOT / "runs" / "kinds"
CONFIG = ROOT / "configs" / "quickstart.json"
HEAD = """# Kinds of attention

What every kind does on the sample corpus: [`tests/kinds/kinds.py`](../tests/kinds/kinds.py) trains one model of each for the
same time, with the size, the seed and all else of `quickstart.json` but the options that the table names, and writes the
table. q is the decoder's state that asks, h_j a source word's state, e_j its energy, α_j its weight.

- *options*: a kind is these, laid over `quickstart.json`; sizes that are not its own are there because it needs them.
- *time of an update*: beside that of additive attention, in short trainings in alternation.
- *BLEU*, *alignment error*: of the test set, by `attn eval`; a kind below 90 says why.
- *Multi30k*: BLEU of test_2016_flickr after ten minutes of training on two cores, one kind of each section; it has neither
  documents nor word links to guide by.

The numbers stand as they came out.
"""
GOAL, SLOW = 90, 1.5  # BLEU that a kind has to reach, and times that it may take, or the table says why not

LANGUAGES = {"source": "en", "target": "fr"}
DOCUMENTS = {(part, side): ROOT / f"data/documents/{file}.{language}"
             for part, file in (("train", "train"), ("valid", "dev"), ("test", "test"))
             for side, language in LANGUAGES.items()}

A, D, E = "model.attention.", "model.decoder.", "model.encoder."
SIZE = {A + "size": 128}
ATTENDING = {E + "feed_forward_size": 256, "train.warmup": 200}


class Kind:
    def __init__(self, section, name, formula, source, options=None, multi30k=False, why="", slow="", documents=False):
        self.section, self.name, self.formula, self.source = section, name, formula, source
        self.options, self.multi30k, self.documents = options or {}, multi30k, documents
        self.why, self.slow = why, slow

    def data(self):
        """Options that lay other data over the sample corpus."""
        if not self.documents:
            return {}
        return {"data.test_alignment": None, **{f"data.{part}_{side}": file for (part, side), file in DOCUMENTS.items()}}

    def test(self, side):
        return DOCUMENTS["test", side] if self.documents else ROOT / f"data/sample/test.{LANGUAGES[side]}"


KINDS = [
    Kind("Scores", "additive", "vᵀtanh(W q + U h)", "Bahdanau et al. 2015, A.1.2", multi30k=True),
    Kind("Scores", "normed additive", "g vᵀ/‖v‖ tanh(W q + U h + b)", "Salimans and Kingma 2016", {A + "normed": True}),
    Kind("Scores", "dot", "qᵀh", "Luong et al. 2015, eq. 8", {A + "score": "dot", A + "size": 32}),
    Kind("Scores", "scaled dot", "qᵀh/√d", "Vaswani et al. 2017, 3.2.1", {A + "score": "scaled_dot", **SIZE}),
    Kind("Scores", "cosine", "τ √d qᵀh/(‖q‖‖h‖)", "Graves et al. 2014, 3.3.1", {A + "score": "cosine", **SIZE}),
    Kind("Scores", "general", "qᵀW h", "Luong et al. 2015, eq. 8", {A + "score": "general"}),
    Kind("Scores", "gaussian", "−‖q − h‖²/2σ²", "Nadaraya 1964, Watson 1964", {A + "score": "gaussian", **SIZE}),
    Kind("Scores", "location", "(W q)_j", "Luong et al. 2015, eq. 8", {A + "score": "location"},
         why="it cannot see the words: where one sentence has an adjective, the next has none"),
    Kind("Scores", "none", "c = →h_Tx", "Cho et al. 2014", {A + "score": "none"},
         why="one vector has to hold the whole sentence"),
    Kind("Weights", "sparsemax", "argmin_p ‖p − e‖²", "Martins and Astudillo 2016", {A + "weights": "sparsemax"},
         multi30k=True),
    Kind("Weights", "entmax 1.5", "[e/2 − τ]₊²", "Peters et al. 2019", {A + "weights": "entmax15"}),
    Kind("Weights", "top k", "softmax of the k largest", "hard attention by filtering", {A + "weights": "top_k"}),
    Kind("Weights", "threshold", "softmax of those above a part of the largest", "hard attention by filtering",
         {A + "weights": "threshold"}),
    Kind("Weights", "hard", "one word, drawn", "Xu et al. 2015, 4.1", {A + "weights": "hard"},
         why="the estimate of its gradient is noisy, and one word has to do"),
    Kind("Weights", "dropout of weights", "softmax, 0.1 of the weights dropped", "Vaswani et al. 2017, 5.4",
         {"model.dropout.attention": 0.1}),
    Kind("Windows", "monotonic", "words t ± D", "Luong et al. 2015, local-m", {A + "window": "monotonic", A + "window_width": 5},
         why="a word that moves further than D places is out of sight"),
    Kind("Windows", "predictive", "words p_t ± D, p_t = S σ(v_pᵀtanh(W_p s))", "Luong et al. 2015, local-p",
         {A + "window": "predictive", A + "window_width": 10}, multi30k=True),
    Kind("Windows", "coverage", "vᵀtanh(W q + U h + w κ_j)", "Tu et al. 2016, eq. 8", {A + "window": "coverage"}),
    Kind("Windows", "coverage with its loss", "… + 0.1 Σ min(α, κ)", "See et al. 2017, eq. 13",
         {A + "window": "coverage", "train.coverage_weight": 0.1}),
    Kind("Heads", "4 heads, scaled dot", "W [c¹; …; c⁴]", "Vaswani et al. 2017, 3.2.2",
         {A + "score": "scaled_dot", A + "heads": 4, **SIZE}, multi30k=True),
    Kind("Heads", "4 heads, additive", "W [c¹; …; c⁴]", "Vaswani et al. 2017, 3.2.2", {A + "heads": 4, **SIZE}),
    Kind("Decoders", "luong", "query s_t, attentional vector, fed", "Luong et al. 2015, 3",
         {D + "type": "luong", D + "readout_state": None}),
    Kind("Decoders", "luong, not fed", "query s_t, attentional vector", "Luong et al. 2015, 3",
         {D + "type": "luong", D + "readout_state": None, D + "input_feeding": False}),
    Kind("Decoders", "conditional", "unit, attention, unit", "Sennrich et al. 2017",
         {D + "type": "conditional", D + "readout_state": None}, multi30k=True),
    Kind("Cells", "gru_paper", "reset before the product", "Cho et al. 2014", {"model.cell": "gru_paper"}),
    Kind("Cells", "lstm", "gates i, f, g, o", "Hochreiter and Schmidhuber 1997", {"model.cell": "lstm"}, multi30k=True),
    Kind("Cells", "rnn", "tanh(W x + U h + b)", "Elman 1990", {"model.cell": "rnn"}),
    Kind("Cells", "normalised gru", "LN of each gate's sum", "Ba et al. 2016, eq. 4",
         {"model.layer_normalisation": True}),
    Kind("Cells", "two residual layers", "h + x, from the second layer on", "He et al. 2016",
         {E + "layers": 2, D + "layers": 2, "model.residual": True}),
    Kind("Encoders", "self-attention", "4 heads, waves for places", "Vaswani et al. 2017",
         {E + "type": "self_attention", **ATTENDING}, multi30k=True),
    Kind("Encoders", "self-attention, learned places", "a vector for each place", "Gehring et al. 2017",
         {E + "type": "self_attention", E + "positions": "learned", **ATTENDING}),
    Kind("Encoders", "self-attention, distances", "keys and values know the distance", "Shaw et al. 2018",
         {E + "type": "self_attention", E + "positions": "relative", **ATTENDING}),
    Kind("Encoders", "self-attention, post-normalised", "LN(x + f(x))", "Vaswani et al. 2017",
         {E + "type": "self_attention", E + "normalisation": "post", **ATTENDING, "train.learning_rate": 1.5e-3}),
    Kind("Encoders", "self-attention over recurrent states", "a layer over →h, ←h", "Chen et al. 2018",
         {E + "type": "recurrent_self_attention", **ATTENDING}),
    Kind("Documents", "words, then sentences", "β_s α_sj", "Nallapati et al. 2016, 2.4",
         {E + "hierarchical": True, "data.sentence_separator": "|||"}, documents=True,
         why="documents of two to five sentences, of which the same time reads a quarter as many"),
    Kind("Guided alignment", "guided", "… − 0.1 Σ ln α of given links", "Chen et al. 2016",
         {"data.train_alignment": ROOT / "data/sample/train.align"}),
]
ADDITIVE = KINDS[0]


def settings(options):
    words = []
    for path, value in options.items():
        words += ["--set", f"{path}={value if isinstance(value, pathlib.Path) else json.dumps(value)}"]
    return words


def attn(arguments, *words):
    command = [str(arguments.attn), *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def folder(kind, prefix=""):
    return RUNS / (prefix + "".join(c if c.isalnum() else "_" for c in kind.name))


def kept(path):
    return json.loads(path.read_text()) if path.exists() else None


def keep(path, result):
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(result, indent=2))
    os.replace(temporary, path)
    return result


def train(arguments, config, run, options, seconds):
    """A training of so many seconds, or the rest of one that was interrupted."""
    limits = {"train.run_dir": run, "train.max_seconds": seconds, "train.max_updates": None, **options}
    resume = ["--resume"] if (run / "last").exists() else []
    attn(arguments, "train", "--config", config, *settings(limits), *resume)


def learn(arguments, kind):
    run = folder(kind)
    if (result := kept(run / "kind.json")) is not None:
        return result
    if kind.documents:
        subprocess.run([ROOT / "tests/documents/make.sh"], check=True)
    options = {"train.decay_updates": arguments.updates, **kind.data(), **kind.options}
    train(arguments, CONFIG, run, options, arguments.seconds)
    score = json.loads(attn(arguments, "eval", "--model", run / "best", "--source", kind.test("source"), "--reference",
                            kind.test("target"), *gold(kind), "--json"))
    return keep(run / "kind.json", {"eval": score, "seconds": arguments.seconds, "date": str(datetime.date.today())})


def gold(kind):
    return [] if kind.name == "none" or kind.documents else ["--gold-alignment", "data/sample/test.align"]


def parameters(kind):
    """Numbers in the model's file."""
    with open(folder(kind) / "best" / "weights.safetensors", "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    return sum(math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")


def pace(arguments, kind):
    """How much longer an update takes than with additive attention: short trainings in alternation, by what they log."""
    path = folder(kind) / "pace.json"
    if kind is ADDITIVE or kind.documents or (result := kept(path)) is not None:
        return
    def rate(of):
        run = RUNS / "pace"
        shutil.rmtree(run, ignore_errors=True)
        train(arguments, CONFIG, run, {**of.options, "train.valid_every": 1000000, "train.log_every": 10}, 12)
        events = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
        return statistics.median(event["target_tokens_per_second"] for event in events if event["event"] == "train")
    ratios = [rate(ADDITIVE) / rate(kind) for _ in range(arguments.pairs)]
    keep(path, {"ratio": statistics.median(ratios), "all": ratios})


def multi30k(arguments, kind):
    run = folder(kind, "multi30k_")
    if (result := kept(run / "kind.json")) is not None:
        return result
    data = arguments.multi30k
    files = {f"data.{part}_{side}": data / f"{name}.lc.norm.tok.{language}"
             for part, name in (("train", "train"), ("valid", "val"), ("test", "test_2016_flickr"))
             for side, language in (("source", "en"), ("target", "de"))}
    options = {key: value for key, value in kind.options.items() if not (key == A + "size" and value == 128)}
    if A + "size" in kind.options:
        options[A + "size"] = 256
    shape = {"model.embedding_size": 256, "model.hidden_size": 256, "train.decay_updates": 2000}
    train(arguments, ROOT / "configs" / "multi30k_en_de.json", run, {**files, **shape, **options}, 600)
    score = json.loads(attn(arguments, "eval", "--model", run / "best", "--json"))
    return keep(run / "kind.json", {"eval": score, "date": str(datetime.date.today())})


def row(kind):
    learned, speed = kept(folder(kind) / "kind.json"), kept(folder(kind) / "pace.json")
    if learned is None:
        return None
    score, far = learned["eval"], kept(folder(kind, "multi30k_") / "kind.json")
    bleu, error = score["bleu"]["score"], score.get("alignment_error_rate")
    time = 1 if kind is ADDITIVE else speed and speed["ratio"]
    remarks = [kind.why or "below the goal"] * (bleu < GOAL) + [kind.slow or "slow"] * bool(time and time > SLOW)
    options = "<br>".join(f"`{path}={shown(value)}`" for path, value in kind.options.items())
    cells = [": ".join([kind.name, *remarks[:1]]) + "".join(f"; {remark}" for remark in remarks[1:]), kind.formula,
             kind.source, options, f"{parameters(kind):,}", f"{time:.2f}" if time else "–", f"{bleu:.1f}",
             f"{error:.3f}" if error is not None else "–", f"{far['eval']['bleu']['score']:.1f}" if far else ""]
    return "| " + " | ".join(cells) + " |"


def shown(value):
    return value.name if isinstance(value, pathlib.Path) else json.dumps(value)


def write_table():
    lines, section = [], None
    for kind in KINDS:
        text = row(kind)
        if text is None:
            continue
        if kind.section != section:
            section = kind.section
            lines += ["", f"### {section}", "",
                      "| kind | formula | source | options | parameters | time of an update | BLEU | alignment error | Multi30k |",
                      "|---|---|---|---|---|---|---|---|---|"]
        lines.append(text)
    PAGE.write_text(HEAD + "\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attn", type=pathlib.Path, default=ROOT / "build" / "attn", help="the program")
    parser.add_argument("--seconds", type=int, default=60, help="of each training on the sample corpus")
    parser.add_argument("--updates", type=int, default=1200, help="in which the learning rate falls")
    parser.add_argument("--pairs", type=int, default=2, help="of trainings that compare a kind's speed with additive's")
    parser.add_argument("--only", nargs="+", metavar="KIND", help="kinds by name")
    parser.add_argument("--multi30k", type=pathlib.Path, metavar="DIR", help="folder with Multi30k's files")
    parser.add_argument("--table", action="store_true", help="measure nothing")
    arguments = parser.parse_args()
    names = {kind.name for kind in KINDS}
    if unknown := set(arguments.only or []) - names:
        sys.exit(f"--only: no kind is called {', '.join(sorted(unknown))}; there are: {', '.join(sorted(names))}")
    for kind in KINDS if not arguments.table else []:
        if arguments.only and kind.name not in arguments.only:
            continue
        result = learn(arguments, kind)
        print(f"{kind.name}: BLEU {result['eval']['bleu']['score']:.1f}", flush=True)
        pace(arguments, kind)
        if arguments.multi30k and kind.multi30k:
            print(f"{kind.name}: Multi30k BLEU {multi30k(arguments, kind)['eval']['bleu']['score']:.1f}", flush=True)
    write_table()


if __name__ == "__main__":
    main()
