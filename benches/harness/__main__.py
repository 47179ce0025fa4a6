"""Builds everything, measures it, and writes the report."""

import dataclasses
import json
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from . import begin, build, instructions, machine, memory, redis, report, rounds
from .contestants import BY_KEY
from .rows import ALL as ROWS

HERE = Path(__file__).resolve().parent.parent
FIGURES = HERE / "results" / "figures.json"


@dataclasses.dataclass(frozen=True)
class Form:
    name: str
    rounds: int
    seconds: float
    warm_up: float
    begins: int
    instructions: int
    # Are peers measured as documented, too, and all of them built?
    everything: bool


FORMS = {
    "": Form("full", 5, 0.8, 0.25, 40, 300, True),
    "short": Form("short", 3, 0.3, 0.15, 15, 100, False),
}


@contextmanager
def section(name):
    began = time.monotonic()
    print(f"=== {name} ===", file=sys.stderr)
    yield
    print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)


def measure(form):
    figures = {"form": dataclasses.asdict(form), "machine": machine.describe()}
    with section("build"):
        programs = build.release(form.everything)
    rows = [row if form.everything else row.without_defaults() for row in ROWS]
    with tempfile.TemporaryDirectory() as scratch, redis.running() as address:
        bench = rounds.Bench(programs, Path(scratch), address)
        bench.capture(BY_KEY["ours"])
        with section("load"):
            figures["load"], figures["failures"] = rounds.interleaved(
                bench, rows, BY_KEY, form.rounds, form.seconds, form.warm_up)
        with section("memory"):
            figures["memory"] = memory.measure(bench, form.everything)
        with section("begin"):
            figures["begin"] = begin.measure(bench, form.rounds, form.begins)
        with section("instructions"):
            figures["instructions"] = instructions.measure(bench, rows, form.instructions, form.everything)
        figures["allocations"] = json.loads(build.output([str(programs / "bench-allocations")]))
    with section("cold builds"):
        figures["build"] = build.cold(form.everything)
    figures["versions"] = build.versions()
    return figures


def rounded(value):
    """Figures with as many digits as they are worth."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return value


def main(arguments):
    what = arguments[0] if arguments else ""
    if what != "report":
        if what not in FORMS:
            sys.exit(f"there is no '{what}'; there are: short, report")
        figures = rounded(measure(FORMS[what]))
        FIGURES.parent.mkdir(exist_ok=True)
        FIGURES.write_text(json.dumps(figures, separators=(",", ":")) + "\n")
    report.write(HERE, json.loads(FIGURES.read_text()))


main(sys.argv[1:])
