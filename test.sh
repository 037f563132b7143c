#!/usr/bin/env bash
# Installs missing packages, builds, and runs all tests. Arguments are passed to ctest.
set -euo pipefail
cd "$(dirname "$0")"
./quickstart.sh --packages doctest-dev
cmake --preset release -DATTN_TESTS=ON
cmake --build --preset release --parallel "$(nproc)"
ctest --preset release "$@"
for program in python3 chromium chromedriver; do
  command -v "$program" >/dev/null || echo "The HTML pages were not tested in a browser, because $program is missing."
done
