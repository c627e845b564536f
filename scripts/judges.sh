#!/usr/bin/env bash
# Checks every page that we can generate with third-party parsers: the Prometheus text format with Debian's promtool,
# OpenMetrics with PyPI's prometheus_client. Installs both below target. Starts no service except on loopback.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

home=$PWD/target/judges
pages=$home/pages
python=$home/venv/bin/python
demo_pid=
# The `Accept` header of Prometheus 2.42.
prometheus_accepts='application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75'
prometheus_accepts+=',text/plain;version=0.0.4;q=0.5,*/*;q=0.1'

# Stops the demo, if it runs, by its process id.
cleanup() { [ -z "$demo_pid" ] || kill "$demo_pid" 2>/dev/null || true; }
trap cleanup EXIT

install_judges() {
    install_prometheus
    install_python "$home/venv" scripts/judges/requirements.txt
}

# promtool exits with 3 for lint findings. Any output is a finding.
ask_promtool() {
    local said
    if said=$("$promtool" check metrics <"$1" 2>&1) && [ -z "$said" ]; then return 0; fi
    printf '%s: %s\n' "$1" "$said" >&2
    return 1
}

ask_openmetrics() { "$python" scripts/judges/openmetrics.py "$@"; }

# A check that accepts anything proves nothing, so each parser must reject a broken page.
test_the_judges() {
    say "the judges refuse broken pages"
    local broken=$home/broken.txt
    printf '# TYPE a counter\na_total{x="1} 1\n' >"$broken"
    ! ask_promtool "$broken" 2>/dev/null || { echo "promtool accepts a broken page" >&2; exit 1; }
    printf '# HELP requests Requests.\n# TYPE requests counter\nrequests 1\n' >"$broken"
    ! ask_promtool "$broken" 2>/dev/null || { echo "promtool does not lint" >&2; exit 1; }
    local page
    for page in scripts/judges/broken/*.txt; do
        ! ask_openmetrics "$page" 2>/dev/null || { echo "the OpenMetrics judge accepts $page" >&2; exit 1; }
    done
}

# Fetches the demo's page in every format.
fetch_demo() {
    local log=$home/demo.log url
    build_proxy
    "$proxy" demo --for 12s --metrics 127.0.0.1:0 >"$log" 2>&1 &
    demo_pid=$!
    url=$(await_metrics "$log")
    sleep 6
    curl -sSf --max-time 10 "$url" -o "$pages/text/demo.txt"
    curl -sSf --max-time 10 -H 'Accept-Encoding: gzip' "$url" | gunzip >"$pages/text/demo-gzip.txt"
    curl -sSf --max-time 10 -H "Accept: $prometheus_accepts" "$url" \
        -o "$pages/openmetrics/demo.txt"
    wait "$demo_pid" || { cat "$log" >&2; echo "the demo failed" >&2; exit 1; }
    demo_pid=
    grep -q '^shadowcat_' "$pages/text/demo.txt" || { echo "the demo's page is empty" >&2; exit 1; }
}

install_judges
test_the_judges
say "making pages"
rm -rf "$pages"
mkdir -p "$pages/text" "$pages/openmetrics"
run_program judge-pages "$pages"
fetch_demo

failed=0
text=("$pages"/text/*.txt)
openmetrics=("$pages"/openmetrics/*.txt)
say "promtool reads ${#text[@]} pages"
for page in "${text[@]}"; do ask_promtool "$page" || failed=$((failed + 1)); done
say "prometheus_client reads ${#openmetrics[@]} pages"
ask_openmetrics "${openmetrics[@]}" || failed=$((failed + 1))
say "$((${#text[@]} + ${#openmetrics[@]})) pages judged, $failed complaints"
[ "$failed" -eq 0 ]
