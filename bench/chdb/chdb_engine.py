"""ClickHouse from npm as a library (chDB), for the test of the SQL plan (bench/npm.py)."""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import npm  # noqa: E402


def install():
    """The folder that holds node_modules."""
    return npm.install("ClickHouse", HERE, "bench-npm-chdb")


def run(script, folder, threads=2, timeout=600, zone="UTC"):
    """The rows that the script's statements give, each a list of values."""
    ran = subprocess.run(["node", str(HERE / "run.js"), str(install()), str(threads)], input=script, cwd=folder, capture_output=True, text=True,
                         timeout=timeout, env={**os.environ, "TZ": zone})
    if ran.returncode != 0:
        raise RuntimeError(ran.stderr.strip())
    return [json.loads(line) for line in ran.stdout.splitlines()]
