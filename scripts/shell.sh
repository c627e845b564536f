#!/usr/bin/env bash
# Checks every shell script of this repository with shellcheck, which it installs below target/tools, and the completions in bash.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

install_python "$tools/shellcheck" scripts/shell/requirements.txt
"$tools/shellcheck/bin/shellcheck" --external-sources --severity=style scripts/*.sh .ci/run
cargo test --quiet --locked --workspace --test cli bash_completes -- --ignored
