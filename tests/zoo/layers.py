"""Package layers of the zoo: made once from Debian's archive, kept as read-only images.

A layer is what installing one section of packages.txt changed in an overlay of /, as a squashfs
image. Its name carries a hash of all it depends on (its package list, the layers below, the real
machine's dpkg status), so a stale image is never used. Several tests may start at once: a lock
file makes one build and the others wait.
"""
import contextlib
import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
import time

from machine import HERE, REPOSITORY, Machine, MachineError, Skip, require_root

FORMAT = "3"  # change when the way layers are built changes
CHAINS = (("base",), ("base", "monitors"), ("base", "benign"))
APT = ["-y", "--no-install-recommends", "-o", "APT::Sandbox::User=root", "-o", "Dpkg::Use-Pty=0",
       "-o", "Dpkg::Options::=--force-unsafe-io", "-o", "Dpkg::Options::=--force-confold"]


def cache_directory():
    return os.environ.get("CONTRECHAMP_ZOO_CACHE") or f"{REPOSITORY}/build/zoo-debs"


def sections():
    """{section: (packages of the layer, late packages)} from packages.txt."""
    found, here = {}, None
    with open(f"{HERE}/packages.txt") as file:
        for line in file:
            words = line.split("#")[0].split()
            if not words:
                continue
            if words[0].startswith("["):
                here = found.setdefault(words[0].strip("[]"), ([], []))
            elif words[0] == "late":
                here[1].append(words[1])
            else:
                here[0].append(words[0])
    return found


def layer_key(name, below):
    with open("/var/lib/dpkg/status", "rb") as status:
        text = repr((FORMAT, sections()[name], below)).encode() + status.read()
    return f"{name}-{hashlib.sha256(text).hexdigest()[:16]}"


def ensure(names):
    """Images of the named layers (lowest first) and {late package: path of its .deb, or None where
    the real machine has it installed}, building what is missing."""
    require_root()
    cache = cache_directory()
    os.makedirs(f"{cache}/debs/partial", exist_ok=True)
    images, late = [], {}
    for name in names:
        key = layer_key(name, images)
        image, notes = f"{cache}/{key}.squashfs", f"{cache}/{key}.json"
        with locked(cache):
            if not (os.path.exists(image) and os.path.exists(notes)):
                build(name, images, image, notes)
                forget_old(cache, name, key)
        with open(notes) as file:
            late.update({k: v and f"{cache}/debs/{v}" for k, v in json.load(file)["late"].items()})
        images.append(image)
    return images, late


@contextlib.contextmanager
def locked(cache):
    with open(f"{cache}/lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def forget_old(cache, name, key):
    """Keeps the two newest images of a section: two Debian states may take turns."""
    old = sorted((f for f in os.listdir(cache) if re.fullmatch(f"{name}-[0-9a-f]{{16}}\\.squashfs", f)),
                 key=lambda f: os.path.getmtime(f"{cache}/{f}"), reverse=True)
    for file in old[2:]:
        os.unlink(f"{cache}/{file}")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{cache}/{file[:-len('.squashfs')]}.json")


def build(name, below, image, notes):
    began = time.monotonic()
    say(f"making the package layer '{name}' (once)")
    packages, late = sections()[name]
    cache = cache_directory()
    with Machine.of_images(below, size="6g", binds=[cache], writable=[cache], building=True) as machine:
        options = fetch(machine, packages + late, cache)
        wanted = [p for p in needed(machine, packages + late, options) if p not in late]
        say(f"  {len(wanted)} packages to install, {len(late)} kept for later")
        if wanted or packages:
            install(machine, sorted(set(wanted) | set(packages)), options)
        present = [p for p in late if installed(machine, p)]
        if present and not all(p in host_packages() for p in present):
            raise MachineError(f"late packages {present} were pulled into layer '{name}': something in "
                               "the layer depends on them; mark that late as well in packages.txt")
        table = {p: None if p in present else deb_of(p, cache, machine, options) for p in late}
        # /run/zoo-upper is what the installation changed; the cache is visible and writable here
        temporary = f"{image}.{os.getpid()}"
        machine.run(["mksquashfs", "/run/zoo-upper", temporary, "-comp", "zstd", "-Xcompression-level", "3",
                     "-noappend", "-no-progress", "-quiet"], timeout=600)
    with open(notes + ".new", "w") as file:
        json.dump({"late": table, "packages": wanted}, file, indent=1)
    os.rename(notes + ".new", notes)
    os.rename(temporary, image)
    say(f"  done in {time.monotonic() - began:.0f} s, {os.path.getsize(image) >> 20} MiB")


def apt_options(cache, own_lists):
    lists = f"{cache}/lists" if own_lists else "/var/lib/apt/lists"
    return ["-o", f"Dir::Cache::archives={cache}/debs", "-o", f"Dir::State::lists={lists}",
            "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache="]


def fetch(machine, packages, cache):
    """Downloads, with the real machine's network but the zoo machine's dpkg status, so that exactly
    what is missing inside is fetched and nothing on the real machine is written outside `cache`."""
    status = machine.host_path("/var/lib/dpkg/status")
    trouble = ""
    for own_lists in (False, True):
        options = apt_options(cache, own_lists)
        outside = options + ["-o", f"Dir::State::status={status}", "-o", "Debug::NoLocking=1",
                             "-o", "Dir::State::extended_states=/dev/null"]
        if own_lists:  # the machine has no package lists, or too old ones: fetch our own
            os.makedirs(f"{cache}/lists/partial", exist_ok=True)
            apt(["update", "-qq", *APT, *outside])
        code, trouble = apt(["install", "--download-only", "-qq", *APT, *outside, *packages])
        if code == 0:
            return options
    raise Skip(f"the zoo's Debian packages cannot be fetched: {trouble[-800:]}")


def apt(arguments):
    done = subprocess.run(["apt-get", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True,
                          env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"})
    return done.returncode, done.stdout


def needed(machine, packages, options):
    """Names apt would install inside for these packages."""
    out = machine.run(["apt-get", "install", "-s", *APT, *options, *packages], timeout=120).out
    removed = re.findall(r"^Remv (\S+)", out, re.M)
    if removed:
        raise MachineError(f"the zoo's packages would remove {removed}: two of them are in conflict")
    return re.findall(r"^Inst (\S+)", out, re.M)


def install(machine, packages, options):
    own_policy = machine.run("test -e /usr/sbin/policy-rc.d", check=False).code != 0
    if own_policy:
        machine.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", mode=0o755)
    # no index of manual pages: saves a second a package
    machine.run(["rm", "-f", "/var/lib/man-db/auto-update"])
    machine.run(["apt-get", "install", "--no-download", *APT, *options, *packages], timeout=900,
                env={"DEBIAN_FRONTEND": "noninteractive"})
    machine.run("apt-get clean; rm -rf /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/log/apt "
                "/var/log/dpkg.log /var/log/alternatives.log /root/.cache" +
                (" /usr/sbin/policy-rc.d" if own_policy else ""))


def installed(machine, package):
    done = machine.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package], check=False)
    return done.code == 0 and done.out == "installed"


def host_packages():
    out = subprocess.run(["dpkg-query", "-W", "-f", "${Package}\n"], stdout=subprocess.PIPE, text=True).stdout
    return set(out.split())


def deb_of(package, cache, machine, options):
    """File name of the fetched .deb of a late package, in the version apt would choose."""
    out = machine.run(["apt-cache", "show", "--no-all-versions", *options, package]).out
    version = re.search(r"^Version: (\S+)", out, re.M).group(1)
    architecture = re.search(r"^Architecture: (\S+)", out, re.M).group(1)
    file = f"{package}_{version.replace(':', '%3a')}_{architecture}.deb"
    if not os.path.exists(f"{cache}/debs/{file}"):
        raise MachineError(f"{file} was not fetched")
    return file


def say(text):
    print(f"zoo: {text}", file=sys.stderr, flush=True)
