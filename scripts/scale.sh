#!/usr/bin/env bash
# Runs several proxies under one Prometheus with a long-term store, with the configuration of docs/operations/scale. Installs
# its tools below target/tools. All servers listen on loopback only and are stopped at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

install_prometheus
install_victoria
build_proxy
build_command

say "the rules by the schema and by promtool"
"$shadowcat_metrics" check-rules docs/operations/scale/aggregate.yml
"$promtool" check rules docs/operations/scale/aggregate.yml

home=$PWD/target/scale
rm -rf "$home"
say "three proxies; logs in target/scale"
prepare_python "$home"
export SCALE_COMMAND=$shadowcat_metrics SCALE_STORE=$tools/victoria-metrics/usr/bin/victoria-metrics
# Replaces this shell, so that a signal to the script reaches the program.
exec "${limited[@]}" 1200 python3 scripts/scale/instances.py
