#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Receipts of a child and a stage's own loop, beside cat.
set -euo pipefail

bin=$(realpath -- "${1:?usage: bench-loop.sh BUILD}")
"$bin/tests/bench_loop"
