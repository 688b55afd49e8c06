#!/usr/bin/python3
"""Process 1 of a zoo machine: makes the namespaces, builds the file system, then starts
programs on request and reaps them.

machine.py starts this file and speaks to it over a socket (descriptor number in argv[1]):
one JSON object a message, open files passed along. Programs are therefore real children of
process 1 inside the machine, as on any computer, and not of something outside it.
Everything dies when this process dies, because it is process 1 of a pid namespace; it dies
when the socket closes, which the kernel does even if the test is killed with SIGKILL.
"""
import ctypes
import fcntl
import json
import os
import pwd
import select
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS = 0x00020000, 0x02000000, 0x04000000
CLONE_NEWIPC, CLONE_NEWPID, CLONE_NEWNET = 0x08000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE, MNT_DETACH = 4096, 16384, 1 << 18, 2
PR_SET_PDEATHSIG, PR_CAPBSET_DROP = 1, 24

# Rights that reach the one real kernel however many namespaces there are: loading modules,
# raw I/O ports, rebooting, setting the clock, device nodes, the kernel log, audit rules. Nothing inside
# keeps them. (CAP_SYS_ADMIN stays: fanotify, mounts and Chromium's sandbox need it.)
DROPPED_CAPABILITIES = {"sys_rawio": 17, "sys_module": 16, "sys_boot": 22, "sys_time": 25,
                        "mknod": 27, "audit_control": 30, "mac_override": 32, "mac_admin": 33, "syslog": 34}


def call(name, *args):
    """One libc call; raises OSError with the kernel's reason."""
    if getattr(LIBC, name)(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}{args}: {os.strerror(number)}")


def mount(source, target, kind, flags=0, options=""):
    call("mount", source.encode(), target.encode(), kind.encode() if kind else None,
         ctypes.c_ulong(flags), options.encode() or None)


def scratch_directory(avoid):
    """A directory that exists anyway, to mount on: in our own mount namespace the host does not
    see it, and nothing has to be made and removed. It must not hide a file still needed."""
    for path in ("/mnt", "/media", "/srv", "/opt"):
        if os.path.isdir(path) and not any(a == path or a.startswith(path + "/") for a in avoid):
            return path
    raise OSError("no directory to mount on: none of /mnt /media /srv /opt is free")


def build_root(config):
    """overlay of / (and of the package layers above it) with its changes in a tmpfs."""
    scratch = scratch_directory(config["layers"] + config["binds"] + [config["repository"]])
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("tmpfs", scratch, "tmpfs", 0, f"size={config['size']},mode=755")
    lower = []
    for number, image in enumerate(config["layers"]):
        point = f"{scratch}/layer{number}"
        os.mkdir(point)
        # mount(8) sets the loop device up so that it frees itself with the mount
        subprocess.run(["mount", "-t", "squashfs", "-o", "ro,loop", image, point], check=True)
        lower.insert(0, point)  # later layers lie above earlier ones
    for name in ("upper", "work", "root"):
        os.mkdir(f"{scratch}/{name}")
    root = f"{scratch}/root"
    mount("overlay", root, "overlay", 0,
          f"lowerdir={':'.join(lower + ['/'])},upperdir={scratch}/upper,workdir={scratch}/work")
    for directory in ("proc", "sys", "dev", "run", "tmp", "home", "root"):
        os.makedirs(f"{root}/{directory}", exist_ok=True)
    mount("proc", f"{root}/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    # the knobs of the one real kernel: read-only
    for path in filter(lambda p: os.path.exists(root + p), ("/proc/sys", "/proc/sysrq-trigger")):
        mount(root + path, root + path, None, MS_BIND)
        mount("none", root + path, None, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
    mount("sysfs", f"{root}/sys", "sysfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
    # the real people's homes stay out of sight: private, and different on every computer
    mount("tmpfs", f"{root}/home", "tmpfs", MS_NOSUID | MS_NODEV, "size=1g,mode=755")
    mount("tmpfs", f"{root}/root", "tmpfs", MS_NOSUID | MS_NODEV, "size=256m,mode=700")
    mount("tmpfs", f"{root}/run", "tmpfs", MS_NOSUID | MS_NODEV, "size=256m,mode=755")
    mount("tmpfs", f"{root}/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=1g,mode=1777")
    # what systemd-tmpfiles makes at boot, and programs take for granted
    for directory, mode in (("run/lock", 0o1777), ("run/user", 0o755), ("tmp/.X11-unix", 0o1777),
                            ("tmp/.ICE-unix", 0o1777)):
        os.mkdir(f"{root}/{directory}")
        os.chmod(f"{root}/{directory}", mode)
    with open(f"{root}/run/utmp", "w"):
        shutil.chown(f"{root}/run/utmp", "root", "utmp")
        os.chmod(f"{root}/run/utmp", 0o664)
    build_dev(root)
    for path in config["binds"]:
        os.makedirs(root + path, exist_ok=True)
        mount(path, root + path, None, MS_BIND | MS_REC)
        if path not in config["writable"]:
            mount("none", root + path, None, MS_BIND | MS_REMOUNT | MS_RDONLY)
    if config["expose_upper"]:  # only while a layer is being built
        os.makedirs(f"{root}/run/zoo-upper")
        mount(f"{scratch}/upper", f"{root}/run/zoo-upper", None, MS_BIND)
    # pivot_root and not chroot: inside a chroot the kernel refuses user namespaces (which
    # Chromium's sandbox uses), and /proc/mounts would still show the host's mounts.
    os.chdir(root)
    call("pivot_root", b".", b".")
    call("umount2", b".", MNT_DETACH)
    os.chdir("/")


def build_dev(root):
    """A private /dev: the harmless devices only. The host's input, video and sound devices do
    not exist in here, so nothing in the zoo can listen to the person at the real machine."""
    mount("tmpfs", f"{root}/dev", "tmpfs", MS_NOSUID, "size=16m,mode=755")
    old = os.umask(0)
    for name, major, minor in (("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8),
                               ("urandom", 1, 9), ("tty", 5, 0), ("fuse", 10, 229)):
        os.mknod(f"{root}/dev/{name}", 0o666 | stat.S_IFCHR, os.makedev(major, minor))
    os.umask(old)
    for name in ("pts", "shm"):
        os.mkdir(f"{root}/dev/{name}")
    mount("devpts", f"{root}/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
          "newinstance,gid=5,mode=620,ptmxmode=666")
    mount("tmpfs", f"{root}/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "size=512m,mode=1777")
    for name, target in (("ptmx", "pts/ptmx"), ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"),
                         ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2")):
        os.symlink(target, f"{root}/dev/{name}")


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = struct.pack("16sh", b"lo", 0x1 | 0x40)  # IFF_UP | IFF_RUNNING
        fcntl.ioctl(s, 0x8914, request + bytes(24))  # SIOCSIFFLAGS


def drop_capabilities():
    for number in DROPPED_CAPABILITIES.values():
        LIBC.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)


class Agent:
    """Answers requests: spawn, kill, read, write."""

    def __init__(self, sock):
        self.sock = sock
        self.children = {}

    def reply(self, message, fds=()):
        socket.send_fds(self.sock, [json.dumps(message).encode()], fds)

    def identity(self, name):
        """uid, gid, groups and home from the machine's own /etc/passwd, read anew each time."""
        entry = pwd.getpwnam(name)
        return entry, os.getgrouplist(name, entry.pw_gid)

    def spawn(self, request, fds):
        entry, groups = self.identity(request["user"])
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games",
                       "HOME": entry.pw_dir, "USER": entry.pw_name, "LOGNAME": entry.pw_name,
                       "SHELL": entry.pw_shell, "LANG": "C.UTF-8"}
        if os.path.isdir(f"/run/user/{entry.pw_uid}"):
            environment["XDG_RUNTIME_DIR"] = f"/run/user/{entry.pw_uid}"
        environment.update(request["env"])
        directory = request["cwd"] or (entry.pw_dir if os.path.isdir(entry.pw_dir) else "/")
        process = subprocess.Popen(request["argv"], stdin=fds[0], stdout=fds[1], stderr=fds[2],
                                   user=entry.pw_uid, group=entry.pw_gid, extra_groups=groups,
                                   cwd=directory, env=environment, umask=0o022, start_new_session=True)
        self.children[process.pid] = process
        return {"pid": process.pid}

    def handle(self, request, fds):
        kind = request["op"]
        if kind == "spawn":
            if request["stdin"]:
                return self.spawn(request, fds), ()
            with open("/dev/null", "rb") as null:
                return self.spawn(request, [null.fileno(), *fds]), ()
        if kind == "kill":
            (os.killpg if request["group"] else os.kill)(request["pid"], request["signal"])
            return {}, ()
        if kind == "read":
            return {}, (os.open(request["path"], os.O_RDONLY | os.O_NONBLOCK),)
        if kind == "write":
            self.write(request, fds[0])
            return {}, ()
        raise ValueError(f"unknown request {kind}")

    def write(self, request, fd):
        entry, _ = self.identity(request["user"])
        path, missing = request["path"], []
        directory = os.path.dirname(path)
        while not os.path.isdir(directory):
            missing.append(directory)
            directory = os.path.dirname(directory)
        for directory in reversed(missing):
            os.mkdir(directory)
            os.chown(directory, entry.pw_uid, entry.pw_gid)
        with open(path, "wb") as file, open(fd, "rb", closefd=False) as source:
            source.seek(0)
            file.write(source.read())
        os.chown(path, entry.pw_uid, entry.pw_gid)
        os.chmod(path, request["mode"])

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            process = self.children.pop(pid, None)
            if process is not None:  # else an orphan that the kernel gave to us
                process.returncode = os.waitstatus_to_exitcode(status)
                self.reply({"exit": pid, "code": process.returncode})

    def serve(self):
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_read, False)
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while True:
            ready, _, _ = select.select([self.sock, wake_read], [], [])
            if wake_read in ready:
                try:
                    os.read(wake_read, 4096)
                except BlockingIOError:
                    pass
                self.reap()
            if self.sock in ready:
                data, fds, _, _ = socket.recv_fds(self.sock, 1 << 20, 8)
                if not data:
                    return  # the test is gone: so is the machine
                out = ()
                try:
                    answer, out = self.handle(json.loads(data), fds)
                except Exception as error:  # whatever it is, the test must hear of it
                    answer = {"error": f"{type(error).__name__}: {error}"}
                answer["answer"] = True
                self.reply(answer, out)
                for fd in list(fds) + list(out):
                    os.close(fd)


def main():
    sock = socket.socket(fileno=int(sys.argv[1]))
    sock.set_inheritable(False)
    config = json.loads(sock.recv(1 << 20))
    os.setsid()  # Ctrl-C in the terminal reaches the test, which ends us in order
    call("unshare", CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP)
    child = os.fork()
    if child:
        sock.send(json.dumps({"init": child}).encode())
        sock.close()
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xff)
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    try:
        build_root(config)
        socket.sethostname(config["hostname"])
        loopback_up()
        drop_capabilities()
        os.environ.clear()
        os.umask(0o022)
    except Exception as error:
        sock.send(json.dumps({"failed": f"{type(error).__name__}: {error}"}).encode())
        os._exit(1)
    sock.send(json.dumps({"ready": True}).encode())
    null = os.open("/dev/null", os.O_RDWR)  # the machine's own; up to here errors went to the test
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    Agent(sock).serve()
    os._exit(0)


if __name__ == "__main__":
    main()
