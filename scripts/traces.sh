#!/usr/bin/env bash
# Follows requests from a client's span through the proxy's to the server's. Client and server are PyPI's `mcp`, which makes spans of
# its own. All three export them to rotel, which forwards them to a decoder. Installs the Python packages below target/tools. All
# servers listen on loopback only and are stopped at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

install_python "$tools/traces" scripts/traces/requirements.txt
cargo test --quiet --locked --workspace --features mcp-proxy/otlp-traces,mcp-proxy/heap-profile --test proxy spans

home=$PWD/target/traces
rm -rf "$home" && mkdir -p "$home"
# A copy, because other builds replace the program.
proxy=$home/mcp-proxy
cp "$target/debug/mcp-proxy" "$proxy"
prepare_python "$home/logs"
# Replaces this shell, so that a signal to the script reaches the program.
exec "${limited[@]}" 300 "$tools/traces/bin/python" scripts/traces/follow.py
