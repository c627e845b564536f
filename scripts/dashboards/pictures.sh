#!/usr/bin/env bash
# Draws the pictures of the documents into a folder: a whole dashboard, and the start of one of its rows.
set -euo pipefail
cd "$(dirname "$0")/../.."
dashboard=docs/operations/dashboards/request.json
python3 scripts/dashboards/picture.py "$dashboard" "$1/dashboard.svg"
python3 scripts/dashboards/picture.py "$dashboard" "$1/latency.svg" Latency 2
