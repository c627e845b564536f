#!/usr/bin/env bash
# Many proxies under one Prometheus and a store for the long term, by the configuration of docs/operations/scale. Installs what
# it needs below target/tools; everything listens on loopback; what it starts, it ends.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

install_prometheus
install_victoria
cargo build --quiet --locked --release -p mcp-proxy

say "the rules by the schema and by promtool"
cargo run --quiet --locked -p shadowcat-metrics-cli -- check-rules docs/operations/scale/aggregate.yml
"$promtool" check rules docs/operations/scale/aggregate.yml

home=$PWD/target/scale
rm -rf "$home" && mkdir -p "$home"
say "three proxies; logs in target/scale"
PEERS_LOGS=$home PEERS_NODE_HOME=$home PEERS_PROMETHEUS=$prometheus PYTHONDONTWRITEBYTECODE=1 \
    PEERS_PROXY=${CARGO_TARGET_DIR:-$PWD/target}/release/mcp-proxy \
    SCALE_STORE=$tools/victoria-metrics/usr/bin/victoria-metrics \
    timeout --signal=INT --kill-after=10 240 python3 scripts/scale/instances.py
