"""DuckDB from npm, for the bench and for the test of the SQL plan (bench/npm.py)."""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import npm  # noqa: E402

Unavailable = npm.Unavailable


def install():
    """The folder that holds node_modules."""
    return npm.install("DuckDB", HERE, "bench-npm")


def command(threads=2, memory=""):
    return ["node", str(HERE / "run.js"), str(install()), str(threads), *([memory] if memory else [])]


def run(script, folder, threads=2, memory="", timeout=600, zone="UTC"):
    """One dict a statement: cpu_s, wall_s, rows (lists of texts)."""
    ran = subprocess.run(command(threads, memory), input=script, cwd=folder, capture_output=True, text=True, timeout=timeout, env={**os.environ, "TZ": zone})
    if ran.returncode != 0:
        raise RuntimeError(ran.stderr.strip())
    return [json.loads(line) for line in ran.stdout.splitlines()]
