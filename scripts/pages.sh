#!/usr/bin/env bash
# Lets Debian's Prometheus scrape mutated pages on loopback, and compares the pages that it rejects with those that
# `live-check` reports. `scripts/pages.sh SEED` generates other pages.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

home=$PWD/target/pages
install_prometheus
rm -rf "$home"
mkdir -p "$home"
run_program mutated-pages "$home" "${1:-1}"
prepare_python "$home/logs"
"${limited[@]}" 400 python3 scripts/pages/scrape.py "$home"
