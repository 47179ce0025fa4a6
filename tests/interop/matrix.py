"""Prints the clients' lines (client, transport, revision, scenario, verdict, detail) as tables.

    matrix.py RESULTS CLIENTS TRANSPORTS      e.g. results.tsv "python-1 python-2" "http stdio"

A line whose scenario is `-` says why a client cannot speak a revision over a transport. Fails on any FAIL,
and when a cell lacks a scenario that another has: a client that died early.
"""

import sys

REVISIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"]

clients, transports = sys.argv[2].split(), sys.argv[3].split()
verdicts, reasons, faults = {}, {}, []
for line in open(sys.argv[1], encoding="utf-8"):
    client, transport, revision, scenario, verdict, detail = line.rstrip("\n").split("\t")
    cell = (client, transport, revision)
    if scenario == "-":
        reasons[cell] = detail
    else:
        verdicts.setdefault(cell, {})[scenario] = verdict
        if verdict != "ok":
            faults.append(f"FAIL {client} {transport} {revision} {scenario}: {detail}")
scenarios = list(dict.fromkeys(name for ran in verdicts.values() for name in ran))
notes = list(dict.fromkeys(reasons.values()))


def row(first, cells):
    print(f"{first:28}" + "".join(f"{cell:14}" for cell in cells).rstrip())


def outcome(cell):
    """What the table says of one client over one transport in one revision."""
    if cell in reasons:
        return "– " + "abcdefghijkl"[notes.index(reasons[cell])]
    ran = verdicts.get(cell, {})
    faults.extend(f"MISSING {' '.join(cell)} {name}" for name in scenarios if name not in ran)
    good = list(ran.values()).count("ok")
    return f"{good} ok" if good == len(scenarios) else f"{good} of {len(scenarios)}"


row("client, over", REVISIONS)
for client in clients:
    for transport in transports:
        row(f"{client}, {transport}", [outcome((client, transport, revision)) for revision in REVISIONS])
for letter, note in zip("abcdefghijkl", notes):
    print(f"  {letter}  {note}")

print("\nIn how many of these cells each scenario is ok:")
row("scenario", clients)
for scenario in scenarios:
    ran = {client: [v for cell, v in verdicts.items() if cell[0] == client] for client in clients}
    row(scenario, [f"{sum(v.get(scenario) == 'ok' for v in ran[c])} of {len(ran[c])}" for c in clients])

print(*faults, sep="\n", end="\n" if faults else "")
total = sum(len(ran) for ran in verdicts.values())
print(f"\n{total - len(faults)} ok, {len(faults)} not ok")
sys.exit(1 if faults or not total else 0)
