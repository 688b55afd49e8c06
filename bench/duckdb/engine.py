"""DuckDB from npm, for the bench and for the test of the SQL plan. Installed once, into build/bench-npm, from the versions
and checksums of package-lock.json beside this file."""
import json
import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
MODULES = HERE.parents[1] / "build/bench-npm"


class Unavailable(Exception):
    """Says why there is no engine."""


def install():
    """The folder that holds node_modules."""
    for program in ("node", "npm"):
        if not shutil.which(program):
            raise Unavailable(f"DuckDB: {program} is not installed")
    locked = (HERE / "package-lock.json").read_bytes()
    stamp = MODULES / ".installed"
    if stamp.exists() and stamp.read_bytes() == locked:
        return MODULES
    MODULES.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, MODULES / name)
    try:
        ran = subprocess.run(["npm", "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=60000"],
                             cwd=MODULES, capture_output=True, text=True, timeout=180)
    except subprocess.TimeoutExpired as slow:
        raise Unavailable("DuckDB: the npm registry did not answer in three minutes") from slow
    if ran.returncode != 0:
        raise Unavailable("DuckDB: npm could not install it: " + " ".join(ran.stderr.split())[-300:])
    stamp.write_bytes(locked)
    return MODULES


def command(threads=2, memory=""):
    return ["node", str(HERE / "run.js"), str(install()), str(threads), *([memory] if memory else [])]


def run(script, folder, threads=2, memory="", timeout=600):
    """One dict a statement: cpu_s, wall_s, rows (lists of texts)."""
    ran = subprocess.run(command(threads, memory), input=script, cwd=folder, capture_output=True, text=True, timeout=timeout, env={**os.environ, "TZ": "UTC"})
    if ran.returncode != 0:
        raise RuntimeError(ran.stderr.strip())
    return [json.loads(line) for line in ran.stdout.splitlines()]
