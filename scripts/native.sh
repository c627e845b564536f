#!/usr/bin/env bash
# Debian's Prometheus (2.42 or later), 2.53 of Debian 13 and the one of sid (3.5 or later) scrape a page with native histograms.
# Their counts, sums and quantiles must agree with what was observed, and so must the quantiles in a test of promtool. Installs
# all of them below target/tools. Exits with 77 if a newer one cannot be downloaded and the others agree.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

home=$PWD/target/native
rm -rf "$home"
run_program native-pages "$home"
install_prometheus
judges=("$prometheus")
promtools=()
skipped=
for suite in trixie sid; do
    if unpack_from_suite prometheus "$suite" "$tools/prometheus-$suite"; then
        judges+=("$tools/prometheus-$suite/usr/bin/prometheus")
        unpack_from_suite promtool "$suite" "$tools/promtool-$suite"
        promtools+=("$tools/promtool-$suite/usr/bin/promtool")
    else
        skipped+="Prometheus of Debian's $suite cannot be downloaded. "
    fi
done
prepare_python "$home/logs"
"${limited[@]}" 600 python3 scripts/native/judge.py "$home" "${judges[@]}"
"${limited[@]}" 300 python3 scripts/native/quantiles.py "$home" "${promtools[@]}"
[ -z "$skipped" ] || { echo "skipped: $skipped"; exit 77; }
