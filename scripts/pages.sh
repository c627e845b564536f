#!/usr/bin/env bash
# Has Debian's Prometheus scrape mutated pages on loopback, and compares which it refuses with what the reader of
# `live-check` says. `scripts/pages.sh SEED` makes other pages.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

home=$PWD/target/pages
install_prometheus
rm -rf "$home"
mkdir -p "$home"
cargo run --quiet --locked -p shadowcat-metrics-tests --bin mutated-pages -- "$home" "${1:-1}"
timeout 120 python3 scripts/pages/scrape.py "$prometheus" "$home"
