#!/usr/bin/env python3
"""Trains one model of every kind on the sample corpus, with the same size, time and seed, and writes the table of
configs/KINDS.md: BLEU, alignment error and the time of an update beside additive attention's.

  tests/kinds/kinds.py                      what is missing yet; goes on where it stopped
  tests/kinds/kinds.py --only luong dot     these alone
  tests/kinds/kinds.py --multi30k DIR       also 10 minutes each on Multi30k (see data/fetch_multi30k.sh), a kind a section
  tests/kinds/kinds.py --table              the page and the configs alone, of what has been measured

The config of each kind is configs/kinds/NAME.json, which this script writes too. Runs and measurements are kept in runs/kinds:
remove a folder there to measure that kind anew.
"""
import argparse
import datetime
import json
import math
import os
import pathlib
import re
import shutil
import statistics
import struct
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from program import ROOT, attn, go_on, settings

PAGE = ROOT / "configs" / "KINDS.md"
CONFIGS = ROOT / "configs" / "kinds"
RUNS = ROOT / "runs" / "kinds"
QUICKSTART = ROOT / "configs" / "quickstart.json"
HEAD = """# Kinds of attention

Before it writes a word, the decoder asks: its state is the *query* q. Each word of the source answers with its state h_j,
which is both its *key* and its *value*. A *score* compares query and key, a *weighting* makes weights of these energies,
and what the decoder reads, the context c, is the sum of the values by their weights:

    e_j = score(q, h_j)        α = weighting(e)        c = Σ_j α_j h_j

Nothing has to be masked: a sentence's weights are those of its own words, whatever else is in the batch.

- **Soft or hard.** Soft attention (`softmax`, α_j = exp e_j / Σ_i exp e_i) gives every word some weight, and each has a
  gradient. `sparsemax` and `entmax15` can leave words out entirely; those have none. `top_k` and `threshold` leave out all
  but the largest and share their weight among those. `hard` looks at one word. In training it is drawn with the softmax's
  probabilities. A draw has no gradient, so the gradient of its log-probability stands in for it, times how much likelier
  the target's words from there on were than expected (the reward less a baseline, which is a moving mean); on average over
  the draws, that is right. In translation it is the likeliest word.
- **Where the idea began.** With `gaussian`, attention is the kernel regression of Nadaraya and Watson (1964): a query is
  answered by the mean of the values, each weighted by a bell curve of the distance between its key and the query, whose
  width is learned. The other scores put another similarity in its place; that of `additive` is a small network.
- **Temperature** divides the energies: below 1 it sharpens the weights, above it flattens them. **Dropout of weights** leaves
  some out in training, at random, so that no word is relied on alone; the one that `hard` draws is never left out.
- **Where it looks.** Everywhere (`global`), around a place that goes on word by word (`monotonic`) or is predicted
  (`predictive`), or with a memory of where it looked before (`coverage`).
- **Who asks, and what becomes of the answer.** The decoder `bahdanau` asks with its state before the step, s_{{t−1}}, and the
  context enters its unit with the word before: s_t = unit(s_{{t−1}}, y_{{t−1}}, c_t). `luong` steps first and asks with s_t;
  context and state make an attentional vector, from which the word is predicted and which, where it is *fed*, enters the
  next step. `conditional` asks in the middle: a unit, the attention, another unit. The *cell* is the unit: what it makes of
  its input x and its state s, by gates r, z, i, f, o = σ(W x + U s + b) of their own. The default, `gru`, is
  s̃ = tanh(W x + r ∘ (U s + b)), s ← z ∘ s + (1 − z) ∘ s̃.
- **Many heads** ask side by side, each in a smaller projection of query, key and value; their contexts are joined and
  projected again.
- **Self-attention**, in the encoder: every word asks every word of its sentence. Attention alone knows no order, so each
  word is told its place, or its distance from each other.
- **Two levels**, for documents: one attention weighs the words within each sentence, α_sj, another the sentences, β_s; a
  word's weight is β_s α_sj.
- **Guided alignment** adds a loss that pulls the weights toward word links that are given.

What every kind does on the sample corpus: `tests/kinds/kinds.py` of the source tree trains one model of each for
{seconds} seconds on two cores, with the size, the seed and all else of `quickstart.json` but the options that the table
names, and writes the table. By its speed, and by what else the machine did, a kind made {least:,} to {most:,} updates in
that time; the learning rate falls over {updates:,}. The config of each is in [`kinds/`](kinds):
`attn train --config configs/kinds/luong.json`, then `attn eval` with it.

- *formula*: d is the size of q and h_j, σ² and τ are learned, p_t is the place in the middle of a window, D its half width, S
  the number of words, κ_j the sum of a word's weights so far, →h_Tx the encoder's last forward state; ∘ multiplies number by
  number, LN normalizes a vector.
- *options*: what the kind changes. Sizes and rates that are not its own are there because it needs them. Documents need
  another text, which the same grammar makes: their BLEU is not to be compared with that of the other kinds.
- *time of an update*: beside that of additive attention on the same text, in short trainings in alternation: the median of
  {pairs} ratios. The machine's speed wavers: of half the kinds the largest of these is {spread:.0%} or more above the least, so
  that differences of a tenth say nothing.
- *BLEU*, *alignment error*: of the test set, by `attn eval`; a kind below {goal} says why.
- *Multi30k*: BLEU of test_2016_flickr after ten minutes of training on two cores with `multi30k_en_de.json`, in 256 numbers
  and with a learning rate that falls over 2,000 updates; one kind of each section. It has neither
  documents nor word links: there a document is three captions in a row, which have nothing to do with each other, and its
  BLEU is of these; the links to guide by are those that `attn align` finds with the additive model.

The numbers stand as they came out{when}.
"""
GOAL, SLOW = 90, 1.5  # BLEU that a kind has to reach, and times that it may take, or the table says why not

LANGUAGES = {"source": "en", "target": "fr"}
DOCUMENTS = {f"data.{part}_{side}": ROOT / f"data/documents/{file}.{language}"
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
        self.file = re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")
        self.config = CONFIGS / f"{self.file}.json"
        self.run = RUNS / self.file

    def data(self):
        """Options that lay other data over the sample corpus."""
        return {"data.test_alignment": None, **DOCUMENTS} if self.documents else {}

    def test(self, side):
        return DOCUMENTS["data.test_" + side] if self.documents else ROOT / f"data/sample/test.{LANGUAGES[side]}"


KINDS = [
    Kind("Scores", "additive", "vᵀtanh(W q + U h)", "Bahdanau et al. 2015, A.1.2", multi30k=True),
    Kind("Scores", "normed additive", "g vᵀ/‖v‖ tanh(W q + U h + b)", "Salimans and Kingma 2016", {A + "normed": True}),
    Kind("Scores", "dot", "qᵀh", "Luong et al. 2015, 3.1", {A + "score": "dot", A + "size": 32}),
    Kind("Scores", "scaled dot", "qᵀh/√d", "Vaswani et al. 2017, 3.2.1", {A + "score": "scaled_dot", **SIZE}),
    Kind("Scores", "cosine", "τ √d qᵀh/(‖q‖‖h‖)", "Graves et al. 2014, 3.3.1", {A + "score": "cosine", **SIZE}),
    Kind("Scores", "general", "qᵀW h", "Luong et al. 2015, 3.1", {A + "score": "general"}),
    Kind("Scores", "gaussian", "−‖q − h‖²/2σ²", "Nadaraya 1964, Watson 1964", {A + "score": "gaussian", **SIZE}),
    Kind("Scores", "location", "(W q)_j", "Luong et al. 2015, eq. 8", {A + "score": "location"},
         why="it cannot see the words: where one sentence has an adjective, the next has none"),
    Kind("Scores", "none", "c = →h_Tx", "Cho et al. 2014", {A + "score": "none"},
         why="one vector has to hold the whole sentence"),
    Kind("Weights", "sparsemax", "argmin_p ‖p − e‖²", "Martins and Astudillo 2016", {A + "weights": "sparsemax"},
         multi30k=True),
    Kind("Weights", "entmax 1.5", "[e/2 − θ]₊², θ so that they sum to 1", "Peters et al. 2019", {A + "weights": "entmax15"}),
    Kind("Weights", "top k", "softmax of the k largest", "hard attention by filtering", {A + "weights": "top_k"}),
    Kind("Weights", "threshold", "softmax of the words whose weight is not below a part of the largest", "hard attention by filtering",
         {A + "weights": "threshold"}),
    Kind("Weights", "hard", "one word, drawn", "Xu et al. 2015, 4.1", {A + "weights": "hard"},
         why="it has hardly learned where to look: of each step one draw tells the gradient"),
    Kind("Weights", "dropout of weights", "softmax, 0.1 of the weights dropped", "after Lin et al. 2019, DropAttention",
         {"model.dropout.attention": 0.1}),
    Kind("Windows", "monotonic", "softmax of the words t ± D", "Luong et al. 2015, local-m", {A + "window": "monotonic", A + "window_width": 5},
         why="a word that moves further than D places is out of sight"),
    Kind("Windows", "predictive", "softmax of the words p_t ± D, times exp(−2 (j − p_t)²/D²); p_t = S σ(v_pᵀtanh(W_p s))",
         "Luong et al. 2015, local-p",
         {A + "window": "predictive", A + "window_width": 10}, multi30k=True),
    Kind("Windows", "coverage", "vᵀtanh(W q + U h + w κ_j)", "Tu et al. 2016", {A + "window": "coverage"}),
    Kind("Windows", "coverage with its loss", "… + 0.1 Σ min(α, κ)", "See et al. 2017, eq. 13",
         {A + "window": "coverage", "train.coverage_weight": 0.1}),
    Kind("Heads", "4 heads, scaled dot", "W [c¹; …; c⁴]", "Vaswani et al. 2017, 3.2.2",
         {A + "score": "scaled_dot", A + "heads": 4, **SIZE}, multi30k=True),
    Kind("Heads", "4 heads, additive", "W [c¹; …; c⁴]", "Vaswani et al. 2017, 3.2.2", {A + "heads": 4, **SIZE}),
    Kind("Decoders", "luong", "s_t = unit(s_{t−1}, y_{t−1}, h̃_{t−1}), q = s_t, h̃_t = tanh(W [c_t; s_t])", "Luong et al. 2015, 3",
         {D + "type": "luong", D + "readout_state": None}),
    Kind("Decoders", "luong, not fed", "s_t = unit(s_{t−1}, y_{t−1}), q = s_t, h̃_t = tanh(W [c_t; s_t])", "Luong et al. 2015, 3",
         {D + "type": "luong", D + "readout_state": None, D + "input_feeding": False}),
    Kind("Decoders", "conditional", "s'_t = unit(s_{t−1}, y_{t−1}), q = s'_t, s_t = unit(s'_t, c_t)", "Sennrich et al. 2017",
         {D + "type": "conditional", D + "readout_state": None}, multi30k=True),
    Kind("Cells", "gru_paper", "s̃ = tanh(W x + U (r ∘ s)), s ← (1 − z) ∘ s + z ∘ s̃", "Bahdanau et al. 2015, A.1.1", {"model.cell": "gru_paper"}),
    Kind("Cells", "lstm", "m ← f ∘ m + i ∘ tanh(W x + U s), s ← o ∘ tanh(m)", "Hochreiter and Schmidhuber 1997; Gers et al. 2000", {"model.cell": "lstm"}, multi30k=True),
    Kind("Cells", "rnn", "s ← tanh(W x + U s + b)", "Elman 1990", {"model.cell": "rnn"}),
    Kind("Cells", "normalized gru", "LN of each gate's sum", "Ba et al. 2016, eq. 4",
         {"model.layer_normalization": True}),
    Kind("Cells", "two residual layers", "h + x, from the second layer on", "He et al. 2016",
         {E + "layers": 2, D + "layers": 2, "model.residual": True},
         slow="it has twice the layers"),
    Kind("Encoders", "self-attention", "e_ij = (W_q x_i)ᵀW_k x_j/√d, 4 heads, waves for places", "Vaswani et al. 2017",
         {E + "type": "self_attention", **ATTENDING}, multi30k=True),
    Kind("Encoders", "self-attention, learned places", "a vector for each place", "Gehring et al. 2017",
         {E + "type": "self_attention", E + "positions": "learned", **ATTENDING}),
    Kind("Encoders", "self-attention, distances", "keys and values know the distance", "Shaw et al. 2018",
         {E + "type": "self_attention", E + "positions": "relative", **ATTENDING}),
    Kind("Encoders", "self-attention, post-normalized", "LN(x + f(x))", "Vaswani et al. 2017",
         {E + "type": "self_attention", E + "normalization": "post", **ATTENDING, "train.learning_rate": 1.5e-3}),
    Kind("Encoders", "self-attention without places", "a word does not know where it stands", "Vaswani et al. 2017, 3.5",
         {E + "type": "self_attention", E + "positions": "none", **ATTENDING},
         why="the order of a sentence's words is lost to it"),
    Kind("Encoders", "self-attention over recurrent states", "a layer over →h, ←h", "Chen et al. 2018",
         {E + "type": "recurrent_self_attention", **ATTENDING},
         slow="its layers stand on top of a recurrent encoder"),
    Kind("Documents", "words, then sentences", "β_s α_sj", "after Nallapati et al. 2016, 2.4; Yang et al. 2016",
         {E + "hierarchical": True, "data.sentence_separator": "|||", "train.batch_size": 20}, documents=True,
         multi30k=True),
    Kind("Guided alignment", "guided", "… − 0.1 Σ_t 1/n_t Σ_j ln α_tj over the n_t links that are given", "Chen et al. 2016",
         {"data.train_alignment": ROOT / "data/sample/train.align"}, multi30k=True),
]
ADDITIVE = KINDS[0]


# ---- the configs ----


def put(config, path, value):
    """A value of None takes the option out."""
    *groups, name = path.split(".")
    for group in groups:
        config = config.setdefault(group, {})
    if value is None:
        config.pop(name, None)
    else:
        config[name] = value


def write_config(arguments, kind):
    text = re.sub("^ *//.*$", "", QUICKSTART.read_text(), flags=re.MULTILINE)
    config = json.loads(text)
    for name, value in config["data"].items():
        if isinstance(value, str) and value.startswith("../"):
            config["data"][name] = "../" + value
    course = {"train.run_dir": kind.run, "train.decay_updates": arguments.updates, "train.max_updates": None,
              "train.max_seconds": arguments.seconds}
    for path, value in {**course, **kind.data(), **kind.options}.items():
        put(config, path, os.path.relpath(value, CONFIGS) if isinstance(value, pathlib.Path) else value)
    CONFIGS.mkdir(exist_ok=True)
    made = " Its text is made by tests/documents/make.sh." if kind.documents else ""
    about = f"// {kind.section}: {kind.name}, {kind.formula} ({kind.source}).{made} Written by tests/kinds/kinds.py.\n"
    kind.config.write_text(about + json.dumps(config, indent=2, ensure_ascii=False) + "\n")


def check_tables(arguments):
    """Every row of the program's tables is a kind."""
    lines = attn(arguments.attn, "train", "--describe", "--markdown").splitlines()
    for path in (A + "score", A + "weights", A + "window", D + "type", "model.cell", E + "type", E + "positions",
                 E + "normalization"):
        _, default, values, *_ = next(line for line in lines if line.startswith(f"| `{path}` ")).split(" | ")
        rows = set(re.findall("(?:^|<br>)`(\\w+)`", values))
        if missing := rows - {kind.options.get(path, json.loads(default)) for kind in KINDS}:
            sys.exit(f"no kind has {path} {', '.join(sorted(missing))}: add it to KINDS")


# ---- measuring ----


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
    attn(arguments.attn, "train", "--config", config, *settings(limits), go_on(run))


def learn(arguments, kind):
    if (result := kept(kind.run / "kind.json")) is not None:
        return result
    train(arguments, kind.config, kind.run, {}, arguments.seconds)
    score = json.loads(attn(arguments.attn, "eval", "--model", kind.run / "best", "--source", kind.test("source"), "--reference",
                            kind.test("target"), *gold(kind), "--json"))
    return keep(kind.run / "kind.json", {"eval": score, "seconds": arguments.seconds, "date": str(datetime.date.today())})


def gold(kind):
    return [] if kind.name == "none" or kind.documents else ["--gold-alignment", "data/sample/test.align"]


def parameters(kind):
    """Numbers in the model's file."""
    with open(kind.run / "best" / "weights.safetensors", "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    return sum(math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")


def rate(arguments, config, options):
    """Target tokens a second of a short training, by what it logs."""
    run = RUNS / "pace"
    shutil.rmtree(run, ignore_errors=True)
    train(arguments, config, run, {"train.valid_every": 1000000, "train.log_every": 10, **options}, arguments.pace)
    events = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
    return statistics.median(event["target_tokens_per_second"] for event in events if event["event"] == "train")


def pace(arguments, kind):
    """How much longer an update takes than with additive attention on the same text: trainings in alternation."""
    path = kind.run / "pace.json"
    if kind is ADDITIVE or kept(path) is not None:
        return
    flat = {E + "hierarchical": None, "data.sentence_separator": None}
    beside = (kind.config, flat) if kind.documents else (ADDITIVE.config, {})
    ratios = [rate(arguments, *beside) / rate(arguments, kind.config, {}) for _ in range(arguments.pairs)]
    keep(path, {"ratio": statistics.median(ratios), "all": ratios})


def multi30k(arguments, kind):
    run = RUNS / f"multi30k_{kind.file}"
    if (result := kept(run / "kind.json")) is not None:
        return result
    options = {key: value for key, value in kind.options.items() if not (key == A + "size" and value == 128)}
    if A + "size" in kind.options:
        options[A + "size"] = 256
    if "data.train_alignment" in options:
        options["data.train_alignment"] = multi30k_links(arguments)
    shape = {"model.embedding_size": 256, "model.hidden_size": 256, "train.decay_updates": 2000}
    files = multi30k_files(arguments, kind.documents)
    train(arguments, ROOT / "configs" / "multi30k_en_de.json", run, {**files, **shape, **options}, 600)
    score = json.loads(attn(arguments.attn, "eval", "--model", run / "best", "--json"))
    return keep(run / "kind.json", {"eval": score, "date": str(datetime.date.today())})


def multi30k_files(arguments, documents):
    files = {}
    for part, name in (("train", "train"), ("valid", "val"), ("test", "test_2016_flickr")):
        for side, language, mark in (("source", "en", " ||| "), ("target", "de", " ")):
            file = arguments.multi30k / f"{name}.lc.norm.tok.{language}"
            files[f"data.{part}_{side}"] = joined(file, mark) if documents else file
    return files


def joined(file, mark):
    """A copy with three lines on each."""
    lines = file.read_text().removesuffix("\n").split("\n")
    copy = RUNS / "multi30k_joined" / file.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text("".join(mark.join(lines[at:at + 3]) + "\n" for at in range(0, len(lines), 3)))
    return copy


def multi30k_links(arguments):
    """Word links of the training text, as the additive model aligns it."""
    multi30k(arguments, ADDITIVE)
    links, text = RUNS / "multi30k.align", multi30k_files(arguments, documents=False)
    attn(arguments.attn, "align", "--model", RUNS / f"multi30k_{ADDITIVE.file}" / "best", "--source", text["data.train_source"],
         "--target", text["data.train_target"], "--output", links)
    return links


# ---- the page ----


def row(kind, unexplained):
    learned, speed = kept(kind.run / "kind.json"), kept(kind.run / "pace.json")
    options = "<br>".join(f"`{path}={shown(value)}`" for path, value in kind.options.items())
    name = f"[{kind.name}](kinds/{kind.file}.json)"
    if learned is None:
        return f"| {name}: not measured yet | {kind.formula} | {kind.source} | {options} | | | | | |"
    score, far = learned["eval"], kept(RUNS / f"multi30k_{kind.file}" / "kind.json")
    bleu, error = score["bleu"]["score"], score.get("alignment_error_rate")
    time = 1 if kind is ADDITIVE else speed and speed["ratio"]
    remarks = [kind.why] * (bleu < GOAL) + [kind.slow] * bool(time and time > SLOW)
    if "" in remarks:
        unexplained.append(kind.name)
    cells = [": ".join([name, *remarks[:1]]) + "".join(f"; {remark}" for remark in remarks[1:]), kind.formula,
             kind.source, options, f"{parameters(kind):,}", f"{time:.2f}" if time else "–", f"{bleu:.1f}",
             f"{error:.3f}" if error is not None else "–", f"{far['eval']['bleu']['score']:.1f}" if far else ""]
    return "| " + " | ".join(cells) + " |"


def shown(value):
    text = value.name if isinstance(value, pathlib.Path) else json.dumps(value)
    return text.replace("|", "\\|")  # in a table


def trainings(measured):
    """What the page tells of all of them."""
    ends = [json.loads((kind.run / "metrics.jsonl").read_text().splitlines()[-1])["update"] for kind in measured]
    ratios = [speed["all"] for kind in measured if (speed := kept(kind.run / "pace.json"))]
    dates = sorted(kept(kind.run / "kind.json")["date"] for kind in measured)
    return {
        "least": min(ends), "most": max(ends),
        "updates": kept(ADDITIVE.run / "config.json")["train"]["decay_updates"],
        "seconds": kept(ADDITIVE.run / "kind.json")["seconds"],
        "pairs": min(map(len, ratios), default=0),
        "spread": statistics.median(max(all) / min(all) - 1 for all in ratios) if ratios else 0,
        "when": f" between {dates[0]} and {dates[-1]}" if dates[0] < dates[-1] else f" on {dates[0]}",
    }


def write_page():
    measured = [kind for kind in KINDS if kept(kind.run / "kind.json")]
    if ADDITIVE not in measured:
        sys.exit(f"{ADDITIVE.name}: not measured yet, and all others are compared with it")
    lines, section, unexplained = [], None, []
    for kind in KINDS:
        if kind.section != section:
            section = kind.section
            lines += ["", f"### {section}", "",
                      "| kind | formula | source | options | parameters | time of an update | BLEU | alignment error | Multi30k |",
                      "|---|---|---|---|---|---|---|---|---|"]
        lines.append(row(kind, unexplained))
    PAGE.write_text(HEAD.format(goal=GOAL, **trainings(measured)) + "\n".join(lines) + "\n")
    if unexplained:
        sys.exit(f"below {GOAL} BLEU or above {SLOW} times, and KINDS does not say why: {', '.join(unexplained)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attn", type=pathlib.Path, default=ROOT / "build" / "attn", help="the program")
    parser.add_argument("--seconds", type=int, default=60, help="of each training on the sample corpus")
    parser.add_argument("--updates", type=int, default=1200, help="in which the learning rate falls")
    parser.add_argument("--pairs", type=int, default=3, help="of trainings that compare a kind's speed with additive's")
    parser.add_argument("--pace", type=int, default=3, help="seconds of each of these")
    parser.add_argument("--only", nargs="+", metavar="KIND", help="kinds by name")
    parser.add_argument("--multi30k", type=pathlib.Path, metavar="DIR", help="folder with Multi30k's files")
    parser.add_argument("--table", action="store_true", help="measure nothing")
    arguments = parser.parse_args()
    names = {kind.name for kind in KINDS}
    if unknown := set(arguments.only or []) - names:
        sys.exit(f"--only: no kind is called {', '.join(sorted(unknown))}; there are: {', '.join(sorted(names))}")
    arguments.attn = arguments.attn.resolve()
    arguments.multi30k = arguments.multi30k and arguments.multi30k.resolve()
    check_tables(arguments)
    for kind in KINDS:
        write_config(arguments, kind)
    if any(kind.documents for kind in KINDS) and not DOCUMENTS["data.test_target"].exists():
        subprocess.run([ROOT / "tests/documents/make.sh"], check=True)
    for kind in KINDS if not arguments.table else []:
        if arguments.only and kind.name not in arguments.only:
            continue
        result = learn(arguments, kind)
        print(f"{kind.name}: BLEU {result['eval']['bleu']['score']:.1f}", flush=True)
        pace(arguments, kind)
        if arguments.multi30k and kind.multi30k:
            print(f"{kind.name}: Multi30k BLEU {multi30k(arguments, kind)['eval']['bleu']['score']:.1f}", flush=True)
    write_page()


if __name__ == "__main__":
    main()
