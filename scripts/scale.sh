#!/usr/bin/env bash
# Runs several proxies under one Prometheus with a long-term store, with the configuration of docs/operations/scale. Installs
# its tools below target/tools. All servers listen on loopback only and are stopped at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

install_prometheus
install_victoria
cargo build --quiet --locked --release -p mcp-proxy
cargo build --quiet --locked -p shadowcat-metrics-cli
target=${CARGO_TARGET_DIR:-$PWD/target}

say "the rules by the schema and by promtool"
"$target/debug/shadowcat-metrics" check-rules docs/operations/scale/aggregate.yml
"$promtool" check rules docs/operations/scale/aggregate.yml

home=$PWD/target/scale
rm -rf "$home" && mkdir -p "$home"
say "three proxies; logs in target/scale"
export PEERS_LOGS=$home PEERS_NODE_HOME=$home PEERS_PROMETHEUS=$prometheus PYTHONDONTWRITEBYTECODE=1
export PEERS_PROXY=$target/release/mcp-proxy SCALE_COMMAND=$target/debug/shadowcat-metrics
export SCALE_STORE=$tools/victoria-metrics/usr/bin/victoria-metrics
# Replaces this shell, so that a signal to the script reaches the program.
exec timeout --foreground --signal=INT --kill-after=10 1200 python3 scripts/scale/instances.py
