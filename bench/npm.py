"""Programs from npm that only tests and measurements run: each installed once, into a folder under build, from the versions and
checksums of a package-lock.json."""
import pathlib
import shutil
import subprocess

# What could not be installed is not tried again by the same process.
FAILED = {}
BUILD = pathlib.Path(__file__).resolve().parents[1] / "build"


class Unavailable(Exception):
    """Says why a program is not there."""


def install(name, locked, into):
    """Installs what `locked`, a folder with package.json and package-lock.json, asks for into build/`into`, the folder that then holds
    node_modules. `name` is for messages."""
    if into in FAILED:
        raise Unavailable(FAILED[into])
    try:
        return installed(name, locked, BUILD / into)
    except Unavailable as why:
        FAILED[into] = str(why)
        raise


def installed(name, locked, modules):
    for program in ("node", "npm"):
        if not shutil.which(program):
            raise Unavailable(f"{name}: {program} is not installed")
    wanted = (locked / "package-lock.json").read_bytes()
    stamp = modules / ".installed"
    if stamp.exists() and stamp.read_bytes() == wanted:
        return modules
    modules.mkdir(parents=True, exist_ok=True)
    for file in ("package.json", "package-lock.json"):
        shutil.copyfile(locked / file, modules / file)
    try:
        ran = subprocess.run(["npm", "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=60000"],
                             cwd=modules, capture_output=True, text=True, timeout=180)
    except subprocess.TimeoutExpired as slow:
        raise Unavailable(f"{name}: the npm registry did not answer in three minutes") from slow
    if ran.returncode != 0:
        raise Unavailable(f"{name}: npm could not install it: " + " ".join(ran.stderr.split())[-300:])
    stamp.write_bytes(wanted)
    return modules
