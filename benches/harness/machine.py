"""The machine, without its name."""

import os
import platform
import subprocess
from datetime import datetime, timezone


def describe():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")
    with open("/proc/meminfo") as file:
        kib = int(next(line for line in file if line.startswith("MemTotal")).split()[1])
    compiler = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True)
    return {
        "cpu": model, "cores": os.cpu_count(), "memory_gib": round(kib / 2**20),
        "kernel": ".".join(platform.release().split(".")[:2]), "libc": " ".join(platform.libc_ver()), "rustc": compiler.stdout.strip(),
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        # Above 0.5, something else was running.
        "load_before": os.getloadavg()[0],
    }
