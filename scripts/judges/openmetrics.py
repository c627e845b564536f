"""Parses OpenMetrics pages with prometheus_client's strict parser, and checks rules that it does not.

usage: openmetrics.py PAGE...
"""

import re
import sys
from collections import Counter

from prometheus_client.openmetrics.parser import text_string_to_metric_families

# OpenMetrics 1.0, "Canonical Numbers": each bound has exactly one of these spellings.
CANONICAL_LE = re.compile(r"\+Inf|-?\d+\.\d+(e[+-]\d{2,3})?|-?\d(\.\d+)?e[+-]\d{2,3}")


def complaints(text):
    """Yields the faults of a page."""
    if not text.endswith("# EOF\n"):
        yield "the page does not end with # EOF"
    try:
        for _ in text_string_to_metric_families(text):
            pass
    except ValueError as error:
        yield f"the parser says: {error}"
    # The parser merges repeated lines into one sample, so series are counted as written. Label values may contain spaces but
    # no unescaped newline, and numbers contain no space.
    series = [line.rsplit(" ", 1)[0] for line in text.split("\n") if line and not line.startswith("#")]
    for line, times in Counter(series).items():
        if times > 1:
            yield f"the series {line} stands there {times} times"
    for bound in set(re.findall(r'[{,]le="([^"]*)"', text)):
        if not CANONICAL_LE.fullmatch(bound):
            yield f'le="{bound}" is not canonical'
    if not series:
        yield "the page holds no series"


def main(pages):
    """Checks every page. The exit code is the number of complaints, at most 100."""
    found = 0
    for page in pages:
        # Read as bytes, because text mode would lose carriage returns in label values.
        with open(page, encoding="utf-8", newline="") as file:
            for complaint in complaints(file.read()):
                found += 1
                print(f"{page}: {complaint}", file=sys.stderr)
    return min(found, 100)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
