#!/usr/bin/env bash
# Runs the proxy with third-party programs: Debian's Prometheus scrapes it, the reference server of the Model Context Protocol
# is behind it, Python's client and the inspector are in front of it, and each part is killed in turn. Installs its tools
# below target/tools. All servers listen on loopback only and are stopped at the end.
#
#   scripts/peers.sh [prometheus | exemplars | sessions | kills | today]...    all by default
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

[ $# -gt 0 ] || set -- prometheus exemplars sessions kills today
for part in "$@"; do
    case $part in
    prometheus | exemplars | sessions | kills | today) ;;
    *) echo "no such part: $part" >&2 && exit 2 ;;
    esac
done

install_prometheus
install_python "$tools/peers-python" scripts/peers/requirements.txt
install_node "$tools/peers-node" scripts/peers
install_python "$tools/peers-today-python" scripts/peers/today/requirements.txt
install_node "$tools/peers-today-node" scripts/peers/today
build_proxy

export PEERS_PROMTOOL=$promtool PEERS_NODE_HOME=$tools/peers-node
export PEERS_TODAY_PYTHON=$tools/peers-today-python/bin/python PEERS_TODAY_NODE=$tools/peers-today-node
export PEERS_TODAY_RMCP=$tools/rmcp/debug/peers-rmcp

# Each part is a separate program with its own logs, and a timeout.
run() {
    local name=$1 limit=$2
    shift 2
    rm -rf "$PWD/target/peers/$name"
    prepare_python "$PWD/target/peers/$name"
    say "$name; logs in target/peers/$name"
    "${limited[@]}" "$limit" "$tools/peers-python/bin/python" "$@"
}

build_rmcp() {
    cargo build --quiet --locked --manifest-path scripts/peers/today/rmcp/Cargo.toml --target-dir "$tools/rmcp"
}

failed=()
# The kills mostly wait, so they run in parallel with the other parts. Their output is printed at the end.
kills="" kills_output=$PWD/target/peers/kills.txt
if [[ " $* " == *" kills "* ]]; then
    mkdir -p target/peers
    # In a process group of its own, so that an interrupt reaches all of it.
    set -m
    run kills 900 scripts/peers/kills.py >"$kills_output" 2>&1 & kills=$!
    set +m
    trap 'kill -INT -- "-$kills" 2>/dev/null || true' EXIT
fi
for part in "$@"; do
    case $part in
    prometheus) run prometheus 600 scripts/peers/scraped.py || failed+=("$part") ;;
    exemplars) run exemplars 300 scripts/peers/exemplars.py || failed+=("$part") ;;
    sessions) run sessions 900 scripts/peers/sessions.py || failed+=("$part") ;;
    kills) ;;
    # The kills do not wait for this build.
    today) { build_rmcp && run today 1200 scripts/peers/today.py; } || failed+=("$part") ;;
    esac
done
if [ -n "$kills" ]; then
    wait "$kills" || failed+=(kills)
    cat "$kills_output"
fi
[ ${#failed[@]} -eq 0 ] || { echo "failed: ${failed[*]}" >&2; exit 1; }
