#!/usr/bin/env bash
# Checks the rules and dashboards for classic, native and both forms of histograms. promtool of Debian 12, 2.53 and 3.5 run the tests
# of the forms that they know. Prometheus of Debian 12 and 3.5 scrape the demo: as classic histograms, and converted to native ones.
# Then they scrape a demo whose histograms all have native buckets. Every recording rule and every panel of a histogram must have
# data in each, and the objectives must agree. Unpacks Debian's packages below target/tools, or skips if they cannot be downloaded.
# All servers listen on loopback only.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

home=$PWD/target/histograms
get() {
    unpack_from_suite "$1" "$2" "$tools/$1-$2" || { echo "skipped: cannot download $1 of Debian's $2"; exit 77; }
}
install_prometheus
get promtool trixie
get promtool sid
get prometheus sid
newer=$tools/prometheus-sid/usr/bin/prometheus
if ! "$newer" --version 2>&1 | grep -Eq 'version ([4-9]|3\.([5-9]|[1-9][0-9]))\.'; then
    echo "skipped: the prometheus of Debian's sid is older than 3.5"
    exit 77
fi

failed=0
rm -rf "$home" && mkdir -p "$home/broken"
cp shadowcat-metrics-operations/tests/histograms/native/*.yml "$home/broken"
sed -i 's/ratio_rate1h - 0\.0005)/ratio_rate1h - 0.5)/' "$home/broken/rules.test.yml"
check() {
    say "$("$1" --version 2>&1 | sed -n 's/ (.*//;1p') tests the rules for histograms = \"$2\""
    (
        cd "shadowcat-metrics-operations/tests/histograms/$2"
        "$1" check rules rules.yml alerts.yml >/dev/null && "$1" test rules rules.test.yml alerts.test.yml
    ) || failed=$((failed + 1))
}
# promtool before 2.53 cannot test native histograms.
check "$promtool" classic
for promtool in "$tools"/promtool-{trixie,sid}/usr/bin/promtool; do
    for form in classic native both; do check "$promtool" "$form"; done
    ! "$promtool" test rules "$home/broken/rules.test.yml" >/dev/null 2>&1 ||
        { echo "promtool accepts a test that expects too much" >&2; exit 1; }
done

# The same numbers in buckets with exactly the limits of the objectives, as Prometheus converts them from classic histograms.
converted=$home/converted
mkdir -p "$converted" && cp shadowcat-metrics-operations/tests/histograms/native/*.yml "$converted"
buckets='(offset:-[25] buckets:\[([0-9]+) 0 0|n_buckets:\[([0-9]+)\] offset:1 buckets:\[) ?([0-9]+)\]'
sed -Ei -e "s/\{\{\}\}\+\{\{schema:0 (count:[0-9]+ sum:[0-9]+) $buckets/{{schema:-53 bounds}}+{{schema:-53 \1 bounds buckets:[\3\4 \5]/" \
    -e '/_seconds/,/values/s/bounds/custom_values:[0.1024]/g' -e 's/bounds/custom_values:[0]/g' "$converted"/*.test.yml
if ! grep -q 'custom_values:\[0\.1024\]' "$converted/rules.test.yml" || grep -q 'schema:0' "$converted"/*.test.yml; then
    echo "the tests have other values than this script expects" >&2
    exit 1
fi
say "promtool tests the rules for converted histograms"
(cd "$converted" && "$promtool" test rules rules.test.yml alerts.test.yml) || failed=$((failed + 1))

# The proxy with native buckets for all of its histograms. A field that holds a timer names the type of its buckets.
native=$home/source
mkdir -p "$native" && git ls-files -z | xargs -0 cp --parents --no-dereference -t "$native"
factor=1.2
range() { printf 'native = { factor = %s, from = %s, to = %s }' "$factor" "$1" "$2"; }
sed -i -e "/^buckets = \"size\"/a $(range 64 16_777_216)" -e "/^buckets = \"share\"/a $(range 0.01 1.0)" \
    -e "/^buckets = \"\(latency\|body\)\"/a $(range '"10us"' '"60s"')" \
    -e "/^buckets = \"\(operation\|tool\|idle\|lifetime\)\"/a $(range '"1ms"' '"1h"')" "$native/metrics.toml"
if [ "$(grep -c '^native = ' "$native/metrics.toml")" != "$(grep -c '^type = "histogram"' metrics.toml)" ]; then
    echo "not every histogram got native buckets" >&2
    exit 1
fi
of='shadowcat_metrics::NoExemplars, shadowcat_metrics::Native'
find "$native/mcp-proxy/src" -name '*.rs' -exec sed -Ei -e "s/(Option<|\()OwnedTimer([>)])/\1OwnedTimer<$of>\2/" \
    -e "s/-> Histogram<'_, Seconds>/-> Histogram<'_, Seconds, $of>/" {} +
# Other settings for the crates of the checkout, so that cargo does not take these for them. The dependencies are shared.
settings=()
for crate in mcp-proxy shadowcat-metrics*/; do
    settings+=("--config=profile.release.package.${crate%/}".{opt-level=1,codegen-units=32})
done
(cd "$native" && cargo build --quiet --locked --release -p mcp-proxy --target-dir "$target" "${settings[@]}")
# A copy, because the next build replaces the program.
cp "$proxy" "$home/native-proxy"

build_command
build_proxy
documents() {
    sed "s/^\[operations]/&\nhistograms = \"$2\"/" "$1" >"$home/$3.toml"
    grep -q "^histograms = \"$2\"" "$home/$3.toml"
    mkdir -p "$home/$3/operations/runbooks"
    cp -R docs/operations/runbooks/notes "$home/$3/operations/runbooks"
    "$shadowcat_metrics" generate --scale-windows 0.01 --out-dir "$home/$3" "$home/$3.toml" >/dev/null
}
for form in classic native both; do documents metrics.toml "$form" "$form"; done

for form in native both; do documents "$native/metrics.toml" "$form" "declared-$form"; done

say "Prometheus stores the demo's histograms in each form; logs in target/histograms/logs"
prepare_python "$home/logs"
HISTOGRAMS_DOCUMENTS=$home HISTOGRAMS_FACTOR=$factor HISTOGRAMS_OLDER=$prometheus HISTOGRAMS_NEWER=$newer \
    HISTOGRAMS_NATIVE_PROXY=$home/native-proxy "${limited[@]}" 900 python3 scripts/histograms/forms.py || failed=$((failed + 1))
say "$failed complaints"
[ "$failed" -eq 0 ]
