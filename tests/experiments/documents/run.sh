#!/bin/sh
# Measures how often two-level attention selects the right segment of a document: trains configs/documents.json on
# documents of the sample corpus, and counts at how many target words of the test references the segment with the
# largest weight is the one that the word translates. Requires build/attn.
#   tests/experiments/documents/run.sh [OPTION]...     options are passed to attn train
set -eu
cd "$(dirname "$0")/../../.."
here=tests/experiments/documents data=data/documents run=runs/documents
$here/make.sh

build/attn train --config configs/documents.json "$@"
build/attn eval --config configs/documents.json --heatmap $run/test.json
python3 $here/segment_recall.py $run/test.json $data/test.segmented.fr
