#!/usr/bin/env bash
# Tests the Debian package: unpacks it into a directory and runs the program there, without the source tree.
#   tests/package/run.sh           builds the package in build-package and tests it
#   tests/package/run.sh FILE.deb  tests the given package
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
print_heading() { printf '\n-- %s\n' "$*"; }
fail() { echo "$*" >&2; exit 1; }

package=${1:-}
if [ -z "$package" ]; then
  cd "$here"
  cmake --preset package >/dev/null
  cmake --build --preset package --parallel "${JOBS:-$(nproc)}"
  (cd "$work" && cpack --config "$here/build-package/CPackConfig.cmake" >/dev/null)
  package=$(echo "$work"/attn_*.deb)
fi
package=$(realpath "$package")
development=$(echo "$(dirname "$package")"/attn-dev_*.deb)

print_heading "contents"
dpkg-deb --info "$package"
dpkg-deb --contents "$package" | awk '{print $1, $3, $6}'
if command -v lintian >/dev/null; then
  print_heading "lintian"
  # A changelog and the address of the maintainer are up to the distributor of the package.
  lintian --allow-root --tag-display-limit 0 --suppress-tags bogus-mail-host,no-changelog "$package"
else
  echo "skipped: lintian is not installed"
fi

print_heading "all libraries of the program are in packages that this package depends on"
mkdir "$work/bare"
dpkg-deb -x "$package" "$work/bare"
depends=$(dpkg-deb -f "$package" Depends | tr ',' '\n' | awk '{print $1}')
for library in $(objdump -p "$work/bare/usr/bin/attn" | awk '$1 == "NEEDED" {print $2}'); do
  file=$(/sbin/ldconfig -p | awk -v name="$library" '$1 == name && !found++ {print $NF}')
  file=$(realpath "$file")
  owner=$(dpkg -S "*${file#/usr}" | cut -d : -f 1)  # merged /usr or not
  provided=$(dpkg-query -W -f '${Package}, ${Provides}' "$owner" | tr ',' '\n' | awk '{print $1}')
  grep -qxF "$provided" <<< "$depends" || fail "$library is in package $owner, which is not in Depends"
done
grep -qxF librsvg2-2 <<< "$depends" || fail "librsvg2-2, which is loaded at run time, is not in Depends"

print_heading "the program runs"
root=$work/root
dpkg-deb -x "$package" "$root"
doc=$root/usr/share/doc/attn
mkdir "$work/home"
cd "$work/home"
attn() { env -i HOME="$work/home" PATH="$root/usr/bin:/usr/bin:/bin" LANG=C.UTF-8 attn "$@"; }
attn --version
if strings -a "$root/usr/bin/attn" | grep -F "$here"; then fail "the program contains the path of the source tree"; fi

print_heading "the installed manual page and completions are those that the program prints"
gzip -dc "$root/usr/share/man/man1/attn.1.gz" | diff - <(attn man)
diff "$root/usr/share/bash-completion/completions/attn" <(attn completion bash)
diff "$root/usr/share/zsh/vendor-completions/_attn" <(attn completion zsh)

print_heading "relative links of the documentation lead to installed files"
broken=0
while read -r page; do
  for link in $(grep -oE '\]\([^)#]+' "$page" | sed 's/^](//' | grep -v '^http' || true); do
    [ -e "$(dirname "$page")/$link" ] || { echo "${page#"$doc"/}: there is no $link" >&2; broken=1; }
  done
done < <(find "$doc" -name '*.md')
[ "$broken" -eq 0 ] || fail "the documentation has broken links"

print_heading "training on the sample corpus of the package"
attn check --config "$doc/configs/quickstart.json" --set train.run_dir=run | tail -n 1
attn train --config "$doc/configs/quickstart.json" --set train.run_dir=run --set train.max_updates=20 --log-level warning
attn eval --model run/best --quiet | head -n 2
echo 'the old woman reads a long book .' | attn translate --model run/best --heatmap page.html --quiet | wc -l
[ -s page.html ] || fail "page.html is missing"
echo 'the old woman reads a long book .' | attn translate --model run/best --heatmap picture.png --quiet | wc -l
[ "$(head -c 8 picture.png | od -An -tx1)" = " 89 50 4e 47 0d 0a 1a 0a" ] || fail "picture.png is not a PNG file"
[ "$(wc -c < picture.png)" -gt 5000 ] || fail "picture.png is empty"

print_heading "the C and Python examples of app/README.md"
dpkg-deb --info "$development" | grep -E '^ (Package|Depends|Description)'
dpkg-deb -x "$development" "$work/dev"
libraries=$(dirname "$(find "$work/dev" -name libattn.so)")
block() { awk -v begin="\`\`\`$1" '$0 == begin {on = 1; next} on && /^```$/ {exit} on' "$doc/app/README.md"; }
attn pack run --output model.attn
block c > example.c
flags=$(PKG_CONFIG_SYSROOT_DIR="$work/dev" PKG_CONFIG_PATH="$libraries/pkgconfig" pkg-config --cflags --libs attn)
# shellcheck disable=SC2086 # several flags
cc -Wall -Werror example.c $flags -L"$libraries" -I"$work/dev/usr/include" -o example
LD_LIBRARY_PATH=$libraries ./example model.attn | grep -F '"translation"' >/dev/null || fail "the C example prints no answer"
if LD_LIBRARY_PATH=$libraries ./example nowhere 2> error; then fail "the C example accepts a missing model"; fi
grep -F 'nowhere: there is no such model' error
block python | sed '/needs numpy/d' > example.py
PYTHONPATH=$work/dev/usr/lib/python3/dist-packages ATTN_LIBRARY=$libraries/libattn.so python3 example.py model.attn
cat > threads.py <<'END'
import sys, threading
import attn
models = [attn.Model(sys.argv[1]), attn.Model(sys.argv[1])]
expected = models[0].translate("a long book .")["translation"]
def work(model, wrong):
    for i in range(50):
        try:
            if model.translate("a long book .", beam_size=0 if i % 10 == 0 else 5)["translation"] != expected:
                wrong.append(i)
        except attn.Error as error:
            if "beam_size" not in str(error):
                wrong.append(error)
wrong = []
threads = [threading.Thread(target=work, args=(models[k % 2], wrong)) for k in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert not wrong, wrong
END
PYTHONPATH=$work/dev/usr/lib/python3/dist-packages ATTN_LIBRARY=$libraries/libattn.so python3 threads.py model.attn

if [ -z "${1:-}" ] && command -v mpirun >/dev/null; then
  print_heading "the package attn-mpi"
  cmake -S "$here" -B "$here/build-package" -DATTN_MPI=ON >/dev/null
  cmake --build "$here/build-package" --parallel "${JOBS:-$(nproc)}" >/dev/null
  (cd "$work" && cpack --config "$here/build-package/CPackConfig.cmake" >/dev/null)
  cmake -S "$here" -B "$here/build-package" -DATTN_MPI=OFF >/dev/null
  dpkg-deb --info "$(echo "$work"/attn-mpi_*.deb)" | grep -E '^ (Package|Depends|Provides|Conflicts)'
  dpkg-deb -x "$(echo "$work"/attn-mpi_*.deb)" "$work/mpi"
  OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe -n 2 "$work/mpi/usr/bin/attn" train \
    --config "$doc/configs/quickstart.json" --set train.run_dir=run2 --set train.max_updates=20 --log-level warning
  cmp run/last/model.safetensors run2/last/model.safetensors
  [ -z "$(objdump -p "$root/usr/bin/attn" | grep -i mpi)" ] || fail "the package attn needs MPI"
fi

# Other processors: the oldest one that is supported, and an older one.
if command -v qemu-x86_64 >/dev/null; then
  print_heading "on other processors"
  qemu-x86_64 -cpu Haswell "$root/usr/bin/attn" --version
  echo 'a book .' | qemu-x86_64 -cpu Haswell "$root/usr/bin/attn" translate --model run/best --threads 1 | wc -l
  code=0
  qemu-x86_64 -cpu Nehalem "$root/usr/bin/attn" --version || code=$?
  [ "$code" -eq 3 ] || fail "exit code $code instead of 3 on a processor without AVX2"
else
  echo "skipped: qemu-x86_64 is not installed"
fi
print_heading "all tests passed"
