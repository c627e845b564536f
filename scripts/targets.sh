#!/usr/bin/env bash
# Checks the library for every supported target whose standard library is installed, and lists the others. `rustup target add
# TARGET` installs one; `scripts/targets.sh --list` prints them all.
set -euo pipefail
cd "$(dirname "$0")/.."

# Each target with the features that work there, because the exporter needs sockets. `refused` has no 64-bit atomics and must
# not compile; the message must give the reason.
targets='
x86_64-unknown-linux-gnu prometheus,fast-clock,exporter
x86_64-unknown-linux-musl prometheus,fast-clock,exporter
aarch64-unknown-linux-gnu prometheus,fast-clock,exporter
armv7-unknown-linux-gnueabihf prometheus,fast-clock,exporter
i686-unknown-linux-gnu prometheus,fast-clock,exporter
x86_64-pc-windows-msvc prometheus,fast-clock,exporter
aarch64-apple-darwin prometheus,fast-clock,exporter
wasm32-wasip1 prometheus
wasm32-unknown-unknown prometheus
armv5te-unknown-linux-gnueabi refused
'

if [ "${1:-}" = --list ]; then
    awk 'NF { print $1 }' <<<"$targets"
    exit
fi
check() {
    CARGO_TARGET_DIR=target/targets timeout 300 \
        cargo check --quiet --locked --target "$1" -p shadowcat-metrics --no-default-features --features "$2"
}

sysroot=$(rustc --print sysroot)
checked=0
skipped=0
failed=0
while read -r target features; do
    [ -n "$target" ] || continue
    if [ ! -d "$sysroot/lib/rustlib/$target/lib" ]; then
        echo "skipped: $target: its standard library is not installed"
        skipped=$((skipped + 1))
    elif [ "$features" = refused ]; then
        if said=$(check "$target" prometheus 2>&1) || ! grep -q "64-bit atomics" <<<"$said"; then
            printf 'FAILED: %s is not refused for its atomics:\n%s\n' "$target" "$said"
            failed=$((failed + 1))
        else
            echo "refused: $target"
            checked=$((checked + 1))
        fi
    elif check "$target" "$features"; then
        echo "checked: $target with $features"
        checked=$((checked + 1))
    else
        echo "FAILED: $target with $features"
        failed=$((failed + 1))
    fi
done <<<"$targets"
echo "$checked targets checked, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
