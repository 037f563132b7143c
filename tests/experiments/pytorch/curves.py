#!/usr/bin/env python3
"""Compares the losses of the fast build and of a plain build, which uses neither oneDNN nor the microkernels.

  cmake -S . -B build-plain -DATTN_ONEDNN=OFF -DATTN_MICROKERNELS=OFF -DATTN_MARCH=x86-64 -DATTN_TESTS=OFF
  cmake -S . -B build-double -DATTN_REAL=double -DATTN_ONEDNN=OFF -DATTN_MICROKERNELS=OFF -DATTN_TESTS=OFF
  cmake --build build-plain --target attn
  cmake --build build-double --target attn
  tests/experiments/pytorch/curves.py --plain build-plain/attn [--double build-double/attn] [--multi30k data/multi30k]

Trains 200 updates with each build in float32, on the sample corpus or on Multi30k, and prints the largest relative
difference of their losses; with --double, also the differences from a build in float64. Fails if the losses of the fast
and the plain build differ by more than 1e-4.

The readout is tanh here, because it is smooth. Maxout is not: if the two values of a pair differ by less than their
rounding error, another order of summation can make the other one the larger, and the gradient then flows to a different
unit. From the first such tie on, no two floating-point programs agree (--readout maxout with --double shows this).
Runs are stored in runs/curves.
"""
import argparse
import itertools
import json
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from program import ROOT, attn, settings

TOLERANCE = 1e-4  # of the loss, relative


def losses(program, name, arguments):
    run = ROOT / "runs" / "curves" / name
    options = {"train.max_updates": arguments.updates, "train.max_seconds": 0, "train.log_every": 1,
               "train.valid_every": arguments.updates, "train.run_dir": run,
               "model.dropout.embedding": arguments.dropout, "model.decoder.readout": arguments.readout}
    config = ROOT / "configs" / "quickstart.json"
    if arguments.multi30k:
        config = ROOT / "configs" / "multi30k_en_de.json"
        options["train.decay_updates"] = 10 * arguments.updates  # the start of a longer training
        for split, file in (("train", "train"), ("valid", "val"), ("test", "test_2016_flickr")):
            for side, language in (("source", "en"), ("target", "de")):
                options[f"data.{split}_{side}"] = arguments.multi30k / f"{file}.lc.norm.tok.{language}"
    attn(program, "train", "--config", config, *settings(options), "--overwrite")
    events = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
    return [event["loss"] for event in events if event["event"] == "train"]


def difference(curve, other, updates):
    """Returns the largest relative difference of the first `updates` losses."""
    return max(abs(a - b) / b for a, b in zip(curve[:updates], other))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plain", type=lambda path: pathlib.Path(path).resolve(), required=True, metavar="PROGRAM",
                        help="program of the plain build")
    parser.add_argument("--attn", default=ROOT / "build" / "attn",
                        help="program of the fast build (default build/attn)")
    parser.add_argument("--multi30k", type=lambda path: pathlib.Path(path).resolve(), metavar="DIR",
                        help="directory with the files of Multi30k, instead of the sample corpus")
    parser.add_argument("--updates", type=int, default=200, help="number of updates (default 200)")
    parser.add_argument("--dropout", type=float, default=0,
                        help="dropout of the embeddings (default 0: products of equal words are computed once)")
    parser.add_argument("--double", type=lambda path: pathlib.Path(path).resolve(), metavar="PROGRAM",
                        help="program of the build in float64")
    parser.add_argument("--readout", default="tanh", help="model.decoder.readout (default tanh)")
    arguments = parser.parse_args()
    programs = {"fast": arguments.attn, "plain": arguments.plain, "double": arguments.double}
    curves = {name: losses(program, name, arguments) for name, program in programs.items() if program}
    assert all(len(curve) == arguments.updates for curve in curves.values())
    for updates in sorted({arguments.updates // 20, arguments.updates // 4, arguments.updates}):
        print(f"{updates:5} updates, loss {curves['fast'][updates - 1]:.4f}:",
              ", ".join(f"{a} and {b} differ by at most {difference(curves[a], curves[b], updates):.1e}"
                        for a, b in itertools.combinations(curves, 2)))
    sys.exit(difference(curves["fast"], curves["plain"], arguments.updates) > TOLERANCE)


if __name__ == "__main__":
    main()
