#!/usr/bin/env bash
# Installs missing packages, builds, and runs all tests.
#   ./test.sh              all tests
#   ./test.sh -L fast      arguments are passed to ctest: here, only the fast tests
#   ./test.sh --help       prints this text
set -euo pipefail
cd "$(dirname "$0")"
if [ "${1:-}" = --help ]; then
  sed -n '2,/^set /s/^# \{0,1\}//p' test.sh
  exit
fi
./quickstart.sh --packages doctest-dev
cmake --preset release -DATTN_TESTS=ON
cmake --build --preset release --parallel "$(nproc)"
ctest --preset release "$@"
for program in python3 chromium chromedriver; do
  command -v "$program" >/dev/null || echo "The HTML pages were not tested in a browser, because $program is missing."
done
