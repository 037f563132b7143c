#!/usr/bin/env bash
# Installs missing packages (Debian 12), builds attn, trains a model on data/sample, and shows the results.
#   ./quickstart.sh                 all steps; keeps a model that is already trained
#   ./quickstart.sh --retrain       trains again
#   ./quickstart.sh --mpi           builds with Open MPI, and trains (again) on two processes
#   ./quickstart.sh --packages P …  only installs the packages of the build, and P …
#   ./quickstart.sh --help          prints this text
set -euo pipefail
cd "$(dirname "$0")"

packages=(g++ make cmake pkg-config libcli11-dev nlohmann-json3-dev libspdlog-dev libeigen3-dev libsentencepiece-dev
  libicu-dev libdnnl-dev librsvg2-dev zlib1g-dev libcpp-httplib-dev libgumbo-dev libcld2-dev)
run=runs/quickstart
model=$run/best

mpi=OFF
print_heading() { printf '\n%s\n' "$*"; }

print_usage() { sed -n '2,/^set /s/^# \{0,1\}//p' quickstart.sh; }

install_missing() {
  command -v dpkg-query >/dev/null || {
    echo "Not a Debian system. Install the equivalents of: $*"
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
  cmake --preset release -DATTN_TESTS=OFF -DATTN_MPI=$mpi >/dev/null
  cmake --build --preset release --parallel "$(nproc)" --target attn
}

train() {
  if [ $mpi = ON ]; then
    # mpirun refuses to run as root without these two variables.
    [ "$(id -u)" -ne 0 ] || export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    mpirun --oversubscribe -n 2 build/attn train --config configs/quickstart.json --overwrite \
      --set train.max_seconds=0  # all updates, even if other programs use the processors
  elif [ "${1:-}" = --retrain ]; then
    build/attn train --config configs/quickstart.json --overwrite
  elif grep -qs '"event":"end".*"reason":"max_' $run/metrics.jsonl && [ configs/quickstart.json -ot $run/metrics.jsonl ]; then
    echo "$run already contains a trained model; use --retrain to train again."
  elif [ -e $run/last ] && [ configs/quickstart.json -ot $run/config.json ]; then
    build/attn train --config configs/quickstart.json --resume
  else
    build/attn train --config configs/quickstart.json --overwrite
  fi
}

show() {
  print_heading "On the test set:"
  build/attn eval --config configs/quickstart.json
  local sentences
  sentences=$(sed -n '2p;40p;77p;130p;203p' data/sample/test.en)
  print_heading "Some sentences of the test set and their translations:"
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
case "${1:-}" in
  '' | --retrain) ;;
  --mpi) mpi=ON; packages+=(libopenmpi-dev openmpi-bin) ;;
  --help) print_usage; exit ;;
  *) echo "quickstart.sh: unknown option $1; use --retrain, --mpi, --packages or --help" >&2; exit 2 ;;
esac
install_missing "${packages[@]}"
build
train "$@"
show
cat <<END

Program            build/attn            (see build/attn --help)
Model              $model
Run                $run       report.html (open it in a browser), train.log, metrics.jsonl, config.json
Attention weights  $run/heatmap.svg

Next steps:
  echo 'the old woman reads a long book .' | build/attn translate --model $model
  build/attn train --describe     # lists all configuration options
  For your own text, follow "Your own text" in README.md.
END
