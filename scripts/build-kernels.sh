#!/usr/bin/env bash
# Compiles the kernels to WebAssembly, with and without relaxed SIMD: scripts/build-kernels.sh [--check]
# Needs clang 19 and its linker (Debian: clang-19 lld-19). The products are committed, so that users need neither;
# --check compiles into a temporary folder and compares: the same clang gives the same bytes.
set -euo pipefail
cd "$(dirname "$0")/../src/worker/training/kernels"

# compile OUTPUT FLAGS...
compile() {
  local output=$1
  shift
  clang-19 --target=wasm32 -std=c11 -O3 -msimd128 "$@" -mmutable-globals -ffp-contract=fast -fno-math-errno \
    -fno-trapping-math -Wall -Wextra -Werror -nostdlib -fno-builtin -fno-ident \
    -Wl,--no-entry -Wl,--import-memory -Wl,--export=__stack_pointer -Wl,--strip-all \
    c/recurrent.c c/dense.c -o "$output"
}

compile_all() {
  compile "$1/recurrent.wasm"
  compile "$1/recurrent-relaxed.wasm" -mrelaxed-simd
}

if [ "${1:-}" = --check ]; then
  fresh=$(mktemp -d)
  trap 'rm -rf "$fresh"' EXIT
  compile_all "$fresh"
  for file in recurrent.wasm recurrent-relaxed.wasm; do
    cmp "$fresh/$file" "$file"
    echo "$file is what $(clang-19 --version | head -n 1) makes of its source"
  done
else
  compile_all .
fi
