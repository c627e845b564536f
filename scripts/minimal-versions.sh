#!/usr/bin/env bash
# Checks the published crates with the lowest versions of their direct dependencies that Cargo.toml allows. All other
# dependencies keep the versions of Cargo.lock where possible. A lower bound that is too low fails here, as it would for a
# user with that version in the lock file.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

# A workspace of only the published crates, because the other crates need higher versions of the same dependencies.
home=$PWD/target/minimal-versions
copy=$home/workspace
rm -rf "$copy" && mkdir -p "$copy"
cp Cargo.lock README.md metrics.toml "$copy"
members=
for manifest in shadowcat-metrics*/Cargo.toml; do
    members+="\"${manifest%/Cargo.toml}\", "
    cp -R "${manifest%/Cargo.toml}" "$copy"
    own=$(awk '/^\[/ { ours = /dependencies/ && !/dev-/ } ours && /"[=^~<>]?[0-9]/' "$manifest")
    [ -z "$own" ] || { printf '%s: write versions in the Cargo.toml of the workspace:\n%s\n' "$manifest" "$own" >&2; exit 1; }
    # A user never builds the dev-dependencies.
    awk '/^\[/ { skip = /dev-dependencies/ } !skip' "$manifest" >"$copy/$manifest"
done
# `=1.2` allows 1.2.9, so every bound must have three numbers.
short=$(awk '/^\[/ { ours = /workspace.dependencies/ } /^# tests/ { ours = 0 } ours && /^[a-z].*"[0-9]+(\.[0-9]+)?"/' Cargo.toml)
[ -z "$short" ] || { printf 'write these versions with three numbers:\n%s\n' "$short" >&2; exit 1; }
awk -v members="$members" '
    /^members = \[/ { print "members = [" members "]"; skip = 1 }
    /^\[/ { bounds = /workspace.dependencies/ }
    bounds && !/^shadowcat/ { sub(/"[0-9]/, "\"=&"); sub(/"="/, "\"=") }
    !skip
    /^\]/ { skip = 0 }' Cargo.toml >"$copy/Cargo.toml"

cd "$copy"
export CARGO_TARGET_DIR=$home/target
timeout --foreground 300 cargo update --quiet --workspace
timeout --foreground 900 cargo check --quiet --locked --workspace --all-features --keep-going
# Checked separately, a crate only gets the features that it requires itself.
timeout --foreground 900 cargo check --quiet --locked -p shadowcat-metrics --all-features
