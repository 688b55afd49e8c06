"""Scenarios: class-room monitors, and what watches from below the desktop: command logging,
session recording, certificates, tracing. Files that only *configure* watching are in
on_paper.py."""
import re

from stage import alice, alice_starts, listening, require, scenario, script, syslog, x_resources


@scenario("veyon")
def veyon(m):
    """veyon-service, its unit enabled, serving alice's session to a master computer.

    It asks logind for sessions (logind.py answers), starts veyon-server as root in alice's session,
    which starts veyon-worker and, in Debian, /usr/bin/x11vnc. Debian's package installs the unit
    but does not enable it: the scenario does, as an administrator would.
    Checked: veyon-server listens on 11100 and greets as an RFB server; its x11vnc polls the screen."""
    m.install("veyon-service", "veyon-plugins", "libveyon-core", "veyon-configurator", "x11vnc")
    m.run(["systemctl", "--root=/", "enable", "veyon.service"])
    m.run(["veyon-cli", "authkeys", "create", "supervisor"])
    m.run(["veyon-cli", "config", "set", "Authentication/Method", "1"])
    desktop = m.facts["headless-desktop"]
    logind = m.start([*script("logind.py"), "alice", m.uid["alice"], desktop["leader"], desktop["display"]],
                     name="logind")
    m.wait_for(lambda: m.run(["dbus-send", "--system", "--print-reply", "--dest=org.freedesktop.DBus", "/",
                              "org.freedesktop.DBus.GetNameOwner", "string:org.freedesktop.login1"]), 10,
               "logind.py", alive=logind)
    service = m.start(["/usr/bin/veyon-service"])
    m.wait_for(lambda: {11100, 11200} <= listening(m).keys(), 20, "veyon's ports", alive=service)
    # RFC 6143: an RFB server speaks first
    greeting = m.run(["bash", "-c", "exec 3<> /dev/tcp/127.0.0.1/11100; head -c 7 <&3"], timeout=10).out
    require(greeting == "RFB 003", "veyon-server does not greet as an RFB server")
    ports = listening(m)
    m.wait_for(lambda: "ShmSeg" in x_resources(m, ports[11200]), 10, "veyon's x11vnc polling the screen")
    return {"service": service.pid, "server": ports[11100], "x11vnc": ports[11200],
            "worker": m.find("veyon-worker")[0], "ports": [11100, 11200, 11300]}


@scenario("epoptes")
def epoptes(m):
    """epoptes-client, as root (its unit) and as alice (its autostart entry), connected to a server.

    Without a server it only retries name resolution. Here socat plays the server on loopback, with
    the certificate the client trusts. Connected, the client *is* a shell that does what it is sent.
    Checked: the fake server sends `id -un` and gets root's and alice's answer."""
    m.install("epoptes-client")
    m.run("mkdir -p /etc/epoptes && cd /etc/epoptes && openssl req -x509 -newkey rsa:2048 -nodes -days 30 "
          "-subj /CN=server -keyout /root/server.key -out server.crt 2>/dev/null && "
          "cat server.crt /root/server.key > /root/server.pem")
    m.run("echo 127.0.0.1 server >> /etc/hosts")
    m.write("/root/serve", "#!/bin/sh\n(while :; do echo 'echo answer $(id -un)'; sleep 2; done) &\n"
                           "exec cat >> /var/log/zoo/answers\n", mode=0o755)
    m.start(["socat", "OPENSSL-LISTEN:789,bind=127.0.0.1,fork,reuseaddr,cert=/root/server.pem,verify=0",
             "EXEC:/root/serve"], name="epoptes-server")
    m.wait_for(lambda: 789 in listening(m), 10, "the stand-in for epoptes's server")
    m.start(["/usr/sbin/epoptes-client"], name="epoptes-root")
    alice_starts(m, ["/usr/sbin/epoptes-client"], name="epoptes-alice")
    m.wait_for(
        lambda: {"answer root", "answer alice"} <= set(m.read("/var/log/zoo/answers").decode().split("\n")),
        20, "answers of the epoptes clients")
    return {
        "shells": m.find("epoptes-client"),
        "clients": [p for p, a in m.processes().items()
                    if "socat" in a[0:1] and "server:789" in " ".join(a)], "port": 789
    }


@scenario("snoopy", needs=())
def snoopy(m):
    """snoopy in /etc/ld.so.preload: every command started is logged.

    Its postinst writes that file only when its debconf question is answered yes (the default is no).
    Checked: a command of alice's appears in the log, and a process started later has the library
    mapped."""
    log = syslog(m)
    m.run("echo 'snoopy snoopy/install-ld-preload boolean true' | debconf-set-selections")
    m.install("snoopy")
    require(b"libsnoopy.so" in m.read("/etc/ld.so.preload"), "snoopy's postinst did not write ld.so.preload")
    sleeper = m.start("sleep 100000 & wait", user="alice", name="after-snoopy")
    m.wait_for(lambda: re.search(r"snoopy\[\d+\].*sleep 100000", log()), 10, "alice's command in the log")
    with open(m.host_path(f"/proc/{sleeper.pid}/maps")) as maps:
        require("libsnoopy.so" in maps.read(), "libsnoopy.so is not mapped")
    return {"pid": sleeper.pid, "file": "/etc/ld.so.preload", "library": "/lib/x86_64-linux-gnu/libsnoopy.so"}


@scenario("tlog", needs=())
def tlog(m):
    """tlog-rec-session is bob's login shell, and a recorded session of his stays open.

    Debian's default writer is the journal, which is not here: a file instead.
    Checked: what the session's shell printed is in the recording."""
    m.install("tlog", "libtlog0")
    m.run(["usermod", "-s", "/usr/bin/tlog-rec-session", "bob"])
    # Debian's tlog-rec-session is not set-uid: it writes as bob, so bob must be able to
    m.run("install -d -o bob -m 700 /var/log/tlog")
    m.write("/etc/tlog/tlog-rec-session.conf",
            '{ "writer": "file", "latency": 1, "log": { "input": true },\n'
            '  "file": { "path": "/var/log/tlog/sessions.log" } }\n')
    session = m.start(["script", "-qfec", "su - bob", "/dev/null"], env={"TERM": "xterm"}, name="bobs-login")
    m.wait_for(lambda: m.find("-tlog-rec-session"), 10, "tlog-rec-session", alive=session)
    recorder = m.find("-tlog-rec-session")[0]
    m.wait_for(lambda: b"bob@zoo" in m.read("/var/log/tlog/sessions.log"), 15,
               "bob's prompt in the recording", alive=session)
    return {"pid": recorder, "user": "bob", "shell": "/usr/bin/tlog-rec-session"}


@scenario("mitmproxy-ca", needs=())
def mitmproxy_ca(m):
    """mitmproxy's certificate authority in the system's trust store.

    Checked: openssl, with the system's store, accepts a certificate that mitmproxy made."""
    m.install("mitmproxy")
    proxy = m.start(["mitmdump", "--listen-host", "127.0.0.1", "--listen-port", "8899", "-q"],
                    name="mitmdump")
    made = "/root/.mitmproxy/mitmproxy-ca-cert.pem"
    m.wait_for(lambda: m.read(made), 20, "mitmproxy's certificate", alive=proxy)
    m.wait_for(lambda: 8899 in listening(m), 20, "mitmproxy's port", alive=proxy)
    m.run(f"install -m 644 {made} /usr/local/share/ca-certificates/mitmproxy.crt && update-ca-certificates")
    m.run(f"openssl verify -CApath /etc/ssl/certs {made}")
    return {"pid": proxy.pid, "port": 8899, "file": "/usr/local/share/ca-certificates/mitmproxy.crt",
            "sha256": m.run(f"openssl x509 -in {made} -outform DER | sha256sum").out.split()[0]}


@scenario("mitmproxy-nss", needs=("mitmproxy-ca",))
def mitmproxy_nss(m):
    """The same authority in alice's own store, which Chromium uses, by certutil.

    Checked: certutil lists it as a trusted CA (C,,)."""
    m.run("install -m 644 /root/.mitmproxy/mitmproxy-ca-cert.pem /tmp/proxy.pem")
    store = "sql:/home/alice/.pki/nssdb"
    alice(m, "mkdir -p ~/.pki/nssdb && certutil -N --empty-password -d " + store)
    alice(m, f"certutil -A -d {store} -t C,, -n 'Company proxy' -i /tmp/proxy.pem")
    require(re.search(r"Company proxy +C,,", alice(m, f"certutil -L -d {store}").out), "not in the store")
    return {**m.facts["mitmproxy-ca"], "store": "/home/alice/.pki/nssdb/cert9.db"}


@scenario("ld-preload", layer="", needs=())
def ld_preload(m):
    """A process of alice's with LD_PRELOAD set to a library no package owns.

    Checked: the library is mapped."""
    m.run("mkdir -p /opt/agent && cp /lib/x86_64-linux-gnu/libdl.so.2 /opt/agent/libwatch.so")
    process = m.start(["sleep", "100000"], user="alice", env={"LD_PRELOAD": "/opt/agent/libwatch.so"})
    m.wait_for(lambda: "libwatch.so" in open(m.host_path(f"/proc/{process.pid}/maps")).read(), 5,
               "the library")
    return {"pid": process.pid, "library": "/opt/agent/libwatch.so"}


@scenario("ptrace", needs=())
def ptrace(m):
    """strace, attached by root to a shell of alice's. Checked: TracerPid, and a growing trace."""
    m.install("strace")
    watched = m.start("while :; do sleep 1; done", user="alice", name="watched")
    tracer = m.start(["strace", "-f", "-e", "trace=execve", "-o", "/var/log/zoo/trace", "-p", watched.pid],
                     name="strace")
    status = m.host_path(f"/proc/{watched.pid}/status")
    m.wait_for(lambda: f"TracerPid:\t{tracer.pid}\n" in open(status).read(), 10, "TracerPid", alive=tracer)
    m.wait_for(lambda: b"execve(" in m.read("/var/log/zoo/trace"), 10, "a traced command", alive=tracer)
    return {"pid": tracer.pid, "traced": watched.pid}


@scenario("fatrace", needs=())
def fatrace(m):
    """fatrace follows every file opened in /tmp, through fanotify. (Of the whole file system the
    kernel lets it on a disk, not on an overlay: hence -c and /tmp.)

    Checked: a file that alice opens is in its output."""
    m.install("fatrace")
    tracer = m.start(["fatrace", "-t", "-c"], cwd="/tmp", name="fatrace")
    m.wait_for(lambda: alice(m, "echo > /tmp/letter") and "/tmp/letter" in tracer.output(), 10,
               "alice's file in fatrace's output", alive=tracer, step=0.3)
    return {"pid": tracer.pid}


@scenario("sudo-log", layer="", needs=())
def sudo_log(m):
    """sudo records what is typed and shown (log_input, log_output).

    Checked: alice runs sudo under a pty, and the record holds what she was shown."""
    m.write(
        "/etc/sudoers.d/recording", "Defaults log_input, log_output\nDefaults iolog_dir=/var/log/sudo-io\n"
        "alice ALL=(ALL) NOPASSWD: ALL\n", mode=0o440)
    m.run(["script", "-qec", "sudo -n echo shown-by-sudo", "/dev/null"], user="alice", env={"TERM": "xterm"})
    m.wait_for(lambda: m.run("zcat -f /var/log/sudo-io/*/*/*/ttyout").out.count("shown-by-sudo"), 5,
               "sudo's record")
    return {"file": "/etc/sudoers.d/recording", "folder": "/var/log/sudo-io"}


@scenario("prompt-command", layer="", needs=())
def prompt_command(m):
    """A shell hook in /etc/profile.d sends every command line to the system's log.

    Checked: a command typed in alice's login shell is in the log; her shell stays open."""
    log = syslog(m)
    m.write("/etc/profile.d/audit-commands.sh",
            "export PROMPT_COMMAND='logger -t commands -- \"$USER: $(history 1)\"'\n")
    keys = "(echo echo typed-by-$((40 + 2)); sleep 100000) | script -qfc 'bash -l -i' /dev/null"
    shell = m.start(keys, user="alice", env={"TERM": "xterm"}, name="login-shell")
    m.wait_for(lambda: "echo typed-by-42" in log(), 10, "alice's command in the log", alive=shell)
    bash = [p for p, argv in m.processes().items() if argv == ["bash", "-l", "-i"]]
    return {"file": "/etc/profile.d/audit-commands.sh", "shell": bash[0]}
