"""Scenarios: alice's desktop, and what watches its screen, keyboard, mouse and microphone."""
import os

from stage import (alice, alice_starts, grows, listening, require, scenario, script, size, type_and_move,
                   x_resources)

DISPLAY = ":7"


@scenario("headless-desktop", layer="", needs=())
def headless_desktop(m):
    """System bus, X server, window manager and session bus; no sound yet.

    The X server runs as root, as under a display manager: a monitor that runs as root shares
    memory only with a server that may attach root's segments (veyon's x11vnc dies otherwise).
    Checked: xdpyinfo answers alice, openbox has taken the window manager's selection."""
    uid = m.uid["alice"]
    m.session.update({"DISPLAY": DISPLAY, "XAUTHORITY": "/home/alice/.Xauthority", "XDG_SESSION_TYPE": "x11",
                      "XDG_CURRENT_DESKTOP": "openbox", "DESKTOP_SESSION": "openbox",
                      "DBUS_SESSION_BUS_ADDRESS": f"unix:path=/run/user/{uid}/bus"})
    m.run("mkdir -p /run/dbus")
    m.start(["dbus-daemon", "--system", "--nofork", "--nopidfile"], name="dbus-system")
    m.run(f"xauth -q add {DISPLAY} . $(mcookie)", user="alice")
    # -noreset: else it starts over, refusing connections, whenever its last client leaves
    server = m.start(["Xvfb", DISPLAY, "-screen", "0", "1024x768x24", "-auth", "/home/alice/.Xauthority",
                      "-nolisten", "tcp", "-noreset"], name="Xvfb")
    m.start(["dbus-daemon", "--session", "--nofork", "--nopidfile",
             f"--address=unix:path=/run/user/{uid}/bus"], user="alice", name="dbus-session")
    m.wait_for(lambda: os.path.exists(m.host_path("/tmp/.X11-unix/X7")) and
               alice(m, ["xdpyinfo"], check=False).code == 0, 10, "the X server", alive=server)
    # The session's leader is a shell with the session's programs as its children, as Xsession is
    leader = alice_starts(m, "openbox & wait", name="xsession")
    m.wait_for(lambda: alice(m, "xprop -root _NET_SUPPORTING_WM_CHECK").out.count("window id"), 10, "openbox",
               alive=leader)
    return {"display": DISPLAY, "server": server.pid, "leader": leader.pid, "openbox": m.find("openbox")[0]}


@scenario("desktop", layer="", needs=("headless-desktop",))
def desktop(m):
    """The desktop with PulseAudio: one null sink, whose monitor is the only source.

    Checked: pactl lists the sink and its monitor source."""
    daemon = alice_starts(m, [
        "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "-L",
        "module-null-sink sink_name=speakers", "-L", "module-native-protocol-unix"
    ])
    m.wait_for(lambda: "speakers.monitor" in alice(m, "pactl list short sources").out, 10, "pulseaudio",
               alive=daemon)
    return {**m.facts["headless-desktop"], "pulseaudio": daemon.pid}


@scenario("x11vnc", needs=("headless-desktop",))
def x11vnc(m):
    """x11vnc shares alice's screen; nobody is connected.

    Checked: it listens on 5900, answers with RFB's greeting, and the X server says that it holds
    ShmSeg (screen polling) and RecordContext resources."""
    m.install("x11vnc")
    server = alice_starts(
        m, ["x11vnc", "-display", DISPLAY, "-forever", "-nopw", "-localhost", "-rfbport", "5900", "-shared"])
    m.wait_for(lambda: listening(m).get(5900) == server.pid, 15, "x11vnc on port 5900", alive=server)
    m.wait_for(lambda: {"RecordContext", "ShmSeg"} <= x_resources(m, server.pid).keys(), 10,
               "x11vnc's resources in the X server", alive=server)
    return {"pid": server.pid, "port": 5900}


@scenario("x11vnc-watched", needs=("x11vnc",))
def x11vnc_watched(m):
    """A viewer is connected to x11vnc and receives the screen (bob's rfb_watch.py).

    Checked: the viewer got more than one whole screen of pixels."""
    return {**m.facts["x11vnc"], "viewer": watch(m, 5900)}


def watch(m, port):
    m.write("/tmp/watched", "", user="bob")
    viewer = m.start([*script("rfb_watch.py"), port, "/tmp/watched"], user="bob", name="rfb_watch")
    m.wait_for(lambda: int(m.read("/tmp/watched").split(b"bytes=")[1]) > 1024 * 768 * 4, 15,
               "pixels at the viewer", alive=viewer)
    return viewer.pid


@scenario("scraping-server", needs=("headless-desktop",))
def scraping_server(m):
    """TigerVNC's X0tigervnc: another way to serve a running screen; nobody is connected.

    Checked: it listens on 5901."""
    m.install("tigervnc-scraping-server")
    server = alice_starts(m, ["X0tigervnc", "-display", DISPLAY, "-rfbport", "5901", "-localhost",
                              "-SecurityTypes", "None"])
    m.wait_for(lambda: listening(m).get(5901) == server.pid, 15, "X0tigervnc on port 5901", alive=server)
    return {"pid": server.pid, "port": 5901}


@scenario("scraping-watched", needs=("scraping-server",))
def scraping_watched(m):
    """A viewer is connected to X0tigervnc. Checked: it got more than a whole screen of pixels."""
    return {**m.facts["scraping-server"], "viewer": watch(m, 5901)}


@scenario("cnee", needs=("headless-desktop",))
def cnee(m):
    """cnee records every key and mouse event to a file, through the RECORD extension.

    Checked: after xdotool has typed, the file has grown, and the server reports a RecordContext."""
    m.install("cnee", "libxnee0")
    path = "/home/alice/session.xns"
    recorder = alice_starts(
        m, ["cnee", "--record", "--keyboard", "--mouse", "--events-to-record", "-1", "-o", path])
    m.wait_for(lambda: x_resources(m, recorder.pid).get("RecordContext"), 10, "cnee's RecordContext",
               alive=recorder)
    keep_typing_until(m, lambda: m.read(path).count(b",Virtual core keyboard") > 5,
                      "key presses in cnee's file", recorder)
    return {"pid": recorder.pid, "file": path}


def keep_typing_until(m, condition, what, process):
    """Events reach a recorder's file with a delay, and those before it was ready never do."""
    def typed():
        type_and_move(m)
        return condition()
    m.wait_for(typed, 20, what, step=0.3, alive=process)


@scenario("xlib-record", layer="", needs=("headless-desktop",))
def xlib_record(m):
    """A key logger in Python: a RECORD client that counts and drops (xlib_record.py).

    Checked: it counted as many key presses as were typed."""
    logger = alice_starts(m, [*script("xlib_record.py"), "/tmp/counted"], name="xlib_record")
    m.wait_for(lambda: x_resources(m, logger.pid).get("RecordContext"), 10, "its RecordContext", alive=logger)
    keep_typing_until(m, lambda: b"key=0" not in m.read("/tmp/counted"), "counted key presses", logger)
    return {"pid": logger.pid, "file": "/tmp/counted"}


@scenario("polling", layer="", needs=("headless-desktop",))
def polling(m):
    """A key logger that leaves no trace: it asks again and again which keys are down, and for a piece of the picture
    (xlib_poll.py). Checked: it counted keys and got pixels."""
    logger = alice_starts(m, [*script("xlib_poll.py"), "/tmp/polled"], name="xlib_poll")
    keep_typing_until(m, lambda: b"keys=0" not in m.read("/tmp/polled"), "keys seen down", logger)
    return {"pid": logger.pid, "file": "/tmp/polled"}


@scenario("x11grab", needs=("headless-desktop",))
def x11grab(m):
    """ffmpeg films the screen into a file. Checked: the file grows by more than its header."""
    path = "/home/alice/screen.mkv"
    camera = alice_starts(m, [
        "ffmpeg", "-nostdin", "-loglevel", "error", "-f", "x11grab", "-framerate", "5", "-i", DISPLAY, "-c:v",
        "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "5", "-flush_packets", "1", "-y",
        path
    ], name="ffmpeg")
    m.wait_for(lambda: size(m, path) > 3000, 15, "film in the file", alive=camera)
    return {"pid": camera.pid, "file": path}


@scenario("x11grab-null", needs=("headless-desktop",))
def x11grab_null(m):
    """The same without a file: frames go to ffmpeg's null output. Checked: its frame counter rises."""
    camera = alice_starts(m, [
        "ffmpeg", "-nostdin", "-loglevel", "error", "-progress", "/tmp/progress", "-f", "x11grab",
        "-framerate", "5", "-i", DISPLAY, "-f", "null", "-"
    ], name="ffmpeg-null")
    grows(m, "/tmp/progress", camera)
    return {"pid": camera.pid}


@scenario("scrot", needs=("headless-desktop",))
def scrot(m):
    """A screenshot every second from a shell loop: scrot itself never lives long.

    Checked: two pictures of the screen's size appeared."""
    m.install("scrot")
    loop = alice_starts(m, "mkdir -p shots; while sleep 1; do scrot -z shots/%s.png; done", name="scrot-loop")
    m.wait_for(lambda: len(os.listdir(m.host_path("/home/alice/shots"))) > 1, 15, "two screenshots",
               alive=loop)
    return {"pid": loop.pid, "folder": "/home/alice/shots"}


@scenario("parec")
def parec(m):
    """parec records what the speakers play (their monitor) to a file.

    Checked: the file grows, and pactl lists a source output of that pid."""
    path = "/home/alice/room.wav"
    recorder = alice_starts(m, ["parec", "-d", "speakers.monitor", "--file-format=wav", path])
    m.wait_for(
        lambda: f'application.process.id = "{recorder.pid}"' in alice(m, "pactl list source-outputs").out, 10,
        "the source output", alive=recorder)
    m.wait_for(lambda: size(m, path) > 10000, 10, "sound in the file", alive=recorder)
    return {"pid": recorder.pid, "file": path}


@scenario("pipewire", needs=("headless-desktop",))
def pipewire(m):
    """PipeWire instead of PulseAudio: pw-record and, through pipewire-pulse, parec.

    Checked: both files grow; pw-dump shows two Stream/Input/Audio nodes."""
    m.install("pipewire", "pipewire-bin", "pipewire-pulse", "wireplumber")
    daemon = alice_starts(m, ["pipewire"])
    m.wait_for(lambda: os.path.exists(m.host_path(f"/run/user/{m.uid['alice']}/pipewire-0")), 10, "pipewire",
               alive=daemon)
    # without systemd-logind its Bluetooth part fails, and all of wireplumber with it
    m.write("/home/alice/.config/wireplumber/bluetooth.lua.d/80-none.lua", "bluez_monitor.enabled = false\n",
            user="alice")
    manager = alice_starts(m, ["wireplumber"])
    pulse = alice_starts(m, ["pipewire-pulse"])
    m.wait_for(
        lambda: alice(m, "pactl load-module module-null-sink sink_name=speakers", check=False).code == 0, 15,
        "pipewire-pulse", alive=pulse, step=0.3)
    m.wait_for(lambda: "speakers.monitor" in alice(m, "pactl list short sources").out, 10, "the null sink")
    native = alice_starts(m, ["pw-record", "-P", "{ stream.capture.sink = true }", "--target", "speakers",
                              "/home/alice/native.wav"])
    classic = alice_starts(m,
                           ["parec", "-d", "speakers.monitor", "--file-format=wav", "/home/alice/room.wav"])
    m.wait_for(lambda: size(m, "/home/alice/native.wav") > 10000, 10, "sound from pw-record", alive=native)
    m.wait_for(lambda: size(m, "/home/alice/room.wav") > 10000, 10, "sound from parec", alive=classic)
    dump = alice(m, "pw-dump").out
    require(dump.count('"Stream/Input/Audio"') == 2, "pw-dump does not show two recording streams")
    return {"pw-record": native.pid, "parec": classic.pid, "daemon": daemon.pid, "manager": manager.pid,
            "pipewire-pulse": pulse.pid}
