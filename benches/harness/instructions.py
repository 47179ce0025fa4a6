"""Instructions in user space per request: the server runs under callgrind, for N requests and for 2 N."""

import re
import tempfile
from concurrent.futures import ThreadPoolExecutor

from .contestants import BY_KEY

ROWS = ["call", "call-session", "list", "echo", "progress", "initialize", "tools"]


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
    """The difference of two runs, divided by the requests that one had more; nothing where they fail."""
    try:
        few, many = (_collected(bench, row, contestant, requests) for requests in (count, 2 * count))
    except RuntimeError:
        return None
    return (many - few) / count


def _collected(bench, row, contestant, count):
    with tempfile.TemporaryFile("w+") as log:
        prefix = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        with bench.running(contestant, prefix, log, pinned=False) as (_, address):
            spec = {"address": address, "kinds": row.kinds, "era": row.era, "connections": 1, "tools": row.tools,
                    "count": count, "check_id": contestant.check_id}
            bench.load("run", spec)
        log.seek(0)
        found = re.search(r"Collected : (\d+)", log.read())
    if not found:
        raise RuntimeError(f"callgrind told no count of {contestant.key}")
    return int(found[1])
