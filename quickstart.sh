#!/usr/bin/env bash
# From a fresh clone to a translator, on Debian 12: installs what is missing, builds, trains on data/sample, and shows
# what came of it.
#   ./quickstart.sh                 all of that; a second run keeps what the first one made
#   ./quickstart.sh --anew          trains again
#   ./quickstart.sh --packages P …  only sees to the packages of the build, and P …
set -euo pipefail
cd "$(dirname "$0")"

packages=(g++ make cmake pkg-config libcli11-dev nlohmann-json3-dev libspdlog-dev libeigen3-dev libsentencepiece-dev
  libicu-dev libdnnl-dev librsvg2-dev zlib1g-dev)
run=runs/quickstart
model=$run/best

say() { printf '\n%s\n' "$*"; }

install_missing() {
  command -v dpkg-query >/dev/null || {
    echo "This is no Debian: have these, by your system's names, and go on: $*"
    return
  }
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  echo "Missing packages: ${missing[*]}"
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "Install them as root: apt-get install ${missing[*]}" >&2; exit 1; }
    root=(sudo)
  fi
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

build() {
  cmake --preset release -DATTN_TESTS=OFF >/dev/null
  cmake --build --preset release --parallel "$(nproc)" --target attn
}

train() {
  if [ "${1:-}" = --anew ]; then
    build/attn train --config configs/quickstart.json --overwrite
  elif grep -qs '"event":"end".*"reason":"max_' $run/metrics.jsonl && [ configs/quickstart.json -ot $run/metrics.jsonl ]; then
    echo "There is a trained model in $run already; --anew trains again."
  elif [ -e $run/last ] && [ configs/quickstart.json -ot $run/config.json ]; then
    build/attn train --config configs/quickstart.json --resume
  else
    build/attn train --config configs/quickstart.json --overwrite
  fi
}

show() {
  say "On the test set:"
  build/attn eval --config configs/quickstart.json
  local sentences
  sentences=$(sed -n '2p;40p;77p;130p;203p' data/sample/test.en)
  say "Some of its sentences:"
  paste -d '\n' <(sed 's/^/  en  /' <<<"$sentences") \
    <(build/attn translate --config configs/quickstart.json <<<"$sentences" | sed 's/^/  fr  /')
  sed -n 2p data/sample/test.en | build/attn translate --config configs/quickstart.json --output /dev/null \
    --heatmap $run/heatmap.svg
}

if [ "${1:-}" = --packages ]; then
  shift
  install_missing "${packages[@]}" "$@"
  exit
fi
install_missing "${packages[@]}"
build
train "$@"
show
cat <<END

The program       build/attn           (build/attn --help)
The model         $model
The run           $run             report.html (open it in a browser), train.log, metrics.jsonl, config.json
What it looked at $run/heatmap.svg

Try next:
  echo 'the old woman reads a long book .' | build/attn translate --model $model
  build/attn train --describe          every option of a config
  configs/quickstart.json              a config to start your own from: name your files under "data"
END
