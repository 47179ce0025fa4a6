"""Resident memory that sessions and streams cost a server."""

import json
import resource

from .contestants import BY_KEY

# One who evicts sessions is measured below its bound: turbomcp keeps 4,096.
SESSIONS = {"ours-unlimited": (100_000, 20_000), "turbomcp": (2_500, 1_000)}
OTHERS = (10_000, 2_000)
STREAMS = (1_000, 200)

WHO = {
    "session": ["ours-unlimited", "rmcp-default", "tower-mcp", "turbomcp"],
    "row": ["ours-unlimited", "tower-mcp", "turbomcp"],
    "stream": ["floor-typed", "ours-unlimited", "rmcp-default", "tower-mcp", "turbomcp"],
}


def measure(bench, everything):
    """Bytes for each."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))
    figures = {}
    for what, contestants in WHO.items():
        for key in contestants:
            count, warm_up = STREAMS if what == "stream" else SESSIONS.get(key, OTHERS)
            if not everything:
                count //= 2
            with bench.running(BY_KEY[key]) as (server, address):
                spec = {"address": address, "process": server.pid, "what": what, "count": count, "warm_up": warm_up}
                try:
                    measured = json.loads(bench.load("memory", spec))["bytes_each"]
                except RuntimeError as error:
                    measured = str(error)
            figures.setdefault(what, {})[key] = measured
    return figures
