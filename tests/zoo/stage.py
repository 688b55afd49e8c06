"""What every scenario stands on: the list of scenarios, and how one is started.

A scenario is a function that makes something real happen in a Machine, makes sure by other means
that it happens (a scenario that only *seems* to watch would let a broken analyzer pass), and
returns what a test needs to know about it: pids inside the machine, ports, paths.
"""
import dataclasses
import json
import os
import re

from machine import HERE, PYTHON, MachineError

SCENARIOS = {}


@dataclasses.dataclass
class Scenario:
    name: str
    function: object
    layer: str   # package layer above base: "monitors", "benign" or "" for base alone
    needs: tuple  # scenarios that must be started first
    acts: bool   # False: only traces on disk, nothing runs


def scenario(name, layer="monitors", needs=("desktop",), acts=True):
    def register(function):
        SCENARIOS[name] = Scenario(name, function, layer, needs, acts)
        return function
    return register


def layers_for(names):
    """The layers a machine for these scenarios must have."""
    wanted = {SCENARIOS[n].layer for n in all_needed(names)} - {""}
    if len(wanted) > 1:
        raise MachineError(f"{', '.join(names)}: these cannot share a machine (layers {sorted(wanted)})")
    return ("base", *wanted)


def all_needed(names):
    found = []
    for name in names:
        for needed in (*all_needed(SCENARIOS[name].needs), name):
            if needed not in found:
                found.append(needed)
    return found


def people(machine):
    """alice, whose computer it is, and bob. Called by start(); safe to call again."""
    if not hasattr(machine, "facts"):
        machine.facts, machine.session = {}, {}
        machine.uid = {name: machine.mkuser(name) for name in ("alice", "bob")}


def start(machine, name):
    """Starts a scenario and what it needs, unless running already; returns its facts (a dict)."""
    people(machine)
    if name not in machine.facts:
        for needed in SCENARIOS[name].needs:
            start(machine, needed)
        machine.facts[name] = SCENARIOS[name].function(machine) or {}
    return machine.facts[name]


# -- helpers for scenarios ----------------------------------------------------------------------

def require(condition, text):
    if not condition:
        raise MachineError(text)


def alice(machine, cmd, **options):
    """Runs as alice, in her desktop session."""
    return machine.run(cmd, user="alice", env={**machine.session, **options.pop("env", {})}, **options)


def alice_starts(machine, cmd, name=None, **options):
    return machine.start(cmd, user="alice", env={**machine.session, **options.pop("env", {})}, name=name,
                         **options)


def script(name):
    """Command line of one of our own helper programs."""
    return [PYTHON, f"{HERE}/{name}"]


def x_clients(machine):
    """What the X server says of its clients: a list of {"pid", "base", "types": {name: count}}."""
    return [json.loads(line) for line in alice(machine, script("xres.py")).out.splitlines()]


def x_resources(machine, pid):
    """{resource type: count} over all connections of one process."""
    total = {}
    for client in x_clients(machine):
        if client["pid"] == pid:
            for kind, count in client["types"].items():
                total[kind] = total.get(kind, 0) + count
    return total


def listening(machine):
    """{port: pid} of TCP listeners."""
    out = machine.run(["ss", "-lntpH"]).out
    return {int(port): int(pid) for port, pid in
            re.findall(r"^LISTEN +\d+ +\d+ +\S*?:(\d+) .*?pid=(\d+)", out, re.M)}


def type_and_move(machine, text="the quick brown fox"):
    """A person at the keyboard: types into whatever has the focus, moves and clicks."""
    alice(machine, ["xdotool", "type", "--delay", "5", text])
    alice(machine, "xdotool mousemove 100 100 click 1; xdotool mousemove 300 200; xdotool mousemove 120 90")


def size(machine, path):
    """Bytes in a file of the machine; 0 when it is not there."""
    try:
        return os.stat(machine.host_path(path)).st_size
    except FileNotFoundError:
        return 0


def grows(machine, path, process=None, timeout=15):
    """Waits until the file has got bigger than it is now: somebody is writing."""
    before = size(machine, path)
    machine.wait_for(lambda: size(machine, path) > before, timeout, f"{path} to grow", alive=process)


def syslog(machine):
    """A stand-in for the system's log: everything sent to /dev/log, in /var/log/syslog."""
    if not hasattr(machine, "syslog"):
        machine.write("/var/log/syslog", "", mode=0o640)
        machine.syslog = machine.start(["socat", "-u", "UNIX-RECV:/dev/log,mode=666",
                                        "OPEN:/var/log/syslog,append"], name="syslog")
        machine.wait_for(lambda: os.path.exists(machine.host_path("/dev/log")), 5, "/dev/log",
                         alive=machine.syslog)
    return lambda: machine.read("/var/log/syslog").decode(errors="replace")
