#!/usr/bin/env python3
"""Predicts the time of an update, and the speedup, from the number of machines, the batch and the network.

    model.py                  prints the table of README.md

The model: an update of one machine takes B / speed seconds for B target subwords. With n machines,

    T(n) = B / (n speed) + (n - 1) / n (gradient bytes + weight bytes) / bandwidth + 6 log2(n) latency

The gradient has the embedding rows of the words in the batch only. 6 exchanges follow each other: sums, marks of rows,
gradients, norm, weights, status; each takes log2(n) rounds.
"""
import math

PAIRS, SUBWORDS = 1e9, 15.6  # of the text; target subwords of a pair
# parameters, those of embedding tables, rows of these, target subwords/s of one machine with 2 cores (machine C of README.md)
SIZES = {"small": (8.5e6, 4.1e6, 16000, 7141), "medium": (21.7e6, 8.2e6, 16000, 2495), "large": (55.0e6, 16.4e6, 16000, 893)}


def moved_bytes(size, batch, gradient_bytes=4):
    parameters, embeddings, rows, _ = SIZES[size]
    # A batch of B subwords on each side has about min(1, B / 10 rows) of all rows: few words are frequent.
    touched = min(1, 2 * batch / 10 / rows)
    return gradient_bytes * (parameters - embeddings * (1 - touched)) + 4 * parameters


def update_seconds(size, batch, machines, gigabits, latency, speed_factor=1, gradient_bytes=4):
    n = machines
    work = batch / (n * SIZES[size][3] * speed_factor)
    sent = (n - 1) / n * moved_bytes(size, batch, gradient_bytes)
    return work + sent * 8e-9 / gigabits + 6 * math.log2(n) * latency


def speedup(*arguments, **options):
    size, batch, machines, gigabits, latency = arguments
    one = update_seconds(size, batch, 1, gigabits, latency, **options)
    return one / update_seconds(*arguments, **options)


def main():
    print("one epoch of 10^9 pairs; machines of 32 cores, taken as 12 × the speed of 2 cores; latency 0.05 ms\n")
    print("| size | batch | network | 8: speedup, days | 32: speedup, days | 128: speedup, days |")
    print("|---|---|---|---|---|---|")
    for size in SIZES:
        for batch in (25_000, 200_000):
            for gigabits in (1, 10, 100):
                cells = []
                for n in (8, 32, 128):
                    seconds = update_seconds(size, batch, n, gigabits, 5e-5, speed_factor=12)
                    days = PAIRS * SUBWORDS / batch * seconds / 86400
                    cells.append(f"{speedup(size, batch, n, gigabits, 5e-5, speed_factor=12):.1f}, {days:.2f}")
                print(f"| {size} | {batch:,} | {gigabits} Gbit/s | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
