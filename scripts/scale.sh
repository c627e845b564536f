#!/usr/bin/env bash
# Measures what a few targets cost Prometheus. Then runs several proxies under one Prometheus with a long-term store, with the
# configuration of docs/operations/scale. Installs its tools below target/tools. All servers listen on loopback only and are
# stopped at the end.
#
#   scripts/scale.sh                         both
#   scripts/scale.sh targets 100 1000:500    only measures, with 100 targets, then 1,000 with 500 series each; see `targets --help`
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

install_prometheus
build_proxy

# Measures a Prometheus with the arguments as targets.
measure_targets() {
    rm -rf "$PWD/target/scale-targets"
    prepare_python "$PWD/target/scale-targets"
    say "Prometheus with many targets; logs in target/scale-targets"
    "${limited[@]}" 3600 python3 scripts/scale/targets.py "$@"
}

if [ "${1:-}" = targets ]; then
    measure_targets "${@:2}"
    exit
fi

install_victoria
build_command

say "the rules by the schema and by promtool"
"$shadowcat_metrics" check-rules docs/operations/scale/aggregate.yml
"$promtool" check rules docs/operations/scale/aggregate.yml

measure_targets --interval 5 --scrapes 2 3:1000 10:1000

home=$PWD/target/scale
rm -rf "$home"
say "three proxies; logs in target/scale"
prepare_python "$home"
export SCALE_COMMAND=$shadowcat_metrics SCALE_STORE=$tools/victoria-metrics/usr/bin/victoria-metrics
# Replaces this shell, so that a signal to the script reaches the program.
exec "${limited[@]}" 1200 python3 scripts/scale/instances.py
