#!/usr/bin/env bash
# Trains with attn and with PyTorch in alternation, with the same sizes, lengths, batches and threads, and prints the
# medians as a Markdown table. See README.md.
#   tests/experiments/pytorch/race.sh [--sizes "small medium large"] [--pairs 5] [--seconds 60] [--threads 2]
# ATTN: the program (default build/attn). PEER_ENV: environment of PyTorch, such as "OPENBLAS_CORETYPE=Haswell".
set -euo pipefail
cd "$(dirname "$0")/../../.."

here=tests/experiments/pytorch attn=${ATTN:-build/attn} sizes="small medium large" pairs=5 seconds=60 threads=2
usage() { sed -n '2,5s/^# \?//p' "$here/race.sh"; }
while [ $# -gt 0 ]; do
  case "$#:$1" in
    *:-h | *:--help) usage; exit ;;
    1:*) usage >&2; exit 2 ;;
    *:--sizes) sizes=$2 ;;
    *:--pairs) pairs=$2 ;;
    *:--seconds) seconds=$2 ;;
    *:--threads) threads=$2 ;;
    *) usage >&2; exit 2 ;;
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
    # shellcheck disable=SC2086  # PEER_ENV may contain several assignments
    theirs=$(env OMP_NUM_THREADS="$threads" ${PEER_ENV:-} $here/race.py \
      --config "$config" --seconds "$seconds" --threads "$threads")
    printf '{"size": "%s", "ours": %s, "theirs": %s}\n' "$size" "$(tr -d '\n' <<<"$ours")" "$theirs" >>"$runs"
  done
done

python3 - "$runs" "$("$attn" --version | sed 1q)" "$seconds" "$pairs" "${PEER_ENV:-}" <<'TABLE'
import datetime, json, statistics, sys

runs_file, version, seconds, pairs, setting = sys.argv[1:]
runs = [json.loads(line) for line in open(runs_file, encoding="utf-8")]
for run in runs:  # both sides must have the same model and text
    ours, theirs = run["ours"], run["theirs"]
    for count in ("parameters", "source_tokens", "target_tokens"):
        expected = {**ours, **ours["text"]}[count]
        assert expected == theirs[count], f"{run['size']}: {count}: attn has {expected}, PyTorch {theirs[count]}"
print(f"{datetime.date.today()}, {version}, {ours['processor']}, {ours['threads']} threads; {pairs} pairs of "
      f"{seconds}-second runs. Matrix products by {ours['products']}; {theirs['system']}{', ' * bool(setting)}"
      f"{setting}.\n")
print("| size | attn, target tokens/s | PyTorch, target tokens/s | ratio | min … max | fraction of peak | MiB |")
print("|---|---|---|---|---|---|---|")
for size in dict.fromkeys(run["size"] for run in runs):
    same_size = [run for run in runs if run["size"] == size]
    rate = lambda run: run["ours"]["train"]["target_tokens_per_second"]
    peer = lambda run: run["theirs"]["target_tokens_per_second"]
    median = lambda f: statistics.median(map(f, same_size))
    ratios = sorted(rate(run) / peer(run) for run in same_size)
    fraction = median(lambda run: run["ours"]["train"]["fraction_of_peak"])
    memory = median(lambda run: run["ours"]["train"]["peak_memory_mib"])
    print(f"| {size} | {median(rate):,.0f} | {median(peer):,.0f} | {statistics.median(ratios):.2f} | "
          f"{ratios[0]:.2f} … {ratios[-1]:.2f} | {100 * fraction:.0f} % | {memory:,.0f} |")
TABLE
