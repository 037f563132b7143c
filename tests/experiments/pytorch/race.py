#!/usr/bin/python3
"""Measures training of the model of `attn bench`, written as PyTorch users write it.

RNNsearch (Bahdanau, Cho and Bengio 2015) from PyTorch modules: a bidirectional GRU over packed sentences, additive
attention queried by the previous decoder state, a GRU cell that reads word and context, a maxout readout of the new
state, softmax, cross-entropy, gradient clipping at norm 1, Adam. The sentences have the lengths of attn's synthetic
text, one by one, and words of the same Zipfian frequencies. Batches are formed as in attn.

  tests/experiments/pytorch/race.py --config configs/bench/small.json --threads 2 --seconds 60

Prints one JSON line with the target tokens per second of whole training steps. End-of-sentence tokens are counted,
padding is not.
"""
import argparse
import json
import math
import random
import re
import time

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

PAIRS, PADDING, END, WORDS = 29000, 0, 1, 2  # number of pairs; ids of padding, end of sentence, and first word
MASK = (1 << 64) - 1


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", required=True, help="config of attn bench: sizes and batches")
    parser.add_argument("--embedding", type=int, help="overrides model.embedding_size")
    parser.add_argument("--hidden", type=int, help="overrides model.hidden_size")
    parser.add_argument("--attention", type=int, help="overrides model.attention.hidden_size")
    parser.add_argument("--readout", type=int, help="overrides model.decoder.readout_size")
    parser.add_argument("--vocabulary", type=int, help="overrides both vocabulary sizes")
    parser.add_argument("--batch", type=int, help="overrides train.batch_size")
    parser.add_argument("--threads", type=int, default=2, help="number of threads (default 2)")
    parser.add_argument("--seconds", type=float, default=60, help="time of the measurement (default 60)")
    parser.add_argument("--seed", type=int, default=1, help="random seed (default 1)")
    given = parser.parse_args()
    with open(given.config, encoding="utf-8") as file:
        config = json.loads(re.sub(r"//.*", "", file.read()))
    model, train = config["model"], config["train"]
    assert train["batch_type"] == "sentences"
    given.bucket_size = train["bucket_size"]
    given.embedding = given.embedding or model["embedding_size"]
    given.hidden = given.hidden or model["hidden_size"]
    given.attention = given.attention or model["attention"]["hidden_size"]
    given.readout = given.readout or model["decoder"]["readout_size"]
    given.vocabulary = given.vocabulary or config["data"]["target_vocabulary_size"]
    given.batch = given.batch or train["batch_size"]
    return given


class Key:
    """RandomKey of lib/base/random.h: a random number is a function of a path of names and numbers."""

    def __init__(self, value):
        self.value = value

    @staticmethod
    def mix(x):
        x = (x + 0x9E3779B97F4A7C15) & MASK
        x = ((x ^ x >> 30) * 0xBF58476D1CE4E5B9) & MASK
        x = ((x ^ x >> 27) * 0x94D049BB133111EB) & MASK
        return x ^ x >> 31

    def at(self, step):
        if isinstance(step, str):
            name, step = step, 0xCBF29CE484222325
            for byte in name.encode():
                step = ((step ^ byte) * 0x100000001B3) & MASK
        return Key(self.mix(self.value ^ self.mix(step)))

    def uniform(self):
        return (self.mix(self.value) >> 11) * 2.0**-53

    def normal(self):
        u, v = 1 - self.at(0).uniform(), self.at(1).uniform()
        return math.sqrt(-2 * math.log(u)) * math.cos(2 * math.pi * v)


def synthetic_pairs(seed, vocabulary):
    """Returns pairs with the lengths of lib/text/synthetic.h. The words differ but have the same frequencies."""
    key = Key(seed).at("made up")
    x_key, y_key = key.at("x"), key.at("y")
    lengths = []
    for i in range(PAIRS):
        x, y = x_key.at(i).normal(), y_key.at(i).normal()
        for log_length in (2.60 + 0.31 * x, 2.62 + 0.35 * (0.84 * x + 0.54 * y)):
            lengths.append(int(min(max(math.floor(math.exp(log_length) + 0.5), 1), 50)))
    frequencies = 1 / torch.arange(1, vocabulary - 1, dtype=torch.float64)
    words = torch.multinomial(frequencies, sum(lengths), replacement=True) + WORDS
    sentences = [torch.cat([sentence, torch.tensor([END])]) for sentence in words.split(lengths)]
    return list(zip(sentences[0::2], sentences[1::2]))


def batches(pairs, size, bucket_size, rng):
    """Yields batches without end. Each epoch shuffles the pairs, sorts each bucket by length, divides the result into
    batches, and shuffles the batches."""
    while True:
        rng.shuffle(pairs)
        order = []
        for number, begin in enumerate(range(0, len(pairs), bucket_size)):
            bucket = pairs[begin:begin + bucket_size]
            order += sorted(bucket, key=lambda pair: (len(pair[1]), len(pair[0])), reverse=number % 2 == 1)
        epoch = [order[begin:begin + size] for begin in range(0, len(order), size)]
        rng.shuffle(epoch)
        yield from epoch


class Attention(nn.Module):
    """e = v·tanh(W s + U h), a softmax over the words of the sentence, and the weighted sum of the encoder states."""

    def __init__(self, state, memory, size):
        super().__init__()
        self.query = nn.Linear(state, size, bias=False)
        self.key = nn.Linear(memory, size, bias=False)
        self.v = nn.Linear(size, 1, bias=False)

    def forward(self, state, memory, keys, padding):
        energies = self.v(torch.tanh(keys + self.query(state).unsqueeze(1))).squeeze(2)
        weights = torch.softmax(energies.masked_fill(padding, -math.inf), dim=1)
        return torch.bmm(weights.unsqueeze(1), memory).squeeze(1)


class Translator(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        m, n = sizes.embedding, sizes.hidden
        self.source = nn.Embedding(sizes.vocabulary, m, padding_idx=PADDING)
        self.target = nn.Embedding(sizes.vocabulary, m, padding_idx=PADDING)
        self.encoder = nn.GRU(m, n, batch_first=True, bidirectional=True)
        self.start = nn.Linear(n, n)
        self.attention = Attention(n, 2 * n, sizes.attention)
        self.decoder = nn.GRUCell(m + 2 * n, n)
        self.readout = nn.Linear(n + m + 2 * n, 2 * sizes.readout)
        self.output = nn.Linear(sizes.readout, sizes.vocabulary)

    def forward(self, source, lengths, target):
        packed = pack_padded_sequence(self.source(source), lengths, batch_first=True, enforce_sorted=False)
        states, last = self.encoder(packed)
        memory, _ = pad_packed_sequence(states, batch_first=True)
        keys, padding = self.attention.key(memory), source == PADDING
        # There is no word before the first one; it reads the embedding of padding, which is zero.
        previous = self.target(torch.cat([torch.full_like(target[:, :1], PADDING), target[:, :-1]], dim=1))
        state = torch.tanh(self.start(last[1]))
        steps, contexts = [], []
        for t in range(target.shape[1]):
            context = self.attention(state, memory, keys, padding)
            state = self.decoder(torch.cat([previous[:, t], context], dim=1), state)
            steps.append(state)
            contexts.append(context)
        inputs = torch.cat([torch.stack(steps, dim=1), previous, torch.stack(contexts, dim=1)], dim=2)
        readout = self.readout(inputs).unflatten(2, (-1, 2)).amax(dim=3)
        logits = self.output(readout).flatten(0, 1)
        return nn.functional.cross_entropy(logits, target.flatten(), ignore_index=PADDING, reduction="sum")


def train_step(model, optimizer, batch):
    source, target = ([pair[side] for pair in batch] for side in (0, 1))
    tokens = sum(map(len, target))
    lengths = torch.tensor([len(sentence) for sentence in source])
    loss = model(pad_sequence(source, batch_first=True), lengths, pad_sequence(target, batch_first=True))
    optimizer.zero_grad()
    (loss / tokens).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return tokens, loss.item()


def main():
    given = options()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    pairs = synthetic_pairs(given.seed, given.vocabulary)
    source_tokens, target_tokens = (sum(len(pair[side]) for pair in pairs) for side in (0, 1))
    model = Translator(given)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    stream = batches(pairs, given.batch, given.bucket_size, random.Random(given.seed))

    begin, updates = time.perf_counter(), 0
    while updates < 3 or time.perf_counter() - begin < given.seconds / 5:  # warm-up, not measured
        train_step(model, optimizer, next(stream))
        updates += 1
    begin, updates, tokens, loss, seconds = time.perf_counter(), 0, 0, 0.0, 0.0
    while seconds < given.seconds:
        done, cost = train_step(model, optimizer, next(stream))
        updates, tokens, loss = updates + 1, tokens + done, loss + cost
        seconds = time.perf_counter() - begin
    print(json.dumps({
        "system": "PyTorch " + torch.__version__, "threads": given.threads,
        "parameters": sum(p.numel() for p in model.parameters()),
        "source_tokens": source_tokens, "target_tokens": target_tokens,
        "updates": updates, "seconds": round(seconds, 2), "loss": round(loss / tokens, 4),
        "target_tokens_per_second": round(tokens / seconds, 1)}))


if __name__ == "__main__":
    main()
