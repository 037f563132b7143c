#!/bin/sh
# Does attention to sentences find the right one?
# Trains configs/documents.json on documents of the sample corpus, and counts at how many words of the test set's references the
# sentence of the largest weight is the one that the word translates.
#   tests/documents/run.sh [OPTION OF attn train …]     after building into build/
set -eu
cd "$(dirname "$0")/../.."
made=data/documents run=runs/documents
tests/documents/make.sh

build/attn train --config configs/documents.json "$@"
build/attn eval --config configs/documents.json --heatmap $run/test.json
python3 tests/documents/found.py $run/test.json $made/test.parted.fr
