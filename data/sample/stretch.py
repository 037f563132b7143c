#!/usr/bin/env python3
"""Writes sentences of up to 70 English words: statements of the sample corpus's grammar, joined by conjunctions.

  stretch.py FOLDER     writes {train,dev,test}.{en,fr} into that folder

Half of the sentences of train and dev are one statement; the others, and all of test, go on until they have as many words
as a number drawn from 1 to 65, and end with the statement in which they reach it.
"""

import argparse
from itertools import count
from pathlib import Path

from generate import Dice, repeats_itself
from grammar import KINDS, Redraw, lines, phrase, wh_question, yes_no_question

SEED = 2014
PARTS = {"test": (1500, 0), "dev": (500, 50), "train": (30000, 50)}  # sentences; percent that are one statement
ASKED, LONGEST = 65, 70  # English words
STATEMENTS = {kind: weight for kind, weight in KINDS.items() if kind not in (yes_no_question, wh_question)}
CONJUNCTIONS = {"and": "et", "but": "mais", ", and": ", et", ", but": ", mais", "while": "pendant que",
                "because": "parce que", "when": "quand"}


def statement(dice):
    """One that does not repeat itself; the whole sentence may."""
    while True:
        try:
            said = dice.weigh(STATEMENTS)(dice)
        except Redraw:
            continue
        if not repeats_itself(" ".join(word.word for word in said.en)):
            return said


def sentence(dice, single):
    asked = 1 if dice.chance(single) else 1 + dice.below(ASKED)
    said = statement(dice)
    while len(said.en) < asked:
        said += phrase(*dice.pick(list(CONJUNCTIONS.items()))) + statement(dice)
    return said + phrase(".", ".")


def corpus():
    """File name: its lines. No sentence of either language comes twice."""
    files, seen, indices = {}, set(), count()
    for part, (size, single) in PARTS.items():
        english_lines, french_lines = files[f"{part}.en"], files[f"{part}.fr"] = [], []
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
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in corpus().items():
        (folder / name).write_bytes("".join(line + "\n" for line in content).encode())


if __name__ == "__main__":
    main()
