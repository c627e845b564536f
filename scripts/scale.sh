#!/usr/bin/env bash
# Many proxies under one Prometheus and a store for the long term, by the configuration of docs/operations/scale. Installs what
# it needs below target/tools; everything listens on loopback; what it starts, it ends.
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
# In its place, so that whoever ends this script ends what it has started.
exec timeout --foreground --signal=INT --kill-after=10 420 python3 scripts/scale/instances.py
