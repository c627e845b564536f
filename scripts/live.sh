#!/usr/bin/env bash
# The running proxy held against its schema: every family in each format, and what its own traffic does not move.
# Needs Rust and bash alone.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

cargo build --quiet --locked --release -p mcp-proxy
cargo build --quiet --locked -p shadowcat-metrics-cli
target=${CARGO_TARGET_DIR:-target}
log=$(mktemp)
# Longer than all of this takes; it is ended when it is done.
"$target/release/mcp-proxy" demo --for 300s --metrics 127.0.0.1:0 >"$log" 2>&1 &
demo=$!
trap 'kill "$demo" 2>/dev/null || true; wait "$demo" || true; rm -f "$log" "$log.toml"' EXIT

url=$(await_metrics "$log")

# Warnings are what the traffic of ten seconds leaves alone, such as limits and levels that have returned.
"$target/debug/shadowcat-metrics" live-check "$url" --for 10s --format human

# A page that is not the schema's must be refused, or the check above says nothing.
sed 's/"shadowcat_active_sessions"/"shadowcat_sessions"/' metrics.toml >"$log.toml"
if found=$("$target/debug/shadowcat-metrics" live-check "$url" --schema "$log.toml" 2>&1); then
    echo "a schema with another name was not told from the program's" >&2
    exit 1
fi
for code in LC02 LC03; do
    if ! grep -q "$code" <<<"$found"; then
        echo "the other schema gave no $code: $found" >&2
        exit 1
    fi
done
echo "live-check: the demo conforms, and another schema does not"
