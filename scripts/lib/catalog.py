"""The catalog of metrics of this repository."""

import json
from pathlib import Path

CATALOG = json.loads((Path(__file__).resolve().parents[2] / "docs/metrics.json").read_text())
METRICS = CATALOG["metrics"]
# The metrics of current levels.
LEVELS = {metric["name"] for metric in METRICS if metric["type"] == "updown_counter"}
