#!/bin/sh
# Does attention to sentences find the right one? Makes documents of the sample corpus, trains
# configs/documents.json on them, and counts at how many words of the test set's references the
# sentence of the largest weight is the one that the word translates.
#   tests/documents/run.sh [OPTION OF attn train …]     after building into build/
set -eu
cd "$(dirname "$0")/../.."
made=data/documents run=runs/documents
mkdir -p $made

# Two, three, four, five, two … sentences, with $1 between them.
documents() {
  awk -v between="$1" '
    { document = held++ ? document between $0 : $0 }
    held == 2 + made % 4 { print document; held = 0; made++ }'
}
for part in train dev test; do
  documents ' ||| ' < data/sample/$part.en > $made/$part.en
  documents ' ' < data/sample/$part.fr > $made/$part.fr
done
documents ' ||| ' < data/sample/test.fr > $made/test.parted.fr

build/attn train --config configs/documents.json "$@"
build/attn eval --config configs/documents.json --heatmap $run/test.json
python3 tests/documents/found.py $run/test.json $made/test.parted.fr
