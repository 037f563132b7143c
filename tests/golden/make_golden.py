#!/usr/bin/env python3
"""Writes the golden files of the C++ tests: an independent implementation in PyTorch, in float64.

The model of Bahdanau, Cho and Bengio (2015, appendix A) and its variants are written from the
equations and process one sentence after the other, without padding, batching or hand-written
gradients. README.md in this directory describes the content of the files.

    /usr/bin/python3 make_golden.py            writes *.safetensors to the directory of this file
    /usr/bin/python3 make_golden.py --check    compares with the committed files

Requires numpy and torch >= 1.10 (Debian: python3-torch).
"""

import argparse
import itertools
import json
import math
import pathlib
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).resolve().parent
EOS = 1
SOURCE_LENGTHS = [5, 2, 8, 4]  # with end of sentence; the sums 19 and 23 differ from all sizes
TARGET_LENGTHS = [6, 8, 2, 7]
SIZES = {"m": 5, "n": 7, "n_attention": 11, "l": 3,
         "source_vocabulary": 13, "target_vocabulary": 17}
BASE = {
    "cell": "gru", "score": "additive", "layers_encoder": 1, "layers_decoder": 1, "residual": False,
    "readout": "maxout", "readout_input": "previous", "tie_embeddings": "none", "label_smoothing": 0.0,
    "sizes": SIZES,
}
DEEP = {"layers_encoder": 2, "layers_decoder": 2, "residual": True}
TRANSFORMER = {"encoder": "transformer", "encoder_heads": 2, "feed_forward": 9}
CASES = {
    "model_gru": {},
    "model_gru_reset_before": {"cell": "gru_reset_before"},
    "model_gru_none": {"score": "none", "readout": "tanh", "readout_input": "current"},
    "model_gru_reset_before_none": {"cell": "gru_reset_before", "score": "none", "readout": "linear"},
    "model_gru_residual": {**DEEP, "readout": "tanh", "readout_input": "current"},
    "model_gru_residual_previous": DEEP,
    "model_gru_reset_before_none_residual": {
        "cell": "gru_reset_before", "score": "none", "layers_encoder": 3, "layers_decoder": 3,
        "residual": True, "readout": "linear", "readout_input": "current"},
    "model_gru_tied": {"readout": "linear", "tie_embeddings": "decoder", "label_smoothing": 0.1,
                       "sizes": {**SIZES, "l": SIZES["m"]}},
    "model_gru_reset_before_layers": {"cell": "gru_reset_before", "layers_encoder": 2, "label_smoothing": 0.1},
    "model_lstm": {"seed": 1, "cell": "lstm", "layers_encoder": 2, "layers_decoder": 2},
    "model_rnn": {"cell": "rnn"},
    "model_luong": {"seed": 6, "decoder": "luong", "score": "general", "cell": "lstm"},
    "model_luong_deep": {"seed": 1, "decoder": "luong", "score": "dot", "projection": 4, **DEEP},
    "model_luong_unfed": {"decoder": "luong", "feeding": False, "score": "location", "attention_max_positions": 6},
    "model_luong_local_p": {"decoder": "luong", "window": "local_p", "width": 2, "heads": 2,
                               "projection": 6},
    "model_conditional": {"decoder": "conditional", "readout": "tanh"},
    "model_conditional_lstm": {"decoder": "conditional", "cell": "lstm", "score": "scaled_dot",
                               "projection": 6, "heads": 3, "temperature": 0.03, **DEEP},
    "model_cosine": {"score": "cosine", "projection": 5, "normalizer": "sparsemax"},
    "model_gaussian": {"score": "gaussian", "projection": 5, "normalizer": "entmax15"},
    "model_weight_norm": {"weight_norm": True, "temperature": 0.7, "normalizer": "top_k", "top_k": 2},
    "model_coverage": {"coverage": True, "weight_norm": True, "normalizer": "threshold",
                       "threshold": 0.5},
    "model_coverage_heads": {"seed": 1, "coverage": True, "heads": 2, "projection": 8,
                             "decoder": "conditional"},
    "model_local_m": {"window": "local_m", "width": 1, "normalizer": "sparsemax"},
    "model_transformer": {**TRANSFORMER, "layers_encoder": 2, "norm": "post",
                             "positional_encoding": "sinusoidal"},
    "model_transformer_learned": {**TRANSFORMER, "layers_encoder": 2, "norm": "pre",
                                     "positional_encoding": "learned", "max_positions": 9,
                                     "sizes": {**SIZES, "m": 2 * SIZES["n"]}},
    "model_transformer_relative": {**TRANSFORMER, "layers_encoder": 2, "norm": "pre",
                                      "positional_encoding": "relative", "max_relative_position": 3,
                                      "decoder": "luong"},
    "model_transformer_unordered": {**TRANSFORMER, "norm": "post",
                                       "positional_encoding": "none", "decoder": "conditional"},
    "model_recurrent_transformer": {**TRANSFORMER, "encoder": "recurrent_transformer",
                                       "norm": "pre"},
    "model_recurrent_transformer_deep": {
        **DEEP, **TRANSFORMER, "encoder": "recurrent_transformer", "layers_recurrent": 2,
        "norm": "post"},
    "model_gru_layer_norm": {"layer_norm": True, "decoder": "conditional"},
    "model_gru_reset_before_layer_norm": {"seed": 1, "layer_norm": True, "cell": "gru_reset_before"},
    "model_lstm_layer_norm": {"layer_norm": True, "cell": "lstm", **DEEP},
    "model_rnn_layer_norm": {"layer_norm": True, "cell": "rnn", "decoder": "luong"},
    "model_documents": {"hierarchical": True},
    "model_documents_heads": {"seed": 21, "hierarchical": True, "score": "scaled_dot", "projection": 6,
                              "heads": 2, "cell": "lstm", "decoder": "luong", "temperature": 0.1},
    "model_documents_transformer": {
        **TRANSFORMER, "hierarchical": True, "norm": "pre", "score": "general",
        "positional_encoding": "sinusoidal", "normalizer": "entmax15", "decoder": "conditional"},
    "model_documents_recurrent_transformer": {
        **TRANSFORMER, "hierarchical": True, "encoder": "recurrent_transformer",
        "norm": "post", "normalizer": "sparsemax", "cell": "gru_reset_before"},
}
HARD = {  # changes; numbers of source and target words, small enough to try all samples
    "hard": ({}, 3, 3),
    "hard_luong_heads": ({"decoder": "luong", "heads": 2, "projection": 6, "temperature": 0.7}, 2, 3),
    "hard_conditional": ({"decoder": "conditional", "score": "general", "cell": "gru_reset_before",
                           "readout": "tanh"}, 3, 3),
    "hard_coverage_heads": ({"coverage": True, "heads": 2, "projection": 6}, 2, 3),
    "hard_local_p": ({"window": "local_p", "width": 3}, 3, 3),
}
ADAM = {"learning_rate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "clip_norm": 0.5,
        "loss_normalization": "tokens", "updates": 10}
OPTIMIZERS = {
    "adam": (torch.optim.Adam, {"lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8}),
    "adamw": (torch.optim.AdamW, {"lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8,
                                  "weight_decay": 0.01}),
    "adadelta": (torch.optim.Adadelta, {"lr": 1.0, "rho": 0.95, "eps": 1e-6}),
    "adagrad": (torch.optim.Adagrad, {"lr": 0.01, "eps": 1e-10}),
    "sgd": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
}


# ---- model -----------------------------------------------------------------------------------


def no_norm(gate, total):
    return total


def gate_norm(w, name):
    """Layer normalization of the pre-activations of the gates."""
    return lambda gate, total: torch.nn.functional.layer_norm(
        total, total.shape, w[f"{name}.norm.{gate}.gain"], w[f"{name}.norm.{gate}.bias"], 1e-5)


def gru(u, x_part, prev, w_h, b_h, norm=no_norm):
    """As torch.nn.GRUCell: h = (1 - z) n + z h'. x_part = W x + b_x."""
    h_part = w_h @ prev + b_h
    r = torch.sigmoid(norm(0, x_part[:u] + h_part[:u]))
    z = torch.sigmoid(norm(1, x_part[u:2 * u] + h_part[u:2 * u]))
    n = torch.tanh(norm(2, x_part[2 * u:] + r * h_part[2 * u:]))
    return (1 - z) * n + z * prev


def gru_reset_before(u, x_part, prev, w_h, norm=no_norm):
    """Bahdanau et al. 2015, A.1.1: reset before the product, h = (1 - z) h' + z n."""
    r = torch.sigmoid(norm(0, x_part[:u] + w_h[:u] @ prev))
    z = torch.sigmoid(norm(1, x_part[u:2 * u] + w_h[u:2 * u] @ prev))
    n = torch.tanh(norm(2, x_part[2 * u:] + w_h[2 * u:] @ (r * prev)))
    return (1 - z) * prev + z * n


def lstm(u, x_part, prev, w_h, b_h, norm=no_norm):
    """As torch.nn.LSTMCell, with the gates i, f, g, o. The state is [h; c]."""
    a = x_part + w_h @ prev[:u] + b_h
    a = [norm(k, a[k * u:(k + 1) * u]) for k in range(4)]
    i, f, o = (torch.sigmoid(a[k]) for k in (0, 1, 3))
    c = f * prev[u:] + i * torch.tanh(a[2])
    return torch.cat([o * torch.tanh(c), c])


def cell(config, w, name, x_part, prev):
    n = config["sizes"]["n"]
    norm = gate_norm(w, name) if config.get("layer_norm") else no_norm
    x_part = x_part + w[name + ".b_x"]
    if config["cell"] == "lstm":
        return lstm(n, x_part, prev, w[name + ".w_h"], w[name + ".b_h"], norm)
    if config["cell"] == "rnn":
        return torch.tanh(norm(0, x_part + w[name + ".w_h"] @ prev + w[name + ".b_h"]))
    if config["cell"] == "gru":
        return gru(n, x_part, prev, w[name + ".w_h"], w[name + ".b_h"], norm)
    return gru_reset_before(n, x_part, prev, w[name + ".w_h"], norm)


def run(config, w, name, xs):
    """Runs a cell over the columns xs from a zero state; returns the h."""
    n = config["sizes"]["n"]
    state = torch.zeros(state_rows(config), dtype=torch.float64)
    outputs = []
    for x in xs:
        state = cell(config, w, name, w[name + ".w_x"] @ x, state)
        outputs.append(state[:n])
    return outputs


def state_rows(config):
    return config["sizes"]["n"] * (2 if config["cell"] == "lstm" else 1)


def recurrent_layers(config, w, outputs, layers):
    """Returns h_1 … h_Tx of the top layer, a list of vectors of size 2n."""
    for layer in range(layers):
        inputs = outputs
        forward = run(config, w, f"encoder.{layer}.forward", inputs)
        backward = run(config, w, f"encoder.{layer}.backward", inputs[::-1])[::-1]
        outputs = [torch.cat(pair) for pair in zip(forward, backward)]
        if config["residual"] and layer >= 1:
            outputs = [h + x for h, x in zip(outputs, inputs)]
    return outputs


def self_attention(config, w, name, x):
    """Vaswani et al. 2017, 3.2, with relative positions (Shaw et al. 2018); x [words, 2n]."""
    heads, size = config["encoder_heads"], x.shape[1]
    head_size, clip, joined = size // heads, config.get("max_relative_position"), []
    for head in range(heads):
        rows = slice(head * head_size, (head + 1) * head_size)
        q, k, v = (x @ block[rows].T for block in w[name + ".projection"].split(size))
        outputs = []
        for i in range(len(x)):
            keys, values = k, v
            if clip:
                row = [max(-clip, min(clip, j - i)) + clip for j in range(len(x))]
                keys = k + w[name + ".relative_key"][row]
                values = v + w[name + ".relative_value"][row]
            alpha = torch.softmax(keys @ q[i] / math.sqrt(head_size), dim=0)
            config.get("encoder_alpha", []).append(alpha)
            outputs.append(alpha @ values)
        joined.append(torch.stack(outputs))
    return torch.cat(joined, dim=1) @ w[name + ".output"].T


def feed_forward(w, name, x):
    inner = torch.relu(x @ w[name + ".inner.w"].T + w[name + ".inner.b"])
    return inner @ w[name + ".output.w"].T + w[name + ".output.b"]


def self_attention_layers(config, w, name, x):
    def norm(at, x):
        mean = x.mean(dim=1, keepdim=True)
        variance = ((x - mean) ** 2).mean(dim=1, keepdim=True)
        return (w[at + ".norm.gain"] * (x - mean) / torch.sqrt(variance + 1e-5)
                + w[at + ".norm.bias"])

    for layer in range(config["layers_encoder"]):
        for sublayer, f in [("attention", lambda at, x: self_attention(config, w, at, x)),
                        ("feed_forward", lambda at, x: feed_forward(w, at, x))]:
            at = f"{name}.{layer}.{sublayer}"
            if config["norm"] == "pre":
                x = x + f(at, norm(at, x))
            else:
                x = norm(at, x + f(at, x))
    return norm(name, x) if config["norm"] == "pre" else x


def sinusoids(words, size):
    """Vaswani et al. 2017, 3.5."""
    table = torch.zeros(words, size, dtype=torch.float64)
    for t in range(words):
        for i in range(size // 2):
            angle = t / 10000 ** (2 * i / size)
            table[t, 2 * i], table[t, 2 * i + 1] = math.sin(angle), math.cos(angle)
    return table


def embed(config, w, source):
    """Returns the input of the Transformer layers, [words, 2n]."""
    x = math.sqrt(config["sizes"]["m"]) * w["source.embedding"][source]
    if "encoder.input.w" in w:
        x = x @ w["encoder.input.w"].T + w["encoder.input.b"]
    if config["positional_encoding"] == "sinusoidal":
        x = x + sinusoids(len(source), x.shape[1])
    if config["positional_encoding"] == "learned":
        x = x + w["encoder.positions"][:len(source)]
    return x


def encode(config, w, source):
    """Returns the h_j, and the input of the decoder's start state."""
    n, kind = config["sizes"]["n"], config.get("encoder", "recurrent")
    if kind == "transformer":
        annotations = self_attention_layers(config, w, "encoder", embed(config, w, source))
        return list(annotations), annotations.mean(dim=0)
    layers = config["layers_encoder"] if kind == "recurrent" else config.get("layers_recurrent", 1)
    states = recurrent_layers(config, w, [w["source.embedding"][word] for word in source], layers)
    if kind == "recurrent":
        return states, states[0][n:]
    annotations = self_attention_layers(config, w, "encoder.self_attention", torch.stack(states))
    return list(annotations), states[0][n:]


def score(config, w, name, q, h, j, covered):
    """Returns the energy of word j with vector h. `name` is the prefix of the score's parameters."""
    kind = config["score"]
    if kind == "dot":
        return q @ h
    if kind == "scaled_dot":
        return q @ h / math.sqrt(len(q))
    if kind == "cosine":
        return w[name + ".tau"][0] * math.sqrt(len(q)) * F.cosine_similarity(q, h, dim=0)
    if kind == "gaussian":
        return -((q - h) ** 2).sum() / (2 * len(q) * torch.exp(w[name + ".rho"][0]))
    if kind == "general":
        return q @ w[name + ".w"] @ h
    if kind == "location":
        return w[name + ".w"][j] @ q
    inside = w[name + ".w_query"] @ q + w[name + ".w_key"] @ h
    v = w[name + ".v"]
    if config.get("weight_norm"):
        inside = inside + w[name + ".b"]
        v = w[name + ".g"][0] * v / torch.sqrt((v * v).sum())
    if config.get("coverage"):
        inside = inside + w[name + ".w_coverage"] * covered
    return v @ torch.tanh(inside)


def sparsemax(z):
    """Martins and Astudillo (2016), algorithm 1."""
    ordered = torch.sort(z, descending=True).values
    k = max(k for k in range(1, len(z) + 1) if 1 + k * ordered[k - 1] > ordered[:k].sum())
    return torch.clamp(z - (ordered[:k].sum() - 1) / k, min=0)


def entmax15(z):
    """Peters, Niculae and Martins (2019), algorithm 2."""
    z = z / 2
    ordered = torch.sort(z, descending=True).values
    for k in range(len(z), 0, -1):
        mean = ordered[:k].mean()
        rest = 1 - ((ordered[:k] - mean) ** 2).sum()
        tau = mean - torch.sqrt(torch.clamp(rest, min=0) / k)
        if rest >= 0 and tau < ordered[k - 1]:
            return torch.clamp(z - tau, min=0) ** 2
    raise AssertionError("no support")


class Samples:
    """The given results of sampling, one per step and head, and their log-probability."""

    def __init__(self, words):
        self.words = iter(words)
        self.log_p = torch.zeros((), dtype=torch.float64)

    def weights(self, energies):
        word = next(self.words)
        self.log_p = self.log_p + energies[word] - torch.log(torch.exp(energies).sum())
        return F.one_hot(torch.tensor(word), len(energies)).double()


def normalize(config, energies):
    """Returns the attention weights for the energies of a step."""
    kind = config.get("normalizer", "softmax")
    energies = energies / config.get("temperature", 1)
    if kind == "sparsemax":
        return sparsemax(energies)
    if kind == "entmax15":
        return entmax15(energies)
    if kind == "hard":
        return config["samples"].weights(energies)
    exps = torch.exp(energies)
    weights = exps / exps.sum()
    if kind == "softmax":
        return weights
    if kind == "top_k":
        least = torch.sort(weights, descending=True).values[min(config["top_k"], len(weights)) - 1]
    else:
        least = config["threshold"] * weights.max()
    kept = torch.where(weights >= least.detach(), weights, torch.zeros_like(weights))
    return kept / kept.sum()


def sentences_of(source):
    """Returns the positions of the words of each sentence of a document. Each ends with EOS."""
    sentences = [[]]
    for j, word in enumerate(source):
        sentences[-1].append(j)
        if word == EOS and j + 1 < len(source):
            sentences.append([])
    return sentences


def sentence_states(config, w, annotations, sentences):
    """A bidirectional recurrent layer over the final states of the sentences."""
    n = config["sizes"]["n"]
    inputs = [torch.cat([annotations[positions[-1]][:n], annotations[positions[0]][n:]])
              for positions in sentences]
    forward = run(config, w, "encoder.sentences.forward", inputs)
    backward = run(config, w, "encoder.sentences.backward", inputs[::-1])[::-1]
    return [torch.cat(pair) for pair in zip(forward, backward)]


def document_weights(config, w, head, annotations, sentences, query):
    """The weight of each word in its sentence, times that of the sentence (after Nallapati et al. 2016)."""
    def energies(level, vectors):
        name = f"{level}.{head}" if config.get("heads", 1) > 1 else level
        q, keys, size = query, vectors, config.get("projection", 0)
        if size:
            head_size = size // config.get("heads", 1)
            rows = slice(head * head_size, (head + 1) * head_size)
            q = (w[level + ".projection.query"] @ query)[rows]
            keys = [(w[level + ".projection.key"] @ h)[rows] for h in vectors]
        return torch.stack([score(config, w, name, q, key, None, None) for key in keys])

    word_energies = energies("attention", annotations)
    states = sentence_states(config, w, annotations, sentences)
    beta = normalize(config, energies("attention.sentences", states))
    return torch.cat([beta[s] * normalize(config, word_energies[positions])
                      for s, positions in enumerate(sentences)])


def window_of(config, w, query, t, words):
    """Returns the words that a step can attend to, and the factors of their weights."""
    kind, width = config.get("window", "global"), config.get("width")
    everywhere = list(range(words))
    if kind == "local_m":
        p = min(t, words - 1)
        inside = [j for j in everywhere if abs(j - p) <= width]
    elif kind == "local_p":
        p = words * torch.sigmoid(w["attention.window.v"]
                                  @ torch.tanh(w["attention.window.w"] @ query))
        inside = [j for j in everywhere if abs(j - p.item()) <= width]
        return inside, [torch.exp(-(j - p) ** 2 / (2 * (width / 2) ** 2)) for j in inside]
    elif config["score"] == "location":
        inside = everywhere[:config["attention_max_positions"]]
    else:
        inside = everywhere
    return inside, [torch.ones((), dtype=torch.float64)] * len(inside)


def attend(config, w, annotations, query, t, past, sentences):
    """Returns the context and the weights of each head. `past` are the sums of their past weights."""
    if config["score"] == "none":
        return annotations[-1][:config["sizes"]["n"]], None
    heads, size = config.get("heads", 1), config.get("projection", 0)
    head_size, contexts = size // heads, []
    inside, factors = window_of(config, w, query, t, len(annotations))
    alphas = []
    for head in range(heads):
        name = f"attention.{head}" if heads > 1 else "attention"
        rows = slice(head * head_size, (head + 1) * head_size)
        q, keys = query, annotations
        if size:
            q = (w["attention.projection.query"] @ query)[rows]
            if config["score"] != "location":
                keys = [(w["attention.projection.key"] @ h)[rows] for h in annotations]
        energies = torch.stack([score(config, w, name, q, keys[j], j, past[head][j])
                                for j in inside])
        weights = normalize(config, energies) * torch.stack(factors)
        alpha = torch.zeros(len(annotations), dtype=torch.float64).index_put(
            (torch.tensor(inside),), weights)
        if config.get("hierarchical"):
            alpha = document_weights(config, w, head, annotations, sentences, query)
        values = annotations
        if heads > 1:
            values = [(w["attention.projection.content"] @ h)[rows] for h in annotations]
        contexts.append(sum(a * h for a, h in zip(alpha, values)))
        alphas.append(alpha)
    context = contexts[0] if heads == 1 else w["attention.projection.context"] @ torch.cat(contexts)
    return context, alphas


def upper_layers(config, w, states, state):
    """Runs the layers above the first, whose new state is `state`; returns new states and output."""
    n = config["sizes"]["n"]
    new_states, output = [state], state[:n]
    for layer in range(1, config["layers_decoder"]):
        below = output
        x_part = w[f"decoder.{layer}.w_x"] @ below
        state = cell(config, w, f"decoder.{layer}", x_part, states[layer])
        output = state[:n] + below if config["residual"] else state[:n]
        new_states.append(state)
    return new_states, output


def decoder_step(config, w, states, y, context):
    """Returns the new states of all layers and the output of the top layer."""
    x_part = w["decoder.0.w_x"] @ y + w["decoder.0.w_c"] @ context
    return upper_layers(config, w, states, cell(config, w, "decoder.0", x_part, states[0]))


def bahdanau(config, w, step, states, y, fed, margins):
    n = config["sizes"]["n"]
    previous = states[-1][:n]
    context = step(previous)
    states, current = decoder_step(config, w, states, y, context)
    s = previous if config["readout_input"] == "previous" else current
    return states, fed, context, readout(config, w, s, y, context, margins)


def luong(config, w, step, states, y, fed, _):
    """Luong et al. 2015: the new state is the query. The attentional vector is fed to the next step."""
    n = config["sizes"]["n"]
    x_part = w["decoder.0.w_x"] @ y
    if config.get("feeding", True):
        x_part = x_part + w["decoder.0.w_f"] @ fed
    states, output = upper_layers(config, w, states,
                                  cell(config, w, "decoder.0", x_part, states[0]))
    context = step(states[-1][:n])
    fed = torch.tanh(w["attentional.w_context"] @ context + w["attentional.w_state"] @ output)
    return states, fed, context, fed


def conditional(config, w, step, states, y, fed, margins):
    """Sennrich et al. 2017: two cells with attention between them."""
    n = config["sizes"]["n"]
    between = cell(config, w, "decoder.0", w["decoder.0.w_x"] @ y, states[0])
    context = step(between[:n])
    state = cell(config, w, "decoder.second", w["decoder.second.w_x"] @ context, between)
    states, output = upper_layers(config, w, states, state)
    return states, fed, context, readout(config, w, output, y, context, margins)


DECODERS = {"bahdanau": bahdanau, "luong": luong, "conditional": conditional}


def readout(config, w, s, y, context, margins):
    """Deep output. Appends the smallest difference within a maxout pair to `margins`."""
    t = (w["readout.w_state"] @ s + w["readout.w_embedding"] @ y + w["readout.w_context"] @ context
         + w["readout.b"])
    if config["readout"] == "linear":
        return t
    if config["readout"] == "tanh":
        return torch.tanh(t)
    margins.append((t[0::2] - t[1::2]).abs().min().item())
    return torch.maximum(t[0::2], t[1::2])


def sentence(config, w, source, target):
    """Runs the model on a sentence pair with teacher forcing."""
    sizes = config["sizes"]
    annotations, first = encode(config, w, source)
    rest = torch.zeros(state_rows(config) - sizes["n"], dtype=torch.float64)
    states = [torch.cat([torch.tanh(w[f"decoder.start.{layer}.w"] @ first
                                    + w[f"decoder.start.{layer}.b"]), rest])
              for layer in range(config["layers_decoder"])]
    y = torch.zeros(sizes["m"], dtype=torch.float64)
    fed = torch.zeros(sizes["l"], dtype=torch.float64)
    past = [torch.zeros(len(source), dtype=torch.float64)] * config.get("heads", 1)
    out = {"annotations": annotations, "contexts": [], "alpha": [], "logits": [], "margins": []}
    alphas = []

    for t, word in enumerate(target):
        def step(query):
            context, alpha = attend(config, w, annotations, query, t, past,
                                       sentences_of(source))
            if alpha is not None:
                alphas.append(alpha)
            return context

        decoder = DECODERS[config.get("decoder", "bahdanau")]
        states, fed, context, vector = decoder(config, w, step, states, y, fed, out["margins"])
        if alphas:
            past = [before + alpha for before, alpha in zip(past, alphas[-1])]
        output_w = w["target.embedding"] if config["tie_embeddings"] == "decoder" else w["output.w"]
        out["logits"].append(output_w @ vector + w["output.b"])
        out["contexts"].append(context)
        y = w["target.embedding"][word]
    # Ordered by head and step.
    out["alpha"] = [alpha[head] for head in range(len(past)) for alpha in alphas]
    return out


def objective(config, log_p, target):
    """Returns the sum over words of the cross-entropy with (1 − ε) one-hot + ε / V."""
    epsilon, size = config["label_smoothing"], log_p.shape[1]
    q = torch.full_like(log_p, epsilon / size)
    q[range(len(target)), target] += 1 - epsilon
    return -(q * log_p).sum()


def batch(config, w, pairs):
    """Runs the sentence pairs of a batch one by one. The loss is a sum over target words."""
    result = {"annotations": [], "contexts": [], "alpha": [], "log_probs": [], "margins": [],
              "encoder_alpha": []}
    config = {**config, "encoder_alpha": result["encoder_alpha"]}
    loss = torch.zeros((), dtype=torch.float64)
    for source, target in pairs:
        out = sentence(config, w, source, target)
        logits = torch.stack(out["logits"])
        log_p = logits - torch.log(torch.exp(logits).sum(dim=1, keepdim=True))
        sentence_loss = objective(config, log_p, target)
        theirs = F.cross_entropy(logits, torch.tensor(target), reduction="sum",
                                 label_smoothing=config["label_smoothing"])
        assert abs(sentence_loss.item() - theirs.item()) < 1e-12 * abs(theirs.item())
        loss = loss + sentence_loss
        result["log_probs"].append(log_p[range(len(target)), target])
        for name in ["annotations", "contexts", "alpha", "margins"]:
            result[name] += out[name]
    return loss, result


# ---- parameters and data ---------------------------------------------------------------------


GATES = {"gru": 3, "gru_reset_before": 3, "lstm": 4, "rnn": 1}


def cell_shapes(config, name, inputs):
    n, gates = config["sizes"]["n"], GATES[config["cell"]]
    shapes = {name + ".w_x": [gates * n, inputs], name + ".w_h": [gates * n, n],
              name + ".b_x": [gates * n]}
    if config["cell"] != "gru_reset_before":
        shapes[name + ".b_h"] = [gates * n]
    if config.get("layer_norm"):
        for gate in range(gates):
            shapes.update({f"{name}.norm.{gate}.gain": [n], f"{name}.norm.{gate}.bias": [n]})
    return shapes


def score_shapes(config, name, words, query, keys):
    kind = config["score"]
    shapes = {"cosine": {".tau": [1]}, "gaussian": {".rho": [1]}, "general": {".w": [query, words]},
              "location": {".w": [config.get("attention_max_positions"), query]}, "dot": {}, "scaled_dot": {},
              "additive": {".w_query": [keys, query], ".w_key": [keys, words], ".v": [keys]}}[kind]
    if config.get("weight_norm"):
        shapes.update({".g": [1], ".b": [keys]})
    if config.get("coverage"):
        shapes[".w_coverage"] = [keys]
    return {name + end: shape for end, shape in shapes.items()}


def sentence_shapes(config):
    """Shapes of the layer over the sentences and of attention to them, which has the sizes of that to words."""
    if not config.get("hierarchical"):
        return {}
    shapes = {name.replace("attention", "attention.sentences", 1): shape
              for name, shape in attention_shapes(config).items()
              if not name.endswith((".content", ".context"))}
    for direction in ["forward", "backward"]:
        shapes.update(cell_shapes(config, f"encoder.sentences.{direction}",
                                  2 * config["sizes"]["n"]))
    return shapes


def attention_shapes(config):
    sizes = config["sizes"]
    words, query, keys = 2 * sizes["n"], sizes["n"], sizes["n_attention"]
    heads, size = config.get("heads", 1), config.get("projection", 0)
    shapes = {}
    if config.get("window") == "local_p":
        hidden = size or keys
        shapes.update({"attention.window.w": [hidden, query], "attention.window.v": [hidden]})
    if size:
        shapes["attention.projection.query"] = [size, query]
        if config["score"] != "location":
            shapes["attention.projection.key"] = [size, words]
    if heads > 1:
        shapes["attention.projection.content"] = [size, words]
        shapes["attention.projection.context"] = [words, size]
    if size:
        words = query = size // heads
    for head in range(heads):
        name = f"attention.{head}" if heads > 1 else "attention"
        shapes.update(score_shapes(config, name, words, query, size // heads if heads > 1 else keys))
    return shapes


def layers_shapes(config, name):
    """Shapes of the Transformer layers."""
    size, inner = 2 * config["sizes"]["n"], config["feed_forward"]
    head_size, shapes = size // config["encoder_heads"], {}
    for layer in range(config["layers_encoder"]):
        attention, feed = f"{name}.{layer}.attention", f"{name}.{layer}.feed_forward"
        shapes.update({attention + ".projection": [3 * size, size],
                       attention + ".output": [size, size],
                       feed + ".inner.w": [inner, size], feed + ".inner.b": [inner],
                       feed + ".output.w": [size, inner], feed + ".output.b": [size]})
        if config.get("max_relative_position"):
            rows = 2 * config["max_relative_position"] + 1
            shapes.update({attention + ".relative_key": [rows, head_size],
                           attention + ".relative_value": [rows, head_size]})
        for at in (attention, feed):
            shapes.update({at + ".norm.gain": [size], at + ".norm.bias": [size]})
    if config["norm"] == "pre":
        shapes.update({name + ".norm.gain": [size], name + ".norm.bias": [size]})
    return shapes


def encoder_shapes(config):
    m, n = config["sizes"]["m"], config["sizes"]["n"]
    kind, shapes = config.get("encoder", "recurrent"), {}
    if kind == "transformer":
        if m != 2 * n:
            shapes.update({"encoder.input.w": [2 * n, m], "encoder.input.b": [2 * n]})
        if config["positional_encoding"] == "learned":
            shapes["encoder.positions"] = [config["max_positions"], 2 * n]
        return {**shapes, **layers_shapes(config, "encoder")}
    layers = config["layers_encoder"] if kind == "recurrent" else config.get("layers_recurrent", 1)
    for layer in range(layers):
        inputs = 2 * n if layer else m
        for direction in ["forward", "backward"]:
            shapes.update(cell_shapes(config, f"encoder.{layer}.{direction}", inputs))
    if kind == "recurrent_transformer":
        shapes.update(layers_shapes(config, "encoder.self_attention"))
    return shapes


def shapes_of(config):
    sizes = config["sizes"]
    m, n, l = sizes["m"], sizes["n"], sizes["l"]
    gates, decoder = GATES[config["cell"]], config.get("decoder", "bahdanau")
    attends = config["score"] != "none"
    context = 2 * n if attends else n
    rows = 2 * l if config["readout"] == "maxout" else l
    shapes = {"source.embedding": [sizes["source_vocabulary"], m],
              "target.embedding": [sizes["target_vocabulary"], m],
              "output.b": [sizes["target_vocabulary"]]}
    shapes.update(encoder_shapes(config))
    first = 2 * n if config.get("encoder") == "transformer" else n
    for layer in range(config["layers_decoder"]):
        shapes[f"decoder.start.{layer}.w"] = [n, first]
        shapes[f"decoder.start.{layer}.b"] = [n]
        shapes.update(cell_shapes(config, f"decoder.{layer}", n if layer else m))
    if attends:
        shapes.update(attention_shapes(config))
        shapes.update(sentence_shapes(config))
    if decoder == "bahdanau":
        shapes["decoder.0.w_c"] = [gates * n, context]
    if decoder == "conditional":
        shapes.update(cell_shapes(config, "decoder.second", context))
    if decoder == "luong":
        shapes.update({"attentional.w_context": [l, context], "attentional.w_state": [l, n]})
        if config.get("feeding", True):
            shapes["decoder.0.w_f"] = [gates * n, l]
    else:
        shapes.update({"readout.w_state": [rows, n], "readout.w_embedding": [rows, m],
                       "readout.w_context": [rows, context], "readout.b": [rows]})
    if config["tie_embeddings"] == "none":
        shapes["output.w"] = [sizes["target_vocabulary"], l]
    return shapes


def random_weights(config, random):
    """Scale 0.3, or 1 for embeddings, v and gains: smaller values make attention flat and gradients vanish."""
    def scale(name):
        return 1.0 if name.endswith((".embedding", ".positions", ".v", ".tau", ".g", ".gain")) else 0.3
    return {name: torch.tensor(random.normal(0, scale(name), shape))
            for name, shape in sorted(shapes_of(config).items())}


def random_sentences(random, lengths, vocabulary):
    """Returns sentences of random words and EOS. In longer sentences, one word occurs twice."""
    words = [word for word in range(vocabulary) if word != EOS]
    sentences = []
    for length in lengths:
        ids = [int(word) for word in random.choice(words, length - 1)]
        if length > 3:
            ids[-1] = ids[0]
        sentences.append(ids + [EOS])
    return sentences


def problem(index, changes):
    """Returns config, weights and batch of a case. numpy guarantees the numbers of RandomState."""
    config = {**BASE, **changes}
    random = np.random.RandomState(1000 + index + 100 * config.pop("seed", 0))
    weights = random_weights(config, random)
    sources = random_sentences(random, SOURCE_LENGTHS, config["sizes"]["source_vocabulary"])
    targets = random_sentences(random, TARGET_LENGTHS, config["sizes"]["target_vocabulary"])
    if config.get("hierarchical"):  # sentences of 3 and 2 words; 2; 2, 3 and 3; 1 and 3
        for pair, position in [(0, 2), (2, 1), (2, 4), (3, 0)]:
            sources[pair][position] = EOS
    return config, weights, list(zip(sources, targets))


def gradient(config, weights, pairs):
    """Returns the loss, its gradient by autograd, and the other results of batch()."""
    w = {name: value.clone().requires_grad_() for name, value in weights.items()}
    loss, result = batch(config, w, pairs)
    loss.backward()
    assert min(result["margins"], default=1.0) > 1e-3, "a maxout pair is near its kink; use another seed"
    return loss.detach(), {name: value.grad for name, value in w.items()}, result


# ---- self-tests ------------------------------------------------------------------------------


def same(ours, theirs):
    error = (ours - theirs).abs().max().item()
    assert error < 1e-12, f"differs by {error}"


def as_torch_cell(module, w, w_x, suffix=""):
    """Copies the tensors of a cell into a torch.nn.GRUCell or one layer of a torch.nn.GRU."""
    with torch.no_grad():
        getattr(module, "weight_ih" + suffix).copy_(w_x)
        getattr(module, "weight_hh" + suffix).copy_(w["w_h"])
        getattr(module, "bias_ih" + suffix).copy_(w["b_x"])
        getattr(module, "bias_hh" + suffix).copy_(w["b_h"])


def tensors_under(weights, name):
    start = len(name) + 1
    return {key[start:]: value for key, value in weights.items() if key.startswith(name + ".")}


def check_encoder_against_torch():
    config, weights, pairs = problem(0, {"layers_encoder": 2})
    sizes = config["sizes"]
    theirs = torch.nn.GRU(sizes["m"], sizes["n"], num_layers=2, bidirectional=True).double()
    for layer in range(2):
        for direction, suffix in [("forward", ""), ("backward", "_reverse")]:
            w = tensors_under(weights, f"encoder.{layer}.{direction}")
            as_torch_cell(theirs, w, w["w_x"], f"_l{layer}{suffix}")
    for source, _ in pairs:
        expected, _ = theirs(weights["source.embedding"][source].unsqueeze(1))
        same(torch.stack(encode(config, weights, source)[0]), expected.squeeze(1))


def check_self_attention_against_torch():
    """The attention of torch.nn.TransformerEncoderLayer has biases, which are set to zero."""
    for normalization in ["pre", "post"]:
        config, w, pairs = problem(0, {**TRANSFORMER, "norm": normalization,
                                       "positional_encoding": "none"})
        size, at = 2 * config["sizes"]["n"], "encoder.0."
        theirs = torch.nn.TransformerEncoderLayer(
            size, config["encoder_heads"], config["feed_forward"], dropout=0.0,
            norm_first=normalization == "pre").double()
        attends = theirs.self_attn
        with torch.no_grad():
            for tensor, ours in [
                    (attends.in_proj_weight, w[at + "attention.projection"]),
                    (attends.out_proj.weight, w[at + "attention.output"]),
                    (theirs.linear1.weight, w[at + "feed_forward.inner.w"]),
                    (theirs.linear1.bias, w[at + "feed_forward.inner.b"]),
                    (theirs.linear2.weight, w[at + "feed_forward.output.w"]),
                    (theirs.linear2.bias, w[at + "feed_forward.output.b"]),
                    (theirs.norm1.weight, w[at + "attention.norm.gain"]),
                    (theirs.norm1.bias, w[at + "attention.norm.bias"]),
                    (theirs.norm2.weight, w[at + "feed_forward.norm.gain"]),
                    (theirs.norm2.bias, w[at + "feed_forward.norm.bias"])]:
                tensor.copy_(ours)
            attends.in_proj_bias.zero_()
            attends.out_proj.bias.zero_()
        for source, _ in pairs:
            x = embed(config, w, source)
            expected = theirs(x.unsqueeze(1)).squeeze(1)
            if normalization == "pre":
                expected = F.layer_norm(expected, [size], w["encoder.norm.gain"],
                                        w["encoder.norm.bias"])
            same(torch.stack(encode(config, w, source)[0]), expected)


def check_decoder_cell_against_torch():
    """The context is a second input: PyTorch's matrix is [w_x w_c]."""
    config, weights, _ = problem(0, {})
    random = np.random.RandomState(1)
    n, m = config["sizes"]["n"], config["sizes"]["m"]
    y, context, prev = (torch.tensor(random.normal(size=k)) for k in (m, 2 * n, n))
    w = tensors_under(weights, "decoder.0")
    theirs = torch.nn.GRUCell(m + 2 * n, n).double()
    as_torch_cell(theirs, w, torch.cat([w["w_x"], w["w_c"]], dim=1))
    _, ours = decoder_step(config, weights, [prev], y, context)
    same(ours, theirs(torch.cat([y, context]).unsqueeze(0), prev.unsqueeze(0))[0])


def check_gru_reset_before_against_torch():
    """For a diagonal U_n, U_n (r∘h') = r∘(U_n h'). Negating the pre-activation of z gives PyTorch's z."""
    n = SIZES["n"]
    random = np.random.RandomState(2)
    x_part, prev = torch.tensor(random.normal(size=3 * n)), torch.tensor(random.normal(size=n))
    w_h = torch.tensor(random.normal(size=(3 * n, n)))
    w_h[2 * n:] = torch.diag(torch.diag(w_h[2 * n:]))
    sign = torch.ones(3 * n, dtype=torch.float64)
    sign[n:2 * n] = -1
    theirs = torch.nn.GRUCell(3 * n, n).double()
    none = torch.zeros(3 * n, dtype=torch.float64)
    as_torch_cell(theirs, {"w_h": sign[:, None] * w_h, "b_x": none, "b_h": none}, torch.diag(sign))
    same(gru_reset_before(n, x_part, prev, w_h), theirs(x_part.unsqueeze(0), prev.unsqueeze(0))[0])


def check_finite_differences(name, config, weights, pairs):
    """Compares one random entry of each tensor with four-point central differences."""
    _, grads, _ = gradient(config, weights, pairs)
    random = np.random.RandomState(3)
    step = 1e-4
    for tensor, value in weights.items():
        moved = random.randint(value.numel())
        if tensor.endswith(".embedding"):  # an entry of a word that occurs
            side = 0 if tensor.startswith("source") else 1
            moved = pairs[0][side][0] * value.shape[1] + moved % value.shape[1]
        losses = {}
        for k in (-2, -1, 1, 2):
            w = {**weights, tensor: value.clone()}
            w[tensor].view(-1)[moved] += k * step
            with torch.no_grad():
                losses[k] = batch(config, w, pairs)[0].item()
        numeric = (8 * (losses[1] - losses[-1]) - (losses[2] - losses[-2])) / (12 * step)
        analytic = grads[tensor].view(-1)[moved].item()
        allowed = 1e-8 + 1e-6 * abs(numeric)
        assert abs(analytic - numeric) <= allowed, (name, tensor, analytic, numeric)


def check_sensitive(name, grads, result):
    """Requires noticeable gradients and attention that is not flat, so that tests detect errors."""
    for tensor, g in grads.items():
        assert g.abs().max() > 1e-3, f"{name}: the gradient of {tensor} is nearly zero; use another seed"
    for alpha in result["alpha"]:
        assert alpha.max() - alpha.min() > 0.01, f"{name}: attention is flat; use another seed"


# ---- files -----------------------------------------------------------------------------------


def flat(vectors):
    return torch.cat([v.detach().reshape(-1) for v in vectors])


def data_tensors(pairs):
    tensors = {}
    for side, sentences in zip(["source", "target"], zip(*pairs)):
        tensors[side] = torch.tensor([word for words in sentences for word in words])
        tensors[side + "_lengths"] = torch.tensor([len(words) for words in sentences])
    return tensors


def prefixed(prefix, tensors):
    return {prefix + name: value for name, value in tensors.items()}


def model_case(index, name, changes, checked):
    config, weights, pairs = problem(index, changes)
    loss, grads, result = gradient(config, weights, pairs)
    if checked:
        check_sensitive(name, grads, result)
        check_finite_differences(name, config, weights, pairs[:1])  # one sentence, to save time
    tensors = {**prefixed("w/", weights), **prefixed("g/", grads), **data_tensors(pairs),
               "loss": loss.reshape(1), "log_probs": flat(result["log_probs"]),
               "annotations": torch.stack(result["annotations"]).detach(),
               "contexts": torch.stack(result["contexts"]).detach()}
    if result["alpha"]:
        tensors["alpha"] = flat(result["alpha"])
    if result["encoder_alpha"]:
        tensors["encoder_alpha"] = flat(result["encoder_alpha"])
    return config, tensors


def hard_case(index, changes, source_words, target_words):
    """Hard attention (Xu et al. 2015, 4.1): E = -sum over all samples a of p(a) ln p(y | a)."""
    config, weights, _ = problem(200 + index, {**changes, "normalizer": "hard"})
    random = np.random.RandomState(300 + index)
    source, = random_sentences(random, [source_words], config["sizes"]["source_vocabulary"])
    target, = random_sentences(random, [target_words], config["sizes"]["target_vocabulary"])
    w = {name: value.clone().requires_grad_() for name, value in weights.items()}
    samples, probabilities, log_probs = [], [], []
    length = target_words * config.get("heads", 1)  # ordered by target word and head
    for words in itertools.product(range(source_words), repeat=length):
        sample = Samples(words)
        loss, result = batch({**config, "samples": sample}, w, [(source, target)])
        assert min(result["margins"], default=1.0) > 1e-4, "a maxout pair is near its kink; use another seed"
        samples.append(words)
        probabilities.append(torch.exp(sample.log_p))
        log_probs.append(-loss)
    p, log_probs = torch.stack(probabilities), torch.stack(log_probs)
    assert abs(p.sum().item() - 1) < 1e-12 and p.min() > 1e-4
    expected = -(p * log_probs).sum()
    expected.backward()
    tensors = {**prefixed("w/", weights), **prefixed("g/", {name: value.grad for name, value in w.items()}),
               **data_tensors([(source, target)]), "samples": torch.tensor(samples),
               "probabilities": p.detach(), "log_probs": log_probs.detach(),
               "loss": expected.detach().reshape(1)}
    return config, tensors


def adam_step(value, g, m, v, t):
    """Kingma and Ba (2015), algorithm 1. Updates value, m and v in place."""
    m.mul_(ADAM["beta1"]).add_((1 - ADAM["beta1"]) * g)
    v.mul_(ADAM["beta2"]).add_((1 - ADAM["beta2"]) * g * g)
    m_hat = m / (1 - ADAM["beta1"] ** t)
    v_hat = v / (1 - ADAM["beta2"] ** t)
    value.sub_(ADAM["learning_rate"] * m_hat / (torch.sqrt(v_hat) + ADAM["epsilon"]))


def adam_case(changes):
    """Ten updates with adam_step, which must agree with torch.optim.Adam on the same gradients."""
    config, weights, pairs = problem(111, changes)
    tokens = sum(len(target) for _, target in pairs)
    w = {name: value.clone() for name, value in weights.items()}
    m = {name: torch.zeros_like(value) for name, value in weights.items()}
    v = {name: torch.zeros_like(value) for name, value in weights.items()}
    theirs = {name: value.clone().requires_grad_() for name, value in weights.items()}
    optimizer = torch.optim.Adam(theirs.values(), lr=ADAM["learning_rate"], eps=ADAM["epsilon"],
                                 betas=(ADAM["beta1"], ADAM["beta2"]))
    losses, norms = [], []
    for t in range(1, ADAM["updates"] + 1):
        loss, grads, _ = gradient(config, w, pairs)
        norm = math.sqrt(sum((g * g).sum().item() for g in grads.values())) / tokens
        scale = min(1.0, ADAM["clip_norm"] / norm) / tokens
        for name, g in grads.items():
            # For gradients near zero, Adam would turn rounding into a full step.
            assert ((g == 0) | (g.abs() > 1e-10)).all(), f"{name} has a tiny gradient; use another seed"
            adam_step(w[name], g * scale, m[name], v[name], t)
            theirs[name].grad = g * scale
        optimizer.step()
        losses.append(loss.item() / tokens)
        norms.append(norm)
    for name in w:
        same(w[name], theirs[name].detach())
    assert max(norms) > 1.1 * ADAM["clip_norm"] and min(norms) < 0.9 * ADAM["clip_norm"], norms
    tensors = {**prefixed("w0/", weights), **prefixed("w10/", w), **data_tensors(pairs),
               "loss": torch.tensor(losses, dtype=torch.float64),
               "norm": torch.tensor(norms, dtype=torch.float64)}
    return {**config, "optimizer": {"type": "adam", **ADAM}}, tensors


def optimizers_case():
    """Gradients of many magnitudes, which show where epsilon is added. Some are zero."""
    random = np.random.RandomState(4)
    start = torch.tensor(random.normal(0, 1, 12))
    magnitudes = 10.0 ** np.array([0, 1, -1, -2, -3, -4, -6, -8, 0, 0, 0, 0])
    gradients = torch.tensor(random.normal(0, 1, (5, 12)) * magnitudes)
    gradients[:, 9] = 0
    gradients[:3, 10] = 0
    gradients[1:, 11] = 0
    tensors = {"start": start, "gradients": gradients}
    for name, (make, options) in OPTIMIZERS.items():
        w = start.clone().requires_grad_()
        optimizer = make([w], **options)
        after = []
        for g in gradients:
            w.grad = g.clone()
            optimizer.step()
            after.append(w.detach().clone())
        tensors[name] = torch.stack(after)
    return {name: options for name, (_, options) in OPTIMIZERS.items()}, tensors


def serialize(config, tensors):
    """Returns the bytes of a safetensors file: length of the header, header, data."""
    header, data = {"__metadata__": {"config": json.dumps(config)}}, b""
    for name, tensor in sorted(tensors.items()):
        array = np.ascontiguousarray(tensor.numpy())
        dtype = {"float64": "F64", "int64": "I64"}[array.dtype.name]
        content = array.astype(array.dtype.newbyteorder("<")).tobytes()
        header[name] = {"dtype": dtype, "shape": list(array.shape),
                        "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def deserialize(content):
    length, = struct.unpack_from("<Q", content)
    header = json.loads(content[8:8 + length])
    config = json.loads(header.pop("__metadata__")["config"])
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        dtype = {"F64": "<f8", "I64": "<i8"}[entry["dtype"]]
        tensors[name] = np.frombuffer(content[begin:end], dtype).reshape(entry["shape"])
    return config, tensors


def all_files(checked):
    files = {name: model_case(index, name, changes, checked)
             for index, (name, changes) in enumerate(CASES.items())}
    for index, (name, case) in enumerate(HARD.items()):
        files[name] = hard_case(index, *case)
    files["adam"] = adam_case({})
    files["optimizers"] = optimizers_case()
    return {name + ".safetensors": serialize(*file) for name, file in files.items()}


def difference(name, new, old):
    """Returns a message if files differ by more than the rounding of another CPU, or else None."""
    (config, tensors), (old_config, old_tensors) = deserialize(new), deserialize(old)
    if config != old_config:
        return f"{name}: the configs differ"
    if tensors.keys() != old_tensors.keys():
        return f"{name}: the tensors differ: {sorted(tensors.keys() ^ old_tensors.keys())}"
    for key, value in tensors.items():
        if value.shape != old_tensors[key].shape or value.dtype != old_tensors[key].dtype:
            return f"{name}: {key}: the shapes or types differ"
        if not np.allclose(value, old_tensors[key], rtol=1e-10, atol=1e-12):
            return f"{name}: {key} differs by {np.abs(value - old_tensors[key]).max()}"
    return None


def check(files):
    errors = []
    for name, content in files.items():
        path = HERE / name
        if not path.exists():
            errors.append(f"{name}: missing; run make_golden.py")
        elif error := difference(name, content, path.read_bytes()):
            errors.append(error)
    others = {path.name for path in HERE.glob("*.safetensors")} - files.keys()
    return errors + [f"{name}: not written by this script; remove it" for name in sorted(others)]


def main():
    parser = argparse.ArgumentParser(description="Writes the golden files of the tests.")
    parser.add_argument("--check", action="store_true", help="compare with the committed files")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    check_encoder_against_torch()
    check_self_attention_against_torch()
    check_decoder_cell_against_torch()
    check_gru_reset_before_against_torch()
    files = all_files(checked=True)
    assert files == all_files(checked=False), "two runs gave different results"
    if arguments.check:
        errors = check(files)
        sys.exit("\n".join(errors) if errors else None)
    for name, content in files.items():
        (HERE / name).write_bytes(content)


if __name__ == "__main__":
    main()
