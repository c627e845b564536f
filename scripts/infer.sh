#!/usr/bin/env bash
# Infers schemas from pages of third-party programs: Debian's Prometheus, node_exporter and etcd, run from their unpacked
# packages on loopback. Each schema must have no findings and expose every family of the page, except those that a note names.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

home=$PWD/target/infer
pids=()

# Stops the started program by its process id.
cleanup() { [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true; }
trap cleanup EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Runs a program and fetches its page.
page_of() {
    local name=$1 port=$2
    shift 2
    "$@" >"$home/$name.log" 2>&1 &
    pids+=($!)
    for _ in $(seq 100); do
        if curl -sSf --max-time 5 "http://127.0.0.1:$port/metrics" -o "$home/$name.txt" 2>/dev/null; then return 0; fi
        sleep 0.1
    done
    cat "$home/$name.log" >&2
    echo "$name serves no page" >&2
    return 1
}

# Prints the names of the page's families.
families() { sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$1" | sort -u; }

judge() {
    local name=$1 page=$home/$1.txt schema=$home/$1.toml notes=$home/$1.notes
    rm -f "$schema"
    "$shadowcat_metrics" infer "$page" --out "$schema" 2>"$notes"
    "$shadowcat_metrics" check --deny-warnings "$schema"
    "$shadowcat_metrics" fmt --check "$schema"
    "$shadowcat_metrics" list --format json "$schema" | python3 -c '
import json, sys
print("\n".join(metric["name"] for metric in json.load(sys.stdin)["metrics"] if metric["origin"] == "schema"))' |
        sort -u >"$home/$name.exposed"
    # shellcheck disable=SC2016 # the backquotes belong to the note
    { cat "$home/$name.exposed"; sed -n 's/^note: `\([^`]*\)` is left out.*/\1/p' "$notes"; } | sort -u >"$home/$name.told"
    diff <(families "$page") "$home/$name.told" || { echo "$name: the names differ" >&2; return 1; }
    printf '%s: %d families, %d left out\n' "$name" "$(families "$page" | wc -l)" "$(grep -c 'is left out' "$notes" || true)"
}

install_prometheus
unpack prometheus-node-exporter "$tools/node-exporter"
unpack etcd-server "$tools/etcd"
build_command
rm -rf "$home/data"
mkdir -p "$home/data"
: >"$home/data/prometheus.yml"

port=$(free_port)
page_of prometheus "$port" "$prometheus" --config.file="$home/data/prometheus.yml" \
    --storage.tsdb.path="$home/data/prometheus" --web.listen-address="127.0.0.1:$port"
port=$(free_port)
page_of node "$port" "$tools/node-exporter/usr/bin/prometheus-node-exporter" --web.listen-address="127.0.0.1:$port"
port=$(free_port)
peer=$(free_port)
page_of etcd "$port" "$tools/etcd/usr/bin/etcd" --data-dir "$home/data/etcd" \
    --listen-client-urls "http://127.0.0.1:$port" --advertise-client-urls "http://127.0.0.1:$port" \
    --listen-peer-urls "http://127.0.0.1:$peer" --initial-advertise-peer-urls "http://127.0.0.1:$peer" \
    --initial-cluster "default=http://127.0.0.1:$peer"

failed=0
for name in prometheus node etcd; do judge "$name" || failed=$((failed + 1)); done
say "3 pages of others, $failed complaints"
[ "$failed" -eq 0 ]
