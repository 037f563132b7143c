#!/usr/bin/env python3
"""Writes sentences of up to 70 English words: statements of the sample corpus's grammar, joined by conjunctions.

  stretch.py DIR     writes {train,dev,test}.{en,fr} to DIR

Half of the sentences of train and dev are one statement. The others, and all of test, have a length sampled from 1 to
65 words: statements are added until the sentence reaches it.
"""

import argparse
from itertools import count
from pathlib import Path

from generate import Dice, repeats_itself
from grammar import SENTENCE_TYPES, Rejected, lines, phrase, wh_question, yes_no_question

SEED = 2014
SPLITS = {"test": (1500, 0), "dev": (500, 50), "train": (30000, 50)}  # sentences; percent that are one statement
MAX_SAMPLED, LONGEST = 65, 70  # English words
STATEMENTS = {kind: weight for kind, weight in SENTENCE_TYPES.items() if kind not in (yes_no_question, wh_question)}
CONJUNCTIONS = {"and": "et", "but": "mais", ", and": ", et", ", but": ", mais", "while": "pendant que",
                "because": "parce que", "when": "quand"}


def statement(dice):
    """Returns a statement without repeated words. The whole sentence may have repeated words."""
    while True:
        try:
            words = dice.weigh(STATEMENTS)(dice)
        except Rejected:
            continue
        if not repeats_itself(" ".join(word.word for word in words.en)):
            return words


def sentence(dice, single):
    length = 1 if dice.chance(single) else 1 + dice.below(MAX_SAMPLED)
    words = statement(dice)
    while len(words.en) < length:
        words += phrase(*dice.pick(list(CONJUNCTIONS.items()))) + statement(dice)
    return words + phrase(".", ".")


def corpus():
    """Returns {file name: lines}. No sentence of either language occurs twice."""
    files, seen, indices = {}, set(), count()
    for split, (size, single) in SPLITS.items():
        english_lines, french_lines = files[f"{split}.en"], files[f"{split}.fr"] = [], []
        while len(english_lines) < size:
            english, french, _ = lines(sentence(Dice(SEED, next(indices)), single))
            if len(english.split()) > LONGEST or english in seen or french in seen:
                continue
            seen |= {english, french}
            english_lines.append(english)
            french_lines.append(french)
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR", help="directory for the files")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in corpus().items():
        (folder / name).write_bytes("".join(line + "\n" for line in content).encode())


if __name__ == "__main__":
    main()
