#!/usr/bin/env bash
# Checks that the generated alerts fire: the demo's faults, Debian's Prometheus and Alertmanager, and a webhook. Installs its
# tools below target/tools. All servers listen on loopback only and are stopped at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

install_prometheus
install_alertmanager
build_proxy

home=$PWD/target/alerts
rm -rf "$home" && mkdir -p "$home/docs/operations/runbooks"
cp -R docs/operations/runbooks/notes "$home/docs/operations/runbooks"
say "rules with windows of a hundredth, and runbooks at an address"
runbook_url='http://127.0.0.1/runbooks/{alert}'
sed "s#^\[operations]#&\nrunbook_url = \"$runbook_url\"#" metrics.toml >"$home/metrics.toml"
build_command
"$shadowcat_metrics" generate --scale-windows 0.01 --out-dir "$home/docs" "$home/metrics.toml" >/dev/null

say "the demo's faults; logs in target/alerts/logs"
prepare_python "$home/logs"
export ALERTS_MANAGER=$alertmanager ALERTS_RULES=$home/docs/operations ALERTS_RUNBOOK_URL=$runbook_url
# Replaces this shell, so that a signal to the script reaches the program.
exec "${limited[@]}" 1200 python3 scripts/alerts/fires.py
