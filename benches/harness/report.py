"""The report: tables and plots."""

from pathlib import Path
from statistics import median

from . import plot, sections
from .contestants import ALL, BY_KEY
from .goals import Figures, goals
from .rows import ALL as ROWS

UNITS = {"cpu_us": "µs of the server's CPU per request", "p50_us": "µs, median latency", "p99_us": "µs, p99 latency"}


def write(directory, raw):
    """Writes RESULTS.md, and a plot per figure into results/."""
    plots = directory / "results"
    plots.mkdir(exist_ok=True)
    for old in plots.glob("*.svg"):
        old.unlink()
    parts = [_head(raw), _goals(raw), _notes(directory), "## Under load\n"]
    parts += [_row(raw, row, plots) for row in ROWS if raw["load"].get(row.key)]
    parts += [sections.instructions(raw, plots), sections.memory(raw, plots), sections.begin(raw, plots),
              sections.build(raw, plots), _contestants(raw), sections.METHOD]
    (directory / "RESULTS.md").write_text("\n".join(part for part in parts if part))


def _head(raw):
    machine, form, versions = raw["machine"], raw["form"], raw["versions"]
    command = f"benches/run {form['name']}".removesuffix(" full")
    listed = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    short = "" if form["everything"] else " **This is the short form: fewer and shorter rounds.**"
    return f"""# Results

Written by `{command}` on {machine['date']}; do not edit.{short} Ratios hold within one run; the microseconds are this machine's.

- Machine: {machine['cores']} cores of {machine['cpu']}, {machine['memory_gib']} GiB, Linux {machine['kernel']}, {machine['libc']}; load average before the run
  {machine['load_before']:.2f}
- {machine['rustc']}; {listed}
- {form['rounds']} interleaved rounds of {form['seconds']} s after {form['warm_up']} s of warm-up, each in a new process: the median of the
  rounds, and the least and the largest in brackets
"""


def _goals(raw):
    rows = [f"| {goal.what} | {goal.goal} | {goal.measured} | {_met(goal)} |" for goal in goals(raw)]
    return "\n".join(["## Goals\n", "| | goal | measured | |", "|---|--:|--:|---|", *rows, ""])


def _met(goal):
    return {True: "met", False: "**not met**", None: "–"}[goal.met]


def _notes(directory):
    """What is written by hand about this run, if anything is."""
    notes = Path(directory) / "NOTES.md"
    return notes.read_text() if notes.exists() else ""


def _row(raw, row, plots):
    figures, measured = Figures(raw), raw["load"][row.key]
    base = row.contestants[0]
    if base == "floor-constant":
        base = "floor-typed"
    keys = [key for key in row.contestants if key in measured]
    bars = [plot.Bar(BY_KEY[key].label, BY_KEY[key].family, figures.rounds(row.key, key, row.figure)) for key in keys]
    title = row.title.replace("`", "")
    (plots / f"{row.key}.svg").write_text(plot.bars(title, UNITS[row.figure], bars))
    lines = [f"### {row.title[0].upper()}{row.title[1:]}\n", f"![{title}](results/{row.key}.svg)\n",
             f"{row.connections} connections.\n" if row.connections > 1 else "One connection.\n",
             f"| | CPU, µs | × {BY_KEY[base].label} | requests/s | p50, µs | p99, µs |", "|---|--:|--:|--:|--:|--:|"]
    for key in keys:
        ratio = figures.ratio(row.key, key, base, row.figure)
        others = (f"{figures.median(row.key, key, figure):,.0f}" for figure in ("per_second", "p50_us", "p99_us"))
        lines.append(f"| {BY_KEY[key].label} | {_spread(figures.rounds(row.key, key, 'cpu_us'))} "
                     f"| {'–' if ratio is None else f'{ratio:.2f}'} | {' | '.join(others)} |")
    missing = raw["failures"].get(row.key, {})
    lines += [f"\n{BY_KEY[key].label}: – ({_reason(error)})" for key, error in missing.items()]
    if row.figure != "cpu_us":
        lines.append(f"\nThe ratio is that of the {'median' if row.figure == 'p50_us' else 'p99'} latency.")
    return "\n".join([*lines, ""])


def _spread(values):
    return f"{median(values):.1f} ({min(values):.1f}–{max(values):.1f})"


def _reason(error):
    """The first words of what went wrong."""
    text = " ".join(error.replace("|", " ").split()).removeprefix("run failed: Error: ")
    return text[:160].replace("\\", "").strip('"')


def _contestants(raw):
    used = {key for row in raw["load"].values() for key in row}
    rows = [f"| {who.label} | {who.options} |" for who in ALL if who.key in used]
    return "\n".join(["## Who was measured, with which options\n", "| | options |", "|---|---|", *rows, ""])
