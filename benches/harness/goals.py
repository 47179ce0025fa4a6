"""What was to be reached, and what is."""

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Goal:
    what: str
    goal: str
    measured: str
    met: bool | None

    @staticmethod
    def most(what, value, limit, unit=""):
        """A figure that may be so large at most; `None` was not measured."""
        met = None if value is None else value <= limit
        return Goal(what, f"≤ {limit:,g}{unit}", _short(value, unit), met)

    @staticmethod
    def least(what, value, limit, unit=""):
        """A figure that has to be so large at least."""
        met = None if value is None else value >= limit
        return Goal(what, f"≥ {limit:,g}{unit}", _short(value, unit), met)


def _short(value, unit):
    if value is None:
        return "–"
    if isinstance(value, int) or value >= 1000:
        return f"{value:,.0f}{unit}"
    return f"{value:.2f}{unit}" if value < 10 else f"{value:.1f}{unit}"


class Figures:
    """Medians, and ratios of them."""

    def __init__(self, figures):
        self.raw = figures

    def rounds(self, row, key, figure):
        return [measured[figure] for measured in self.raw["load"].get(row, {}).get(key, [])]

    def median(self, row, key, figure="cpu_us"):
        measured = self.rounds(row, key, figure)
        return median(measured) if measured else None

    def ratio(self, row, key, base, figure="cpu_us"):
        return _over(self.median(row, key, figure), self.median(row, base, figure))

    def instructions(self, row, key):
        counted = self.raw["instructions"].get(row, {}).get(key)
        return counted and counted["total"]

    def memory(self, what, key):
        value = self.raw["memory"].get(what, {}).get(key)
        return value if isinstance(value, (int, float)) else None

    def begin(self, key):
        measured = self.raw["begin"].get(key)
        return median(measured) if measured else None

    def build(self, who, what):
        return self.raw["build"].get(who, {}).get(what)


def _over(value, base):
    return value / base if value is not None and base else None


def _rounded(value):
    return None if value is None else round(value)


def _scaled(value, factor):
    return None if value is None else value * factor


def goals(raw):
    """All of them, in the order of the report."""
    figures = Figures(raw)
    return [*_calls(figures), *_answers(figures), *_kept(figures), *_built(figures)]


def _calls(figures):
    most, ratio = Goal.most, figures.ratio
    return [
        most("`tools/call` add, 2026-07-28, over floor B", ratio("call", "ours", "floor-typed"), 1.25, " ×"),
        most("… over rmcp at its best", ratio("call", "ours", "rmcp"), 0.25, " ×"),
        most("… over rmcp in JSON, with its router made per request as documented", ratio("call", "ours", "rmcp-json"),
             0.25, " ×"),
        most("… over turbomcp at its best", ratio("call", "ours", "turbomcp"), 0.25, " ×"),
        most("… instructions", _scaled(figures.instructions("call", "ours"), 0.001), 40, " k"),
        most("`tools/call` add, sealed session, over floor B", ratio("call-session", "ours", "floor-typed"), 1.4, " ×"),
        most("cost of a call, 1,000 tools over 10 (CPU, steady to 8 %)", ratio("tools", "ours-1000", "ours-10"),
             1.08, " ×"),
        most("… instructions", _over(figures.instructions("tools", "ours-1000"),
                                     figures.instructions("tools", "ours-10")), 1.02, " ×"),
        most("allocations of a call, 2026-07-28", figures.raw["allocations"]["modern"]["allocations"], 14),
        most("allocations of a call, in a session", figures.raw["allocations"]["session"]["allocations"], 18),
    ]


def _answers(figures):
    most, ratio = Goal.most, figures.ratio
    return [
        most("`tools/list`, 50 tools, over floor B", ratio("list", "ours", "floor-typed"), 1.15, " ×"),
        most("64 KiB echo, over floor D", ratio("echo", "ours", "floor-one-pass"), 1.05, " ×"),
        most("ten progress notifications and the result, over bare events",
             ratio("progress", "ours", "floor-events"), 1.5, " ×"),
        most("… over turbomcp", ratio("progress", "ours", "turbomcp"), 0.5, " ×"),
        most("… p99 with one connection (nothing waits 40 ms)", _milliseconds(figures, "ours"), 20, " ms"),
        most("… without `TCP_NODELAY`", _milliseconds(figures, "ours-delay"), 20, " ms"),
        most("`initialize`, sealed, over floor B", ratio("initialize", "ours", "floor-typed"), 1.5, " ×"),
        most("p99, 64 connections, mixed load, over floor B", ratio("mixed", "ours", "floor-typed", "p99_us"), 1.5, " ×"),
        Goal.least("a call without the Redis bus, over one with it configured", ratio("redis", "ours", "ours-redis"),
                   0.97, " ×"),
        Goal.least("… in a session", ratio("redis-session", "ours", "ours-redis"), 0.97, " ×"),
    ]


def _milliseconds(figures, key):
    return _scaled(figures.median("progress-alone", key, "p99_us"), 0.001)


def _kept(figures):
    most, memory = Goal.most, figures.memory
    return [
        # None; but the process itself may grow by some pages, which is less than half a byte each.
        most("kept for an abandoned session", _rounded(memory("session", "ours-unlimited")), 0, " B"),
        most("kept for a session with a live row", memory("row", "ours-unlimited"), 512, " B"),
        most("an open stream, over a bare hyper one",
             _over(memory("stream", "ours-unlimited"), memory("stream", "floor-typed")), 1.2, " ×"),
    ]


def _built(figures):
    most, build = Goal.most, figures.build
    return [
        most("crates of a minimal HTTP server", build("ours", "crates"), 65),
        most("its cold dev build, over rmcp's (CPU)", _over(build("ours", "cpu_seconds"), build("rmcp", "cpu_seconds")),
             0.8, " ×"),
        most("its stripped release binary, over rmcp's", _over(build("ours", "bytes"), build("rmcp", "bytes")), 1, " ×"),
        most("start to first answer, 100 tools, over floor B",
             _over(figures.begin("ours-100"), figures.begin("floor-typed")), 1.5, " ×"),
    ]
