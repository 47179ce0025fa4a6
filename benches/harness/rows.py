"""What is measured under load."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Row:
    key: str
    title: str
    kinds: list
    contestants: list
    era: str = "modern"
    connections: int = 32
    tools: int = 50
    # What is drawn and compared: microseconds of the server's CPU, or of latency.
    figure: str = "cpu_us"

    def without_defaults(self):
        """Without the peers as they are documented."""
        return replace(self, contestants=[key for key in self.contestants if not key.endswith("-default")])


PEERS = ["rmcp", "rmcp-default", "tower-mcp", "tower-mcp-default", "turbomcp", "turbomcp-default"]
# Twelve calls, two lists, two large echoes.
MIXED = (["call"] * 6 + ["list"] + ["echo"]) * 2

ALL = [
    Row("call", "`tools/call` add, 2026-07-28", ["call"],
        ["floor-constant", "floor-typed", "ours", "ours-serve", "rmcp-json", *PEERS]),
    Row("call-session", "`tools/call` add, in a session", ["call"],
        ["floor-typed", "ours", "ours-serve", "rmcp-sessions", *PEERS], era="session"),
    Row("list", "`tools/list`, 50 tools", ["list"], ["floor-typed", "ours", "ours-serve", *PEERS]),
    Row("echo", "64 KiB echo", ["echo"],
        ["floor-typed", "floor-one-pass", "ours", "ours-serve", *PEERS]),
    Row("progress", "ten progress notifications and the result", ["progress"],
        ["floor-events", "ours", "ours-delay", "ours-serve", *PEERS]),
    Row("progress-alone", "the same, one connection: latency", ["progress"],
        ["floor-events", "ours", "ours-delay", "ours-serve", *PEERS], connections=1, figure="p50_us"),
    Row("initialize", "`initialize`", ["initialize"],
        ["floor-typed", "ours", "ours-serve", "rmcp-sessions", *PEERS], era="session"),
    Row("mixed", "mixed load, 64 connections: p99", MIXED, ["floor-typed", "ours", "ours-serve", *PEERS],
        connections=64, figure="p99_us"),
    Row("tools", "`tools/call` add, as tools grow", ["call"], ["ours-10", "ours-100", "ours-1000"]),
    Row("redis", "`tools/call` add, with the Redis bus", ["call"], ["ours", "ours-redis"]),
    Row("redis-session", "the same, in a session", ["call"], ["ours", "ours-redis"], era="session"),
]
