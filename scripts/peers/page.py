"""Scraped pages of metrics, parsed by PyPI's prometheus_client."""

import time
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families

PATIENCE = 10
OPEN_METRICS = "application/openmetrics-text;version=1.0.0"


class Page:
    """One scrape: the value of every series, and the creation times of counters."""

    def __init__(self, text):
        self.text = text
        self.series = {}
        self.began = {}
        for family in text_string_to_metric_families(text):
            created = {}
            for sample in family.samples:
                if sample.name == f"{family.name}_created":
                    created[key("", sample.labels)] = sample.value
                else:
                    self.series[key(sample.name, sample.labels)] = sample.value
            if family.type in ("counter", "histogram"):
                self._note_beginnings(family, created)

    def _note_beginnings(self, family, created):
        for sample in family.samples:
            labels = {name: value for name, value in sample.labels.items() if (name, family.type) != ("le", "histogram")}
            self.began[key(sample.name, sample.labels)] = created.get(key("", labels))

    def total(self, name, **labels):
        """Returns the sum of all series with these labels, or 0."""
        wanted = labels.items()
        return sum(value for (found, has), value in self.series.items() if found == name and wanted <= set(has))


def key(name, labels):
    """Returns the key of a series."""
    return name, frozenset(labels.items())


def scrape(port, accept=OPEN_METRICS):
    """Fetches the page at this port, or its text in another format."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        text = answer.read().decode()
    return Page(text) if accept == OPEN_METRICS else text


def until(port, holds, patience=PATIENCE):
    """Scrapes until a condition is true or the timeout is reached. Returns the last page."""
    deadline = time.monotonic() + patience
    while True:
        page = scrape(port)
        if holds(page) or time.monotonic() > deadline:
            return page
        time.sleep(0.1)


def same(one, other):
    """Compares values of series. NaN equals NaN."""
    return one == other or (one != one and other != other)


def fallen(before, after):
    """Returns counters that have decreased. A series that was removed and created again is a different one."""
    return [
        f"{name}{dict(labels)}: {before.series[name, labels]} -> {after.series[name, labels]}"
        for (name, labels), began in before.began.items()
        if (name, labels) in before.series
        and after.began.get((name, labels), "gone") == began
        and after.series[name, labels] < before.series[name, labels]
    ]
