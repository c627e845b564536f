#!/usr/bin/env bash
# Debian's Prometheus and a newer one scrape a page with native histograms; their counts, sums and quantiles must agree with what
# was observed. Installs both below target/tools. Exits with 77 if the newer one cannot be downloaded and the older one agrees.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

home=$PWD/target/native
newer=$tools/prometheus-newer
rm -rf "$home"
cargo run --quiet --locked -p shadowcat-metrics-tests --bin native-pages -- "$home"
install_prometheus
judges=("$prometheus")
skipped=
if unpack_from_suite prometheus sid "$newer"; then
    judges+=("$newer/usr/bin/prometheus")
else
    skipped="Prometheus of Debian's sid cannot be downloaded"
fi
timeout --kill-after=10 600 python3 scripts/native/judge.py "$home" "${judges[@]}"
[ -z "$skipped" ] || { echo "skipped: $skipped"; exit 77; }
