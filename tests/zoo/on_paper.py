"""Scenarios that only leave traces on disk: what is configured to watch but does not run here
(no systemd, no udev, no audit in a pid namespace), and permissions once granted."""
from stage import alice, alice_starts, require, scenario

AGENT = "/opt/agent/screenwatch"  # no package owns it


def agent(m):
    m.write(AGENT, "#!/bin/sh\nexec sleep 100000\n", mode=0o755)


@scenario("audit-rules", needs=(), acts=False)
def audit_rules(m):
    """auditd with a rule that logs every command; the unit is enabled by the package itself.

    Checked: augenrules puts the rule into audit.rules. (The kernel takes audit rules only outside
    pid namespaces, so the daemon cannot run here.)"""
    m.install("auditd")
    m.write("/etc/audit/rules.d/commands.rules",
            "-a always,exit -F arch=b64 -S execve -F auid>=1000 -k commands\n")
    m.run("augenrules", check=False)
    require(b"-S execve" in m.read("/etc/audit/audit.rules"), "augenrules did not take the rule")
    return {"files": ["/etc/audit/rules.d/commands.rules", "/etc/audit/audit.rules"],
            "unit": "/etc/systemd/system/multi-user.target.wants/auditd.service"}


@scenario("tty-audit", layer="", needs=(), acts=False)
def tty_audit(m):
    """pam_tty_audit: the kernel logs keys typed in text logins of everybody. A line in a PAM file."""
    m.run("echo 'session required pam_tty_audit.so enable=*' >> /etc/pam.d/common-session")
    return {"file": "/etc/pam.d/common-session"}


@scenario("udev-rule", layer="", needs=(), acts=False)
def udev_rule(m):
    """A udev rule that starts a program for every USB device."""
    agent(m)
    path = "/etc/udev/rules.d/99-inventory.rules"
    m.write(path, f'ACTION=="add", SUBSYSTEM=="usb", RUN+="{AGENT} --usb $env{{ID_SERIAL}}"\n')
    return {"file": path}


@scenario("cron", layer="", needs=(), acts=False)
def cron(m):
    """A screenshot every five minutes, once in /etc/cron.d and once in alice's own crontab.

    Checked: crontab -l gives it back."""
    agent(m)
    m.write("/etc/cron.d/screens", f"*/5 * * * * alice DISPLAY=:7 {AGENT} --once\n")
    m.run(["crontab", "-"], user="alice", input=f"*/5 * * * * DISPLAY=:7 {AGENT} --once\n")
    require(AGENT in m.run(["crontab", "-l"], user="alice").out, "the crontab was not kept")
    return {"files": ["/etc/cron.d/screens", "/var/spool/cron/crontabs/alice"]}


@scenario("units", layer="", needs=(), acts=False)
def units(m):
    """An enabled system unit, a timer, and a unit of alice's, all of the same unpackaged program.

    Checked: systemctl --root says enabled."""
    agent(m)
    m.write(
        "/etc/systemd/system/screenwatch.service",
        f"[Unit]\nDescription=Work time service\n[Service]\nExecStart={AGENT} --interval 60\nRestart=always\n"
        "[Install]\nWantedBy=multi-user.target\n")
    m.write("/etc/systemd/system/screenwatch.timer",
            "[Timer]\nOnCalendar=*:0/10\n[Install]\nWantedBy=timers.target\n")
    m.run(["systemctl", "--root=/", "enable", "screenwatch.service", "screenwatch.timer"])
    require(
        m.run(["systemctl", "--root=/", "is-enabled", "screenwatch.service"]).out == "enabled\n",
        "not enabled")
    folder = "/home/alice/.config/systemd/user"
    m.write(f"{folder}/screenwatch.service", f"[Service]\nExecStart={AGENT} --user\n[Install]\n"
                                             "WantedBy=default.target\n", user="alice")
    wants = f"{folder}/default.target.wants"
    m.run(f"mkdir -p {wants} && ln -s ../screenwatch.service {wants}/", user="alice")
    return {"files": ["/etc/systemd/system/screenwatch.service", "/etc/systemd/system/screenwatch.timer",
                      f"{folder}/screenwatch.service"]}


@scenario("hidden-programs", layer="", needs=(), acts=False)
def hidden_programs(m):
    """/proc shows a person only their own programs (hidepid). Checked: alice sees no process 1."""
    m.run(["mount", "-o", "remount,hidepid=invisible", "/proc"])
    require(m.run(["test", "-e", "/proc/1"], user="alice", check=False).code != 0, "alice still sees process 1")
    return {}


@scenario("no-dpkg", layer="", needs=(), acts=False)
def no_dpkg(m):
    """A system that is not Debian, as far as files go: no package database, Red Hat's bundle of authorities.

    Checked: the bundle holds more than a hundred."""
    m.run("mkdir -p /etc/pki/tls/certs && cat /usr/share/ca-certificates/mozilla/*.crt > /etc/pki/tls/certs/ca-bundle.crt"
          " && mv /var/lib/dpkg /var/lib/not-dpkg && rm -rf /usr/local/share/ca-certificates/* /etc/ssl/certs/*")
    require(m.read("/etc/pki/tls/certs/ca-bundle.crt").count(b"BEGIN CERTIFICATE") > 100, "no bundle")
    return {}


@scenario("unreadable-unit", layer="", needs=(), acts=False)
def unreadable_unit(m):
    """A unit that is enabled and leads to a file nobody but root may reach. Checked: alice cannot read it."""
    m.run("mkdir -m 0700 /opt/private && printf '[Service]\\nExecStart=/opt/private/agent\\n' > /opt/private/agent.service"
          " && ln -s /opt/private/agent.service /etc/systemd/system/agent.service")
    require(m.run(["cat", "/etc/systemd/system/agent.service"], user="alice", check=False).code != 0, "alice can read it")
    return {}


@scenario("autostart", layer="", needs=(), acts=False)
def autostart(m):
    """XDG autostart entries: one for everybody, one of alice's."""
    agent(m)
    entry = f"[Desktop Entry]\nType=Application\nName=Work time\nExec={AGENT} --tray\n"
    m.write("/etc/xdg/autostart/screenwatch.desktop", entry)
    m.write("/home/alice/.config/autostart/screenwatch.desktop", entry, user="alice")
    return {
        "files": [
            "/etc/xdg/autostart/screenwatch.desktop", "/home/alice/.config/autostart/screenwatch.desktop"
        ]
    }


PORTAL = [
    "gdbus", "call", "--session", "--dest", "org.freedesktop.impl.portal.PermissionStore", "--object-path",
    "/org/freedesktop/impl/portal/PermissionStore", "--method"
]


@scenario("portal", needs=("headless-desktop",))
def portal(m):
    """Permissions in the desktop portal's store, written by the real xdg-permission-store.

    devices: an application may use microphone and camera. screencast and remote-desktop: what the
    portal keeps so that an application need not ask again (a restore token and which screen).
    Checked: flatpak's own reader lists them."""
    alice_starts(m, ["/usr/libexec/xdg-permission-store"], name="xdg-permission-store")
    method = "org.freedesktop.impl.portal.PermissionStore."
    m.wait_for(
        lambda: alice(m, [
            "gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/", "--method",
            "org.freedesktop.DBus.GetNameOwner", "org.freedesktop.impl.portal.PermissionStore"
        ]), 10, "the permission store")
    for device in ("microphone", "camera"):
        alice(
            m,
            [*PORTAL, method + "SetPermission", "devices", "true", device, "org.example.Meeting", "['yes']"])
    for table in ("screencast", "remote-desktop"):
        alice(m, [*PORTAL, method + "Set", table, "true", "9d1bd5f2-5dcd-4c1e-8a39-0d2cb1a7a0c4",
                  "{'org.example.Meeting': ['yes']}",
                  "<('GNOME', uint32 1, <[(uint32 0, uint32 1, <'eDP-1'>)]>)>"])
    listed = alice(m, ["flatpak", "permissions"]).out
    require(listed.count("org.example.Meeting") == 4, f"flatpak does not see the permissions:\n{listed}")
    return {"folder": "/home/alice/.local/share/flatpak/db", "application": "org.example.Meeting"}
