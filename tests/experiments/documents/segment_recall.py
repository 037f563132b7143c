#!/usr/bin/env python3
"""Counts at how many target words the segment with the largest weight is the one that the word translates.

HEATMAP.json is written by `attn eval --heatmap`. TARGET is the target text of the test set with the word ||| between the
translations of the segments of a document.
"""

import argparse
import json


def segment_of_words(document):
    """Returns the index of the segment of each word, without the separators."""
    return [s for s, segment in enumerate(document.split("|||")) for _ in segment.split()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heatmap", metavar="HEATMAP.json")
    parser.add_argument("target", metavar="TARGET")
    arguments = parser.parse_args()
    documents = open(arguments.target, encoding="utf-8").read().splitlines()
    hits = words = chance = first_missed = 0
    for pair in json.load(open(arguments.heatmap, encoding="utf-8"))["sentences"]:
        if pair["name"] != "reference":
            continue
        right = segment_of_words(documents[pair["line"]])
        assert len(right) == len(pair["target"]) - 1, pair["line"]  # the target also has the end of sentence
        previous = None
        for segment, weights in zip(right, pair["segment_weights"]):
            hit = max(range(len(weights)), key=weights.__getitem__) == segment
            hits += hit
            first_missed += not hit and segment != previous
            chance += 1 / len(weights)
            previous = segment
        words += len(right)
    print(f"right segment at {hits} of {words} words: {100 * hits / words:.1f}%"
          f" (by chance {100 * chance / words:.1f}%); {first_missed} of the {words - hits} others"
          f" are first words of a segment")


if __name__ == "__main__":
    main()
