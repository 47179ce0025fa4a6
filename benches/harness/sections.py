"""The sections of the report that are not rounds of load."""

from statistics import median

from . import plot
from .contestants import BY_KEY
from .rows import ALL as ROWS

BUILT = {"floor": "bare hyper", "ours": "ours", "rmcp": "rmcp", "tower-mcp": "tower-mcp", "turbomcp": "turbomcp"}

METHOD = """## Method

- Every server is a process of its own with a current-thread runtime, on one core; the load has the other. Connections
  are real, over loopback, and stay open; on each one request follows the answer to the last.
- Requests are prepared bytes. Every answer is read to its end and checked: status, id, what it says, how many tools or
  notifications it has. One wrong answer ends the run, so nothing is measured that fails.
- CPU is what the kernel's scheduler counted for the server's threads between two marks (`schedstat`), divided by the
  answers between them. It is steadier than requests per second, which depend on the load, too.
- All have the same 50 tools, release profile (thin LTO, one codegen unit), allocator (the system's) and kind of
  runtime. Their answers say the same; what else they put into them is their own.
- Instructions are user space only, counted by callgrind for N and for 2 N requests over one connection, and subtracted.
- Memory is the growth of resident memory of the server's process, over real connections.
- A cold build is `cargo build` of one small server into an empty directory, dependencies downloaded before.
"""


def _figure(plots, name, title, unit, items):
    bars = [plot.Bar(label, family, values) for label, family, values in items]
    (plots / f"{name}.svg").write_text(plot.bars(title, unit, bars))
    return f"![{title}](results/{name}.svg)\n"


def instructions(raw, plots):
    rows = {row.key: row for row in ROWS}
    keys = list(dict.fromkeys(key for row in raw["instructions"].values() for key in row))
    columns = [name for name in raw["instructions"] if name != "tools"]
    keys = [key for key in keys if any(raw["instructions"][name].get(key) for name in columns)]
    lines = ["## Instructions in user space per request, thousands\n"]
    calls = raw["instructions"]["call"]
    items = [(BY_KEY[key].label, BY_KEY[key].family, [value / 1000]) for key, value in calls.items() if value]
    lines.append(_figure(plots, "instructions", "tools/call add, 2026-07-28", "thousands of instructions", items))
    lines += ["| | " + " | ".join(rows[name].title for name in columns) + " |", "|---|" + "--:|" * len(columns)]
    for key in keys:
        values = (raw["instructions"][name].get(key) for name in columns)
        cells = ("–" if value is None else f"{value / 1000:,.1f}" for value in values)
        lines.append(f"| {BY_KEY[key].label} | {' | '.join(cells)} |")
    allocations = raw["allocations"]
    modern, session = allocations["modern"], allocations["session"]
    lines.append(f"\nAllocations of a call of ours, in process: {modern['allocations']} ({modern['bytes']:,} bytes), "
                 f"in a session {session['allocations']} ({session['bytes']:,} bytes).")
    return "\n".join([*lines, ""])


def memory(raw, plots):
    titles = {"session": "an abandoned session", "row": "a session with a log level", "stream": "an open stream"}
    lines = ["## Memory\n"]
    for what, measured in raw["memory"].items():
        known = {key: value for key, value in measured.items() if isinstance(value, (int, float))}
        items = [(BY_KEY[key].label, BY_KEY[key].family, [value / 1024]) for key, value in known.items()]
        lines.append(_figure(plots, f"memory-{what}", f"Resident memory for {titles[what]}", "KiB", items))
        lines += [f"| {titles[what]} | bytes |", "|---|--:|"]
        lines += [f"| {BY_KEY[key].label} | {value:,.1f} |" for key, value in known.items()]
        lines += [f"| {BY_KEY[key].label} | – |" for key in measured if key not in known]
        lines.append("")
    lines.append("turbomcp keeps the last 4,096 sessions, and is measured below that; rmcp has sessions only as documented, "
                 "and no log level in this server.")
    return "\n".join([*lines, ""])


def begin(raw, plots):
    items = [(BY_KEY[key].label, BY_KEY[key].family, [value / 1000 for value in values])
             for key, values in raw["begin"].items()]
    lines = ["## From the start of the process to its first answer\n",
             _figure(plots, "begin", "Start to first answer", "ms", items), "| | ms |", "|---|--:|"]
    lines += [f"| {label} | {median(values):.2f} ({min(values):.2f}–{max(values):.2f}) |" for label, _, values in items]
    return "\n".join([*lines, "\nPeers have 50 tools here, ours 100, the floor none.", ""])


def build(raw, plots):
    built = raw["build"]
    items = [(BUILT[who], who, [values["cpu_seconds"]]) for who, values in built.items()]
    lines = ["## A minimal HTTP server with one tool\n",
             _figure(plots, "build", "Cold dev build", "s of CPU", items),
             "| | crates | cold dev build, CPU | wall | release binary, stripped |", "|---|--:|--:|--:|--:|"]
    for who, values in built.items():
        lines.append(f"| {BUILT[who]} | {values['crates']} | {values['cpu_seconds']:.1f} s | {values['seconds']:.1f} s "
                     f"| {values['bytes'] / 1e6:.2f} MB |")
    return "\n".join([*lines, ""])
