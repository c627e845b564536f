"""Draws the layout of a generated dashboard, or the first panels of one of its rows, as an SVG with made-up curves:
`picture.py DASHBOARD.json PICTURE.svg [ROW PANELS]`."""

import json
import math
import random
import sys
from html import escape

COLUMN, ROW, GAP, WIDTH = 40, 20, 4, 24 * 40
BACKGROUND, PANEL, TEXT, FAINT = "#f4f5f7", "#ffffff", "#24292e", "#8a8f98"
COLORS = ("#56a64b", "#3274d9", "#ff780a", "#e02f44", "#8f3bb8")
UNITS = {"cps": "per second", "percentunit": "%", "s": "seconds", "bytes": "bytes", "short": ""}


def text(x, y, words, size=12, color=TEXT, weight="normal"):
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{color}" font-weight="{weight}">{escape(words)}</text>'


def curves(chance, x, y, width, height, count):
    """Draws the lines of a time series panel."""
    for number in range(count):
        level, phase = (number + 1) / (count + 1), chance.uniform(0, 6)
        points = []
        for step in range(49):
            wave = 0.12 * math.sin(phase + step / 5) + chance.uniform(-0.04, 0.04)
            points.append(f"{x + width * step / 48:.0f},{y + height * (1 - min(max(level + wave, 0), 1)):.0f}")
        yield f'<polyline points="{" ".join(points)}" fill="none" stroke="{COLORS[number]}" stroke-width="1.5"/>'


def cells(chance, x, y, width, height):
    """Draws the cells of a heat map."""
    for column in range(36):
        middle = 4 + chance.uniform(-1, 1)
        for row in range(10):
            weight = math.exp(-((row - middle) ** 2) / 4)
            if weight > 0.08:
                place = f'x="{x + width * column / 36:.0f}" y="{y + height * (9 - row) / 10:.0f}"'
                size = f'width="{width / 36 - 1:.0f}" height="{height / 10 - 1:.0f}"'
                yield f'<rect {place} {size} fill="{COLORS[1]}" fill-opacity="{weight:.2f}"/>'


def panel(panel):
    place = panel["gridPos"]
    x, y, width, height = place["x"] * COLUMN + GAP, place["y"] * ROW + 40, place["w"] * COLUMN - 2 * GAP, place["h"] * ROW - 2 * GAP
    if panel["type"] == "row":
        yield text(x, y + 14, f"▾ {panel['title']}", 13, weight="bold")
        return
    chance = random.Random(panel["title"])
    yield f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="3" fill="{PANEL}" stroke="#dcdee2"/>'
    yield text(x + 10, y + 18, panel["title"], weight="bold")
    yield text(x + 10, y + 33, UNITS.get(panel["fieldConfig"]["defaults"].get("unit"), ""), 10, FAINT)
    inner = x + 10, y + 42, width - 20, height - 54
    if panel["type"] == "heatmap":
        yield from cells(chance, *inner)
    else:
        yield from curves(chance, *inner, min(max(len(panel["targets"]), 2), len(COLORS)))


def start_of_row(panels, title, count):
    """Returns a row and its first panels, moved to the top."""
    start = next(index for index, one in enumerate(panels) if one["type"] == "row" and one["title"] == title)
    top = panels[start]["gridPos"]["y"]
    shown = panels[start : start + 1 + count]
    for one in shown:
        one["gridPos"]["y"] -= top
    return shown


def main(source, target, row=None, count=0):
    with open(source, encoding="utf-8") as file:
        dashboard = json.load(file)
    panels = start_of_row(dashboard["panels"], row, int(count)) if row else dashboard["panels"]
    height = 50 + ROW * max(one["gridPos"]["y"] + one["gridPos"]["h"] for one in panels)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif">'
    lines = [head, f'<rect width="{WIDTH}" height="{height}" fill="{BACKGROUND}"/>']
    lines.append(text(GAP, 24, dashboard["title"], 16, weight="bold"))
    lines.append(text(WIDTH - 300, 24, "drawn from the generated JSON, with made-up data", 11, FAINT))
    for one in panels:
        lines += panel(one)
    with open(target, "w", encoding="utf-8") as file:
        file.write("\n".join([*lines, "</svg>", ""]))


main(*sys.argv[1:])
