"""From the start of a process to its first answer."""

import json

from .contestants import BY_KEY

WHO = ["floor-typed", "ours-100", "rmcp", "tower-mcp", "turbomcp"]


def measure(bench, rounds, times):
    """Microseconds: the median of each round."""
    figures = {key: [] for key in WHO}
    for _ in range(rounds):
        for key in WHO:
            command = BY_KEY[key].command(bench.programs, **bench.files)
            spec = {"command": command, "times": times, "kind": "call"}
            figures[key].append(json.loads(bench.load("begin", spec))["p50_us"])
    return figures
