#!/usr/bin/env bash
# Compares metrics.toml with that of the last release, or of the base commit of the current branch: a stable item may only
# break if CHANGELOG.md announces it.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

skip() { echo "$1"; exit 77; }
git rev-parse --git-dir >/dev/null 2>&1 || skip "not a git repository, so there is nothing to compare with"
head=$(git rev-parse HEAD)
base=$(git describe --tags --abbrev=0 2>/dev/null) ||
    base=$(git merge-base origin/main HEAD 2>/dev/null) || base=$head
# On the main branch, the last commit is the change to check.
[ "$(git rev-parse "$base^{commit}")" != "$head" ] || base=$(git rev-parse --verify --quiet 'HEAD~1') ||
    skip "there is no earlier commit to compare with"
git cat-file -e "$base:metrics.toml" 2>/dev/null || skip "$base has no metrics.toml"
run_program shadowcat-metrics diff "$base:metrics.toml" metrics.toml --fail-on major --notes CHANGELOG.md
