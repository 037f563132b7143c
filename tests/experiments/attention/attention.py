#!/usr/bin/env python3
"""Trains one model of every attention variant on the sample corpus, with the same size, time and seed, and writes the
tables of configs/ATTENTION.md: BLEU, alignment error rate, and relative time (the time of an update relative to
additive attention).

  attention.py                    all variants not measured yet; continues where it stopped
  attention.py --only luong dot   only these variants
  attention.py --multi30k DIR     also Multi30k (see data/fetch_multi30k.sh): one variant per section, 10 minutes each
  attention.py --table            writes the configs and the page from the measurements in runs/attention
  attention.py --configs          writes only the configs

The config of each variant is configs/attention/NAME.json, which this script also writes. Runs and measurements are
stored in runs/attention. To measure a variant again, delete its directory there.
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

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from program import ROOT, attn, resume_or_overwrite, settings

PAGE = ROOT / "configs" / "ATTENTION.md"
CONFIGS = ROOT / "configs" / "attention"
RUNS = ROOT / "runs" / "attention"
QUICKSTART = ROOT / "configs" / "quickstart.json"
HEAD = """# Attention variants

Before it predicts a word, the decoder compares its state, the *query* q, with every word of the source. A source
word is represented by its encoder state h_j, which is both its *key* and its *value*. A *score* compares the query
with each key and gives an energy e_j, a *normalizer* turns the energies into attention weights α_j, and the
*context* c, which the decoder reads, is the weighted sum of the values:

    e_j = score(q, h_j)        α = normalizer(e)        c = Σ_j α_j h_j

No masks are needed: the attention weights of a sentence cover only its own words, regardless of the rest of the batch.

- **Soft and hard attention.** Soft attention (`softmax`, α_j = exp e_j / Σ_i exp e_i) gives every word a weight
  above zero, and every weight has a gradient. `sparsemax` and `entmax15` can assign a weight of exactly zero; such
  a word gets no gradient. `top_k` and `threshold` apply softmax to the largest energies only. `hard` attends to
  exactly one word. In training, that word is sampled from the softmax probabilities. Sampling has no gradient, so
  the gradient is estimated by REINFORCE (Williams 1992): the gradient of the sample's log-probability is multiplied
  by an advantage, the log-probability of the target from this step on minus its expected value, a moving mean. The
  estimate is unbiased. In translation, `hard` takes the most probable word.
- **Origin of the idea.** With `gaussian`, attention is the kernel regression of Nadaraya and Watson (1964): the
  answer to a query is the mean of the values, each weighted by a Gaussian of the distance between its key and the
  query. The width is learned. The other scores use a different similarity; `additive` computes it with a small
  network.
- **Temperature** divides the energies: a value below 1 sharpens the weights, a value above 1 flattens them.
  **Attention dropout** zeroes some weights at random in training, so that the model does not depend on a single
  word. It is never applied to the word that `hard` samples.
- **Attention windows and coverage.** `global` attends to all words of the source, `local_m` to the words around a
  center that advances by one word per step, and `local_p` to the words around a predicted center. With
  `model.attention.coverage`, the score also receives the sum of each word's past attention weights.
- **Decoders.** `bahdanau` queries attention with its state before the step, s_{{t−1}}; the context enters the cell
  together with the previous word: s_t = cell(s_{{t−1}}, y_{{t−1}}, c_t). `luong` runs its cell first and queries
  with s_t. Context and state form an attentional vector, from which the word is predicted and which, with *input
  feeding*, enters the next step. `conditional` runs one cell, queries attention, and runs a second cell.
- **Cells.** A cell computes the next state from its input x and its state s, with gates r, z, i, f, o = σ(W x +
  U s + b), each with parameters of its own. The default, `gru`, is s̃ = tanh(W x + r ∘ (U s + b)), s ← z ∘ s +
  (1 − z) ∘ s̃.
- **Multi-head attention** runs several attentions in parallel, each in a smaller projection of query, key and
  value. The contexts of the heads are concatenated and projected again.
- **Self-attention** is used in the encoder: each word attends to all words of its sentence. By itself it ignores
  word order, so the encoder adds a positional encoding or uses relative positions.
- **Two-level attention**, for documents: one attention weighs the words within each segment, α_sj, another weighs
  the segments, β_s. The weight of a word is β_s α_sj.
- **Guided alignment** adds a loss that pulls the attention weights toward given word alignments.

## Results

`tests/experiments/attention/attention.py` in the source tree trains one model per variant on the sample corpus, for
{seconds} seconds on two cores, and writes the tables below. Size, seed and all other options are those of
`quickstart.json`, except for the options listed in the table. Depending on its speed and on the other load of the
machine, a variant made {least:,} to {most:,} updates in that time; the learning rate decays over {updates:,}
updates. The config of each variant is in [`attention/`](attention): run
`attn train --config configs/attention/luong.json`, then `attn eval` with the same config.

- *formula*: d is the size of q and h_j, σ² and τ are learned, p_t is the center of an attention window and D its
  half width, S is the number of source words, κ_j is the sum of a word's attention weights so far, and →h_Tx is the
  last forward state of the encoder. ∘ multiplies element by element, and LN is layer normalization.
- *options*: what the variant changes. Sizes and learning rates are listed where the variant needs different ones.
  The document variant needs a different text, which the same grammar generates, so its BLEU cannot be compared with
  the others.
- *relative time*: the time of an update relative to additive attention on the same text, measured in short
  trainings that alternate; the median of {pairs} ratios. The speed of the machine varies: for half of the variants
  the largest ratio is {spread:.0%} or more above the smallest, so differences of about 10% are not meaningful.
- *BLEU* and *AER* (alignment error rate): on the test set, by `attn eval`. A variant below {goal} BLEU or above
  {slow} in relative time gives the reason.
- *Multi30k*: BLEU on test_2016_flickr after ten minutes of training on two cores with `multi30k_en_de.json`, with
  sizes of 256 and a learning rate that decays over 2,000 updates; one variant per section. Multi30k has neither
  documents nor word alignments. Its documents are three consecutive captions, which are unrelated to each other,
  and BLEU is computed on these. The word alignments for guided alignment are those that `attn align` finds with the
  additive model.

All numbers are the unedited results of the runs{when}.
"""
TABLE_HEAD = ["| variant | formula | paper | options | parameters | relative time | BLEU | AER | Multi30k |",
              "|---|---|---|---|---|---|---|---|---|"]
GOAL, SLOW = 90, 1.5  # a variant with a lower BLEU or a higher relative time must give a reason

LANGUAGES = {"source": "en", "target": "fr"}
DOCUMENTS = {f"data.{split}_{side}": ROOT / f"data/documents/{file}.{language}"
             for split, file in (("train", "train"), ("valid", "dev"), ("test", "test"))
             for side, language in LANGUAGES.items()}

A, D, E = "model.attention.", "model.decoder.", "model.encoder."
SIZE = {A + "hidden_size": 128}
TRANSFORMER = {E + "feed_forward_size": 256, "train.warmup": 200}


class Variant:
    """One row of the tables. `options` are its differences from quickstart.json; None removes an option. `why` is the
    reason for a BLEU below GOAL, `slow` the reason for a relative time above SLOW."""

    def __init__(self, section, name, formula, paper, options=None, multi30k=False, why="", slow="", documents=False):
        self.section, self.name, self.formula, self.paper = section, name, formula, paper
        self.options, self.multi30k, self.documents = options or {}, multi30k, documents
        self.why, self.slow = why, slow
        self.file = re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")
        self.config = CONFIGS / f"{self.file}.json"
        self.run = RUNS / self.file

    def data(self):
        """Returns the options that replace the sample corpus by other data."""
        return {"data.test_alignment": None, **DOCUMENTS} if self.documents else {}

    def test(self, side):
        return DOCUMENTS["data.test_" + side] if self.documents else ROOT / f"data/sample/test.{LANGUAGES[side]}"


VARIANTS = [
    Variant("Scores", "additive", "vᵀtanh(W q + U h)", "Bahdanau et al. 2015, A.1.2", multi30k=True),
    Variant("Scores", "weight-norm additive", "g vᵀ/‖v‖ tanh(W q + U h + b)", "Salimans and Kingma 2016",
            {A + "weight_norm": True}),
    Variant("Scores", "dot", "qᵀh", "Luong et al. 2015, 3.1", {A + "score": "dot", A + "hidden_size": 32}),
    Variant("Scores", "scaled dot", "qᵀh/√d", "Vaswani et al. 2017, 3.2.1", {A + "score": "scaled_dot", **SIZE}),
    Variant("Scores", "cosine", "τ √d qᵀh/(‖q‖‖h‖)", "Graves et al. 2014, 3.3.1", {A + "score": "cosine", **SIZE}),
    Variant("Scores", "general", "qᵀW h", "Luong et al. 2015, 3.1", {A + "score": "general"}),
    Variant("Scores", "gaussian", "−‖q − h‖²/2σ²", "Nadaraya 1964, Watson 1964", {A + "score": "gaussian", **SIZE}),
    Variant("Scores", "location", "(W q)_j", "Luong et al. 2015, eq. 8", {A + "score": "location"},
            why="it reads positions only, and an inserted adjective shifts all words after it"),
    Variant("Scores", "none", "c = →h_Tx", "Cho et al. 2014", {A + "score": "none"},
            why="one vector has to represent the whole sentence"),
    Variant("Normalizers", "sparsemax", "argmin_p ‖p − e‖²", "Martins and Astudillo 2016",
            {A + "normalizer": "sparsemax"}, multi30k=True),
    Variant("Normalizers", "entmax 1.5", "[e/2 − θ]₊², θ so that they sum to 1", "Peters et al. 2019",
            {A + "normalizer": "entmax15"}),
    Variant("Normalizers", "top k", "softmax over the k largest energies", "hard attention by filtering",
            {A + "normalizer": "top_k"}),
    Variant("Normalizers", "threshold",
            "softmax over the words whose weight is at least a given fraction of the largest",
            "hard attention by filtering", {A + "normalizer": "threshold"}),
    Variant("Normalizers", "hard", "one word, sampled", "Xu et al. 2015, 4.1", {A + "normalizer": "hard"},
            why="it has barely learned where to attend, since the gradient of each step comes from one sample"),
    Variant("Normalizers", "attention dropout", "softmax, 0.1 of the weights dropped",
            "after Lin et al. 2019, DropAttention", {"model.dropout.attention": 0.1}),
    Variant("Windows and coverage", "local-m", "softmax over the words t ± D", "Luong et al. 2015, local-m",
            {A + "window": "local_m", A + "window_width": 5},
            why="a word that moves by more than D positions is outside the window"),
    Variant("Windows and coverage", "local-p",
            "softmax over the words p_t ± D, times exp(−2 (j − p_t)²/D²); p_t = S σ(v_pᵀtanh(W_p s))",
            "Luong et al. 2015, local-p", {A + "window": "local_p", A + "window_width": 10}, multi30k=True),
    Variant("Windows and coverage", "coverage", "vᵀtanh(W q + U h + w κ_j)", "Tu et al. 2016", {A + "coverage": True}),
    Variant("Windows and coverage", "coverage with its loss", "… + 0.1 Σ min(α, κ)", "See et al. 2017, eq. 13",
            {A + "coverage": True, "train.coverage_loss_weight": 0.1}),
    Variant("Heads", "4 heads, scaled dot", "W [c¹; …; c⁴]", "Vaswani et al. 2017, 3.2.2",
            {A + "score": "scaled_dot", A + "heads": 4, **SIZE}, multi30k=True),
    Variant("Heads", "4 heads, additive", "W [c¹; …; c⁴]", "Vaswani et al. 2017, 3.2.2", {A + "heads": 4, **SIZE}),
    Variant("Decoders", "luong", "s_t = cell(s_{t−1}, y_{t−1}, h̃_{t−1}), q = s_t, h̃_t = tanh(W [c_t; s_t])",
            "Luong et al. 2015, 3", {D + "type": "luong", D + "readout_input": None}),
    Variant("Decoders", "luong without input feeding",
            "s_t = cell(s_{t−1}, y_{t−1}), q = s_t, h̃_t = tanh(W [c_t; s_t])",
            "Luong et al. 2015, 3", {D + "type": "luong", D + "readout_input": None, D + "input_feeding": False}),
    Variant("Decoders", "conditional", "s'_t = cell(s_{t−1}, y_{t−1}), q = s'_t, s_t = cell(s'_t, c_t)",
            "Sennrich et al. 2017", {D + "type": "conditional", D + "readout_input": None}, multi30k=True),
    Variant("Cells", "gru_reset_before", "s̃ = tanh(W x + U (r ∘ s)), s ← (1 − z) ∘ s + z ∘ s̃",
            "Bahdanau et al. 2015, A.1.1", {"model.cell": "gru_reset_before"}),
    Variant("Cells", "lstm", "m ← f ∘ m + i ∘ tanh(W x + U s), s ← o ∘ tanh(m)",
            "Hochreiter and Schmidhuber 1997; Gers et al. 2000", {"model.cell": "lstm"}, multi30k=True),
    Variant("Cells", "rnn", "s ← tanh(W x + U s + b)", "Elman 1990", {"model.cell": "rnn"}),
    Variant("Cells", "layer-norm gru", "LN of the pre-activation of each gate", "Ba et al. 2016, eq. 4",
            {"model.layer_norm": True}),
    Variant("Cells", "two residual layers", "h + x, from the second layer on", "He et al. 2016",
            {E + "layers": 2, D + "layers": 2, "model.residual": True}, slow="it has twice as many layers"),
    Variant("Encoders", "transformer", "e_ij = (W_q x_i)ᵀW_k x_j/√d, 4 heads, sinusoidal positions",
            "Vaswani et al. 2017", {E + "type": "transformer", **TRANSFORMER}, multi30k=True),
    Variant("Encoders", "transformer, learned positions", "a learned vector for each position", "Gehring et al. 2017",
            {E + "type": "transformer", E + "positional_encoding": "learned", **TRANSFORMER}),
    Variant("Encoders", "transformer, relative positions", "keys and values include a vector for the relative position",
            "Shaw et al. 2018", {E + "type": "transformer", E + "positional_encoding": "relative", **TRANSFORMER}),
    Variant("Encoders", "transformer, post-norm", "LN(x + f(x))", "Vaswani et al. 2017",
            {E + "type": "transformer", E + "norm": "post", **TRANSFORMER, "train.learning_rate": 1.5e-3}),
    Variant("Encoders", "transformer without positions", "no positional encoding", "Vaswani et al. 2017, 3.5",
            {E + "type": "transformer", E + "positional_encoding": "none", **TRANSFORMER},
            why="it cannot see the order of the words"),
    Variant("Encoders", "recurrent transformer", "a transformer layer over →h, ←h", "Chen et al. 2018",
            {E + "type": "recurrent_transformer", **TRANSFORMER}, slow="its layers run on top of a recurrent encoder"),
    Variant("Documents", "hierarchical", "β_s α_sj", "after Nallapati et al. 2016, 2.4; Yang et al. 2016",
            {E + "hierarchical": True, "data.sentence_separator": "|||", "train.batch_size": 20}, documents=True,
            multi30k=True),
    Variant("Guided alignment", "guided", "… − 0.1 Σ_t 1/n_t Σ_j ln α_tj over the n_t given alignment links of word t",
            "Chen et al. 2016", {"data.train_alignment": ROOT / "data/sample/train.align"}, multi30k=True),
]
ADDITIVE = VARIANTS[0]


# ---- configs ----


def set_option(config, path, value):
    """Sets the option at `path`, or removes it if the value is None."""
    *groups, name = path.split(".")
    for group in groups:
        config = config.setdefault(group, {})
    if value is None:
        config.pop(name, None)
    else:
        config[name] = value


def write_config(arguments, variant):
    text = re.sub("^ *//.*$", "", QUICKSTART.read_text(), flags=re.MULTILINE)
    config = json.loads(text)
    for name, value in config["data"].items():
        if isinstance(value, str) and value.startswith("../"):
            config["data"][name] = "../" + value
    course = {"train.run_dir": variant.run, "train.decay_updates": arguments.updates, "train.max_updates": None,
              "train.max_seconds": arguments.seconds}
    for path, value in {**course, **variant.data(), **variant.options}.items():
        set_option(config, path, os.path.relpath(value, CONFIGS) if isinstance(value, pathlib.Path) else value)
    CONFIGS.mkdir(exist_ok=True)
    text_source = " Its text is made by tests/experiments/documents/make.sh." if variant.documents else ""
    about = (f"// {variant.section}: {variant.name}, {variant.formula} ({variant.paper}).{text_source} "
             "Written by tests/experiments/attention/attention.py.\n")
    variant.config.write_text(about + json.dumps(config, indent=2, ensure_ascii=False) + "\n")


def check_tables(arguments):
    """Exits if a row of one of the program's tables has no variant."""
    lines = attn(arguments.attn, "train", "--describe", "--markdown").splitlines()
    for path in (A + "score", A + "normalizer", A + "window", D + "type", "model.cell", E + "type",
                 E + "positional_encoding", E + "norm"):
        _, default, values, *_ = next(line for line in lines if line.startswith(f"| `{path}` ")).split(" | ")
        rows = set(re.findall("(?:^|<br>)`(\\w+)`", values))
        if missing := rows - {variant.options.get(path, json.loads(default)) for variant in VARIANTS}:
            sys.exit(f"no variant has {path} {', '.join(sorted(missing))}; add it to VARIANTS")


# ---- measurements ----


def load(path):
    return json.loads(path.read_text()) if path.exists() else None


def save(path, result):
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(result, indent=2))
    os.replace(temporary, path)
    return result


def train(arguments, config, run, options, seconds):
    """Trains for this number of seconds, or for the rest of them if the run was interrupted."""
    limits = {"train.run_dir": run, "train.max_seconds": seconds, "train.max_updates": None, **options}
    attn(arguments.attn, "train", "--config", config, *settings(limits), resume_or_overwrite(run))


def measure_quality(arguments, variant):
    if (result := load(variant.run / "quality.json")) is not None:
        return result
    train(arguments, variant.config, variant.run, {}, arguments.seconds)
    text = ["--source", variant.test("source"), "--reference", variant.test("target"), *gold_alignment(variant)]
    metrics = json.loads(attn(arguments.attn, "eval", "--model", variant.run / "best", *text, "--json"))
    return save(variant.run / "quality.json",
                {"eval": metrics, "seconds": arguments.seconds, "date": str(datetime.date.today())})


def gold_alignment(variant):
    none = variant.name == "none" or variant.documents
    return [] if none else ["--gold-alignment", "data/sample/test.align"]


def parameters(variant):
    """Returns the number of parameters in the model file."""
    with open(variant.run / "best" / "model.safetensors", "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    return sum(math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")


def target_tokens_per_second(arguments, config, options):
    """Returns the median speed in the log of a short training."""
    run = RUNS / "speed"
    shutil.rmtree(run, ignore_errors=True)
    train(arguments, config, run, {"train.valid_every": 1000000, "train.log_every": 10, **options},
          arguments.speed_seconds)
    events = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
    return statistics.median(event["target_tokens_per_second"] for event in events if event["event"] == "train")


def measure_speed(arguments, variant):
    """Measures the relative time by trainings that alternate with those of additive attention on the same text."""
    path = variant.run / "speed.json"
    if variant is ADDITIVE or load(path) is not None:
        return
    one_level = {E + "hierarchical": None, "data.sentence_separator": None}
    baseline = (variant.config, one_level) if variant.documents else (ADDITIVE.config, {})
    ratios = [target_tokens_per_second(arguments, *baseline) / target_tokens_per_second(arguments, variant.config, {})
              for _ in range(arguments.pairs)]
    save(path, {"ratio": statistics.median(ratios), "all": ratios})


def measure_multi30k(arguments, variant):
    run = RUNS / f"multi30k_{variant.file}"
    if (result := load(run / "quality.json")) is not None:
        return result
    options = {key: value for key, value in variant.options.items() if not (key == A + "hidden_size" and value == 128)}
    if A + "hidden_size" in variant.options:
        options[A + "hidden_size"] = 256
    if "data.train_alignment" in options:
        options["data.train_alignment"] = multi30k_alignment(arguments)
    sizes = {"model.embedding_size": 256, "model.hidden_size": 256, "train.decay_updates": 2000}
    files = multi30k_files(arguments, variant.documents)
    train(arguments, ROOT / "configs" / "multi30k_en_de.json", run, {**files, **sizes, **options}, 600)
    metrics = json.loads(attn(arguments.attn, "eval", "--model", run / "best", "--json"))
    return save(run / "quality.json", {"eval": metrics, "date": str(datetime.date.today())})


def multi30k_files(arguments, documents):
    files = {}
    for split, name in (("train", "train"), ("valid", "val"), ("test", "test_2016_flickr")):
        for side, language, separator in (("source", "en", " ||| "), ("target", "de", " ")):
            file = arguments.multi30k / f"{name}.lc.norm.tok.{language}"
            files[f"data.{split}_{side}"] = joined(file, separator) if documents else file
    return files


def joined(file, separator):
    """Writes a copy of the file in which every three lines are joined to one, and returns its path."""
    lines = file.read_text().removesuffix("\n").split("\n")
    copy = RUNS / "multi30k_joined" / file.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text("".join(separator.join(lines[at:at + 3]) + "\n" for at in range(0, len(lines), 3)))
    return copy


def multi30k_alignment(arguments):
    """Writes word alignments of the training text by the additive model, and returns the path of the file."""
    measure_multi30k(arguments, ADDITIVE)
    alignment, text = RUNS / "multi30k.align", multi30k_files(arguments, documents=False)
    attn(arguments.attn, "align", "--model", RUNS / f"multi30k_{ADDITIVE.file}" / "best", "--source",
         text["data.train_source"], "--target", text["data.train_target"], "--output", alignment)
    return alignment


# ---- the page ----


def row(variant, unexplained):
    quality, speed = load(variant.run / "quality.json"), load(variant.run / "speed.json")
    options = "<br>".join(f"`{path}={shown(value)}`" for path, value in variant.options.items())
    name = f"[{variant.name}](attention/{variant.file}.json)"
    if quality is None:
        return f"| {name}: not measured yet | {variant.formula} | {variant.paper} | {options} | | | | | |"
    metrics, multi30k = quality["eval"], load(RUNS / f"multi30k_{variant.file}" / "quality.json")
    bleu, error_rate = metrics["bleu"]["score"], metrics.get("alignment_error_rate")
    time = 1 if variant is ADDITIVE else speed and speed["ratio"]
    remarks = [variant.why] * (bleu < GOAL) + [variant.slow] * bool(time and time > SLOW)
    if "" in remarks:
        unexplained.append(variant.name)
    cells = [name + (": " + "; ".join(remarks) if remarks else ""), variant.formula, variant.paper, options,
             f"{parameters(variant):,}", f"{time:.2f}" if time else "–", f"{bleu:.1f}",
             f"{error_rate:.3f}" if error_rate is not None else "–",
             f"{multi30k['eval']['bleu']['score']:.1f}" if multi30k else ""]
    return "| " + " | ".join(cells) + " |"


def shown(value):
    text = value.name if isinstance(value, pathlib.Path) else json.dumps(value)
    return text.replace("|", "\\|")  # in a Markdown table


def trainings(measured):
    """Returns the fields of HEAD that summarize all trainings."""
    ends = [json.loads((variant.run / "metrics.jsonl").read_text().splitlines()[-1])["update"] for variant in measured]
    ratios = [speed["all"] for variant in measured if (speed := load(variant.run / "speed.json"))]
    dates = sorted(load(variant.run / "quality.json")["date"] for variant in measured)
    return {
        "least": min(ends), "most": max(ends),
        "updates": load(ADDITIVE.run / "config.json")["train"]["decay_updates"],
        "seconds": load(ADDITIVE.run / "quality.json")["seconds"],
        "pairs": min(map(len, ratios), default=0),
        "spread": statistics.median(max(all) / min(all) - 1 for all in ratios) if ratios else 0,
        "when": f" made between {dates[0]} and {dates[-1]}" if dates[0] < dates[-1] else f" made on {dates[0]}",
    }


def write_page():
    measured = [variant for variant in VARIANTS if load(variant.run / "quality.json")]
    if ADDITIVE not in measured:
        sys.exit(f"{ADDITIVE.name}: not measured yet, and all others are compared with it; "
                 f"--only {ADDITIVE.name} measures it, --configs writes only the configs")
    lines, section, unexplained = [], None, []
    for variant in VARIANTS:
        if variant.section != section:
            section = variant.section
            lines += ["", f"### {section}", "", *TABLE_HEAD]
        lines.append(row(variant, unexplained))
    PAGE.write_text(HEAD.format(goal=GOAL, slow=SLOW, **trainings(measured)) + "\n".join(lines) + "\n")
    if unexplained:
        sys.exit(f"below {GOAL} BLEU or above {SLOW} in relative time without a reason in VARIANTS: "
                 f"{', '.join(unexplained)}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    option = parser.add_argument
    option("--attn", type=pathlib.Path, default=ROOT / "build" / "attn", help="program (default build/attn)")
    option("--seconds", type=int, default=60, help="time of a training on the sample corpus (default 60)")
    option("--updates", type=int, default=1200, help="updates in which the learning rate decays (default 1200)")
    option("--pairs", type=int, default=3, help="pairs of trainings that measure the relative time (default 3)")
    option("--speed-seconds", type=int, default=3, help="time of each of these trainings (default 3)")
    option("--only", nargs="+", metavar="VARIANT", help="names of the variants to measure")
    option("--multi30k", type=pathlib.Path, metavar="DIR", help="directory with the files of Multi30k")
    only_writes = parser.add_mutually_exclusive_group()
    only_writes.add_argument("--table", action="store_true", help="measure nothing; write the configs and the page")
    only_writes.add_argument("--configs", action="store_true", help="measure nothing; write only the configs")
    arguments = parser.parse_args()
    names = {variant.name for variant in VARIANTS}
    if unknown := set(arguments.only or []) - names:
        parser.error("--only: unknown variant: " + "; ".join(sorted(unknown)) +
                     "\nThe variants are: " + "; ".join(sorted(names)))
    arguments.attn = arguments.attn.resolve()
    arguments.multi30k = arguments.multi30k and arguments.multi30k.resolve()
    return arguments


def measure(arguments, variant):
    if variant.documents and not DOCUMENTS["data.test_target"].exists():
        subprocess.run([ROOT / "tests/experiments/documents/make.sh"], check=True)
    quality = measure_quality(arguments, variant)
    print(f"{variant.name}: BLEU {quality['eval']['bleu']['score']:.1f}", flush=True)
    measure_speed(arguments, variant)
    if arguments.multi30k and variant.multi30k:
        quality = measure_multi30k(arguments, variant)
        print(f"{variant.name}: Multi30k BLEU {quality['eval']['bleu']['score']:.1f}", flush=True)


def main():
    arguments = parse_arguments()
    check_tables(arguments)
    for variant in VARIANTS:
        write_config(arguments, variant)
    if arguments.configs:
        return
    for variant in VARIANTS if not arguments.table else []:
        if not arguments.only or variant.name in arguments.only:
            measure(arguments, variant)
    write_page()


if __name__ == "__main__":
    main()
