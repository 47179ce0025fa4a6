"""Rounds of load: each contestant in a process of its own, one after another, again and again."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager

SERVER_CORE, LOAD_CORE = 0, 1


def pin(core):
    """Runs in a child: keeps it on one core, where there are two."""
    cores = sorted(os.sched_getaffinity(0))
    return lambda: os.sched_setaffinity(0, {cores[core % len(cores)]})


class Bench:
    """The programs, and the answers of ours that floors repeat."""

    def __init__(self, programs, scratch, redis=None):
        self.programs = programs
        self.files = {"list": scratch / "list.json", "events": scratch / "events.txt", "redis": redis or ""}

    @contextmanager
    def running(self, contestant, prefix=(), log=subprocess.DEVNULL, pinned=True):
        """A server that is running, and its address."""
        command = [*prefix, *contestant.command(self.programs, **self.files)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True,
                                  preexec_fn=pin(SERVER_CORE) if pinned else None)
        try:
            address = server.stdout.readline().strip()
            if not address:
                raise RuntimeError(f"{contestant.key} did not start: {' '.join(command)}")
            yield server, address
        finally:
            server.terminate()
            server.wait(60)
            server.stdout.close()

    def load(self, command, spec, timeout=120):
        """What the load prints, as text."""
        program = [str(self.programs / "bench-load"), command, json.dumps(spec)]
        done = subprocess.run(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=timeout, preexec_fn=pin(LOAD_CORE))
        if done.returncode != 0:
            raise RuntimeError(f"{command} failed: {done.stderr.strip()[-2000:]}")
        return done.stdout

    def capture(self, contestant):
        """Keeps the answers that floors repeat."""
        with self.running(contestant) as (_, address):
            for name, kind in (("list", "list"), ("events", "progress")):
                spec = {"address": address, "kinds": [kind], "tools": 50}
                self.files[name].write_text(self.load("fetch", spec))

    def round(self, row, contestant, seconds, warm_up):
        """One round of a row."""
        with self.running(contestant) as (server, address):
            spec = {
                "address": address, "process": server.pid, "kinds": row.kinds, "era": row.era,
                "connections": row.connections, "tools": row.tools, "seconds": seconds, "warm_up": warm_up,
                "check_id": contestant.check_id,
            }
            return json.loads(self.load("run", spec))


def interleaved(bench, rows, contestants, rounds, seconds, warm_up):
    """All rounds: `figures[row][contestant]` is a list, one item a round. One who fails a row is left out of it."""
    figures, failures = {}, {}
    for number in range(rounds):
        for row in rows:
            for key in row.contestants:
                if key in failures.get(row.key, {}):
                    continue
                try:
                    measured = bench.round(row, contestants[key], seconds, warm_up)
                except (RuntimeError, subprocess.TimeoutExpired) as error:
                    print(f"{row.key}, {key}: {error}", file=sys.stderr)
                    failures.setdefault(row.key, {})[key] = str(error)
                    continue
                figures.setdefault(row.key, {}).setdefault(key, []).append(measured)
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return figures, failures
