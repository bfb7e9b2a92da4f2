#!/usr/bin/env bash
# Runs the kernels over random shapes under clang's sanitizers of addresses and of undefined behaviour, once
# for each instruction set that this processor has: scripts/sanitize-kernels.sh [CALLS]
# Needs clang 19 and its runtime (Debian: clang-19 libclang-rt-19-dev).
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

check() {
  local name=$1
  shift
  clang-19 -std=gnu11 -O1 -g -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all \
    -ffp-contract=fast -DUNROLL= -DVARIANT=sanitized -I src/worker/training/kernels/c "$@" \
    src/worker/training/kernels/c/{recurrent,dense,gather}.c test/worker/kernels/sanitized.c -o "$folder/$name"
  echo -n "$name: "
  "$folder/$name" "$calls"
}

calls=${1:-200}
flags=$(grep -m 1 '^flags' /proc/cpuinfo 2>/dev/null || true)
check baseline
if [[ $flags == *" avx2 "* ]]; then check avx2 -mavx2 -mfma; fi
if [[ $flags == *" avx512vl "* ]]; then
  check avx512 -mavx512f -mavx512vl -mavx512bw -mavx512dq -mavx2 -mfma
fi
