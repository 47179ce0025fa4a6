"""Instructions in user space per request: the server runs under callgrind, for N requests and for 2 N."""

import re
import subprocess
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .contestants import BY_KEY

ROWS = ["call", "call-session", "list", "echo", "progress", "initialize", "tools"]
# Whose function it is: the first that is found in its name.
GROUPS = [
    ("copying memory", r"mem(cpy|move|set|cmp)"),
    ("allocator", r"malloc|_int_free|cfree|calloc|unlink_chunk|:free\b|arena|tcache"),
    ("ours", r"mcp_(core|tower)|bench_(ours|floors)"),
    ("hyper, http", r"\bhyper|\bhttp(arse)?(_body)?(_util)?::|\bbytes::"),
    ("JSON", r"\bserde|\bitoa::|\bryu|\bzmij|from_utf8"),
    ("tokio, mio", r"\btokio::|\bmio::"),
    ("cryptography", r"\bring[_:]|aes|gcm"),
]
COUNTED = re.compile(r"^\s*([\d,]+) \([^)]*\)\s+(\S.*)$")


def measure(bench, rows, count, everything):
    """Two at a time: what else runs does not change how many instructions there are."""
    asked = []
    for row in rows:
        if row.key in ROWS:
            for key in row.contestants:
                family = BY_KEY[key].family
                if not key.endswith("-default") and (everything or family in ("floor", "ours")):
                    asked.append((row, BY_KEY[key]))
    figures = {}
    with ThreadPoolExecutor(2) as pool:
        counted = pool.map(lambda pair: _per_request(bench, *pair, count), asked)
        for (row, contestant), instructions in zip(asked, counted):
            figures.setdefault(row.key, {})[contestant.key] = instructions
    return figures


def _per_request(bench, row, contestant, count):
    """The difference of two runs, divided by the requests that one had more, in total and by group."""
    try:
        few, many = (_collected(bench, row, contestant, requests) for requests in (count, 2 * count))
    except RuntimeError:
        return None
    return {group: (many[group] - few[group]) / count for group in many}


def _collected(bench, row, contestant, count):
    with tempfile.TemporaryDirectory() as scratch:
        profile = Path(scratch) / "profile"
        prefix = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={profile}"]
        with bench.running(contestant, prefix, pinned=False) as (_, address):
            spec = {"address": address, "kinds": row.kinds, "era": row.era, "connections": 1, "tools": row.tools,
                    "count": count, "check_id": contestant.check_id}
            bench.load("run", spec)
        annotate = ["callgrind_annotate", "--threshold=100", str(profile)]
        lines = subprocess.run(annotate, check=True, capture_output=True, text=True).stdout.splitlines()
    groups = Counter({name: 0 for name, _ in GROUPS} | {"the rest": 0})
    for found in filter(None, map(COUNTED.match, lines)):
        instructions = int(found[1].replace(",", ""))
        if found[2] == "PROGRAM TOTALS":
            groups["total"] = instructions
        else:
            groups[_group(found[2])] += instructions
    return groups


def _group(function):
    # What follows is the file that the function is in.
    name = function.rsplit(" [", 1)[0]
    return next((group for group, pattern in GROUPS if re.search(pattern, name)), "the rest")
