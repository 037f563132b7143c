#!/usr/bin/env python3
"""How often the sentence of the largest weight is the one that a target word translates.

    found.py HEATMAP.json TARGET

HEATMAP.json is what `attn eval --heatmap` wrote; TARGET the test set's target text with a word |||
between the translations of a document's sentences, which tells where each of them ends.
"""

import json
import sys


def sentence_of_words(document):
    """The number of the sentence of each word, the separators left out."""
    return [s for s, sentence in enumerate(document.split("|||")) for _ in sentence.split()]


def main():
    heatmap, text = sys.argv[1:]
    documents = open(text, encoding="utf-8").read().splitlines()
    found = words = chance = first_missed = 0
    for pair in json.load(open(heatmap, encoding="utf-8"))["sentences"]:
        if pair["name"] != "reference":
            continue
        right = sentence_of_words(documents[pair["line"]])
        assert len(right) == len(pair["target"]) - 1, pair["line"]  # its end counted there
        before = None
        for sentence, weights in zip(right, pair["sentence_weights"]):
            hit = max(range(len(weights)), key=weights.__getitem__) == sentence
            found += hit
            first_missed += not hit and sentence != before
            chance += 1 / len(weights)
            before = sentence
        words += len(right)
    print(f"right sentence at {found} of {words} words: {100 * found / words:.1f} %"
          f" (by chance {100 * chance / words:.1f} %); of the {words - found} others"
          f" {first_missed} are the first of a sentence")


if __name__ == "__main__":
    main()
