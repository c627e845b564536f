#!/usr/bin/env bash
# Checks exported registries against the JSON Schema of OpenTelemetry's Weaver, and imports its semantic conventions: the imported
# schema must have no problems once its gaps are filled, and must compile. No package registry has these files, so they are
# downloaded below target from GitHub, unless three variables name copies:
#   WEAVER_SCHEMA  schemas/semconv.schema.v2.json of the repository open-telemetry/weaver
#   SEMCONV        the folder model of open-telemetry/semantic-conventions
#   SEMCONV_MCP    the same folder in the last commit with the conventions of MCP
# If WEAVER names the binary of Weaver, it checks the registries of all schemas here, and `import` restores each schema from what it
# resolves. No package registry has the binary: build it with `cargo build -p weaver` in Weaver's repository.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

build_command

weaver=afa9700cfd607f15de2553dc8a110d435c22df31      # 0.25.1
conventions=384d66161cb18704c729645fa8136a148df9571c # after 1.44.0
with_mcp=953276ff4d0404cdddb515e7418e6a2cf43c2b0b    # the last commit with the conventions of MCP
home=$PWD/target/weaver

# Downloads a URL to a file, unless the file exists.
get() {
    [ -s "$2" ] || { mkdir -p "$(dirname "$2")" && curl -fsSL --max-time 120 "$1" -o "$2.part" && mv "$2.part" "$2"; }
}

# Prints the folder with the model of a commit of the semantic conventions.
model() {
    local folder=$home/semantic-conventions-$1
    [ -d "$folder/model" ] || {
        get "https://codeload.github.com/open-telemetry/semantic-conventions/tar.gz/$1" "$folder.tar.gz" &&
            tar -xzf "$folder.tar.gz" -C "$home" "semantic-conventions-$1/model"
    }
    echo "$folder/model"
}

# Puts the example bounds where a comment with GAP asks for bounds.
fill_gaps() {
    awk '/^# GAP/ { next } /^# buckets = / { gap = substr($0, 3); next } { print } gap && /^\[metrics\./ { print gap; gap = "" }'
}

# Imports the metrics of a model that match a pattern, and compiles a program with them.
try_import() {
    local folder=$2 only=$3 program=$home/$1
    echo "import of $only"
    mkdir -p "$program/src"
    rm -f "$program/proposed.toml"
    find "$folder" -name '*.yaml' ! -name manifest.yaml -print0 | sort -z |
        xargs -0 "$shadowcat_metrics" import --only "$only" --out "$program/proposed.toml" 2>"$program/log"
    "$shadowcat_metrics" fmt --check "$program/proposed.toml"
    fill_gaps <"$program/proposed.toml" >"$program/metrics.toml"
    "$shadowcat_metrics" check --deny-warnings "$program/metrics.toml"
    cat >"$program/Cargo.toml" <<TOML
[package]
name = "imported"
version = "0.1.0"
edition = "2024"
[dependencies]
shadowcat-metrics = { path = "$PWD/shadowcat-metrics" }
[workspace]
TOML
    printf '%s\n' 'shadowcat_metrics::metrics!("metrics.toml");' 'fn main() { print!("{}", Metrics::new().encode(shadowcat_metrics::Format::OpenMetrics)); }' \
        >"$program/src/main.rs"
    CARGO_TARGET_DIR=$home/target cargo run --quiet --manifest-path "$program/Cargo.toml" >"$program/page.txt"
    tail -1 "$program/page.txt" | grep -qx '# EOF'
}

# Checks the registry of a schema with Weaver, and imports what it resolves.
try_weaver() {
    local folder=$home/registries/$1
    echo "registry of $2"
    mkdir -p "$folder"
    "$shadowcat_metrics" generate --format weaver --out-dir "$folder" "$2" 2>"$folder/log"
    local step
    for step in check stats "resolve -o $folder/resolved.yaml" \
        "package -o $folder/package --resolved-registry-uri https://example.com/resolved.yaml"; do
        # shellcheck disable=SC2086 # the words of the step
        "$WEAVER" registry $step --v2 -r "$folder/weaver" >>"$folder/log" 2>&1
    done
    "$shadowcat_metrics" import "$folder/resolved.yaml" >"$folder/resolved.toml" 2>>"$folder/log"
    "$shadowcat_metrics" import "$folder"/package/*.yaml >"$folder/package.toml" 2>>"$folder/log"
    for restored in resolved package; do
        "$shadowcat_metrics" diff "$2" "$folder/$restored.toml" --fail-on major >>"$folder/log"
    done
}

if [ -n "${WEAVER:-}" ]; then
    for file in metrics.toml examples/*/metrics.toml; do
        try_weaver "$(basename "$(dirname "$PWD/$file")")" "$file"
    done
fi

schema=${WEAVER_SCHEMA:-$home/semconv.schema.v2.json}
[ -n "${WEAVER_SCHEMA:-}" ] ||
    get "https://raw.githubusercontent.com/open-telemetry/weaver/$weaver/schemas/semconv.schema.v2.json" "$schema"

echo "exported registries are valid"
WEAVER_SCHEMA=$schema cargo test --quiet --locked --workspace --test weaver -- --ignored

semconv=${SEMCONV:-$(model "$conventions")}
try_import http "$semconv" 'http.*'
try_import db "$semconv" 'db.*'
try_import mcp "${SEMCONV_MCP:-$(model "$with_mcp")}" 'mcp.*'
