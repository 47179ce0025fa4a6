"""The sections of the report that are not rounds of load."""

from statistics import median

from . import plot
from .contestants import BY_KEY
from .rows import ALL as ROWS

BUILT = {"floor": "bare hyper", "ours": "ours", "rmcp": "rmcp", "tower-mcp": "tower-mcp", "turbomcp": "turbomcp"}

# What the profile shows, and the floor beside it.
PROFILED = [("call", "floor-typed"), ("call-session", "floor-typed"), ("list", "floor-typed"), ("echo", "floor-one-pass"),
            ("progress", "floor-events"), ("initialize", "floor-typed")]

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
    titles = {row.key: row.title for row in ROWS}
    counted = raw["instructions"]
    columns = [name for name in counted if name != "tools"]
    keys = list(dict.fromkeys(key for name in columns for key, values in counted[name].items() if values))
    calls = [(BY_KEY[key].label, BY_KEY[key].family, [values["total"] / 1000])
             for key, values in counted["call"].items() if values]
    lines = ["## Instructions in user space per request, thousands\n",
             _figure(plots, "instructions", "tools/call add, 2026-07-28", "thousands of instructions", calls),
             "| | " + " | ".join(titles[name] for name in columns) + " |", "|---|" + "--:|" * len(columns)]
    for key in keys:
        cells = (_thousands(counted[name].get(key), "total") for name in columns)
        lines.append(f"| {BY_KEY[key].label} | {' | '.join(cells)} |")
    lines += ["", _profile(counted)]
    modern, session = raw["allocations"]["modern"], raw["allocations"]["session"]
    lines.append(f"Allocations of a call of ours, in process: {modern['allocations']} ({modern['bytes']:,} bytes), "
                 f"in a session {session['allocations']} ({session['bytes']:,} bytes).")
    return "\n".join([*lines, ""])


def _thousands(values, group):
    return f"{values[group] / 1000:,.1f}" if values else "–"


def _profile(counted):
    """Where the instructions go: ours beside the floor of the row."""
    columns = [(name, key) for name, floor in PROFILED for key in (floor, "ours") if counted.get(name, {}).get(key)]
    names = [f"{name}: {BY_KEY[key].label.split(':')[0]}" for name, key in columns]
    lines = ["Where they go, by whose function it is; what was inlined is its caller's:\n",
             f"| | {' | '.join(names)} |", "|---|" + "--:|" * len(columns)]
    groups = counted["call"]["ours"]
    for group in [*(group for group in groups if group != "total"), "total"]:
        cells = (_thousands(counted[name][key], group) for name, key in columns)
        lines.append(f"| {group} | {' | '.join(cells)} |")
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
    lines.append("turbomcp keeps the last 4,096 sessions, and is measured below that; this server of rmcp has no log level.")
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
