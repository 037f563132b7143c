#!/bin/sh
# Writes the English-German text of Multi30k (task 1) to data/multi30k:
#   data/fetch_multi30k.sh              downloads it (with curl or wget, about 6 MB)
#   data/fetch_multi30k.sh --from DIR   copies it from a directory with the files, plain or .gz
# Each file is verified by its SHA-256 checksum before it is renamed to its final name. Existing files are kept if their
# checksum is correct and replaced otherwise.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$here/multi30k
# Two fixed commits of the repository. Later commits changed a few lines of train.en, which would change results.
repository=https://raw.githubusercontent.com/multi30k/dataset
raw_commit=c9be912dc05a3ebf9ae5bb5f7f58c1791cda43ab
tok_commit=7bee46bc74186b4b6254603143610f730d40bf66

checksums() {  # of the uncompressed files
  cat <<'END'
4be6b5b3236b79c25475c6bb829800a7ce559e9ba7a1f6c2394fe4d40be46d16  test_2016_flickr.de
399a4382932c1aadd3ceb9bef1008d388a64c76d4ae4e9d4728c6f4301cac182  test_2016_flickr.en
c6a33d39d48f9f510de147651316cd9d918e09ad0219df734a2f16b6baccacc4  test_2016_flickr.lc.norm.tok.de
5b7f32627cf99eced828311b955dae9800bb52bc8b91cf8b6526829e605b29d2  test_2016_flickr.lc.norm.tok.en
2c2b73fd2b548fbcde3a875e0a78d6ee94d498bfdee6bd3eae3945779e9ddf72  train.de
460a15fbd157e34a7a9957ee388c1ca247fe47af3ef25fb50442af6c274e0fc6  train.en
cb5a23529b65ec2061f1dc446192a9c37382b63cc75f81a0be59d34894b3a505  train.lc.norm.tok.de
08925f8e0572bcd5a006702fc5fe20e2d77c6917d4eebd576fc20de6693c2119  train.lc.norm.tok.en
660e09eb7e1da2f856ea13ee5ad3cf6d36b3d5b0b733c857e94c5747a3dfc660  val.de
1f2a23d992769b5b3d209b0a10dd0b77c08cceb1f20dfb97ed0aafa49d107227  val.en
97232bd273eceb7207f689527386a97e4be2616b18ada47576bdaf96c8ae1f00  val.lc.norm.tok.de
46573ce391ae227f1c72f873392436a20ef18e0a6d518098cfbd70b77c8572ec  val.lc.norm.tok.en
END
}

fail() {
  echo "fetch_multi30k.sh: $*" >&2
  exit 1
}

is_right() {  # file, checksum
  [ -f "$1" ] && [ "$(sha256sum <"$1")" = "$2  -" ]
}

download() {  # address, file
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --retry 2 --connect-timeout 30 --output "$2" "$1"
  elif command -v wget >/dev/null; then
    wget --quiet --tries=3 --timeout=30 --output-document="$2" "$1"
  else
    fail "neither curl nor wget is installed; run apt-get install curl, or use --from DIR"
  fi
}

copy_uncompressed() {  # name of a file in DIR; writes to standard output
  if [ -f "$from/$1" ]; then
    cat "$from/$1"
  elif [ -f "$from/$1.gz" ]; then
    gzip -dc "$from/$1.gz"
  else
    fail "no such file: $from/$1 or $from/$1.gz"
  fi
}

get() {  # name, file
  if [ -n "$from" ]; then
    copy_uncompressed "$1" >"$2"
    return
  fi
  case $1 in
    *.lc.norm.tok.*) address=$repository/$tok_commit/data/task1/tok/$1 ;;
    *) address=$repository/$raw_commit/data/task1/raw/$1.gz ;;
  esac
  echo "downloading $address"
  download "$address" "$work/download" ||
    fail "cannot download $address; check the network, or use a local copy with --from DIR"
  case $address in
    *.gz) gzip -dc "$work/download" >"$2" || fail "$address is damaged; try again" ;;
    *) mv "$work/download" "$2" ;;
  esac
}

usage="usage: data/fetch_multi30k.sh [--from DIR]"
from=
case "$#:${1-}" in
  0:) ;;
  1:-h | 1:--help) echo "$usage" && exit 0 ;;
  2:--from)
    [ -d "$2" ] || fail "--from: no such directory: $2"
    from=$2
    ;;
  *) echo "$usage" >&2 && exit 2 ;;
esac
command -v sha256sum >/dev/null || fail "sha256sum is not installed; run apt-get install coreutils"

mkdir -p "$folder"
work=$(mktemp -d "$folder/.fetch.XXXXXX")  # on the same file system, so that mv is a rename
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

checksums >"$work/checksums"
fetched=0
while read -r checksum name; do
  is_right "$folder/$name" "$checksum" && continue
  get "$name" "$work/$name"
  is_right "$work/$name" "$checksum" ||
    fail "$name from ${from:-the repository} has the wrong checksum; see the commits at the top of this script"
  mv "$work/$name" "$folder/$name"
  fetched=$((fetched + 1))
done <"$work/checksums"

if [ "$fetched" -eq 0 ]; then
  echo "all files exist and are verified: $folder"
else
  echo "wrote $fetched verified files to $folder"
fi
