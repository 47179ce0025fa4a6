"""Builds: the programs that are measured, and what building costs."""

import json
import os
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent
# The one profile of this workspace, for the one program that is from the other.
PROFILE = ["--config", 'profile.release.lto="thin"', "--config", "profile.release.codegen-units=1"]

# Who is built: the package, and the workspace it is in.
MINIMAL = {
    "floor": ("minimal-floor", HERE),
    "ours": ("hyper-min", ROOT),
    "rmcp": ("minimal-rmcp", HERE),
    "tower-mcp": ("minimal-tower-mcp", HERE),
    "turbomcp": ("minimal-turbomcp", HERE),
}
SHORT = ["floor", "ours", "rmcp"]
PEERS = ["rmcp", "tower-mcp", "turbomcp"]


def output(command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def _target():
    """Where the programs are."""
    return Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target"))


def release(everything):
    """Builds all programs; returns the directory that has them."""
    target = _target()
    subprocess.run(["cargo", "build", "--release", "--workspace", "--exclude", "minimal-*"], cwd=HERE, check=True)
    # Each by itself: together they would share the features of all.
    for package, workspace in _minimal(everything).values():
        profile, directory = ([], target) if workspace == HERE else (PROFILE, target / "ours")
        subprocess.run(["cargo", "build", "--release", "-p", package, *profile, "--target-dir", directory],
                       cwd=workspace, check=True)
    return target / "release"


def _minimal(everything):
    return {who: found for who, found in MINIMAL.items() if everything or who in SHORT}


def cold(everything):
    """What a first build costs each, how large its result is, and from how many crates it is made."""
    figures = {}
    for who, (package, workspace) in _minimal(everything).items():
        subprocess.run(["cargo", "fetch", "--quiet"], cwd=workspace, check=True)
        figures[who] = {"crates": _crates(package, workspace), "bytes": _stripped(who, package),
                        **_dev_build(package, workspace)}
    return figures


def _crates(package, workspace):
    command = ["cargo", "tree", "-p", package, "-e", "normal", "--prefix", "none"]
    # `(*)` marks a crate whose dependencies were printed before: the same crate.
    return len({line.removesuffix(" (*)") for line in output(command, cwd=workspace).splitlines()})


def _dev_build(package, workspace):
    with tempfile.TemporaryDirectory() as target:
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(["cargo", "build", "--quiet", "-p", package, "--target-dir", target], cwd=workspace, check=True)
        after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return {"seconds": ended - began, "cpu_seconds": cpu}


def _stripped(who, package):
    directory = _target() / "ours" / "release" if who == "ours" else _target() / "release"
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / package
        shutil.copy(directory / package, copy)
        subprocess.run(["strip", copy], check=True)
        return copy.stat().st_size


def versions():
    """Of the peers, and of what all of them stand on."""
    metadata = json.loads(output(["cargo", "metadata", "--format-version", "1", "--locked"], cwd=HERE))
    wanted = [*PEERS, "hyper", "tokio", "serde_json"]
    return {package["name"]: package["version"] for package in metadata["packages"] if package["name"] in wanted}
