#!/usr/bin/env python3
"""The loss of every update by the fast path and by the plain one: without oneDNN, without our tiles, for any processor.

  cmake -S . -B build-plain -DATTN_ONEDNN=OFF -DATTN_MICROKERNELS=OFF -DATTN_MARCH=x86-64 -DATTN_TESTS=OFF
  cmake -S . -B build-double -DATTN_REAL=double -DATTN_ONEDNN=OFF -DATTN_MICROKERNELS=OFF -DATTN_TESTS=OFF
  cmake --build build-plain --target attn
  cmake --build build-double --target attn
  tests/race/curves.py --plain build-plain/attn [--double build-double/attn] [--multi30k data/multi30k] [--readout maxout]

Trains 200 updates by each, in float32, on the sample corpus or on Multi30k, and prints how far they are apart, and with --double
how far each is from the same in double. Fails where the fast path is beyond 1e-4 of the plain one's loss.

The readout is tanh here, which is smooth. A maxout is not: of two numbers closer than their rounding another is the larger in
another order of summing, and its gradient goes elsewhere as a whole: from the first such tie on no two programs in floating
point agree, right as both are (--readout maxout with --double shows it).
The runs are in runs/curves.
"""
import argparse
import itertools
import json
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from program import ROOT, attn, settings

APART = 1e-4


def losses(program, name, arguments):
    run = ROOT / "runs" / "curves" / name
    options = {"train.max_updates": arguments.updates, "train.max_seconds": 0, "train.log_every": 1,
               "train.valid_every": arguments.updates, "train.run_dir": run, "model.dropout.embedding": arguments.dropout,
               "model.decoder.readout": arguments.readout}
    config = ROOT / "configs" / "quickstart.json"
    if arguments.multi30k:
        config = ROOT / "configs" / "multi30k_en_de.json"
        options["train.decay_updates"] = 10 * arguments.updates  # as in a training of that length
        for part, file in (("train", "train"), ("valid", "val"), ("test", "test_2016_flickr")):
            for side, language in (("source", "en"), ("target", "de")):
                options[f"data.{part}_{side}"] = arguments.multi30k / f"{file}.lc.norm.tok.{language}"
    attn(program, "train", "--config", config, *settings(options), "--overwrite")
    events = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
    return [event["loss"] for event in events if event["event"] == "train"]


def apart(curve, other, updates):
    return max(abs(a - b) / b for a, b in zip(curve[:updates], other))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plain", type=lambda path: pathlib.Path(path).resolve(), required=True)
    parser.add_argument("--attn", default=ROOT / "build" / "attn", help="the fast one")
    parser.add_argument("--multi30k", type=lambda path: pathlib.Path(path).resolve(), metavar="DIR")
    parser.add_argument("--updates", type=int, default=200)
    parser.add_argument("--dropout", type=float, default=0,
                        help="of embeddings; none lets products of equal words be made once")
    parser.add_argument("--double", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--readout", default="tanh", help="of the decoder (default tanh)")
    arguments = parser.parse_args()
    curves = {name: losses(program, name, arguments)
              for name, program in (("fast", arguments.attn), ("plain", arguments.plain), ("double", arguments.double)) if program}
    assert all(len(curve) == arguments.updates for curve in curves.values())
    for updates in sorted({arguments.updates // 20, arguments.updates // 4, arguments.updates}):
        print(f"{updates:5} updates, loss {curves['fast'][updates - 1]:.4f}:",
              ", ".join(f"{a} from {b} at most {apart(curves[a], curves[b], updates):.1e}"
                        for a, b in itertools.combinations(curves, 2)))
    sys.exit(apart(curves["fast"], curves["plain"], arguments.updates) > APART)


if __name__ == "__main__":
    main()
