#!/usr/bin/env python3
"""Writes the sample corpus: English-French sentence pairs from a hand-written grammar, with gold word alignments.

  generate.py           writes {train,dev,test}.{en,fr} and {train,test}.align next to this file
  generate.py --check   compares these files with the corpus it generates, checks the properties stated in
                        data/README.md, and prints the figures
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

from grammar import Rejected, lines, sentence
from lexicon import ADJECTIVE_LIST, LEXICON, NAMES, VERB_LIST

SEED = 2015
SIZES = {"train": 20000, "dev": 500, "test": 500}
POOL = 30500  # number of sampled sentences, from which the corpus is selected
RAREST = 12  # minimum number of occurrences of a word in them
SHORTEST, LONGEST = 3, 25  # English words, including the full stop
MASK = (1 << 64) - 1


def mix(x):
    """The finalizer of SplitMix64 (Steele, Lea and Flood 2014)."""
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & MASK
    return x ^ (x >> 31)


class Dice:
    """Random choices as a function of (seed, sentence, count), which is the same in every version of Python."""

    def __init__(self, seed, sentence_index):
        self.key = mix(mix(seed) ^ sentence_index)
        self.count = 0

    def below(self, n):
        self.count += 1
        return mix(self.key ^ mix(self.count)) * n >> 64

    def chance(self, percent):
        return self.below(100) < percent

    def pick(self, items):
        return items[self.below(len(items))]

    def weigh(self, weights):
        """Returns a key of `weights`, with a probability proportional to its value."""
        left = self.below(sum(weights.values()))
        for item, weight in weights.items():
            left -= weight
            if left < 0:
                return item


def lexemes():
    """Returns {English form: base form} for the words that should not occur twice in a sentence."""
    forms = {form: noun.en[0] for noun in LEXICON for form in noun.en}
    forms |= {form: verb.base for verb in VERB_LIST
              if verb.frames and verb.base not in ("like", "love", "have", "go", "know")
              for form in (verb.base, verb.third(), verb.past, verb.ing)}
    forms |= {word: word for word in [*NAMES, *(adjective.en for adjective in ADJECTIVE_LIST)]}
    forms |= {adjective.comparative: adjective.en for adjective in ADJECTIVE_LIST}
    return forms | {"broken": "break"}


LEXEMES = lexemes()


def repeats_itself(english):
    words = [LEXEMES[word] for word in english.split() if word in LEXEMES]
    return len(words) != len(set(words))


def sampled():
    """Yields English, French and alignment lines, each English sentence once."""
    seen = set()
    for index in range(POOL):
        dice = Dice(SEED, index)
        try:
            english, french, links = lines(sentence(dice))
        except Rejected:
            continue
        length = len(english.split())
        fits = SHORTEST <= length <= LONGEST and dice.chance(10 * length)  # keeps fewer short sentences
        if fits and english not in seen and not repeats_itself(english):
            seen.add(english)
            yield english, french, links


def without_rare_words(pairs):
    """Removes the sentences with a word that is too rare to be learned."""
    words = [set((english + " " + french).split()) for english, french, _ in pairs]
    counts = Counter(word for english, french, _ in pairs for word in (english + " " + french).split())
    kept = [pair for pair, of_pair in zip(pairs, words) if min(counts[word] for word in of_pair) >= RAREST]
    return pairs if len(kept) == len(pairs) else without_rare_words(kept)


def corpus():
    """Returns {file name: text}."""
    pairs = without_rare_words(list(sampled()))
    assert len(pairs) >= sum(SIZES.values()), f"{len(pairs)} sentences are not enough: raise POOL"
    files, begin = {}, 0
    for split, size in SIZES.items():
        chosen = pairs[begin:begin + size]
        english, french, links = zip(*chosen)
        if split == "train":  # two English sentences may have the same translation: dev and test share none with train
            trained = set(french)
            pairs = chosen + [pair for pair in pairs[size:] if pair[1] not in trained]
        begin += size
        files |= {f"{split}.en": english, f"{split}.fr": french}
        if split != "dev":
            files[f"{split}.align"] = links
    return {name: "".join(line + "\n" for line in content) for name, content in files.items()}


# ------------------------------------------------------------------------------------------------ --check


def parse_links(line):
    return [tuple(map(int, link.split("-"))) for link in line.split()]


def figures(files):
    """Returns the fractions of test pairs with each type of link, and the best possible alignment error rate."""
    links = [parse_links(line) for line in files["test.align"].splitlines()]
    crossing = [any(i < k and j > l for i, j in pair for k, l in pair) for pair in links]
    one_to_many, many_to_one = (
        [max(Counter(link[side] for link in pair).values()) > 1 for pair in links] for side in (0, 1))
    words, gold = len(files["test.fr"].split()), sum(map(len, links))
    linked = sum(len({j for _, j in pair}) for pair in links)
    return {"test pairs with crossing links": sum(crossing) / len(links),
            "test pairs with a one-to-many link": sum(one_to_many) / len(links),
            "test pairs with a many-to-one link": sum(many_to_one) / len(links),
            "French test words with a link": linked / words,
            "lowest possible alignment error rate with one link per French word": 1 - 2 * linked / (words + gold)}


def held_out_faults(text):
    for split in ("dev", "test"):
        for side in ("en", "fr"):
            train = set(text[f"train.{side}"])
            yield from (f"{split}.{side}: in train.{side}: {line}" for line in text[f"{split}.{side}"] if line in train)
        yield from (f"{split}.en: twice: {line}" for line, n in Counter(text[f"{split}.en"]).items() if n > 1)
        for side in ("en", "fr"):
            known = set(" ".join(text[f"train.{side}"]).split())
            words = set(" ".join(text[f"{split}.{side}"]).split())
            yield from (f"{split}.{side}: not in train: {word}" for word in sorted(words - known))


def alignment_faults(text):
    triples = zip(text["test.en"], text["test.fr"], text["test.align"])
    for number, (english, french, links) in enumerate(triples, 1):
        m, n = len(english.split()), len(french.split())
        if not all(i < m and j < n for i, j in parse_links(links)):
            yield f"test.align:{number}: a link points past the end of a sentence"


def frequency_faults(text):
    counts = Counter(LEXEMES.get(word) for word in " ".join(text["train.en"]).split())
    single = {lexeme for lexeme in LEXEMES.values() if " " not in lexeme}
    yield from (f"train.en: {lexeme}: only {counts[lexeme]} times" for lexeme in sorted(single) if counts[lexeme] < 60)


def faults(files, folder):
    text = {name: content.splitlines() for name, content in files.items()}
    for name, content in files.items():
        if not (folder / name).is_file() or (folder / name).read_bytes() != content.encode():
            yield f"{name}: differs from the generated corpus; run generate.py"
    yield from held_out_faults(text)
    yield from alignment_faults(text)
    yield from frequency_faults(text)
    for name, fraction in list(figures(files).items())[:2]:
        if fraction < 0.3:
            yield f"{name}: {fraction:.0%}, must be at least 30%"


def report(files):
    for side in ("en", "fr"):
        words = files[f"train.{side}"].split()
        lengths = [len(line.split()) for line in files[f"train.{side}"].splitlines()]
        print(f"train.{side}: {len(set(words))} distinct words, {len(words) / len(lengths):.1f} per sentence, "
              f"{sum(6 <= n <= 16 for n in lengths) / len(lengths):.0%} of 6 to 16, "
              f"{sum(n > 10 for n in lengths) / len(lengths):.0%} above 10, longest {max(lengths)}")
    for name, fraction in figures(files).items():
        print(f"{name}: {fraction:.1%}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; check the files")
    check = parser.parse_args().check
    folder = Path(__file__).resolve().parent
    files = corpus()
    if not check:
        for name, content in files.items():
            (folder / name).write_bytes(content.encode())
    report(files)
    found = list(faults(files, folder))
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
