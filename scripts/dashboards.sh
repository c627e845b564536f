#!/usr/bin/env bash
# Validates the generated dashboards against a JSON Schema derived from Grafana's own types, and runs every query in them on
# Debian's Prometheus, which scrapes the running demo. Installs its tools below target/tools. All servers listen on loopback
# only.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

home=$PWD/target/dashboards
node_home=$tools/dashboards-node
install_prometheus
install_node "$node_home" scripts/dashboards
build_proxy
build_command

validate() { node scripts/dashboards/validate.cjs "$node_home" "$@"; }

# A check that accepts anything proves nothing, so each check must reject a broken input.
test_the_judges() {
    say "the schema refuses broken dashboards"
    rm -rf "$home/broken" && mkdir -p "$home/broken"
    local dashboard=docs/operations/dashboards/transport.json
    sed 's/"editable": false/"editable": "no"/' "$dashboard" >"$home/broken/type.json"
    sed 's/"schemaVersion": .*/"shemaVersion": 42,/' "$dashboard" >"$home/broken/name.json"
    sed 's/"showValue": "never"/"showValue": "often"/' "$dashboard" >"$home/broken/option.json"
    sed 's/"showPoints": "never"/"showPoints": "rarely"/' "$dashboard" >"$home/broken/custom.json"
    sed 's/"legendFormat":/"legend":/' "$dashboard" >"$home/broken/target.json"
    for broken in "$home"/broken/*.json; do
        ! cmp -s "$dashboard" "$broken" || { echo "$broken is not broken" >&2; exit 1; }
        ! validate "$broken" >/dev/null 2>&1 || { echo "the schema accepts $broken" >&2; exit 1; }
    done
}

ask() {
    rm -rf "$home/logs"
    prepare_python "$home/logs"
    "${limited[@]}" 120 python3 scripts/dashboards/queries.py
}

test_the_judges
failed=0
say "the pictures in the documents"
scripts/dashboards/pictures.sh "$home"
for picture in dashboard.svg latency.svg; do
    cmp "$home/$picture" "docs/$picture" || { echo "run: scripts/dashboards/pictures.sh docs" >&2; failed=1; }
done
say "Grafana's schema"
validate docs/operations/dashboards/*.json || failed=$((failed + 1))
say "every query is one that the schema has"
"$shadowcat_metrics" check-rules "docs/operations/dashboards/*.json" || failed=$((failed + 1))
say "a Prometheus that scrapes the demo; logs in target/dashboards/logs"
ask || failed=$((failed + 1))
say "$failed complaints"
[ "$failed" -eq 0 ]
