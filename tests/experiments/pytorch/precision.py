#!/usr/bin/env python3
"""What train.precision "bfloat16" does to BLEU: Multi30k, English to German, the same updates in both precisions.

  tests/race/precision.py --multi30k data/multi30k     three seeds, a thread each; goes on where it stopped

1750 updates of configs/multi30k_en_de.json are ten minutes of one core of a Zen 4 EPYC in float32. Both precisions train side
by side on two cores. Prints a table in Markdown; the runs are in runs/precision.
"""
import argparse
import concurrent.futures
import json
import pathlib
import statistics
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from program import ROOT, attn, go_on, settings

PRECISIONS = ("float32", "bfloat16")


def score(arguments, precision, seed):
    """BLEU of the last model on test_2016_flickr, and the seconds of its training."""
    run = ROOT / "runs" / "precision" / f"{precision}-{seed}"
    options = {"train.precision": precision, "train.seed": seed, "train.max_updates": arguments.updates,
               "train.max_seconds": 0, "train.threads": 1, "train.run_dir": run}
    for part, name in (("train", "train"), ("valid", "val"), ("test", "test_2016_flickr")):
        for side, language in (("source", "en"), ("target", "de")):
            options[f"data.{part}_{side}"] = arguments.multi30k / f"{name}.lc.norm.tok.{language}"
    events = run / "metrics.jsonl"
    if not (events.exists() and '"reason":"max_updates"' in events.read_text()):
        attn(arguments.attn, "train", "--config", ROOT / "configs" / "multi30k_en_de.json", *settings(options), go_on(run))
    end = json.loads(events.read_text().splitlines()[-1])
    evaluated = json.loads(attn(arguments.attn, "eval", "--model", run / "last", "--set", "search.beam_size=12", "--json"))
    return evaluated["bleu"]["score"], end["seconds"]


def scores(arguments, precision):
    return [score(arguments, precision, seed) for seed in range(1, arguments.seeds + 1)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--multi30k", type=lambda path: pathlib.Path(path).resolve(), required=True, metavar="DIR")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--updates", type=int, default=1750)
    parser.add_argument("--attn", default=ROOT / "build" / "attn")
    arguments = parser.parse_args()
    with concurrent.futures.ThreadPoolExecutor() as threads:
        both = dict(zip(PRECISIONS, threads.map(lambda precision: scores(arguments, precision), PRECISIONS)))
    print("| precision | " + " | ".join(f"seed {seed + 1}" for seed in range(arguments.seeds)) + " | mean | seconds |")
    print("|---" * (arguments.seeds + 3) + "|")
    for precision, of in both.items():
        bleu = [one[0] for one in of]
        print(f"| {precision} | " + " | ".join(f"{x:.2f}" for x in bleu) +
              f" | {statistics.mean(bleu):.2f} | {statistics.median(one[1] for one in of):.0f} |")


main()
