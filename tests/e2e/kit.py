"""What the end-to-end tests share: the built program, a folder that goes away, a case to look at.

Each test has its own folder, home and signing key, so that tests can run side by side and leave nothing behind."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

ROOT = pathlib.Path(os.environ.get("PROJECT_ROOT") or pathlib.Path(__file__).resolve().parents[2])
PROGRAM = pathlib.Path(os.environ.get("CONTRECHAMP") or ROOT / "build/contrechamp")
TSA = ROOT / "tests/kit/tsa.sh"
SCHEMAS = ROOT / "docs/schema"
TIMEOUT = 120


def main():
    """Runs the script's tests. Exit 77 (skipped, to ctest) when not one of them could run."""
    if not PROGRAM.exists():
        print(f"skipped: {PROGRAM} is not built")
        sys.exit(77)
    ran = unittest.main(exit=False, verbosity=0).result
    if not ran.wasSuccessful():
        sys.exit(1)
    if ran.testsRun and len(ran.skipped) == ran.testsRun:
        print("skipped:", "; ".join(sorted({reason for _, reason in ran.skipped})))
        sys.exit(77)
    sys.exit(0)


def need(*programs):
    """Skips a test where a program it runs is not installed."""
    missing = [name for name in programs if not shutil.which(name)]
    return unittest.skipIf(missing, "not installed: " + ", ".join(missing))


def need_root(why):
    return unittest.skipIf(os.geteuid() != 0, f"needs root: {why}")


def records(name, lines, host="0123456789ab"):
    """A record file as our collectors write them (docs/schema/exhibits.md)."""
    canonical = lambda value: json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    out = [canonical({"contrechamp": name, "version": 1, "host": host, "time": "2026-11-23T10:15:00Z", "uid": 1000, "root": False, "boot": "ba9876543210"})]
    out += [canonical(line) for line in lines]
    out.append(canonical({"is": "end", "records": len(lines)}))
    return "\n".join(out) + "\n"


# Evidence that gives findings of several kinds: snoopy loaded into every program, a forced extension that may film the
# screen, a recorder of input that belongs to no known product, and checks that could not look.
EVIDENCE = {
    "packages.jsonl": records("linux-packages", [{"is": "package", "manager": "dpkg", "package": "snoopy", "version": "2.5.1-1", "scope": "system"}, {"is": "looked", "check": "packages", "fields": {"packages": 1}}]),
    "logging.jsonl": records("linux-logging", [
        {"is": "preload", "library": "/lib/x86_64-linux-gnu/libsnoopy.so", "package": "snoopy", "programs": 12, "of": 14, "source": {"path": "/etc/ld.so.preload", "line": 1}},
        {"is": "looked", "check": "system-preload", "fields": {"libraries": 1}},
        {"is": "coverage", "check": "sudo-logging", "state": "unreadable", "reason": "root-only-file", "fields": {"path": "/etc/sudoers"}}]),
    "x11.jsonl": records("linux-x11", [
        {"is": "client", "display": ":0", "process": {"pid": 312, "started": "2026-11-23T09:00:00Z", "user": "self", "name": "watcher", "exe": "/opt/own/watcher"}, "resources": {"RecordContext": 1, "ShmSeg": 2, "WINDOW": 3}},
        {"is": "looked", "check": "x11-clients", "fields": {"display": ":0", "clients": 1}},
        {"is": "coverage", "check": "audio-recorders", "state": "not-recorded", "reason": "no-sound-server"}]),
    "browsers.jsonl": records("linux-browsers", [
        {"is": "extension", "browser": "chromium", "profile": "chromium profile 1", "extension": "aaaabbbbccccddddeeeeffffgggghhhh", "name": "Été=1 Helper", "version": "1.2", "came": "policy", "enabled": True,
         "permissions": ["desktopCapture", "storage"], "all_sites": True, "sites": 1, "source": {"path": "~/.config/chromium/Default/Preferences"}},
        {"is": "looked", "check": "browser-extensions", "fields": {"profiles": 1, "extensions": 1}}]),
}


class Sandbox(unittest.TestCase):
    """A folder of one's own, and the program run in it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="contrechamp-e2e-"))
        self.addCleanup(self.remove)
        (self.folder / "home").mkdir()
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("CONTRECHAMP", "XDG_", "SUDO_", "LC_", "LANG", "SOURCE_DATE")) and name not in ("NO_COLOR", "DISPLAY", "WAYLAND_DISPLAY")}
        self.env.update({"CONTRECHAMP_KEY": str(self.folder / "home/key"), "HOME": str(self.folder / "home"), "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "dumb", "TMPDIR": str(self.folder)})

    def remove(self):
        # A test may have left folders nobody may write to.
        for path in [self.folder, *self.folder.rglob("*")]:
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o700)
        shutil.rmtree(self.folder)

    def start(self, *arguments, env={}, program=None, **more):
        return subprocess.Popen([str(program or PROGRAM), *map(str, arguments)], cwd=self.folder, env={**self.env, **env}, stdin=subprocess.DEVNULL, **more)

    def run_program(self, *arguments, code=0, env={}, program=None, **more):
        """Runs contrechamp and checks its exit code (None: any). Output is text."""
        more.setdefault("stdin", subprocess.DEVNULL)
        ran = subprocess.run([str(program or PROGRAM), *map(str, arguments)], cwd=self.folder, env={**self.env, **env}, timeout=TIMEOUT, **({"capture_output": True, "text": True} | more))
        if code is not None:
            self.assertEqual(ran.returncode, code, f"contrechamp {' '.join(map(str, arguments))}\n{ran.stdout}\n{ran.stderr}")
        return ran

    def out(self, *arguments, **more):
        return self.run_program(*arguments, **more).stdout

    def lines(self, *arguments, **more):
        """JSON lines."""
        return [json.loads(line) for line in self.out(*arguments, **more).splitlines()]

    def fails(self, *arguments, code=1, **more):
        """The one line on stderr of a command that fails."""
        ran = self.run_program(*arguments, code=code, **more)
        said = ran.stderr.splitlines()
        self.assertTrue(said and said[-1].startswith("contrechamp: "), ran.stderr)
        return said[-1]

    def shell(self, script, *arguments, code=0, **more):
        ran = subprocess.run(["sh", "-eu", "-c", script, "sh", *map(str, arguments)], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=TIMEOUT, **more)
        if code is not None:
            self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        return ran

    def write_evidence(self):
        folder = self.folder / "evidence"
        folder.mkdir(exist_ok=True)
        for name, text in EVIDENCE.items():
            (folder / name).write_text(text)
        return folder

    def make_case(self, name="case", analyze=True):
        """A case with EVIDENCE in it, analysed and signed."""
        self.run_program("add", self.write_evidence(), "--case", name, "--note", "agreed by the works council", "--quiet")
        if analyze:
            self.run_program("analyze", "--case", name, "--quiet")
        return self.folder / name

    def verify(self, case="case", *options, code=None, **more):
        """{check: item} of verify --json."""
        ran = self.run_program("verify", "--case", case, "--json", "--quiet", *options, code=code, **more)
        return {item["check"]: item for item in map(json.loads, ran.stdout.splitlines())}

    def differing(self, case="case", *options, **more):
        """Names of the checks that differ; the exit code must say the same."""
        ran = self.run_program("verify", "--case", case, "--json", "--quiet", *options, code=None, **more)
        found = {item["check"] for item in map(json.loads, ran.stdout.splitlines()) if item["state"] == "different"}
        self.assertEqual(ran.returncode, 1 if found else 0, ran.stdout + ran.stderr)
        return found

    def assert_whole(self, case="case"):
        ran = self.run_program("verify", "--case", case, "--quiet", code=None)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def details(self, case, check):
        """What verify says of one check, as one text."""
        return "\n".join(detail["en"] for detail in self.verify(case)[check]["details"])


def log_of(case):
    return (case / "custody.jsonl").read_text().splitlines()


def validator(name):
    """A validator of docs/schema/NAME.schema.json; the other schemas are found beside it, never on the network."""
    import jsonschema

    schemas = {path.name: json.loads(path.read_text()) for path in SCHEMAS.glob("*.schema.json")}
    resolver = jsonschema.RefResolver.from_schema(schemas[name + ".schema.json"], store={schema["$id"]: schema for schema in schemas.values()})
    return jsonschema.Draft202012Validator(schemas[name + ".schema.json"], resolver=resolver, format_checker=jsonschema.FormatChecker())


def need_jsonschema():
    try:
        import jsonschema  # noqa: F401
    except ImportError:
        return unittest.skip("python3-jsonschema is not installed")
    return lambda test: test
