"""Lets Prometheus scrape a page with native histograms, and compares the results of its functions with what was observed.

usage: judge.py FOLDER PROMETHEUS...

FOLDER contains `page.pb`, and `expected.json` with the count, the sum and exact quantiles of each series.
"""

import json
import pathlib
import subprocess
import sys
import time

import processes
import prometheus
from prometheus import PROTOBUF, Prometheus, serve

# Timeout in seconds, on a busy machine.
PATIENCE = 120


def start(name, binary, port):
    """Starts a Prometheus that scrapes the page."""
    settings = prometheus.settings("judged", prometheus.target(port))
    return Prometheus(name, settings, "--enable-feature=native-histograms", program=binary).ready()


def query(server, expression):
    """Returns the value of each series, by its label `data`."""
    return {sample["metric"].get("data", ""): float(sample["value"][1]) for sample in server.query(expression)}


def await_scrape(server):
    """Waits until the page is stored."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if query(server, "max(up{job='judged'})").get("") == 1.0:
            return
        time.sleep(0.5)
    raise SystemExit(f"Prometheus did not scrape the page:\n{server.log()}")


def faults(server, expected):
    """Returns what differs from the expected values."""
    found = []

    def check(what, one, is_right, wanted):
        if one is None or not is_right(one):
            found.append(f"{what} is {one}, expected {wanted}")

    names = sorted({series["name"] for series in expected})
    for name in names:
        rows = {series["data"]: series for series in expected if series["name"] == name}
        counts = query(server, f"histogram_count({name})")
        sums = query(server, f"histogram_sum({name})")
        # Classic buckets are not stored next to native ones.
        check(f"number of {name}_bucket", len(query(server, f"{name}_bucket")), lambda count: count == 0, 0)
        for data, series in rows.items():
            of = f"{name}{{{data}}}"
            check(f"count of {of}", counts.get(data), lambda count: count == series["count"], series["count"])
            wanted = series["sum"]
            check(f"sum of {of}", sums.get(data), lambda one: abs(one - wanted) <= 1e-9 * wanted, wanted)
        shares = sorted({share for series in expected for share in series["quantiles"]})
        for share in shares:
            quantiles = query(server, f"histogram_quantile({share}, {name})")
            for data, series in rows.items():
                exact = series["quantiles"].get(share)
                if exact is not None and series["factor"] > 0:
                    # A rank between two observations may be in the next bucket.
                    limit = series["factor"] * 1.001
                    is_near = lambda one: exact / limit <= one <= exact * limit
                    check(f"quantile {share} of {name}{{{data}}}", quantiles.get(data), is_near, exact)
        # Half of these values are in the bucket with zero, and half of them count in the last bucket.
        outside = query(server, f'histogram_quantile(0.99, {name}{{data="outside"}})').get("outside")
        check(f"highest quantile of {name}{{outside}}", outside, lambda one: 0 < one < float("inf"), "finite")
    return found


def main():
    home, binaries = pathlib.Path(sys.argv[1]), sys.argv[2:]
    expected = json.loads((home / "expected.json").read_text())
    port = serve({"metrics": (PROTOBUF, (home / "page.pb").read_bytes())})
    failed = 0
    for number, binary in enumerate(binaries):
        server = start(f"prometheus-{number}", binary, port)
        await_scrape(server)
        found = faults(server, expected)
        version = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)
        version = (version.stdout + version.stderr).split(",")[1].split()[1]
        processes.end(server.process)
        for fault in found:
            print(f"Prometheus {version}: {fault}")
        failed += len(found)
        print(f"Prometheus {version}: {len(expected)} series, {len(found)} differ")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
