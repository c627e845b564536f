"""Lets Prometheus scrape every page on loopback, and compares the pages that it rejects with those that our parser reports.

usage: scrape.py FOLDER

FOLDER/pages contains the pages, FOLDER/refused.json our parser's messages about the pages that it considers rejected. A
page's extension is its format: `txt` (text 0.0.4), `om` (OpenMetrics 1.0.0), `om0` (OpenMetrics 0.0.1), `pb` (protobuf).
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import time

import prometheus
from prometheus import PROTOBUF, Prometheus

TYPES = {
    ".txt": "text/plain; version=0.0.4; charset=utf-8",
    ".om": "application/openmetrics-text; version=1.0.0; charset=utf-8",
    ".om0": "application/openmetrics-text; version=0.0.1; charset=utf-8",
    ".pb": PROTOBUF,
}
# The scrape interval: every page is scraped once within this time.
INTERVAL = 5
# Timeout in seconds.
TIMEOUT = 300


def configure(names, port):
    """Returns a configuration with one target for each page."""
    groups = [
        {"targets": [f"127.0.0.1:{port}"], "labels": {"__metrics_path__": f"/{name}", "page": name}}
        for name in names
    ]
    return prometheus.settings("pages", groups, f"{INTERVAL}s")


def targets(server):
    """Returns the error of each scraped page; empty if Prometheus accepted it."""
    active = server.api("targets", state="active")["activeTargets"]
    return {
        target["labels"]["page"]: target["lastError"]
        for target in active
        if target["health"] != "unknown"
    }


def scrape(pages):
    """Returns the result of Prometheus for each page."""
    server = Prometheus("prometheus", configure(pages, prometheus.serve(pages))).ready()
    end = time.monotonic() + TIMEOUT
    while len(scraped := targets(server)) < len(pages):
        if time.monotonic() > end:
            sys.exit(f"{len(scraped)} of {len(pages)} pages were scraped:\n{server.log()}")
        time.sleep(0.5)
    return scraped


def major_version():
    said = subprocess.run([os.environ["PROMETHEUS"], "--version"], capture_output=True, text=True, check=True)
    return int(re.search(r"version (\d+)\.", said.stdout + said.stderr)[1])


def main():
    folder = pathlib.Path(sys.argv[1])
    paths = sorted((folder / "pages").iterdir())
    pages = {path.name: (TYPES[path.suffix], path.read_bytes()) for path in paths}
    ours = json.loads((folder / "refused.json").read_text())
    # Our parser reports which major version rejects a page that the other one accepts.
    other = f"Prometheus {5 - major_version()} rejects"
    agreed, by_other, differ = 0, 0, 0
    for name, error in scrape(pages).items():
        said = ours.get(name, "")
        if bool(error) == bool(said):
            agreed += 1
        elif other in said:
            by_other += 1
        else:
            differ += 1
            print(f"{folder}/pages/{name}: Prometheus: {error or 'ok'}; ours: {said or 'ok'}", file=sys.stderr)
    print(f"{agreed} pages judged alike, {by_other} refused by another version alone, {differ} judged differently")
    sys.exit(differ > 0)


if __name__ == "__main__":
    main()
