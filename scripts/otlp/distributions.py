"""Pushes native histograms and compares what receivers got with what was observed."""

import json
import math
import os
import re
import subprocess
import urllib.request

import prometheus

TIMEOUT = 60  # seconds for each request


def decoded(metric):
    """Yields the points of an exponential histogram by the exposed name and the label `data`."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", metric.name) + {"s": "_seconds", "By": "_bytes"}.get(metric.unit, "")
    for point in metric.exponential_histogram.data_points:
        labels = {label.key: label.value.string_value for label in point.attributes}
        yield (name, labels.get("data")), point


class Decoded:
    """The exponential histograms that a decoder received."""

    def __init__(self, decoder):
        self.decoder = decoder

    def counts_and_sums(self, name):
        """Returns the count and the sum of each series, by its label `data`."""
        return {data: (point.count, point.sum) for data, point in self._points(name)}

    def quantiles(self, name, share):
        """Returns a quantile of each series with observations, by its label `data`."""
        return {data: self._quantile(point, share) for data, point in self._points(name) if point.count}

    def _points(self, name):
        with self.decoder.lock:
            return [(data, point) for (found, data), point in self.decoder.exponential.items() if found == name]

    @staticmethod
    def _quantile(point, share):
        """Returns the geometric middle of the bucket with the rank."""
        growth = 2.0 ** (2.0**-point.scale)
        below = point.zero_count
        if below >= share * point.count:
            return point.zero_threshold
        for index, count in enumerate(point.positive.bucket_counts, point.positive.offset):
            below += count
            if below >= share * point.count:
                return growth ** (index + 0.5)
        return math.nan


class Victoria:
    """The histograms of VictoriaMetrics, which stores buckets with the label `vmrange`."""

    def __init__(self, port):
        self.port = port

    def counts_and_sums(self, name):
        """Returns the count and the sum of each series, by its label `data`."""
        urllib.request.urlopen(f"http://127.0.0.1:{self.port}/internal/force_flush", timeout=TIMEOUT).close()
        sums = self._query(f"{name}_sum")
        return {data: (count, sums.get(data)) for data, count in self._query(f"{name}_count").items()}

    def quantiles(self, name, share):
        """Returns a quantile of each series with observations, by its label `data`."""
        return self._query(f"histogram_quantile({share}, {name}_bucket)")

    def _query(self, query):
        result = prometheus.get(self.port, "query", query=query, nocache=1)["data"]["result"]
        return {series["metric"].get("data"): float(series["value"][1]) for series in result}


def compare(endpoint, received, home, wait_for):
    """Pushes native histograms. Returns what differs from the observed values, and the number of histograms."""
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    subprocess.run([os.environ["OTLP_NATIVE"], home, endpoint], env=environment, check=True, timeout=TIMEOUT)
    expected = json.loads((home / "expected.json").read_text())
    names = {series["name"] for series in expected}
    got = {name: wait_for(lambda: received.counts_and_sums(name), name) for name in names}
    wrong = []
    for series in expected:
        name, data = series["name"], series["data"]
        wanted = (series["count"], series["sum"])
        found = got[name].get(data, (math.nan, math.nan))
        if not all(math.isclose(*pair, rel_tol=1e-9) for pair in zip(found, wanted)):
            wrong.append(f"{name} of {data}: count and sum {found}, expected {wanted}")
        # A rank between two observations may be in the next bucket.
        limit = series["factor"] * 1.001
        for share, exact in series["quantiles"].items():
            quantile = received.quantiles(name, float(share)).get(data, math.nan)
            if limit and not exact / limit <= quantile <= exact * limit:
                wrong.append(f"{name} of {data}: quantile {share} is {quantile}, expected {exact}")
    return wrong, len(expected)
