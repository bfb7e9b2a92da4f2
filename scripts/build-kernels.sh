#!/usr/bin/env bash
# Compiles the kernels to WebAssembly: scripts/build-kernels.sh [--check | OUTPUT]
# Needs clang and wasm-ld (Debian: clang lld). The product is committed, so that users need neither;
# --check compiles into a temporary file and compares: the same clang gives the same bytes.
set -euo pipefail
cd "$(dirname "$0")/../src/worker/training/kernels"

compile() {
  clang --target=wasm32 -std=c11 -O3 -msimd128 -mmutable-globals -ffp-contract=fast -fno-math-errno -fno-trapping-math \
    -Wall -Wextra -Werror -nostdlib -fno-builtin -fno-ident \
    -Wl,--no-entry -Wl,--import-memory -Wl,--export=__stack_pointer -Wl,--strip-all \
    c/recurrent.c c/dense.c -o "$1"
}

if [ "${1:-}" = --check ]; then
  fresh=$(mktemp)
  trap 'rm -f "$fresh"' EXIT
  compile "$fresh"
  cmp "$fresh" recurrent.wasm && echo "recurrent.wasm is what $(clang --version | head -n 1) makes of its source"
else
  compile "${1:-recurrent.wasm}"
fi
