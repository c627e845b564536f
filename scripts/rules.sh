#!/usr/bin/env bash
# Parses the generated rules with Prometheus' promtool and VictoriaMetrics' vmalert, and runs their tests: for each alert,
# series that fire it and series that do not. Installs both below target/tools; starts no service.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

home=$PWD/target/rules
install_prometheus
install_victoria
build_command

# A check that accepts anything proves nothing, so both tools must reject broken rules and tests.
test_the_judges() {
    say "the judges refuse broken rules"
    rm -rf "$home/broken" && mkdir -p "$home/broken"
    sed 's/sum by/sum bye/' docs/operations/rules.yml >"$home/broken/rules.yml"
    sed 's/ > 0\.1$/ > 1000/' docs/operations/alerts.yml >"$home/broken/alerts.yml"
    cp docs/operations/alerts.test.yml "$home/broken"
    ! "$promtool" check rules "$home/broken/rules.yml" >/dev/null 2>&1 ||
        { echo "promtool accepts a broken rule" >&2; exit 1; }
    ! dry_run "$home/broken/rules.yml" >/dev/null 2>&1 || { echo "vmalert accepts a broken rule" >&2; exit 1; }
    cp docs/operations/rules.yml "$home/broken/rules.yml"
    ! "$promtool" test rules "$home/broken/alerts.test.yml" >/dev/null 2>&1 ||
        { echo "the tests pass for alerts that cannot fire" >&2; exit 1; }
}

dry_run() {
    local arguments=() said
    for file in "$@"; do arguments+=("-rule=$file"); done
    said=$("$vmalert" -dryRun -loggerLevel=WARN "${arguments[@]}" 2>&1) || { printf '%s\n' "$said" >&2; return 1; }
}

test_the_judges
failed=0
say "promtool reads the rules and runs their tests"
(
    cd docs/operations
    "$promtool" check rules rules.yml alerts.yml && "$promtool" test rules rules.test.yml alerts.test.yml
) || failed=$((failed + 1))
say "vmalert reads the rules"
dry_run docs/operations/rules.yml docs/operations/alerts.yml || failed=$((failed + 1))
say "every query in them is one that the schema has"
"$shadowcat_metrics" check-rules "docs/operations/*s.yml" || failed=$((failed + 1))
say "both read rules with shortened windows"
rm -rf "$home/short"
"$shadowcat_metrics" generate --scale-windows 0.01 --out-dir "$home/short" >/dev/null
"$promtool" check rules "$home"/short/operations/{rules,alerts}.yml || failed=$((failed + 1))
dry_run "$home"/short/operations/{rules,alerts}.yml || failed=$((failed + 1))
say "$failed complaints"
[ "$failed" -eq 0 ]
