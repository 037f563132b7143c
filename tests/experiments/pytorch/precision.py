#!/usr/bin/env python3
"""Measures the effect of train.precision "bfloat16" on BLEU: Multi30k, English to German, the same number of updates.

  tests/experiments/pytorch/precision.py --multi30k data/multi30k     three seeds; continues where it stopped

The default of 1750 updates of configs/multi30k_en_de.json takes ten minutes in float32 on one core of a Zen 4 EPYC. The
two precisions train at the same time, with one thread each. Prints a Markdown table. Runs are stored in runs/precision.
"""
import argparse
import concurrent.futures
import json
import pathlib
import statistics
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from program import ROOT, attn, resume_or_overwrite, settings

PRECISIONS = ("float32", "bfloat16")


def score(arguments, precision, seed):
    """Returns BLEU of the last model on test_2016_flickr, and the seconds of its training."""
    run = ROOT / "runs" / "precision" / f"{precision}-{seed}"
    options = {"train.precision": precision, "train.seed": seed, "train.max_updates": arguments.updates,
               "train.max_seconds": 0, "train.threads": 1, "train.run_dir": run}
    for split, name in (("train", "train"), ("valid", "val"), ("test", "test_2016_flickr")):
        for side, language in (("source", "en"), ("target", "de")):
            options[f"data.{split}_{side}"] = arguments.multi30k / f"{name}.lc.norm.tok.{language}"
    events = run / "metrics.jsonl"
    if not (events.exists() and '"reason":"max_updates"' in events.read_text()):
        attn(arguments.attn, "train", "--config", ROOT / "configs" / "multi30k_en_de.json", *settings(options),
             resume_or_overwrite(run))
    end = json.loads(events.read_text().splitlines()[-1])
    beam = ["--set", "search.beam_size=12"]
    metrics = json.loads(attn(arguments.attn, "eval", "--model", run / "last", *beam, "--json"))
    return metrics["bleu"]["score"], end["seconds"]


def scores(arguments, precision):
    return [score(arguments, precision, seed) for seed in range(1, arguments.seeds + 1)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--multi30k", type=lambda path: pathlib.Path(path).resolve(), required=True, metavar="DIR",
                        help="directory with the files of Multi30k")
    parser.add_argument("--seeds", type=int, default=3, help="number of seeds (default 3)")
    parser.add_argument("--updates", type=int, default=1750, help="updates per training (default 1750)")
    parser.add_argument("--attn", default=ROOT / "build" / "attn", help="program (default build/attn)")
    arguments = parser.parse_args()
    with concurrent.futures.ThreadPoolExecutor() as threads:
        both = dict(zip(PRECISIONS, threads.map(lambda precision: scores(arguments, precision), PRECISIONS)))
    print("| precision | " + " | ".join(f"seed {seed + 1}" for seed in range(arguments.seeds)) + " | mean | seconds |")
    print("|---" * (arguments.seeds + 3) + "|")
    for precision, results in both.items():
        bleu = [result[0] for result in results]
        print(f"| {precision} | " + " | ".join(f"{x:.2f}" for x in bleu) +
              f" | {statistics.mean(bleu):.2f} | {statistics.median(result[1] for result in results):.0f} |")


if __name__ == "__main__":
    main()
