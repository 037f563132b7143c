#!/bin/sh
# Makes documents of the sample corpus, in data/documents: lines of two to five of its sentences.
set -eu
cd "$(dirname "$0")/../.."
made=data/documents
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
