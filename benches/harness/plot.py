"""Bars with their spread, as SVG that can be read on light and on dark ground."""

from dataclasses import dataclass
from html import escape
from statistics import median

WIDTH, LABELS, VALUES, BAR, GAP = 760, 230, 130, 18, 8
COLORS = {"floor": "#8a8f98", "ours": "#2f81f7"}
PEER = "#d29922"


@dataclass(frozen=True)
class Bar:
    label: str
    family: str
    values: list


def bars(title, unit, items):
    """The text of a plot: a bar to the median of each, and a line from its least to its largest value."""
    most = max(max(item.values) for item in items) or 1
    height = 34 + len(items) * (BAR + GAP) + 4
    scale = (WIDTH - LABELS - VALUES) / most
    lines = [_head(title, unit, height)]
    for number, item in enumerate(items):
        lines += _bar(item, 34 + number * (BAR + GAP), scale)
    return "\n".join([*lines, "</svg>", ""])


def _head(title, unit, height):
    label = escape(f"{title} ({unit})")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img" '
            f'aria-label="{label}">\n'
            '<style>text{font:13px system-ui,sans-serif;fill:#57606a}.title{font-weight:600}.spread{stroke:#57606a}'
            '@media(prefers-color-scheme:dark){text{fill:#b1bac4}.spread{stroke:#b1bac4}}</style>\n'
            f'<text class="title" x="4" y="18">{label}</text>')


def _bar(item, top, scale):
    middle, least, most = median(item.values), min(item.values), max(item.values)
    center, end = top + BAR / 2, LABELS + most * scale
    text = f"{middle:,.1f}" if middle < 100 else f"{middle:,.0f}"
    yield f'<text x="{LABELS - 8}" y="{center + 4.5}" text-anchor="end">{escape(item.label.replace("`", ""))}</text>'
    color = COLORS.get(item.family, PEER)
    yield f'<rect x="{LABELS}" y="{top}" width="{middle * scale:.1f}" height="{BAR}" rx="2" fill="{color}"/>'
    if most > least:
        yield (f'<path class="spread" d="M{LABELS + least * scale:.1f} {center}H{end:.1f}" stroke-width="1.5"/>')
    yield f'<text x="{end + 8:.1f}" y="{center + 4.5}">{text}</text>'
