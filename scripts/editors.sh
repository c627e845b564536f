#!/usr/bin/env bash
# Asks a TOML language server that nobody here wrote, tombi, about schemas good and bad, by the JSON Schema that editors
# are given. Installs it below target/editors; needs no network after that.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

home=$PWD/target/editors
tombi=$home/venv/bin/tombi
files=$home/files
schema=$PWD/docs/metrics.schema.json

# A file of its own folder, so that no settings but ours are found; the schema is named as an editor finds it named.
lint() {
    { printf '#:schema %s\n\n' "$schema"; grep -v '^#:schema' "$1"; } >"$files/metrics.toml"
    (cd "$files" && "$tombi" lint --offline metrics.toml) >"$home/said.txt" 2>&1
}

install_python "$home/venv" scripts/editors/requirements.txt
rm -rf "$files"
mkdir -p "$files"
touch "$files/tombi.toml"
failed=0
for good in metrics.toml tests/golden/everything.toml scripts/editors/good/*.toml; do
    lint "$good" || { printf '%s is good, but:\n' "$good" >&2; cat "$home/said.txt" >&2; failed=$((failed + 1)); }
done
for bad in scripts/editors/bad/*.toml; do
    # The first line of a bad file is a comment with what must be said about it.
    expected=$(sed -n '1s/^# //p' "$bad")
    if lint "$bad"; then
        printf '%s is bad, and was accepted\n' "$bad" >&2
        failed=$((failed + 1))
    elif ! grep -qF -- "$expected" "$home/said.txt"; then
        printf '%s: expected "%s", but was told:\n' "$bad" "$expected" >&2
        cat "$home/said.txt" >&2
        failed=$((failed + 1))
    fi
done
say "tombi judged the schemas, $failed complaints"
[ "$failed" -eq 0 ]
