"""Prints the clients' lines (client, era, scenario, verdict, detail) as one table.

    table.py RESULTS COLUMN...      e.g. results.tsv "python-2 legacy" "python-2 modern"

Fails on any FAIL, and when a column lacks a scenario that another has: a client that died early.
"""

import sys

rows = [line.rstrip("\n").split("\t") for line in open(sys.argv[1], encoding="utf-8")]
verdicts = {(scenario, f"{client} {era}"): verdict for client, era, scenario, verdict, _ in rows}
scenarios = list(dict.fromkeys(row[2] for row in rows))
columns = sys.argv[2:]

print(f"{'scenario':26}" + "".join(f"{column:23}" for column in columns).rstrip())
for scenario in scenarios:
    cells = (f"{verdicts.get((scenario, column), 'missing'):23}" for column in columns)
    print(f"{scenario:26}" + "".join(cells).rstrip())
for client, era, scenario, verdict, detail in rows:
    if verdict != "ok":
        print(f"FAIL {client} {era} {scenario}: {detail}")

ran = [verdicts.get((scenario, column)) for scenario in scenarios for column in columns]
print(f"{ran.count('ok')} ok, {len(ran) - ran.count('ok')} not ok")
sys.exit(0 if ran and set(ran) == {"ok"} else 1)
