#!/usr/bin/env bash
# Installs what is missing, builds, and runs all tests. Arguments go to ctest.
set -euo pipefail
cd "$(dirname "$0")"
./quickstart.sh --packages doctest-dev
cmake --preset release -DATTN_TESTS=ON
cmake --build --preset release --parallel "$(nproc)"
ctest --preset release "$@"
for program in python3 chromium chromedriver; do
  command -v "$program" >/dev/null || echo "The HTML pages were not tried in a browser: there is no $program."
done
