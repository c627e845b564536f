#!/usr/bin/env bash
# Counts the instructions of the hot operations, of the encoder and of a whole proxy under valgrind, and compares them with the committed
# baselines. `--renew` replaces the baselines and shows the changes. Installs valgrind from Debian and gungraun's runner below
# target/tools. Exits with 77 if the baselines come from another compiler.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

if ! command -v valgrind >/dev/null; then
    say "installing valgrind"
    as_root apt-get install -y -q valgrind >/dev/null ||
        { again as_root apt-get update -q && again as_root apt-get install -y -q valgrind >/dev/null; }
fi

# The runner must have the same version as the library.
version=$(grep -A1 '^name = "gungraun"$' benches/Cargo.lock | sed -n 's/^version = "\(.*\)"$/\1/p')
CARGO_TARGET_DIR=target/tools/build \
    again cargo install --quiet --locked --debug --root target/tools "gungraun-runner@$version"

export PATH=$PWD/target/tools/bin:$PATH
# In the target folder of the proxy, because they share dependencies.
export CARGO_TARGET_DIR=$target
count() {
    cargo run --quiet --release --locked --manifest-path benches/Cargo.toml -p "$@"
}
count shadowcat-metrics-instructions -- "$@"
count shadowcat-metrics-proxy-cost -- --instructions "$@"
