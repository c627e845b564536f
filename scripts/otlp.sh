#!/usr/bin/env bash
# Pushes the demo's metrics over OTLP to VictoriaMetrics, and to rotel, which forwards them to a decoder. Compares every value with
# the page. Also pushes native histograms, and compares their quantiles with the exact ones. Installs both below target/tools. All
# servers listen on loopback only and are stopped at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

# Debian 12's VictoriaMetrics does not receive OTLP.
unpack_from_suite victoria-metrics sid "$tools/victoria-metrics-sid"
install_python "$tools/otlp" scripts/otlp/requirements.txt
build_proxy
build_program native-pages

home=$PWD/target/otlp
rm -rf "$home"
prepare_python "$home"
export OTLP_NATIVE=$target/debug/native-pages OTLP_VICTORIA=$tools/victoria-metrics-sid/usr/bin/victoria-metrics
# Replaces this shell, so that a signal to the script reaches the program.
exec "${limited[@]}" 300 "$tools/otlp/bin/python" scripts/otlp/receive.py
