#!/usr/bin/python3
"""Tests the zoo itself: every scenario starts and truly acts, each in a machine of its own, and the
real machine is afterwards what it was before.

    selftest.py                all; about a minute once the package layers exist
    selftest.py cnee veyon     only these
    selftest.py --quick        without the slow ones (browser, quiet machine, secrets)

One line each, with seconds. Exit 0 when all is well, 1 when not, 77 when this computer cannot host a
zoo machine (no root, no overlayfs, no packages), or 1 with CONTRECHAMP_ZOO_REQUIRED set.
"""
import argparse
import os
import subprocess
import sys
import time
import traceback

import layers
import machine
import scenarios
from machine import HERE, PYTHON, Machine, Skip, become_root, changes, host_fingerprint, members
from on_secrets import forms

SLOW = {"forced-extension-closed", "quiet", "secrets-monitors"}
failures = []


def check(name, function):
    began = time.monotonic()
    try:
        note = function()
        print(f"ok      {name:24} {time.monotonic() - began:6.1f} s  {note or ''}", flush=True)
    except Skip:
        raise
    except Exception as error:
        failures.append(name)
        print(f"FAILED  {name:24} {time.monotonic() - began:6.1f} s  {type(error).__name__}: {error}",
              flush=True)
        if not isinstance(error, (machine.MachineError, AssertionError)):
            traceback.print_exc()


def package_layers():
    for chain in layers.CHAINS:
        layers.ensure(chain)


def run_scenario(name):
    with Machine(scenarios.layers_for([name])) as m:
        facts = scenarios.start(m, name)
    assert not m.leftovers(), f"processes survived the machine: {m.leftovers()}"
    shown = {
        k: v for k, v in facts.items() if k in ("pid", "port", "ports", "id", "location", "shells", "pids")
    }
    return shown or (f"{len(facts['secrets'])} secrets" if "secrets" in facts else "")


def isolation():
    """What is inside stays inside, and what is outside is not seen."""
    with Machine(()) as m:
        assert len(m.processes()) == 1, m.processes()
        assert m.run("ls /proc | grep -c '^[0-9]'").out.strip() in "345"
        assert m.run("ls /sys/class/net").out == "lo\n"
        assert m.run("timeout 3 bash -c '</dev/tcp/192.0.2.1/80'", check=False).code != 0
        for path in ("/proc/sys/kernel/hostname", "/sys/kernel/mm/ksm/run"):
            assert m.run(f"echo x > {path}", check=False).code != 0, f"{path} can be written"
        assert m.run("mknod /tmp/disk b 254 0", check=False).code != 0, "device nodes can be made"
        assert m.run("ls /dev/input /dev/snd /dev/video0 /dev/vda", check=False).out == ""
        m.run("touch /etc/zoo-was-here /usr/bin/zoo-was-here; rm /etc/debian_version")
        m.mkuser("alice")
        assert m.run("id -un; test -w /etc/passwd || echo no; cat", user="alice",
                     input="typed").out == "alice\nno\ntyped"
        try:
            m.run("sleep 30", timeout=0.3)
            raise AssertionError("a command outlived its time limit")
        except machine.Timeout:
            pass
        assert m.run("true", env={"CI": "true"}).seconds < 1
    assert os.path.exists("/etc/debian_version") and not os.path.exists("/etc/zoo-was-here")


def dies_with_the_test():
    """A test killed with SIGKILL leaves nothing."""
    program = ("import sys, time; sys.path.insert(0, sys.argv[1]); from machine import Machine\n"
               "m = Machine(()); m.start('sleep 1000 & setsid sleep 1000 & nohup sleep 1000')\n"
               "print(m.init_pid, flush=True); time.sleep(1000)")
    test = subprocess.Popen([PYTHON, "-c", program, HERE], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                            text=True)
    try:
        with open(f"/proc/{test.stdout.readline().strip()}/ns/pid") as namespace:
            until(lambda: len(members(namespace)) == 5, "process 1, the shell and three sleepers")
            test.kill()
            test.wait()
            until(lambda: not members(namespace), "the end of everything inside")
    finally:
        test.kill()


def until(condition, what):
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, f"waited 5 s for {what}"
        time.sleep(0.05)


def dies_with_an_exception():
    try:
        with Machine(()) as m:
            m.start("sleep 1000")
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert not m.leftovers()


def secret_forms():
    """leaks() must find what it looks for: a secret in the middle of base64 text, at any offset."""
    import base64
    secret = "zqabcdefghijklmnopqr"
    for before in (b"", b"y", b"yy", b"yyyy"):
        text = base64.b64encode(before + secret.encode() + b"!")
        assert any(needle in text for form, needle in forms(secret).items() if "64" in form), before


def main():
    parser = argparse.ArgumentParser(description="Tests the zoo itself.")
    parser.add_argument("names", nargs="*", help="scenarios; all if none are named")
    parser.add_argument("--quick", action="store_true", help="without the slow ones")
    options = parser.parse_args()
    unknown = set(options.names) - scenarios.SCENARIOS.keys()
    if unknown:
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    # a scenario that others need is tested by them
    needed = {n for s in scenarios.SCENARIOS.values() for n in s.needs}
    names = options.names or [n for n in scenarios.SCENARIOS if n not in needed and
                              not (options.quick and n in SLOW)]
    began = time.monotonic()
    try:
        become_root()
        before = host_fingerprint()
        if not options.names:
            check("package layers", package_layers)
            check("isolation", isolation)
            check("dies with the test", dies_with_the_test)
            check("dies with an exception", dies_with_an_exception)
            check("forms of a secret", secret_forms)
        for name in names:
            check(name, lambda: run_scenario(name))
        check("host unchanged", lambda: unchanged(before))
    except Skip as error:
        print(f"SKIPPED {error}")
        return 1 if os.environ.get("CONTRECHAMP_ZOO_REQUIRED") else 77
    print(f"{'FAILED: ' + ', '.join(failures) if failures else 'all well'}, {time.monotonic() - began:.0f} s")
    return 1 if failures else 0


def unchanged(before):
    differences = changes(before, host_fingerprint())
    assert not differences, "the real machine has changed:\n  " + "\n  ".join(differences)
    return f"{len(before)} marks compared"


if __name__ == "__main__":
    sys.exit(main())
