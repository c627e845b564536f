"""Lets promtool compute quantiles of the native histograms on a page, and compares them with what was observed.

usage: quantiles.py FOLDER PROMTOOL...

FOLDER contains `page.pb`, and `expected.json` with exact quantiles of each series. Writes `quantiles.test.yml`.
"""

import json
import pathlib
import struct
import subprocess
import sys


def varint(data, at):
    """Returns a varint and the position after it."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """Yields the number and the value of each field of a protobuf message: an integer, or bytes."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        else:
            size, at = (8, at) if key & 7 == 1 else varint(data, at)
            value, at = data[at : at + size], at + size
        yield key >> 3, value


def signed(number):
    return number >> 1 ^ -(number & 1)


def double(value):
    return struct.unpack("<d", value)[0]


def histogram(message):
    """Writes a native histogram as promtool reads it."""
    message = list(fields(message))
    one = dict(message)
    spans = [dict(fields(value)) for number, value in message if number == 12]
    deltas, at = [], 0
    while at < len(one.get(13, b"")):
        delta, at = varint(one[13], at)
        deltas.append(signed(delta))
    deltas = iter(deltas)
    count, buckets = 0, []
    for index, span in enumerate(spans):
        buckets += [0] * (signed(span.get(1, 0)) if index else 0)
        for _ in range(span.get(2, 0)):
            count += next(deltas)
            buckets.append(count)
    offset = signed(spans[0].get(1, 0)) if spans else 0
    written = f" offset:{offset} buckets:[{' '.join(map(str, buckets))}]" if buckets else ""
    return (
        f"{{{{schema:{signed(one[5])} count:{one[1]} sum:{double(one[2]):.12f} z_bucket:{one[7]} "
        f"z_bucket_w:{double(one[6]):.20f}{written}}}}}"
    )


def series(page):
    """Yields the name, the label `data` and the native histogram of each series."""
    at = 0
    while at < len(page):
        size, at = varint(page, at)
        family, at = list(fields(page[at : at + size])), at + size
        name = dict(family)[1].decode()
        for metric in (list(fields(value)) for number, value in family if number == 4):
            labels = [dict(fields(value)) for number, value in metric if number == 1]
            labels = {label[1].decode(): label[2].decode() for label in labels}
            if 7 in dict(metric) and "data" in labels:
                yield name, labels["data"], histogram(dict(metric)[7])


def tests(page, expected):
    """Returns promtool's tests, and the number of quantiles in them."""
    inputs = [{"series": f'{name}{{data="{data}"}}', "values": values} for name, data, values in series(page)]
    checks = []
    for one in expected:
        # A rank between two observations may be in the next bucket.
        limit = one["factor"] * 1.001
        selector = f'{one["name"]}{{data="{one["data"]}"}}'
        for share, exact in one["quantiles"].items() if limit else ():
            quantile = f"histogram_quantile({share}, {selector})"
            checks.append(
                {
                    "expr": f"({quantile} >= bool {exact / limit}) * ({quantile} <= bool {exact * limit})",
                    "eval_time": "0m",
                    "exp_samples": [{"labels": f'{{data="{one["data"]}"}}', "value": 1}],
                }
            )
    group = {"interval": "1m", "input_series": inputs, "promql_expr_test": checks}
    return {"rule_files": [], "evaluation_interval": "1m", "tests": [group]}, len(checks)


def main():
    home, promtools = pathlib.Path(sys.argv[1]), sys.argv[2:]
    expected = json.loads((home / "expected.json").read_text())
    page = (home / "page.pb").read_bytes()
    written, checks = tests(page, expected)
    right, wrong = home / "quantiles.test.yml", home / "wrong.test.yml"
    # JSON is YAML.
    right.write_text(json.dumps(written, indent=1))
    for check in written["tests"][0]["promql_expr_test"]:
        check["exp_samples"][0]["value"] = 0
    wrong.write_text(json.dumps(written))
    failed = checks < 20
    for promtool in promtools:
        version = subprocess.run([promtool, "--version"], capture_output=True, text=True, check=True)
        version = (version.stdout + version.stderr).split(",")[1].split()[1]
        run = [subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True) for path in (right, wrong)]
        is_right = run[0].returncode == 0 and run[1].returncode != 0
        print(f"promtool {version}: {checks} quantiles, {'within the factor' if is_right else 'WRONG'}")
        if not is_right:
            print(run[0].stdout + run[0].stderr)
            failed = True
    return failed


if __name__ == "__main__":
    sys.exit(main())
