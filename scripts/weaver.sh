#!/usr/bin/env bash
# Checks exported registries against the JSON Schema of OpenTelemetry's Weaver. Downloads it below target, unless WEAVER_SCHEMA names
# a copy.
set -euo pipefail
cd "$(dirname "$0")/.."

weaver=afa9700cfd607f15de2553dc8a110d435c22df31 # 0.25.1
home=$PWD/target/weaver

# Downloads a URL into a file, unless an earlier run did.
get() {
    [ -s "$2" ] || { mkdir -p "$(dirname "$2")" && curl -fsSL --max-time 120 "$1" -o "$2.part" && mv "$2.part" "$2"; }
}

schema=${WEAVER_SCHEMA:-$home/semconv.schema.v2.json}
[ -n "${WEAVER_SCHEMA:-}" ] ||
    get "https://raw.githubusercontent.com/open-telemetry/weaver/$weaver/schemas/semconv.schema.v2.json" "$schema"

echo "exported registries are valid"
WEAVER_SCHEMA=$schema cargo test --quiet --locked -p shadowcat-metrics-operations --test weaver -- --ignored
