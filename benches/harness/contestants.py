"""Who is measured, and with which options."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Contestant:
    key: str
    label: str
    program: str
    arguments: tuple = ()
    options: str = ""
    # Floors of constant bytes answer with the id of another request.
    check_id: bool = True
    # "floor", "ours" or the name of a peer.
    family: str = ""

    def command(self, directory, **files):
        """The command line; `{list}` and `{events}` are files of captured answers."""
        filled = [argument.format(**files) for argument in self.arguments]
        return [str(directory / self.program), *filled]


def floor(key, label, options, *arguments, check_id=True):
    given = ("--floor", key, *arguments)
    return Contestant(f"floor-{key}", label, "bench-floors", given, options, check_id, "floor")


ALL = [
    floor("constant", "floor A: constant bytes",
          "bare hyper; reads the body, answers constant bytes", check_id=False),
    floor("typed", "floor B: typed serde",
          "bare hyper; envelope, parameters and arguments into types with serde, the answer from types; "
          "the result of `tools/list` is cached bytes, the same ones as ours", "--list", "{list}"),
    floor("one-pass", "floor D: one pass",
          "bare hyper; the body in one piece, its text borrowed and copied once"),
    floor("events", "floor: event stream",
          "bare hyper; typed serde, then the bytes that ours wrote, as eleven pieces that are ready at once",
          "--events", "{events}", check_id=False),
    Contestant("ours", "ours", "bench-ours", (), "`McpService` on bare hyper, as the floors; defaults", family="ours"),
    Contestant("ours-serve", "ours, `serve`", "bench-ours", ("--serve",),
               "`mcp_tower::serve`, the documented default: HTTP/1.1 and HTTP/2, limits of time; up to 100,000 connections",
               family="ours"),
    Contestant("ours-delay", "ours, without `TCP_NODELAY`", "bench-ours", ("--delay",),
               "as `ours`, without `TCP_NODELAY`", family="ours"),
    Contestant("ours-redis", "ours, Redis bus", "bench-ours", ("--redis", "{redis}"),
               "as `ours`, joined to replicas over a Redis bus", family="ours"),
    Contestant("ours-10", "ours, 10 tools", "bench-ours", ("--tools", "10"), "as `ours`", family="ours"),
    Contestant("ours-100", "ours, 100 tools", "bench-ours", ("--tools", "100"), "as `ours`", family="ours"),
    Contestant("ours-1000", "ours, 1,000 tools", "bench-ours", ("--tools", "1000"), "as `ours`", family="ours"),
    Contestant("rmcp", "rmcp", "bench-rmcp", (),
               "bare hyper, `TCP_NODELAY`; JSON answers, no sessions, no keep-alive, one tool router for all requests",
               family="rmcp"),
    Contestant("rmcp-sessions", "rmcp, sessions", "bench-rmcp", ("--sessions",),
               "as `rmcp`, with sessions, whose answers are event streams", family="rmcp"),
    Contestant("rmcp-json", "rmcp, router per request", "bench-rmcp", ("--router-per-request",),
               "as `rmcp`, but the tool router is made for each request, as its documentation does", family="rmcp"),
    Contestant("rmcp-default", "rmcp, as documented", "bench-rmcp", ("--default",),
               "`axum::serve`; default configuration: event streams, sessions for the session era, a router per request",
               family="rmcp"),
    Contestant("tower-mcp", "tower-mcp", "bench-tower-mcp", (),
               "bare hyper, `TCP_NODELAY`; defaults: sessions in memory, JSON answers", family="tower-mcp"),
    Contestant("tower-mcp-default", "tower-mcp, as documented", "bench-tower-mcp", ("--default",),
               "`axum::serve`, as its `HttpTransport::serve`; defaults", family="tower-mcp"),
    Contestant("turbomcp", "turbomcp", "bench-turbomcp", (),
               "bare hyper, `TCP_NODELAY`; feature `simd`, logging on, no bound on concurrent requests", family="turbomcp"),
    Contestant("turbomcp-default", "turbomcp, as documented", "bench-turbomcp", ("--default",),
               "`axum::serve`, as its `serve_http`; feature `simd`, logging on, no bound on concurrent requests",
               family="turbomcp"),
    Contestant("ours-unlimited", "ours", "bench-ours", ("--unlimited",), "as `ours`, budgets unlimited", family="ours"),
]

BY_KEY = {contestant.key: contestant for contestant in ALL}
