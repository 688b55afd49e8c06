#!/usr/bin/python3
"""contrechamp against real monitors: each scenario of the zoo is started in a private machine (see README.md), scanned
as an ordinary user and as root, and what comes out is compared with what is known to be there. Nothing expected may be
missing and nothing else may be found; the quiet machine's rate is printed.

    zoo_test.py                  all, with proof that the real machine is as it was
    zoo_test.py x11vnc cnee      only these

The program is $CONTRECHAMP (default: build/contrechamp). Exit 77 when this computer cannot host a machine.
"""
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import on_secrets  # noqa: E402
import scenarios  # noqa: E402
from machine import Machine, Skip, become_root, changes, host_fingerprint  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("CONTRECHAMP", os.path.join(ROOT, "build", "contrechamp"))


def found(rule, subject, strength="lead", seen=(), **more):
    """A finding as it must come out: its rule, who it is about, how strong, and the capabilities this machine shows."""
    return {"rule": rule, "subject": subject, "strength": strength, "seen": sorted(seen), **more}


RECORDS = ("x11-records-input", ("keystroke-logging", "mouse-activity"))


def records(subject, **more):
    return found(RECORDS[0], subject, "observed", RECORDS[1], **more)


X11VNC = [records("x11vnc", product="x11vnc"), found("product-remote-control", "x11vnc", "configured")]
TLOG = [found("product-monitoring", "tlog", "configured"),
        found("recording-shell", "tlog-rec-session", "configured", ["terminal-recording"]),
        found("recorder-keeps-typing", "tlog", "configured", ["keystroke-logging", "command-logging"])]
VEYON = [found("product-remote-control", "Veyon", "configured"), *X11VNC]
FORCED = [found("extension-forced", "Work Quality Assistant", "granted",
                ["screen-recording", "screenshots", "website-tracking"])]
MITMPROXY = [found("added-authority", "mitmproxy", "granted", ["tls-interception"], managed=False),
             found("product-managed", "mitmproxy", "configured", managed=True)]
TWINS = {
    "orca": [], "copyq": [], "keepassxc": [], "barrier": [], "input-remapper": [], "xbindkeys": [], "redshift": [],
    "onboard": [],
    # What they truly do is said, by name, with its ordinary reason, and apart from what is held against anybody.
    "autokey": [records("autokey-gtk", managed=True)],
    "screenkey": [records("screenkey", managed=True)],
    "obs": [found("sound-playback", "obs", "observed", ["call-recording"], managed=True)],
}
UNKNOWN = [found("startup-unpackaged", "screenwatch")]

# scenario → what alice's scan must find, and what root's must where that is more.
EXPECTED = {
    "x11vnc": (X11VNC, None),
    "x11vnc-watched": ([*X11VNC, found("remote-session", "x11vnc", "lead", ["live-screen-view", "remote-control"])],
                       [*X11VNC, found("remote-session", "x11vnc", "observed", ["live-screen-view", "remote-control"])]),
    "scraping-server": ([found("product-remote-control", "TigerVNC", "configured")], None),
    "scraping-watched": ([found("product-remote-control", "TigerVNC", "configured"),
                          found("remote-session", "X0tigervnc", "lead", ["live-screen-view", "remote-control"]),],
                         [found("product-remote-control", "TigerVNC", "configured"),
                          found("remote-session", "X0tigervnc", "observed", ["live-screen-view", "remote-control"])]),
    "cnee": ([records("cnee", managed=False, product="xnee")], None),
    "xlib-record": ([records("python3.11 (script)")], None),
    "x11grab": ([found("screen-capture", "ffmpeg", "observed", ["screen-recording", "screenshots"], managed=False)], None),
    "x11grab-null": ([found("screen-capture", "ffmpeg", "observed", ["screen-recording", "screenshots"])], None),
    "parec": ([found("sound-playback", "pacat", "observed", ["call-recording"], managed=False)], None),
    "pipewire": ([found("sound-playback", "pacat", "observed", ["call-recording"]),
                  found("sound-playback", "pw-cat", "observed", ["call-recording"])], None),
    "veyon": (VEYON, [*VEYON, found("remote-open", "veyon-server", "granted")]),
    "epoptes": ([found("product-remote-control", "Epoptes", "configured")], None),
    "snoopy": ([found("product-monitoring", "Snoopy Logger", "observed"),
                found("preload-monitor", "libsnoopy.so", "observed", ["command-logging"])], None),
    "tlog": (TLOG, None),
    "mitmproxy-ca": (MITMPROXY, None),
    "mitmproxy-nss": (MITMPROXY, None),
    "ld-preload": ([found("preload-environment", "libwatch.so")], None),
    "ptrace": ([found("traces-another", "strace")], None),
    # The tracer of others' files belongs to root: alice's scan cannot see it, and must say so.
    "fatrace": ([], [found("watches-files", "fatrace", "observed", ["file-tracking"])]),
    "sudo-log": ([], [found("sudo-sessions", "sudo", "configured", ["terminal-recording"])]),
    "prompt-command": ([found("shell-hook", "/etc/profile.d/audit-commands.sh", "configured", ["command-logging"])], None),
    "audit-rules": ([found("product-managed", "Linux Audit (auditd)", "configured", managed=True)],
                    [found("product-managed", "Linux Audit (auditd)", "configured", managed=True),
                     found("audit-commands", "audit rules", "configured", ["command-logging"])]),
    "tty-audit": ([found("login-tty-audit", "pam_tty_audit", "configured", ["command-logging", "keystroke-logging"])], None),
    "udev-rule": (UNKNOWN, None),
    "cron": (UNKNOWN, None),
    "units": (UNKNOWN, None),
    "autostart": (UNKNOWN, None),
    "portal": ([found("portal-granted", "org.example.Meeting", "granted",
                      ["microphone", "remote-control", "screen-recording", "webcam"])], None),
    "forced-extension": (FORCED, None),
    "forced-extension-closed": (FORCED, None),
    "polling": ([], None),  # holds nothing that could be counted: the scan must say that this cannot be seen
    "hidden-programs": ([], None),
    "no-dpkg": ([], None),
    "unreadable-unit": ([], None),
    "scrot": ([], None),  # lives for milliseconds: not visible to a scan, as the README of the host analyzer says
    **{name: (expected, None) for name, expected in TWINS.items()},
    "quiet": (sum(TWINS.values(), []), None),
}
# What a scan cannot see must be among what it says it could not look at: scenario → (who scans, check), capabilities of
# which it must not say "not seen".
ALICE, BOTH = ("alice",), ("alice", "root")
BLIND = {
    "fatrace": (ALICE, "file-watchers", ["file-tracking"]),
    "sudo-log": (ALICE, "sudo-logging", ["terminal-recording"]),
    "audit-rules": (ALICE, "audit-rules", ["command-logging"]),
    "cron": (ALICE, "autostart", []),
    "polling": (BOTH, "x11-clients", ["keystroke-logging", "screenshots"]),
    "hidden-programs": (ALICE, "input-devices", ["keystroke-logging", "webcam", "microphone", "command-logging"]),
    "no-dpkg": (BOTH, "trust-store", ["tls-interception"]),
    "unreadable-unit": (ALICE, "autostart", []),
}


def scan(machine, user):
    """The scan's JSON, after checking that the case verifies and that stderr is quiet."""
    folder = f"/tmp/case-{user}"
    env = {**getattr(machine, "session", {}), "CONTRECHAMP_KEY": f"/tmp/key-{user}/minisign.key", "LC_ALL": "C.UTF-8"}
    if user == "root":
        env["SUDO_UID"] = machine.run("id -u alice").out.strip()  # as `sudo contrechamp scan` by alice
    result = machine.run([PROGRAM, "scan", "--json", "--quiet", "--case", folder], user=user, env=env, timeout=60)
    assert result.err == "", f"stderr: {result.err}"
    check = machine.run([PROGRAM, "verify", "--case", folder], user=user, env=env, check=False)
    assert check.code == 0, check.out
    return json.loads(result.out)


def as_found(finding, names):
    seen = sorted(c["id"] for c in finding["capabilities"] if c["status"] == "seen")
    return {"rule": finding["rule"], "subject": names.get(finding["subject"]["key"], finding["subject"]["label"])
            if finding["subject"]["kind"] == "product" else finding["subject"]["label"],
            "strength": "lead" if finding["lead"] else finding["strength"], "seen": seen,
            "managed": finding["managed"], "product": finding.get("product", "")}


def fits(actual, expected):
    return all(actual[key] == value for key, value in expected.items())


def compare(scenario, user, report, expected, baseline):
    got = [as_found(f, {}) for f in report["findings"] if (f["rule"], f["subject"]["key"]) not in baseline]
    missing = [e for e in expected if not any(fits(g, e) for g in got)]
    unexpected = [g for g in got if not any(fits(g, e) for e in expected)]
    problems = [f"missing: {e}" for e in missing] + [f"not expected: {g}" for g in unexpected]
    for finding in report["findings"]:
        for lang in ("en", "fr"):
            if "{" in finding["statement"][lang] or not finding["question"][lang] or not finding["innocent"]:
                problems.append(f"unfinished sentence: {finding['statement'][lang]}")
    users, check, capabilities = BLIND.get(scenario, ((), "", []))
    if user in users:
        if not any(check in gap["checks"] for gap in report["gaps"]):
            problems.append(f"the scan does not say that it could not look at {check}")
        problems += [f"“not seen” is said of {name}" for name in capabilities if verdicts(report)[name] == "not-seen"]
    return problems


def verdicts(report):
    return {c["id"]: c["verdict"] for group in report["summary"]["groups"] for c in group["capabilities"]}


def plain_machine():
    """Findings of the computer itself that a plain machine shows too, such as a certificate authority of this network.
    Also proves that a scan writes nowhere but into its case and key."""
    with Machine(("base",)) as machine:
        machine.mkuser("alice")
        machine.run("touch /tmp/before")
        for user in ("alice", "root"):
            report = scan(machine, user)
        written = machine.run("find / -xdev -newer /tmp/before -type f 2>/dev/null || true").out.split("\n")
        # The repository lies below, on the real machine, where a build may be going on meanwhile.
        ours = re.compile(rf"/tmp/(case|key)-(alice|root)/|/proc/|{re.escape(ROOT)}/|/root/.cache/ccache/|$")
        touched = [path for path in written if not ours.match(path)]
        assert not touched, f"the scan changed {touched}"
        # A Debian as it comes: without the certificate authorities that this computer's own network added.
        machine.run("rm -rf /etc/ssl/certs/* /usr/local/share/ca-certificates/*; update-ca-certificates --fresh >/dev/null 2>&1;"
                    " rm -rf /tmp/case-root /tmp/case-alice")
        for user in ("alice", "root"):
            plain = scan(machine, user)
            assert not plain["findings"], [f["statement"]["en"] for f in plain["findings"]]
            assert plain["gaps"], "a scan that says it could look at everything is not to be believed"
        # Root for itself: alice's browsers and session were not looked at.
        alone = json.loads(machine.run([PROGRAM, "scan", "--json", "--quiet", "--case", "/tmp/case-alone"],
                                       env={"CONTRECHAMP_KEY": "/tmp/key-root/minisign.key"}).out)
        assert any("by root itself" in gap["why"]["en"] for gap in alone["gaps"]), alone["gaps"]
        assert "not-seen" not in [verdicts(alone)[c] for c in ("website-tracking", "clipboard", "screenshots")]
    return {(f["rule"], f["subject"]["key"]) for f in report["findings"]}, report


def run_scenario(name, baseline):
    problems = []
    expected, for_root = EXPECTED[name]
    with Machine(scenarios.layers_for([name])) as machine:
        scenarios.start(machine, name)
        for user, wanted in (("alice", expected), ("root", for_root if for_root is not None else expected)):
            problems += [f"as {user}: {p}" for p in compare(name, user, scan(machine, user), wanted, baseline)]
    return problems


def run_secrets(name):
    with Machine(scenarios.layers_for([name])) as machine:
        facts = scenarios.start(machine, name)
        problems = []
        for user in ("alice", "root"):
            scan(machine, user)
            leaks = on_secrets.leaks(machine.host_path(f"/tmp/case-{user}"), facts["secrets"])
            problems += [f"as {user}: {place} ({form}) in {os.path.basename(path)}" for path, place, form in leaks]
            # The test must be able to find one: the same search over alice's own home does.
        if name == "secrets":
            home = on_secrets.leaks(machine.host_path("/home/alice"), facts["secrets"])
            problems += [] if home else ["the search found no secret where they are: it proves nothing"]
    return problems, len(facts["secrets"])


def main():
    become_root()
    # The quiet machine runs all the twins at once: alone they are for whoever looks for a fault.
    wanted = sys.argv[1:] or [*(name for name in EXPECTED if name not in TWINS), "secrets", "secrets-monitors"]
    before = host_fingerprint()
    failures = 0
    baseline, plain = plain_machine()
    on_host = [f["subject"]["label"] for f in plain["findings"] if not f["lead"]]
    print("ok      plain Debian: 0 findings, 0 leads, as alice and as root; the scan wrote nowhere but into its case"
          f" (this computer's own network adds: {', '.join(on_host) or 'nothing'})", flush=True)
    for name in wanted:
        began = time.monotonic()
        try:
            if name.startswith("secrets"):
                problems, count = run_secrets(name)
                note = f"{count} secrets, none in the case"
            else:
                problems, note = run_scenario(name, baseline), ""
        except Skip:
            raise
        except Exception as error:  # a scenario that breaks is a failure of its own, the others still count
            problems, note = [f"{type(error).__name__}: {error}"], ""
        failures += bool(problems)
        print(f"{'FAILED' if problems else 'ok':7} {name:24} {time.monotonic() - began:5.1f} s  {note}", flush=True)
        for problem in problems[:20]:
            print(f"        {problem}")
        if len(problems) > 20:
            print(f"        … and {len(problems) - 20} more")
    if "quiet" in wanted and not failures:
        true = sum(len(v) for v in TWINS.values())
        print(f"quiet machine: {len(TWINS)} benign programs, 0 false findings; {true} true ones, each said to be managed")
    # The kernel frees the loop devices of an image some moments after the last machine on it is gone.
    deadline = time.monotonic() + 20
    while (changed := changes(before, host_fingerprint())) and time.monotonic() < deadline:
        time.sleep(0.5)
    if changed:
        failures += 1
        print(f"FAILED  the real machine changed: {changed}")
    print(f"{len(wanted) - failures} passed, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Skip as reason:
        print(f"skipped: {reason}")
        sys.exit(1 if os.environ.get("CONTRECHAMP_ZOO_REQUIRED") else 77)
