#!/usr/bin/python3
"""A private machine made out of the running Debian: overlayfs and namespaces, nothing installed
or changed on the real one, everything gone when the test ends, however it ends.

    with Machine(layers=("base", "monitors")) as m:
        m.mkuser("alice")
        m.install("x11vnc")
        m.start(["Xvfb", ":7"], user="alice")
        print(m.run(["/work/main/build/contrechamp", "scan"], user="alice").out)

Inside: own processes, mounts, network (loopback only), host name, IPC, /dev, /run and /tmp.
`machine.py shell` gives a prompt in one. init.py is process 1 inside; layers.py makes and caches
the read-only package layers. Standard library only.
"""
import argparse
import dataclasses
import hashlib
import json
import os
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
PYTHON = "/usr/bin/python3"  # Debian's own: the one on PATH may be another


class Skip(Exception):
    """This computer cannot host a zoo machine, and why. Not a failure of what is tested."""


class MachineError(Exception):
    """Something inside did not work; the text says what, where, and the end of its log."""


class Timeout(MachineError):
    pass


@dataclasses.dataclass
class Result:
    argv: list
    code: int
    out: str
    err: str
    seconds: float


class Process:
    """A program running in the background inside; `pid` is its number inside."""

    def __init__(self, machine, pid, name, log):
        self.machine, self.pid, self.name, self.log, self.code = machine, pid, name, log, None

    def poll(self):
        """The exit code, or None while it runs."""
        self.machine._pump(0)
        return self.code

    def running(self):
        return self.poll() is None

    def output(self):
        return self.machine.read(self.log).decode(errors="replace")

    def wait(self, timeout=30):
        self.machine.wait_for(lambda: not self.running(), timeout, f"the end of {self.name}")
        return self.code

    def kill(self, number=signal.SIGTERM, timeout=10):
        """Signals the whole process group; after `timeout` seconds, SIGKILL."""
        if self.running():
            self.machine._request({"op": "kill", "pid": self.pid, "signal": int(number), "group": True})
            try:
                self.wait(timeout)
            except Timeout:
                self.machine._request({"op": "kill", "pid": self.pid, "signal": 9, "group": True})
                self.wait(5)
        return self.code


class Machine:
    """layers: names of package layers (layers.py), lowest first. size: limit of what may be written
    over / (in memory). Not for use from several threads at once."""

    def __init__(self, layers=("base",), **options):
        require_root()
        images, late = [], {}
        if layers:
            import layers as layer_module  # here, since it builds its layers with this class
            images, late = layer_module.ensure(layers)
        self._boot(images, late, **options)

    @classmethod
    def of_images(cls, images, **options):
        """For layers.py: on these image files, as they are."""
        require_root()
        machine = cls.__new__(cls)
        machine._boot(images, {}, **options)
        return machine

    def _boot(self, images, late, size="2g", hostname="zoo", binds=(), writable=(), building=False):
        self.late, self.processes_by_pid, self.init_pid = late, {}, 0
        # / is seen through the overlay; what lies on another file system, or below a folder that
        # is fresh inside, has to be brought in
        wanted = {REPOSITORY, *(os.path.dirname(d) for d in late.values() if d)} - set(binds)
        binds = list(binds) + sorted(p for p in wanted if hidden_inside(p))
        config = {"layers": images, "size": size, "hostname": hostname, "binds": binds,
                  "writable": list(writable), "expose_upper": building, "repository": REPOSITORY}
        self._start_init(config)
        if not building:
            self.write("/etc/hostname", hostname + "\n")
            self.write("/etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {hostname}\n::1 localhost\n")

    def _start_init(self, config):
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, tempfile.TemporaryFile() as errors:
            # -I: no site or user settings of whoever runs the test
            self.keeper = subprocess.Popen([PYTHON, "-I", f"{HERE}/init.py", str(theirs.fileno())],
                                           pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
                                           stdout=errors, stderr=errors, cwd="/")
            theirs.close()
            self.socket.send(json.dumps(config).encode())
            try:
                while True:
                    self.socket.settimeout(30)
                    data = self.socket.recv(1 << 20)
                    message = json.loads(data) if data else {"failed": "it ended"}
                    self.init_pid = message.get("init", self.init_pid)
                    if "failed" in message:
                        errors.seek(0)
                        raise Skip(f"no zoo machine here: {message['failed']} "
                                   f"{errors.read().decode(errors='replace')[-600:]}".strip())
                    if "ready" in message:
                        break
            except BaseException:
                self.close()
                raise
        # held open, so that its number cannot pass to another machine while we may still ask for it
        self.namespace = open(f"/proc/{self.init_pid}/ns/pid")

    # -- life ---------------------------------------------------------------------------------

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the machine: closing the socket ends process 1, and with it everything inside."""
        if self.socket is None:
            return
        self.socket.close()
        self.socket = None
        try:
            self.keeper.wait(10)
        except subprocess.TimeoutExpired:
            self.keeper.kill()  # process 1 gets SIGKILL as its parent dies
            self.keeper.wait(10)

    def leftovers(self):
        """Host pids still living in this machine's pid namespace; empty after close()."""
        return members(self.namespace)

    # -- talking to process 1 -------------------------------------------------------------------

    def _receive(self):
        data, fds, _, _ = socket.recv_fds(self.socket, 1 << 20, 4)
        if not data:
            raise MachineError("the machine has died (process 1 ended)")
        return json.loads(data), fds

    def _note_exit(self, message):
        process = self.processes_by_pid.pop(message["exit"], None)
        if process is not None:
            process.code = message["code"]

    def _pump(self, timeout):
        """Takes in the exits announced within `timeout` seconds; returns after the first."""
        while select.select([self.socket], [], [], timeout)[0]:
            self._note_exit(self._receive()[0])
            timeout = 0

    def _request(self, request, fds=()):
        if self.socket is None:
            raise MachineError("the machine is closed")
        self.socket.settimeout(30)
        socket.send_fds(self.socket, [json.dumps(request).encode()], list(fds))
        while True:
            message, received = self._receive()
            if "exit" in message:
                self._note_exit(message)
                continue
            if "error" in message:
                raise MachineError(f"{request['op']} {request.get('argv') or request.get('path', '')}: "
                                   f"{message['error']}")
            return message, received

    # -- programs -------------------------------------------------------------------------------

    def _spawn(self, cmd, user, env, cwd, fds, stdin, name, log):
        argv = ["/bin/sh", "-c", cmd] if isinstance(cmd, str) else [str(a) for a in cmd]
        request = {"op": "spawn", "argv": argv, "user": user, "cwd": cwd, "stdin": stdin,
                   "env": {k: str(v) for k, v in (env or {}).items()}}
        answer, _ = self._request(request, fds)
        process = Process(self, answer["pid"], name or os.path.basename(argv[0]), log)
        self.processes_by_pid[process.pid] = process
        return process

    def run(self, cmd, user="root", env=None, timeout=60, input=None, cwd=None, check=True):
        """Runs to the end and returns a Result. A string goes to sh -c. With `check`, a code other
        than 0 raises. Output goes through memory files and not pipes, so a daemon that keeps its
        stdout open cannot make this wait."""
        began = time.monotonic()
        out, err = os.memfd_create("stdout"), os.memfd_create("stderr")
        fds = [out, err]
        if input is not None:
            fds.insert(0, memory_file(input))
        try:
            process = self._spawn(cmd, user, env, cwd, fds, input is not None, None, None)
            try:
                while process.code is None:
                    left = began + timeout - time.monotonic()
                    if left <= 0:
                        raise Timeout(f"{shown(cmd)}: not done after {timeout} s\n{tail(out)}{tail(err)}")
                    self._pump(left)
            except BaseException:
                if self.socket is not None and process.code is None:
                    process.kill(signal.SIGKILL)
                raise
            result = Result(cmd, process.code, contents(out), contents(err), time.monotonic() - began)
        finally:
            for fd in fds:
                os.close(fd)
        if check and result.code != 0:
            raise MachineError(f"{shown(cmd)}: exit {result.code}\n{result.out[-1500:]}{result.err[-1500:]}")
        return result

    def start(self, cmd, user="root", env=None, cwd=None, name=None, input=None):
        """Starts in the background; output goes to /var/log/zoo/NAME.log inside."""
        name = name or os.path.basename(cmd.split()[0] if isinstance(cmd, str) else cmd[0])
        log = f"/var/log/zoo/{name}.log"
        self.write(log, "", user=user)
        fd = os.open(self.host_path(log), os.O_WRONLY | os.O_APPEND)
        fds = [fd, fd] if input is None else [memory_file(input), fd, fd]
        try:
            return self._spawn(cmd, user, env, cwd, fds, input is not None, name, log)
        finally:
            for descriptor in set(fds):
                os.close(descriptor)

    def wait_for(self, predicate, timeout=10, what=None, step=0.05, alive=None):
        """Calls until it returns something true, and returns that. `alive`: a Process whose death
        ends the waiting at once; its log is in the error."""
        what = what or getattr(predicate, "__name__", "a condition")
        deadline, trouble = time.monotonic() + timeout, None
        while True:
            try:
                value, trouble = predicate(), None
                if value:
                    return value
            except (OSError, MachineError, ValueError, KeyError, IndexError) as error:
                if self.socket is None:
                    raise
                trouble = error
            if alive is not None and not alive.running():
                raise MachineError(f"{alive.name} ended with {alive.code} while waiting for {what}:\n"
                                   f"{alive.output()[-1500:]}")
            if time.monotonic() > deadline:
                log = f"\n{alive.output()[-1500:]}" if alive is not None else ""
                raise Timeout(f"waited {timeout} s for {what}" + (f" ({trouble})" if trouble else "") + log)
            time.sleep(step)

    # -- files and facts --------------------------------------------------------------------------

    def host_path(self, path):
        """Where the host can reach a path of the machine. Absolute symbolic links on the way would
        lead into the host: for single plain files only."""
        return f"/proc/{self.init_pid}/root{path}"

    def read(self, path):
        _, fds = self._request({"op": "read", "path": path})
        with open(fds[0], "rb") as file:
            return file.read()

    def write(self, path, text, user="root", mode=0o644):
        """Makes missing folders too, all belonging to `user`."""
        fd = memory_file(text)
        try:
            self._request({"op": "write", "path": path, "user": user, "mode": mode}, [fd])
        finally:
            os.close(fd)

    def processes(self):
        """{pid inside: argv} of everything running in the machine."""
        found = {}
        for name in os.listdir(self.host_path("/proc")):
            if name.isdigit():
                try:
                    with open(self.host_path(f"/proc/{name}/cmdline"), "rb") as file:
                        found[int(name)] = file.read().decode(errors="replace").split("\0")[:-1]
                except OSError:
                    pass  # ended meanwhile
        return found

    def process(self, pid):
        """The Process of a pid that start() gave and that still runs."""
        return self.processes_by_pid[pid]

    def find(self, word):
        """Pids of processes whose argv[0] ends in `word`, or which run a script of that name."""
        return [pid for pid, argv in self.processes().items()
                if any(os.path.basename(a) == word for a in argv[:2])]

    def mkuser(self, name, groups=()):
        """An ordinary user with a home and a runtime folder, as pam_systemd would give it."""
        extra = ["-G", ",".join(groups)] if groups else []
        self.run(["useradd", "-m", "-s", "/bin/bash", *extra, name])
        uid = int(self.run(["id", "-u", name]).out)
        self.run(
            f"mkdir -p /run/user/{uid} && chmod 700 /run/user/{uid} && chown {name}:{name} /run/user/{uid}")
        return uid

    def install(self, *packages):
        """Really installs cached packages (those marked `late` in packages.txt), postinst and all:
        units get enabled and files in /etc written exactly as on a real machine."""
        debs = []
        for package in packages:
            if package not in self.late:
                raise MachineError(f"{package}: not among the late packages of this machine's layers "
                                   f"({', '.join(sorted(self.late)) or 'none'})")
            if self.late[package]:  # else the real machine has it, so it is here already
                debs.append(self.late[package])
        if not debs:
            return None
        # dpkg only asks this file whether a service may be started: never, in here
        policy = "/usr/sbin/policy-rc.d"
        own = not os.path.lexists(self.host_path(policy))
        if own:
            self.write(policy, "#!/bin/sh\nexit 101\n", mode=0o755)
        result = self.run(["dpkg", "--force-unsafe-io", "-i", *debs], timeout=120,
                          env={"DEBIAN_FRONTEND": "noninteractive"})
        if own:
            self.run(["rm", policy])
        return result

    def shell(self, user="root", env=None):
        """A prompt inside, for a person."""
        words = " ".join(shlex.quote(f"{k}={v}") for k, v in (env or {}).items())
        command = f"exec env -u TMPDIR {words} script -qc 'su {user}' /dev/null"  # its own pty
        return subprocess.call(["nsenter", "-t", str(self.init_pid), "-m", "-u", "-i", "-n", "-p", "-w", "-r",
                                "/bin/sh", "-c", command])


# -- helpers ----------------------------------------------------------------------------------------

def hidden_inside(path):
    return os.stat(path).st_dev != os.stat("/").st_dev or \
        path.startswith(("/home/", "/root/", "/tmp/", "/run/"))


def require_root():
    if os.geteuid() != 0:
        raise Skip("a zoo machine needs root (namespaces, overlayfs); run as root, or with sudo")


def become_root():
    """For a script's main(): starts itself again under sudo if that needs no password."""
    if os.geteuid() != 0:
        if not shutil.which("sudo") or subprocess.run(["sudo", "-n", "true"], stdin=subprocess.DEVNULL,
                                                      stderr=subprocess.DEVNULL).returncode != 0:
            require_root()
        os.execvp("sudo", ["sudo", "-n", "-E", PYTHON, *sys.argv])


def memory_file(text):
    fd = os.memfd_create("zoo")
    with open(fd, "wb", closefd=False) as file:
        file.write(text.encode() if isinstance(text, str) else text)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def contents(fd):
    with open(fd, "rb", closefd=False) as file:
        file.seek(0)
        return file.read().decode(errors="replace")


def tail(fd):
    return contents(fd)[-1500:]


def shown(cmd):
    return cmd if isinstance(cmd, str) else shlex.join(str(a) for a in cmd)


def members(namespace):
    """Host pids of the processes in this pid namespace (an open /proc/PID/ns/pid)."""
    number, found = os.fstat(namespace.fileno()).st_ino, []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.stat(f"/proc/{pid}/ns/pid").st_ino == number:
                found.append(int(pid))
        except OSError:
            pass  # ended meanwhile
    return found


def others_running():
    """Whether another test has a zoo machine now."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if f"{HERE}/init.py".encode() in file.read().split(b"\0"):
                    return True
        except OSError:
            pass
    return False


# What a careless monitor's package would change. Hashes, not times: unchanged means unchanged.
WATCHED_TREES = ("/etc", "/usr/local/share/ca-certificates", "/var/spool/cron", "/usr/lib/systemd/system",
                 "/usr/share/dbus-1", "/usr/lib/pam.d")
WATCHED_FILES = ("/var/lib/dpkg/status", "/etc/ld.so.preload")
WATCHED_LISTS = ("/usr/bin", "/usr/sbin", "/usr/lib/security", "/home", "/mnt", "/media", "/srv", "/opt",
                 "/var/lib", "/usr/share/ca-certificates", "/tmp/.X11-unix")


def digest(path):
    try:
        if os.path.islink(path):
            return "link " + os.readlink(path)
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"unreadable: {error.strerror}"


def host_fingerprint():
    """{what: state} of everything on the real machine that the zoo could have touched."""
    marks = {path: digest(path) for path in WATCHED_FILES}
    for tree in WATCHED_TREES:
        for directory, _, files in os.walk(tree):
            marks[directory] = "directory"
            for file in files:
                marks[f"{directory}/{file}"] = digest(f"{directory}/{file}")
    for directory in WATCHED_LISTS:
        marks[f"names in {directory}"] = sorted(os.listdir(directory)) if os.path.isdir(directory) else None
    with open("/proc/self/mountinfo") as file:
        marks["mounts"] = sorted(line.split(" ", 3)[3] for line in file)
    files = [f"/sys/block/{name}/loop/backing_file" for name in os.listdir("/sys/block")]
    loops = [open(file).read().strip() for file in files if os.path.exists(file)]
    if others_running():  # the images of another test's machine are not ours to account for
        loops = [file for file in loops if not file.endswith(".squashfs")]
    marks["loop devices"] = sorted(loops)
    if os.path.exists("/proc/modules"):  # absent when the kernel is built without modules
        with open("/proc/modules") as file:
            marks["kernel modules"] = sorted(line.split()[0] for line in file)
    marks["host name"] = os.uname().nodename
    return marks


def changes(before, after):
    """What differs between two fingerprints, one line each; empty when the host is as it was."""
    lines = []
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old != new:
            if isinstance(old, list) and isinstance(new, list):
                lines.append(f"{key}: gone {sorted(set(old) - set(new))}, new {sorted(set(new) - set(old))}")
            else:
                lines.append(f"{key}: was {old}, is {new}")
    return lines


def main():
    parser = argparse.ArgumentParser(description="A private Debian machine for tests.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    shell = verbs.add_parser("shell", help="a prompt in a fresh machine")
    shell.add_argument("--layers", default="base", help="base, or base,monitors, or base,benign")
    shell.add_argument("--scenario", action="append", default=[], help="start this first (see scenarios.py)")
    shell.add_argument("--user", default="root")
    verbs.add_parser("build", help="make the package layers now")
    options = parser.parse_args()
    try:
        become_root()
        if options.verb == "build":
            import layers
            for chain in layers.CHAINS:
                layers.ensure(chain)
            return 0
        import scenarios
        names = options.scenario
        with Machine(scenarios.layers_for(names) if names else options.layers.split(",")) as m:
            scenarios.people(m)
            for name in names:
                print(f"{name}: {scenarios.start(m, name)}", file=sys.stderr)
            return m.shell(options.user, getattr(m, "session", {}))
    except (Skip, MachineError) as error:
        print(f"zoo: {error}", file=sys.stderr)
        return 77 if isinstance(error, Skip) else 1


if __name__ == "__main__":
    sys.modules["machine"] = sys.modules["__main__"]  # for the modules that import it: one Machine, not two
    sys.exit(main())
