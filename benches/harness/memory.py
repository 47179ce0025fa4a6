"""Resident memory that sessions and streams cost a server."""

import json
import resource
import subprocess

from .contestants import BY_KEY

# How many, after how many that are not counted. One who evicts sessions is measured below its bound:
# turbomcp keeps 4,096.
COUNTS = {("session", "ours-unlimited"): (40_000, 10_000), ("session", "turbomcp"): (2_500, 1_000),
          ("row", "ours-unlimited"): (40_000, 10_000), ("row", "turbomcp"): (2_500, 1_000)}
SESSIONS, STREAMS = (10_000, 2_000), (1_000, 200)

WHO = {
    "session": ["ours-unlimited", "rmcp-sessions", "tower-mcp", "turbomcp"],
    "row": ["ours-unlimited", "tower-mcp", "turbomcp"],
    "stream": ["floor-typed", "ours-unlimited", "rmcp-sessions", "tower-mcp", "turbomcp"],
}


def measure(bench, everything):
    """Bytes for each."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))
    figures = {}
    for what, contestants in WHO.items():
        for key in contestants:
            count, warm_up = COUNTS.get((what, key), STREAMS if what == "stream" else SESSIONS)
            if not everything:
                count //= 2
            with bench.running(BY_KEY[key]) as (server, address):
                spec = {"address": address, "process": server.pid, "what": what, "count": count, "warm_up": warm_up}
                try:
                    measured = json.loads(bench.load("memory", spec))["bytes_each"]
                except (RuntimeError, subprocess.TimeoutExpired) as error:
                    measured = str(error)
            figures.setdefault(what, {})[key] = measured
    return figures
