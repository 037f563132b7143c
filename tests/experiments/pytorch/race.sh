#!/usr/bin/env bash
# Training by attn and by PyTorch in alternation, on the same sizes, lengths, batches and threads: medians of pairs of
# runs as a table in Markdown. See README.md.
#   tests/race/race.sh [--sizes "small medium large"] [--pairs 5] [--seconds 60] [--threads 2]
# ATTN: the program (build/attn). PEER_ENV: what PyTorch runs with, such as "OPENBLAS_CORETYPE=Haswell".
set -euo pipefail
cd "$(dirname "$0")/../.."

attn=${ATTN:-build/attn} sizes="small medium large" pairs=5 seconds=60 threads=2
while [ $# -gt 0 ]; do
  case "$1" in
    --sizes) sizes=$2 ;;
    --pairs) pairs=$2 ;;
    --seconds) seconds=$2 ;;
    --threads) threads=$2 ;;
    *) sed -n '2,5s/^# *//p' "$0" >&2; exit 1 ;;
  esac
  shift 2
done

runs=$(mktemp)
trap 'rm -f "$runs"' EXIT
for size in $sizes; do
  config=configs/bench/$size.json
  for pair in $(seq "$pairs"); do
    echo "$size, pair $pair of $pairs" >&2
    ours=$("$attn" bench --config "$config" --seconds "$seconds" --threads "$threads" --json)
    # shellcheck disable=SC2086  # several assignments are several words
    theirs=$(env OMP_NUM_THREADS="$threads" ${PEER_ENV:-} tests/race/race.py \
      --config "$config" --seconds "$seconds" --threads "$threads")
    printf '{"size": "%s", "ours": %s, "theirs": %s}\n' "$size" "$(tr -d '\n' <<<"$ours")" "$theirs" >>"$runs"
  done
done

python3 - "$runs" "$("$attn" --version | sed 1q)" "$seconds" "${PEER_ENV:-}" <<'TABLE'
import datetime, json, statistics, sys

runs_file, version, seconds, setting = sys.argv[1:]
runs = [json.loads(line) for line in open(runs_file, encoding="utf-8")]
for run in runs:  # the same model and text on both sides
    ours, theirs = run["ours"], run["theirs"]
    for count in ("parameters", "source_tokens", "target_tokens"):
        of = {**ours, **ours["text"]}[count]
        assert of == theirs[count], f"{run['size']}: {count}: {of} of attn, {theirs[count]} of PyTorch"
print(f"{datetime.date.today()}, {version}, {ours['processor']}, {ours['threads']} threads; {len(runs)} pairs of runs of "
      f"{seconds} s. Products by {ours['products']}; {theirs['system']}{', ' * bool(setting)}{setting}.\n")
print("| size | attn, target tokens/s | PyTorch, target tokens/s | ratio | least … most | share of the peak | MiB |")
print("|---|---|---|---|---|---|---|")
for size in dict.fromkeys(run["size"] for run in runs):
    of = [run for run in runs if run["size"] == size]
    rate = lambda run: run["ours"]["train"]["target_tokens_per_second"]
    peer = lambda run: run["theirs"]["target_tokens_per_second"]
    median = lambda f: statistics.median(map(f, of))
    ratios = sorted(rate(run) / peer(run) for run in of)
    share, memory = (median(lambda run: run["ours"]["train"][key]) for key in ("share_of_peak", "peak_memory_mib"))
    print(f"| {size} | {median(rate):,.0f} | {median(peer):,.0f} | {statistics.median(ratios):.2f} | "
          f"{ratios[0]:.2f} … {ratios[-1]:.2f} | {100 * share:.0f} % | {memory:,.0f} |")
TABLE
