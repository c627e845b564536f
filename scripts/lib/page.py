"""Scraped pages of metrics, parsed by PyPI's prometheus_client."""

import functools
import re
import time
import urllib.request

from catalog import LEVELS
from prometheus_client.openmetrics.parser import text_string_to_metric_families

TIMEOUT = 60
OPEN_METRICS = "application/openmetrics-text;version=1.0.0"


class Page:
    """One scrape: the value of every series, and the creation times of counters."""

    def __init__(self, text, by_family=False):
        """Parses a page. Thousands of series rarely change between two scrapes: `by_family` parses each family on its own and
        reuses those whose text is the same as before, but does not see faults between families."""
        self.text = text
        self.series = {}
        self.began = {}
        for part in re.split("^(?=# TYPE )", text.removesuffix("# EOF\n"), flags=re.MULTILINE) if by_family else [text]:
            series, began = parse_once(part + "# EOF\n") if by_family else parse(part)
            self.series.update(series)
            self.began.update(began)

    def up(self):
        """Returns the current levels that are not zero."""
        return {f"{name}{dict(labels)}": value for (name, labels), value in self.series.items() if name in LEVELS and value}

    def total(self, name, **labels):
        """Returns the sum of all series with these labels, or 0."""
        wanted = labels.items()
        return sum(value for (found, has), value in self.series.items() if found == name and wanted <= set(has))


def parse(text):
    """Returns the value of each series in a text of OpenMetrics, and the creation times of counters."""
    series, began = {}, {}
    for family in text_string_to_metric_families(text):
        created = {}
        for sample in family.samples:
            if sample.name == f"{family.name}_created":
                created[key("", sample.labels)] = sample.value
            else:
                series[key(sample.name, sample.labels)] = sample.value
        if family.type in ("counter", "histogram"):
            for sample in family.samples:
                labels = {name: value for name, value in sample.labels.items() if (name, family.type) != ("le", "histogram")}
                began[key(sample.name, sample.labels)] = created.get(key("", labels))
    return series, began


parse_once = functools.lru_cache(maxsize=1000)(parse)


def key(name, labels):
    """Returns the key of a series."""
    return name, frozenset(labels.items())


def fetch(port, accept=OPEN_METRICS):
    """Fetches the text of the page at this port."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        return answer.read().decode()


def scrape(port, accept=OPEN_METRICS):
    """Fetches the page at this port, or its text in another format."""
    text = fetch(port, accept)
    return Page(text) if accept == OPEN_METRICS else text


def until(port, holds, timeout=TIMEOUT):
    """Scrapes until a condition is true or the timeout is reached. Returns the last page."""
    deadline = time.monotonic() + timeout
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
