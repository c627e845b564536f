#!/usr/bin/env bash
# Opens 1,000 sessions with the proxy, sends as many requests as the machine can process, and compares all counts of requests,
# connections and bytes.
# Installs its tools below target/tools. All servers listen on loopback only and are stopped at the end.
#
#   scripts/load.sh [SECONDS]    of saturation, 10 by default
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

install_python "$tools/peers-python" scripts/peers/requirements.txt
build_proxy

home=$PWD/target/load
rm -rf "$home"
say "1,000 sessions; logs in target/load"
prepare_python "$home"
seconds=${1:-10}
# Replaces this shell, so that a signal to the script reaches the program.
exec "${limited[@]}" $((seconds * 2 + 900)) "$tools/peers-python/bin/python" scripts/load/sessions.py "$seconds"
