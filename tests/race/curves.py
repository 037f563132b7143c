#!/usr/bin/env python3
"""The loss of every update by the fast path and by the plain one: without oneDNN, without our tiles, for any processor.

  cmake -S . -B build-plain -DATTN_ONEDNN=OFF -DATTN_TILES=OFF -DATTN_MARCH=x86-64 -DATTN_TESTS=OFF
  cmake --build build-plain --target attn
  tests/race/curves.py --plain build-plain/attn [--multi30k data/multi30k]

Trains 200 updates by each, in float32, on the sample corpus or on Multi30k, and prints how far they are apart. Fails beyond
1e-4 of the loss. The runs are in runs/curves.
"""
import argparse
import json
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from program import ROOT, attn, settings

APART = 1e-4


def losses(program, name, arguments):
    run = ROOT / "runs" / "curves" / name
    options = {"train.max_updates": arguments.updates, "train.max_seconds": 0, "train.log_every": 1,
               "train.valid_every": arguments.updates, "train.run_dir": run, "model.dropout.embedding": arguments.dropout}
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plain", type=lambda path: pathlib.Path(path).resolve(), required=True)
    parser.add_argument("--attn", default=ROOT / "build" / "attn", help="the fast one")
    parser.add_argument("--multi30k", type=lambda path: pathlib.Path(path).resolve(), metavar="DIR")
    parser.add_argument("--updates", type=int, default=200)
    parser.add_argument("--dropout", type=float, default=0,
                        help="of embeddings; none lets products of equal words be made once")
    arguments = parser.parse_args()
    fast, plain = losses(arguments.attn, "fast", arguments), losses(arguments.plain, "plain", arguments)
    assert len(fast) == len(plain) == arguments.updates
    apart = [abs(a - b) / b for a, b in zip(fast, plain)]
    for updates in sorted({arguments.updates // 20, arguments.updates // 4, arguments.updates}):
        print(f"{updates:5} updates: at most {max(apart[:updates]):.1e} apart, loss {fast[updates - 1]:.4f}")
    sys.exit(max(apart) > APART)


if __name__ == "__main__":
    main()
