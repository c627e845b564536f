#!/usr/bin/env bash
# Opens pages of two origins in Debian's headless Chromium: the proxy serves the one that it allows and refuses the other.
# Installs its tools. All servers listen on loopback only and are stopped at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

if ! command -v chromium-headless-shell >/dev/null; then
    say "installing Debian's chromium-headless-shell"
    as_root apt-get install -y -q --no-install-recommends chromium-headless-shell >/dev/null 2>&1 ||
        { again as_root apt-get update -q && again as_root apt-get install -y -q --no-install-recommends chromium-headless-shell; }
fi
install_python "$tools/peers-python" scripts/peers/requirements.txt
build_proxy

home=$PWD/target/browser
rm -rf "$home"
say "two pages; logs in target/browser"
prepare_python "$home"
# Replaces this shell, so that a signal to the script reaches the program.
exec "${limited[@]}" 300 "$tools/peers-python/bin/python" scripts/browser/origins.py
