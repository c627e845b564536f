#!/usr/bin/env bash
# Whether the generated alerts really fire: the demo's faults, Debian's Prometheus and Alertmanager, and a webhook. Installs
# what it needs below target/tools; everything listens on loopback; what it starts, it ends.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

install_prometheus
install_alertmanager
cargo build --quiet --locked --release -p mcp-proxy

home=$PWD/target/alerts
rm -rf "$home" && mkdir -p "$home/logs"
say "rules with windows of a hundredth"
cargo run --quiet --locked -p shadowcat-metrics-cli -- generate --scale-windows 0.01 --out-dir "$home/docs" >/dev/null

say "the demo's faults; logs in target/alerts/logs"
PEERS_LOGS=$home/logs PEERS_NODE_HOME=$home PEERS_PROMETHEUS=$prometheus PYTHONDONTWRITEBYTECODE=1 \
    PEERS_PROXY=${CARGO_TARGET_DIR:-$PWD/target}/release/mcp-proxy \
    ALERTS_MANAGER=$alertmanager ALERTS_RULES=$home/docs/operations \
    timeout --signal=INT --kill-after=10 300 python3 scripts/alerts/fires.py
