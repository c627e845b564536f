#!/usr/bin/env bash
# Checks valid and invalid schemas, whole and included, with a third-party TOML language server (tombi) and the JSON Schemas
# that editors use. Installs it below target/editors; needs no network after that.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

home=$PWD/target/editors
tombi=$home/venv/bin/tombi
files=$home/files
schema=$PWD/docs/metrics.schema.json
split=scripts/editors/split
included=$home/split/metrics.included.schema.json

# A file in a separate folder, so that no other settings apply. The schema is named as in an editor.
lint() {
    { printf '#:schema %s\n\n' "$2"; grep -v '^#:schema' "$1"; } >"$files/metrics.toml"
    (cd "$files" && "$tombi" lint --offline metrics.toml) >"$home/said.txt" 2>&1
}

install_python "$home/venv" scripts/editors/requirements.txt
rm -rf "$files"
mkdir -p "$files"
touch "$files/tombi.toml"
failed=0

# Checks that a file is valid under a JSON Schema.
good() {
    lint "$1" "$2" || { printf '%s is good, but:\n' "$1" >&2; cat "$home/said.txt" >&2; failed=$((failed + 1)); }
}

# Checks that a file is invalid. Its first line is a comment with the expected message.
bad() {
    local expected
    expected=$(sed -n '1s/^# //p' "$1")
    if lint "$1" "$2"; then
        printf '%s is bad, and was accepted\n' "$1" >&2
        failed=$((failed + 1))
    elif ! grep -qF -- "$expected" "$home/said.txt"; then
        printf '%s: expected "%s", but was told:\n' "$1" "$expected" >&2
        cat "$home/said.txt" >&2
        failed=$((failed + 1))
    fi
}

build_command
"$shadowcat_metrics" generate --out-dir "$home/split" "$split/metrics.toml" >/dev/null
for file in metrics.toml tests/golden/everything.toml scripts/editors/good/*.toml "$split/metrics.toml"; do
    good "$file" "$schema"
done
for file in "$split"/metrics.d/*.toml; do good "$file" "$included"; done
for file in scripts/editors/bad/*.toml; do bad "$file" "$schema"; done
for file in "$split"/bad/*.toml; do bad "$file" "$included"; done
say "tombi judged the schemas, $failed complaints"
[ "$failed" -eq 0 ]
