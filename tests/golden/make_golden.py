#!/usr/bin/env python3
"""Golden vectors for the C++ tests: an independent model in PyTorch, float64, autograd.

The model of Bahdanau, Cho and Bengio (2015, appendix A) and its variants, written from the
equations, one sentence after the other: no padding, no batching, no hand-written gradient.
README.md beside this file says what the vectors mean.

    /usr/bin/python3 make_golden.py            write *.safetensors beside this file
    /usr/bin/python3 make_golden.py --check    compare with the files that lie there

Needs numpy and torch >= 1.10 (Debian: python3-torch).
"""

import argparse
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
SOURCE_LENGTHS = [5, 2, 8, 4]  # end of sentence counted; sums 19 and 23: no other size
TARGET_LENGTHS = [6, 8, 2, 7]
SIZES = {"m": 5, "n": 7, "n_attention": 11, "l": 3,
         "source_vocabulary": 13, "target_vocabulary": 17}
BASE = {
    "cell": "gru", "score": "additive", "layers_encoder": 1, "layers_decoder": 1, "residual": False,
    "readout": "maxout", "readout_state": "previous", "tie": False, "label_smoothing": 0.0,
    "sizes": SIZES,
}
DEEP = {"layers_encoder": 2, "layers_decoder": 2, "residual": True}
CASES = {
    "model_gru": {},
    "model_gru_paper": {"cell": "gru_paper"},
    "model_gru_none": {"score": "none", "readout": "tanh", "readout_state": "current"},
    "model_gru_paper_none": {"cell": "gru_paper", "score": "none", "readout": "linear"},
    "model_gru_residual": {**DEEP, "readout": "tanh", "readout_state": "current"},
    "model_gru_residual_previous": DEEP,
    "model_gru_paper_none_residual": {
        "cell": "gru_paper", "score": "none", "layers_encoder": 3, "layers_decoder": 3,
        "residual": True, "readout": "linear", "readout_state": "current"},
    "model_gru_tied": {"readout": "linear", "tie": True, "label_smoothing": 0.1,
                       "sizes": {**SIZES, "l": SIZES["m"]}},
    "model_gru_paper_layers": {"cell": "gru_paper", "layers_encoder": 2, "label_smoothing": 0.1},
}
ADAM = {"learning_rate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "clip_norm": 0.5,
        "normalise": "tokens", "updates": 10}
OPTIMIZERS = {
    "adam": (torch.optim.Adam, {"lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8}),
    "adamw": (torch.optim.AdamW, {"lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8,
                                  "weight_decay": 0.01}),
    "adadelta": (torch.optim.Adadelta, {"lr": 1.0, "rho": 0.95, "eps": 1e-6}),
    "adagrad": (torch.optim.Adagrad, {"lr": 0.01, "eps": 1e-10}),
    "sgd": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
}


# ---- the model -------------------------------------------------------------------------------


def gru(u, x_part, prev, w_h, b_h):
    """x_part = W x + b_x; r, z, n as in torch.nn.GRUCell; h = (1 - z) n + z h'."""
    h_part = w_h @ prev + b_h
    r = torch.sigmoid(x_part[:u] + h_part[:u])
    z = torch.sigmoid(x_part[u:2 * u] + h_part[u:2 * u])
    n = torch.tanh(x_part[2 * u:] + r * h_part[2 * u:])
    return (1 - z) * n + z * prev


def gru_paper(u, x_part, prev, w_h):
    """Bahdanau et al. 2015, A.1.1: the reset before the product, z weighs the new content."""
    r = torch.sigmoid(x_part[:u] + w_h[:u] @ prev)
    z = torch.sigmoid(x_part[u:2 * u] + w_h[u:2 * u] @ prev)
    n = torch.tanh(x_part[2 * u:] + w_h[2 * u:] @ (r * prev))
    return (1 - z) * prev + z * n


def cell(config, w, name, x_part, prev):
    n = config["sizes"]["n"]
    x_part = x_part + w[name + ".b_x"]
    if config["cell"] == "gru":
        return gru(n, x_part, prev, w[name + ".w_h"], w[name + ".b_h"])
    return gru_paper(n, x_part, prev, w[name + ".w_h"])


def run(config, w, name, xs):
    """One cell over the columns xs, starting from zero: its states."""
    h = torch.zeros(config["sizes"]["n"], dtype=torch.float64)
    states = []
    for x in xs:
        h = cell(config, w, name, w[name + ".w_x"] @ x, h)
        states.append(h)
    return states


def encode(config, w, source):
    """h_1 … h_Tx of the top layer, a list of vectors of 2n."""
    outputs = [w["source.embedding"][word] for word in source]
    for layer in range(config["layers_encoder"]):
        inputs = outputs
        forward = run(config, w, f"encoder.{layer}.forward", inputs)
        backward = run(config, w, f"encoder.{layer}.backward", inputs[::-1])[::-1]
        outputs = [torch.cat(pair) for pair in zip(forward, backward)]
        if config["residual"] and layer >= 1:
            outputs = [h + x for h, x in zip(outputs, inputs)]
    return outputs


def attend(config, w, annotations, query):
    """The context and its weights (None for the fixed context of the RNN Encoder-Decoder)."""
    if config["score"] == "none":
        return annotations[-1][:config["sizes"]["n"]], None
    energies = [w["attention.v"] @ torch.tanh(w["attention.w_query"] @ query
                                              + w["attention.w_key"] @ h) for h in annotations]
    exps = torch.exp(torch.stack(energies))
    alpha = exps / exps.sum()
    return sum(a * h for a, h in zip(alpha, annotations)), alpha


def decoder_step(config, w, states, y, context):
    """New states of all layers, and the output of the top one."""
    x_part = w["decoder.0.w_x"] @ y + w["decoder.0.w_c"] @ context
    output = cell(config, w, "decoder.0", x_part, states[0])
    new_states = [output]
    for layer in range(1, config["layers_decoder"]):
        below = output
        x_part = w[f"decoder.{layer}.w_x"] @ below
        state = cell(config, w, f"decoder.{layer}", x_part, states[layer])
        output = state + below if config["residual"] else state
        new_states.append(state)
    return new_states, output


def readout(config, w, s, y, context, margins):
    """Deep output; margins collects how far each maxout pair is from its kink."""
    t = (w["readout.w_state"] @ s + w["readout.w_embedding"] @ y + w["readout.w_context"] @ context
         + w["readout.b"])
    if config["readout"] == "linear":
        return t
    if config["readout"] == "tanh":
        return torch.tanh(t)
    margins.append((t[0::2] - t[1::2]).abs().min().item())
    return torch.maximum(t[0::2], t[1::2])


def sentence(config, w, source, target):
    """Everything about one pair of sentences, teacher-forced."""
    annotations = encode(config, w, source)
    first = annotations[0][config["sizes"]["n"]:]
    states = [torch.tanh(w[f"decoder.start.{layer}.w"] @ first + w[f"decoder.start.{layer}.b"])
              for layer in range(config["layers_decoder"])]
    y = torch.zeros(config["sizes"]["m"], dtype=torch.float64)
    out = {"annotations": annotations, "contexts": [], "alpha": [], "logits": [], "margins": []}
    for word in target:
        previous = states[-1]
        context, alpha = attend(config, w, annotations, previous)
        states, current = decoder_step(config, w, states, y, context)
        s = previous if config["readout_state"] == "previous" else current
        t = readout(config, w, s, y, context, out["margins"])
        output_w = w["target.embedding"] if config["tie"] else w["output.w"]
        out["logits"].append(output_w @ t + w["output.b"])
        out["contexts"].append(context)
        if alpha is not None:
            out["alpha"].append(alpha)
        y = w["target.embedding"][word]
    return out


def objective(config, log_p, target):
    """The sum over words of the cross-entropy against (1 − ε) one-hot + ε / V."""
    epsilon, size = config["label_smoothing"], log_p.shape[1]
    q = torch.full_like(log_p, epsilon / size)
    q[range(len(target)), target] += 1 - epsilon
    return -(q * log_p).sum()


def batch(config, w, pairs):
    """The sentences of a batch one by one; the loss is a sum over target words."""
    result = {"annotations": [], "contexts": [], "alpha": [], "log_probs": [], "margins": []}
    loss = torch.zeros((), dtype=torch.float64)
    for source, target in pairs:
        out = sentence(config, w, source, target)
        logits = torch.stack(out["logits"])
        log_p = logits - torch.log(torch.exp(logits).sum(dim=1, keepdim=True))
        part = objective(config, log_p, target)
        theirs = F.cross_entropy(logits, torch.tensor(target), reduction="sum",
                                 label_smoothing=config["label_smoothing"])
        assert abs(part.item() - theirs.item()) < 1e-12 * abs(theirs.item())
        loss = loss + part
        result["log_probs"].append(log_p[range(len(target)), target])
        for name in ["annotations", "contexts", "alpha", "margins"]:
            result[name] += out[name]
    return loss, result


# ---- weights and data ------------------------------------------------------------------------


def cell_shapes(config, name, inputs):
    n = config["sizes"]["n"]
    shapes = {name + ".w_x": [3 * n, inputs], name + ".w_h": [3 * n, n], name + ".b_x": [3 * n]}
    if config["cell"] == "gru":
        shapes[name + ".b_h"] = [3 * n]
    return shapes


def shapes_of(config):
    sizes = config["sizes"]
    m, n, keys, l = sizes["m"], sizes["n"], sizes["n_attention"], sizes["l"]
    additive = config["score"] == "additive"
    context = 2 * n if additive else n
    rows = 2 * l if config["readout"] == "maxout" else l
    shapes = {"source.embedding": [sizes["source_vocabulary"], m],
              "target.embedding": [sizes["target_vocabulary"], m]}
    for layer in range(config["layers_encoder"]):
        inputs = 2 * n if layer else m
        for direction in ["forward", "backward"]:
            shapes.update(cell_shapes(config, f"encoder.{layer}.{direction}", inputs))
    for layer in range(config["layers_decoder"]):
        shapes[f"decoder.start.{layer}.w"] = [n, n]
        shapes[f"decoder.start.{layer}.b"] = [n]
        shapes.update(cell_shapes(config, f"decoder.{layer}", n if layer else m))
    shapes["decoder.0.w_c"] = [3 * n, context]
    if additive:
        shapes.update({"attention.w_query": [keys, n], "attention.w_key": [keys, 2 * n],
                       "attention.v": [keys]})
    shapes.update({"readout.w_state": [rows, n], "readout.w_embedding": [rows, m],
                   "readout.w_context": [rows, context], "readout.b": [rows],
                   "output.b": [sizes["target_vocabulary"]]})
    if not config["tie"]:
        shapes["output.w"] = [sizes["target_vocabulary"], l]
    return shapes


def random_weights(config, random):
    """Scale 0.3, but embeddings and v of scale 1: else attention is flat and gradients vanish."""
    def scale(name):
        return 1.0 if name.endswith(".embedding") or name == "attention.v" else 0.3
    return {name: torch.tensor(random.normal(0, scale(name), shape))
            for name, shape in sorted(shapes_of(config).items())}


def random_sentences(random, lengths, vocabulary):
    """Words other than the end of sentence, then it; in long ones a word occurs twice."""
    words = [word for word in range(vocabulary) if word != EOS]
    sentences = []
    for length in lengths:
        ids = [int(word) for word in random.choice(words, length - 1)]
        if length > 3:
            ids[-1] = ids[0]
        sentences.append(ids + [EOS])
    return sentences


def problem(index, changes):
    """Config, weights and batch of a case; RandomState's streams are frozen by numpy."""
    config = {**BASE, **changes}
    random = np.random.RandomState(1000 + index)
    weights = random_weights(config, random)
    sources = random_sentences(random, SOURCE_LENGTHS, config["sizes"]["source_vocabulary"])
    targets = random_sentences(random, TARGET_LENGTHS, config["sizes"]["target_vocabulary"])
    return config, weights, list(zip(sources, targets))


def gradient(config, weights, pairs):
    """Loss, its gradient by autograd, and the rest of what batch() returns."""
    w = {name: value.clone().requires_grad_() for name, value in weights.items()}
    loss, result = batch(config, w, pairs)
    loss.backward()
    assert min(result["margins"], default=1.0) > 1e-3, "a maxout pair near its kink: other seed"
    return loss.detach(), {name: value.grad for name, value in w.items()}, result


# ---- checks of this script by itself ---------------------------------------------------------


def same(ours, theirs):
    error = (ours - theirs).abs().max().item()
    assert error < 1e-12, f"differs by {error}"


def as_torch_cell(module, w, w_x, suffix=""):
    """Copies a cell's tensors, named as in our files, into a torch.nn.GRUCell or one GRU layer."""
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
        same(torch.stack(encode(config, weights, source)), expected.squeeze(1))


def check_decoder_cell_against_torch():
    """The context is a second input: w_c stands to the right of w_x in PyTorch's matrix."""
    config, weights, _ = problem(0, {})
    random = np.random.RandomState(1)
    n, m = config["sizes"]["n"], config["sizes"]["m"]
    y, context, prev = (torch.tensor(random.normal(size=k)) for k in (m, 2 * n, n))
    w = tensors_under(weights, "decoder.0")
    theirs = torch.nn.GRUCell(m + 2 * n, n).double()
    as_torch_cell(theirs, w, torch.cat([w["w_x"], w["w_c"]], dim=1))
    _, ours = decoder_step(config, weights, [prev], y, context)
    same(ours, theirs(torch.cat([y, context]).unsqueeze(0), prev.unsqueeze(0))[0])


def check_paper_cell_against_torch():
    """With U_n diagonal, U_n (r∘h') = r∘(U_n h'); negated, PyTorch's z is the paper's."""
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
    same(gru_paper(n, x_part, prev, w_h), theirs(x_part.unsqueeze(0), prev.unsqueeze(0))[0])


def check_finite_differences(name, config, weights, pairs):
    """One random entry of each tensor, four-point central differences."""
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


def check_telling(name, grads, result):
    """Vectors that a wrong program would miss: every gradient visible, attention not flat."""
    for tensor, g in grads.items():
        assert g.abs().max() > 1e-3, f"{name}: gradient of {tensor} nearly zero: other seed"
    for alpha in result["alpha"]:
        assert alpha.max() - alpha.min() > 0.01, f"{name}: flat attention: other seed"


# ---- the files -------------------------------------------------------------------------------


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
        check_telling(name, grads, result)
        check_finite_differences(name, config, weights, pairs[:1])  # one sentence: time
    tensors = {**prefixed("w/", weights), **prefixed("g/", grads), **data_tensors(pairs),
               "loss": loss.reshape(1), "log_probs": flat(result["log_probs"]),
               "annotations": torch.stack(result["annotations"]).detach(),
               "contexts": torch.stack(result["contexts"]).detach()}
    if result["alpha"]:
        tensors["alpha"] = flat(result["alpha"])
    return config, tensors


def adam_step(value, g, m, v, t):
    """Kingma and Ba (2015), algorithm 1; changes value, m and v."""
    m.mul_(ADAM["beta1"]).add_((1 - ADAM["beta1"]) * g)
    v.mul_(ADAM["beta2"]).add_((1 - ADAM["beta2"]) * g * g)
    m_hat = m / (1 - ADAM["beta1"] ** t)
    v_hat = v / (1 - ADAM["beta2"] ** t)
    value.sub_(ADAM["learning_rate"] * m_hat / (torch.sqrt(v_hat) + ADAM["epsilon"]))


def adam_case(changes):
    """Ten updates; the gradients go to torch.optim.Adam as well, and both must agree."""
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
            # Adam turns the rounding of a gradient near zero into a full step.
            assert ((g == 0) | (g.abs() > 1e-10)).all(), f"tiny gradient in {name}: other seed"
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
    """Gradients of many magnitudes, so that the place of every epsilon shows; some are zero."""
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


def serialise(config, tensors):
    """The safetensors layout by hand: length of the header, header, data."""
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


def deserialise(content):
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
    files["adam"] = adam_case({})
    files["optimizers"] = optimizers_case()
    return {name + ".safetensors": serialise(*file) for name, file in files.items()}


def difference(name, new, old):
    """What differs beyond the rounding of another processor; None if nothing does."""
    (config, tensors), (old_config, old_tensors) = deserialise(new), deserialise(old)
    if config != old_config:
        return f"{name}: config differs"
    if tensors.keys() != old_tensors.keys():
        return f"{name}: other tensors: {sorted(tensors.keys() ^ old_tensors.keys())}"
    for key, value in tensors.items():
        if value.shape != old_tensors[key].shape or value.dtype != old_tensors[key].dtype:
            return f"{name}: {key}: other shape or type"
        if not np.allclose(value, old_tensors[key], rtol=1e-10, atol=1e-12):
            return f"{name}: {key} differs by {np.abs(value - old_tensors[key]).max()}"
    return None


def check(files):
    errors = []
    for name, content in files.items():
        path = HERE / name
        if not path.exists():
            errors.append(f"{name}: missing")
        elif error := difference(name, content, path.read_bytes()):
            errors.append(error)
    strangers = {path.name for path in HERE.glob("*.safetensors")} - files.keys()
    return errors + [f"{name}: not made by this script" for name in sorted(strangers)]


def main():
    parser = argparse.ArgumentParser(description="Golden vectors from PyTorch, float64.")
    parser.add_argument("--check", action="store_true", help="compare with the committed files")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    check_encoder_against_torch()
    check_decoder_cell_against_torch()
    check_paper_cell_against_torch()
    files = all_files(checked=True)
    assert files == all_files(checked=False), "two runs gave different bytes"
    if arguments.check:
        errors = check(files)
        sys.exit("\n".join(errors) if errors else None)
    for name, content in files.items():
        (HERE / name).write_bytes(content)


if __name__ == "__main__":
    main()
