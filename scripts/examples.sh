#!/usr/bin/env bash
# Runs every program in examples/, checks its output or its page, and checks its schema. Needs only Rust and bash.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

output=$(mktemp)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -f "$output"' EXIT

say "building the examples"
cargo build --quiet --locked --workspace --bins

say "schemas"
for schema in examples/*/metrics.toml; do
    "$shadowcat_metrics" check --deny-warnings "$schema"
    "$shadowcat_metrics" fmt --check "$schema"
done

# Checks that the output has each of these lines.
expect() {
    local name=$1 line
    shift
    for line in "$@"; do
        grep -qxF -- "$line" "$output" ||
            { cat "$output" >&2; echo "$name does not print: $line" >&2; exit 1; }
    done
    ran+=("$name")
}

# Runs an example that exits by itself.
run() {
    local name=$1
    shift
    say "$name"
    timeout 60 "$target/debug/example-$name" >"$output"
    expect "$name" "$@"
}

# Prints the response to a GET of path $2 on port $1 of loopback.
fetch() {
    exec 3<>"/dev/tcp/127.0.0.1/$1"
    printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$2" >&3
    tr -d '\r' <&3
    exec 3>&-
}

ran=()
run quickstart \
    'shop_checkout_orders_total{method="card"} 3' \
    'shop_checkout_duration_seconds_count{method="card"} 3'
run prometheus-registry 'mail_logins_total 1' 'mail_delivery_messages_total{folder="spam"} 2'
run background-callbacks 'worker_queue_jobs_total 5' 'worker_queue_free 16'
run native-histograms \
    'kitchen_orders_cooking_seconds_bucket{le="600.0"} 900' \
    '0.5 of the orders were ready within 279 to 304 seconds' \
    '0.95 of the orders were ready within 2233 to 2435 seconds'
run tenants \
    'api_tenant_usage_requests_total{tenant="acme"} 1' \
    'api_tenant_usage_requests_total{tenant="other"} 2' \
    'api_tenant_usage_requests_total{tenant="stark"} 1'
run application 'shop_orders_placed_total 3' 'pool_connections_opened_total 1' 'pool_connections_idle 1'

say "axum-middleware"
"$target/debug/example-axum-middleware" 127.0.0.1:0 >"$output" &
server=$!
url=$(await_metrics "$output")
port=${url#http://127.0.0.1:}
port=${port%/metrics}
fetch "$port" /users/7 >"$output"
expect axum-middleware "user 7"
fetch "$port" /metrics >"$output"
expect axum-middleware 'web_http_requests_total{route="/users/{id}",method="get",status="2xx"} 1'
kill "$server" && wait "$server" 2>/dev/null || true
server=

# The others are libraries; `cargo test` runs their tests.
for folder in examples/*/; do
    name=$(basename "$folder")
    [ -e "$folder/src/lib.rs" ] || [[ " ${ran[*]} " == *" $name "* ]] ||
        { echo "scripts/examples.sh does not run $name" >&2; exit 1; }
    [ "$(wc -l <"$(echo "$folder"src/*.rs)")" -le 150 ] || { echo "$name is longer than 150 lines" >&2; exit 1; }
    grep -qF "($name/" examples/README.md || { echo "examples/README.md does not list $name" >&2; exit 1; }
done
say "all examples ran"
