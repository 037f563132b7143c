#!/usr/bin/env bash
# The Debian package as a new user has it: made, unpacked into a root of its own, and run there without the source tree.
#   tests/package/run.sh           builds it in build-package and tries it
#   tests/package/run.sh FILE.deb  tries that one
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { printf '\n-- %s\n' "$*"; }
fail() { echo "$*" >&2; exit 1; }

package=${1:-}
if [ -z "$package" ]; then
  cd "$here"
  cmake --preset package >/dev/null
  cmake --build --preset package --parallel "${JOBS:-$(nproc)}"
  (cd "$work" && cpack --config "$here/build-package/CPackConfig.cmake" >/dev/null)
  package=$(echo "$work"/*.deb)
fi
package=$(realpath "$package")

say "what is in it"
dpkg-deb --info "$package"
dpkg-deb --contents "$package" | awk '{print $1, $3, $6}'
if command -v lintian >/dev/null; then
  say "lintian"
  # A changelog and a maintainer's address are those of whoever distributes the package.
  lintian --allow-root --tag-display-limit 0 --suppress-tags bogus-mail-host,no-changelog "$package"
else
  echo "lintian was not asked: it is not here"
fi

say "every library that the program names is of a package that this one depends on"
mkdir "$work/bare"
dpkg-deb -x "$package" "$work/bare"
depends=$(dpkg-deb -f "$package" Depends | tr ',' '\n' | awk '{print $1}')
for library in $(objdump -p "$work/bare/usr/bin/attn" | awk '$1 == "NEEDED" {print $2}'); do
  file=$(/sbin/ldconfig -p | awk -v name="$library" '$1 == name && !found++ {print $NF}')
  file=$(realpath "$file")
  owner=$(dpkg -S "*${file#/usr}" | cut -d : -f 1)  # merged /usr or not
  provided=$(dpkg-query -W -f '${Package}, ${Provides}' "$owner" | tr ',' '\n' | awk '{print $1}')
  grep -qxF "$provided" <<< "$depends" || fail "$library is of $owner, which is not in Depends"
done
grep -qxF librsvg2-2 <<< "$depends" || fail "librsvg, which draws a PNG, is not in Depends"

say "unpacked"
root=$work/root
dpkg-deb -x "$package" "$root"
doc=$root/usr/share/doc/attn
mkdir "$work/home"
cd "$work/home"
attn() { env -i HOME="$work/home" PATH="$root/usr/bin:/usr/bin:/bin" LANG=C.UTF-8 attn "$@"; }
attn --version
if strings -a "$root/usr/bin/attn" | grep -F "$here"; then fail "the program names the source tree"; fi

say "manual and completions"
gzip -dc "$root/usr/share/man/man1/attn.1.gz" | diff - <(attn man)
diff "$root/usr/share/bash-completion/completions/attn" <(attn completion bash)
diff "$root/usr/share/zsh/vendor-completions/_attn" <(attn completion zsh)

say "links of its pages lead to files that are there"
for page in "$doc/README.md" "$doc/configs/KINDS.md"; do
  for link in $(grep -oE '\]\([^)#]+\)' "$page" | sed 's/^](//; s/)$//' | grep -v '^http'); do
    [ -e "$(dirname "$page")/$link" ] || fail "$page: there is no $link"
  done
done

say "training on the sample corpus, which comes along"
attn check --config "$doc/configs/quickstart.json" --set train.run_dir=run | tail -n 1
attn train --config "$doc/configs/quickstart.json" --set train.run_dir=run --set train.max_updates=20 --log-level warning
attn eval --model run/best --quiet | head -n 2
echo 'the old woman reads a long book .' | attn translate --model run/best --heatmap page.html --quiet | wc -l
[ -s page.html ] || fail "there is no page"
echo 'the old woman reads a long book .' | attn translate --model run/best --heatmap picture.png --quiet | wc -l
[ "$(head -c 8 picture.png | od -An -tx1)" = " 89 50 4e 47 0d 0a 1a 0a" ] || fail "there is no PNG"
[ "$(wc -c < picture.png)" -gt 5000 ] || fail "there is nothing in the PNG"

# Processors that this machine is not: the oldest that will do, and one before it.
if command -v qemu-x86_64 >/dev/null; then
  say "on other processors"
  qemu-x86_64 -cpu Haswell "$root/usr/bin/attn" --version
  echo 'a book .' | qemu-x86_64 -cpu Haswell "$root/usr/bin/attn" translate --model run/best --threads 1 | wc -l
  code=0
  qemu-x86_64 -cpu Nehalem "$root/usr/bin/attn" --version || code=$?
  [ "$code" -eq 3 ] || fail "without AVX2 it ended with $code"
else
  echo "other processors were not tried: there is no qemu-x86_64"
fi
say "all is well"
