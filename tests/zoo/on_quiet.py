"""The quiet machine: programs that hold the same rights as monitors and watch nobody."""
from stage import alice, alice_starts, listening, require, scenario, x_clients, x_resources

BARRIER = """section: screens
 zoo:
 laptop:
end
section: links
 zoo:
  right = laptop
 laptop:
  left = zoo
end
"""
# name: (late packages, command). All run as alice, except input-remapper's service.
TWINS = {
    "orca": (["orca"], ["orca"]),
    "copyq": (["copyq"], ["copyq"]),
    "keepassxc": (["keepassxc"], ["keepassxc"]),
    "barrier": (["barrier"],
                ["barriers", "-f", "--no-tray", "--name", "zoo", "-c", "/home/alice/.barrier.conf",
                 "--disable-crypto", "-a", "127.0.0.1:24800"]),
    "input-remapper": (["input-remapper", "input-remapper-daemon", "input-remapper-gtk",
                        "python3-inputremapper"],
                       ["input-remapper-service"]),
    "autokey": (["autokey-gtk", "autokey-common"], ["autokey-gtk"]),
    "xbindkeys": (["xbindkeys"], ["xbindkeys", "-n", "-f", "/home/alice/.xbindkeysrc"]),
    "redshift": (["redshift"], ["redshift", "-l", "48.85:2.35", "-m", "randr"]),
    "onboard": (["onboard"], ["onboard"]),
    "screenkey": (["screenkey"], ["screenkey", "--no-systray"]),
    "obs": (["obs-studio"], ["obs", "--minimize-to-tray"]),
}


def twin(name):
    """One benign twin, running. Checked: it is connected to the X server (input-remapper: it owns
    its name on the system bus) and still there after a moment."""
    packages, command = TWINS[name]

    def function(m):
        if name == "barrier":
            m.write("/home/alice/.barrier.conf", BARRIER, user="alice")
        if name == "xbindkeys":
            m.write("/home/alice/.xbindkeysrc", '"xterm"\n  control+shift + q\n', user="alice")
        if name == "obs":  # its first-run wizard would stop it half way
            m.write("/home/alice/.config/obs-studio/global.ini",
                    "[General]\nFirstRun=true\nLastVersion=486539266\nInfoLastVersion=0\n", user="alice")
        m.install(*packages)
        if name == "input-remapper":  # root's service; there are no input devices to remap
            process = m.start(command, name=name)
            m.wait_for(
                lambda: m.run([
                    "dbus-send", "--system", "--print-reply", "--dest=org.freedesktop.DBus", "/",
                    "org.freedesktop.DBus.GetNameOwner", "string:inputremapper.Control"
                ]), 20, "inputremapper.Control on the system bus", alive=process, step=0.2)
            return {"pid": process.pid}
        process = alice_starts(m, command, name=name, env={"LIBGL_ALWAYS_SOFTWARE": "1"})
        m.wait_for(lambda: process.pid in [c["pid"] for c in x_clients(m)], 30, f"{name} on the X server",
                   alive=process, step=0.2)
        if name == "barrier":
            m.wait_for(lambda: listening(m).get(24800) == process.pid, 10, "barrier's port", alive=process)
        if name in ("autokey", "screenkey"):  # both truly follow the keyboard, for their user
            m.wait_for(lambda: x_resources(m, process.pid).get("RecordContext"), 10, "its RecordContext",
                       alive=process)
        if name == "obs":  # idle OBS listens to the speakers: true, and to be said with its innocent reason
            m.wait_for(lambda: 'application.name = "OBS"' in alice(m, "pactl list source-outputs").out, 30,
                       "OBS's desktop audio", alive=process, step=0.2)
        return {"pid": process.pid}

    function.__doc__ = f"benign: {' '.join(command[:1])}, running idle\n\n{twin.__doc__}"
    return function


for _name in TWINS:
    scenario(_name, layer="benign", needs=("desktop",))(twin(_name))


@scenario("quiet", layer="benign", needs=tuple(TWINS))
def quiet(m):
    """All benign twins at once. Checked: all still run."""
    pids = {name: m.facts[name]["pid"] for name in TWINS}
    running = m.processes()
    gone = [name for name, pid in pids.items() if pid not in running]
    require(not gone, f"these have ended: {gone}")
    return {"pids": pids}
