#!/bin/sh
# Writes documents to data/documents. Each line is a document of two to five consecutive sentences of the sample corpus.
set -eu
cd "$(dirname "$0")/../../.."
out=data/documents
mkdir -p $out

# Joins lines to documents of 2, 3, 4, 5, 2, … sentences, with $1 between the sentences.
documents() {
  awk -v separator="$1" '
    { document = sentences++ ? document separator $0 : $0 }
    sentences == 2 + documents % 4 { print document; sentences = 0; documents++ }'
}
for split in train dev test; do
  documents ' ||| ' < data/sample/$split.en > $out/$split.en
  documents ' ' < data/sample/$split.fr > $out/$split.fr
done
documents ' ||| ' < data/sample/test.fr > $out/test.segmented.fr  # for segment_recall.py only
