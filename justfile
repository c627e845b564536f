# The chores of this repository. Each is one command, so `just` itself is a convenience and nothing needs it.

# Lists the recipes.
default:
    @just --list

# All tests; they need Rust alone.
test:
    cargo test --workspace

# What CI runs before it tests.
lint:
    cargo fmt --all -- --check
    cargo clippy --workspace --all-targets --all-features -- -D warnings
    cargo clippy -p shadowcat-metrics --no-default-features --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features

# Every script, by shellcheck.
scripts:
    scripts/shell.sh

# Checks metrics.toml.
check:
    cargo run -q -p shadowcat-metrics-cli -- check

# Metrics that the proxy does not record, and label values that it does not pass.
unused:
    cargo run -q -p shadowcat-metrics-cli -- unused --except-in mcp-proxy/demo -- -p mcp-proxy

# What metrics.toml changes from the last release, and whether the changelog tells what breaks.
promises:
    scripts/promises.sh

# Brings metrics.toml into the one layout.
fmt:
    cargo run -q -p shadowcat-metrics-cli -- fmt

# Writes the documents in docs that come from metrics.toml anew.
generate:
    cargo run -q -p shadowcat-metrics-cli -- generate

# Accepts changed golden files; read the difference before you commit it.
bless:
    UPDATE_EXPECT=1 TRYBUILD=overwrite INSTA_UPDATE=always cargo test --workspace

# The recording core under loom: every interleaving of its threads.
loom:
    RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom cargo test --release -p shadowcat-metrics --no-default-features --test loom

# Third-party parsers on every page we can make.
judges:
    scripts/judges.sh

# Prometheus' promtool and VictoriaMetrics' vmalert on the generated rules and their tests.
rules:
    scripts/rules.sh

# The generated alerts on the demo's faults, by way of Alertmanager.
alerts:
    scripts/alerts.sh

# Many proxies under one Prometheus, with VictoriaMetrics behind it.
scale:
    scripts/scale.sh

# The running demo held against the schema.
live:
    scripts/live.sh

# The generated dashboards: Grafana's own schema, and a Prometheus that is asked every query.
dashboards:
    scripts/dashboards.sh

# Prometheus, clients and a server that nobody here wrote, around the proxy; or one part: `just peers kills`.
peers *PARTS:
    scripts/peers.sh {{ PARTS }}

# A TOML language server on schemas good and bad, by docs/metrics.schema.json.
editors:
    scripts/editors.sh

# Schemas proposed for the pages of Prometheus, node_exporter and etcd.
infer:
    scripts/infer.sh

# The main job: a proxy, a server, a client, and http://127.0.0.1:9464/metrics.
demo *ARGS:
    cargo run --release -p mcp-proxy -- demo {{ ARGS }}

# Licences, advisories and sources of every dependency; needs cargo-deny.
deny:
    cargo deny check

# The documentation as a book, in target/book; needs mdbook.
book:
    mdbook build docs

# The peers side by side; `just bench --help` shows more.
bench *ARGS:
    cargo run --release --manifest-path benches/Cargo.toml -- {{ ARGS }}

# Instructions of the hot operations against the committed baselines; `just instructions --renew` writes them anew.
instructions *ARGS:
    scripts/instructions.sh {{ ARGS }}

# How cost grows: `series`, `threads` or `schema`.
growth *ARGS:
    cargo run --release --manifest-path benches/Cargo.toml -p shadowcat-metrics-growth -- {{ ARGS }}

# Threads, open labels and scrapes under pressure, then every count compared; `just soak --for 300`.
soak *ARGS:
    cargo run --release --manifest-path benches/Cargo.toml -p shadowcat-metrics-soak -- {{ ARGS }}

# A proxy that records against one that does not, for each transport; `just proxy-cost --quick`.
proxy-cost *ARGS:
    cargo run --release --manifest-path benches/Cargo.toml -p shadowcat-metrics-proxy-cost -- {{ ARGS }}

# What CI runs; `just ci --long` takes more time.
ci *ARGS:
    .ci/run {{ ARGS }}
