#!/usr/bin/env bash
# Checks the running demo's page against its schema: every family in each format, and metrics that its own traffic does not
# change. Needs only Rust and bash.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

build_proxy
build_command
log=$(mktemp)
# Longer than the whole check; the demo is stopped at the end.
"$proxy" demo --for 300s --metrics 127.0.0.1:0 >"$log" 2>&1 &
demo=$!
trap 'kill "$demo" 2>/dev/null || true; wait "$demo" || true; rm -f "$log" "$log.toml"' EXIT

url=$(await_metrics "$log")

# Warnings are metrics that ten seconds of traffic do not change, such as limits and levels that have returned.
"$shadowcat_metrics" live-check "$url" --for 10s --format human

# A page of another schema must be rejected; otherwise the check above proves nothing.
sed 's/"shadowcat_active_sessions"/"shadowcat_sessions"/' metrics.toml >"$log.toml"
if found=$("$shadowcat_metrics" live-check "$url" --schema "$log.toml" 2>&1); then
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
