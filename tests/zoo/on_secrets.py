"""Secrets for the 'no contents' test: random strings put wherever a person's private matter lies on a
computer that a scan walks over. A case made on this machine must contain none of them: `leaks()`
looks for them in any encoding.

facts["secrets"] maps a name that says where the secret is to the string. Every string begins with
`zq` and is 20 characters of base32: it survives lower- and upper-casing, URLs and file names.
"""
import base64
import os
import re
import secrets as random
import zlib

from on_browser import chromium
from stage import alice, alice_starts, listening, require, scenario, size


class Secrets(dict):
    def new(self, where):
        """A new secret, known from now on under the name of its place."""
        require(where not in self, f"two secrets at {where}")
        self[where] = "zq" + base64.b32encode(random.token_bytes(12)).decode().lower().rstrip("=")[:18]
        return self[where]


def forms(secret):
    """{name: bytes} of the encodings in which a careless program would store a string. Base64 depends
    on where in its triple of bytes the string begins, so the inner part of all three is looked for."""
    plain = secret.encode()
    found = {
        "plain": plain, "upper case": secret.upper().encode(), "UTF-16LE": secret.encode("utf-16le"),
        "UTF-16BE": secret.encode("utf-16be"), "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(), "base32": base64.b32encode(plain)[:-8], "reversed": plain[::-1]
    }
    for shift in range(3):
        found[f"base64+{shift}"] = base64.b64encode(b"x" * shift + plain)[4 * (shift > 0):-4]
    return found


def leaks(folder, secrets_by_place):
    """[(file, place, form)] of every secret found in any file below folder, its names included.
    Compressed streams of PDFs and gzip or zlib files are looked into."""
    found = []
    needles = [(place, form, needle) for place, secret in secrets_by_place.items()
               for form, needle in forms(secret).items()]
    for directory, folders, names in os.walk(folder):
        for name in folders + names:
            path = os.path.join(directory, name)
            data = [name.encode()]
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as file:
                    data.append(file.read())
                data += inflated(data[1])
            for piece in data:
                found += [(path, place, form) for place, form, needle in needles if needle in piece]
    return found


def inflated(data):
    """What zlib finds at the start of a file and after every `stream` keyword of a PDF."""
    starts = [0] + [match.end() for match in re.finditer(rb"stream\r?\n", data)]
    for start in starts:
        unpacker = zlib.decompressobj(wbits=47)  # zlib or gzip
        try:
            yield unpacker.decompress(data[start:])
        except zlib.error:
            continue


@scenario("secrets", layer="", needs=("desktop",))
def secrets(m):
    """Planted secrets: typed, copied, opened, visited, in environments, arguments, files, titles.

    Checked: each live one is where it should be (window title, selection, /proc/PID/cmdline and
    environ, Chromium's history)."""
    s = Secrets()
    files(m, s)
    persistent(m, s)
    processes(m, s)
    desktop(m, s)
    browser(m, s)
    return {"secrets": dict(s)}


def processes(m, s):
    """Environments, arguments, names of open files, working folders, socket paths."""
    def run(argv, name, env=None, user="alice", cwd=None):
        return m.start(argv, user=user, env=env or {}, name=name, cwd=cwd)

    tokens = {
        "API_TOKEN": s.new("env API_TOKEN"), "AWS_SECRET_ACCESS_KEY": s.new("env AWS_SECRET_ACCESS_KEY"),
        "https_proxy": f"http://alice:{s.new('env proxy userinfo')}@proxy.example:3128",
        "DATABASE_URL": f"postgres://app:{s.new('env url password')}@127.0.0.1/db"
    }
    environment = run(["sleep", "100001"], "env", tokens)
    arguments = run([
        "sh", "-c", "sleep 100002; :", "sh", f"--password={s.new('argument --password=')}",
        f"-p{s.new('argument -p')}",
        s.new("positional argument"), "--token",
        s.new("argument --token X"),
        f"https://alice:{s.new('argument url userinfo')}@host.example/{s.new('argument url path')}"
    ], "arguments")
    run(["bash", "-c", f"exec -a 'report for {s.new('rewritten argv[0]')}' sleep 100003"], "argv0")
    run([
        "/usr/bin/python3", "-c", f"secret = '{s.new('python -c program')}'\nimport time\ntime.sleep(100004)"
    ], "python")
    run(["sh", "-c", f": {s.new('root argument')}; sleep 100005; :"], "root-arguments", user="root",
        env={"ROOT_TOKEN": s.new("root env")})
    run(["sh", "-c", "sleep 100006; :", "sh", s.new("bob argument")], "bob-arguments", user="bob",
        env={"BOB_TOKEN": s.new("bob env")})
    letter = f"/home/alice/Documents/{s.new('name of an open document')}.txt"
    m.write(letter, f"Dear union, {s.new('text of an open document')}\n", user="alice")
    run(["tail", "-f", letter], "open-document")
    folder = f"/home/alice/{s.new('name of a working folder')}"
    m.run(["install", "-d", "-o", "alice", folder])
    run(["sleep", "100007"], "working-folder", cwd=folder)
    mapped = f"/home/alice/Documents/{s.new('name of a mapped file')}.bin"
    m.write(mapped, s.new("text of a mapped file") * 300, user="alice")
    run(["/usr/bin/python3", "-c", "import mmap, sys, time\nfile = open(sys.argv[1])\n"
         "view = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)\ntime.sleep(100008)", mapped], "mapped")
    own = f"/home/alice/Documents/{s.new('folder of a program of her own')}"
    m.run(f"install -d -o alice {own} && cp /bin/sleep {own}/petition")
    run([f"{own}/petition", "100009"], "own-program")
    run(["socat", f"UNIX-LISTEN:/tmp/{s.new('name of a unix socket')},fork", "EXEC:cat"], "socket")
    run(["socat", f"ABSTRACT-LISTEN:{s.new('name of an abstract socket')},fork", "EXEC:cat"],
        "abstract-socket")
    m.wait_for(lambda: s["env API_TOKEN"].encode() in m.read(f"/proc/{environment.pid}/environ"), 5,
               "environ")
    m.wait_for(lambda: s["argument --token X"].encode() in m.read(f"/proc/{arguments.pid}/cmdline"), 5,
               "cmdline")


def files(m, s):
    """Files that lie about: documents, histories, keys, passwords."""
    home = "/home/alice"
    m.write(f"{home}/Documents/letter.txt", f"I would like {s.new('text of a closed document')}\n",
            user="alice")
    m.write(f"{home}/Documents/{s.new('name of a closed document')}.odt", "x", user="alice")
    m.write(f"{home}/.bash_history", f"mysql -u root -p{s.new('shell history')}\n", user="alice", mode=0o600)
    m.write(f"{home}/.python_history", f"login('{s.new('python history')}')\n", user="alice", mode=0o600)
    m.write(f"{home}/.netrc", f"machine x login alice password {s.new('netrc')}\n", user="alice", mode=0o600)
    m.write(f"{home}/.vnc/passwd", s.new("vnc password file"), user="alice", mode=0o600)
    m.write(f"{home}/.ssh/id_ed25519", f"-----BEGIN OPENSSH PRIVATE KEY-----\n{s.new('ssh private key')}\n",
            user="alice", mode=0o600)
    m.write(f"{home}/.ssh/config", f"Host {s.new('ssh host alias')}\n  HostName 127.0.0.1\n", user="alice")
    m.write(f"{home}/.git-credentials", f"https://alice:{s.new('git credentials')}@git.example\n",
            user="alice")
    m.write(f"{home}/.bashrc", f"export PROMPT_COMMAND='history -a'\nexport TOKEN={s.new('bashrc export')}\n"
                               f"alias db='mysql -p{s.new('bashrc alias')}'\n", user="alice")
    m.write("/etc/profile.d/company.sh", f"export ARTIFACTORY_KEY={s.new('profile.d export')}\n")
    m.run(["chfn", "-f", s.new("real name of bob"), "bob"])
    firefox = f"{home}/.mozilla/firefox/abcd.default-release"
    m.write(f"{home}/.mozilla/firefox/profiles.ini", "[Profile0]\nName=default-release\nIsRelative=1\n"
                                                     "Path=abcd.default-release\nDefault=1\n", user="alice")
    m.write(
        f"{firefox}/prefs.js",
        'user_pref("network.proxy.type", 2);\nuser_pref("network.proxy.autoconfig_url", '
        f'"http://alice:{s.new("firefox pac userinfo")}@pac.example/'
        f'{s.new("firefox pac path")}");\n'
        f'user_pref("services.sync.username", "{s.new("firefox account")}");\n', user="alice")
    url = f"https://clinic.example/{s.new('firefox history')}"
    alice(m, [
        "/usr/bin/python3", "-c", "import sqlite3, sys\nd = sqlite3.connect(sys.argv[1])\n"
        "d.execute('create table moz_places (id integer primary key, url text, title text)')\n"
        "d.execute('insert into moz_places (url, title) values (?, ?)', sys.argv[2:4])\nd.commit()",
        f"{firefox}/places.sqlite", url,
        s.new("firefox page title")
    ])


def persistent(m, s):
    """What is set to run: units, timers, crontabs, autostart, udev, sudo, PAM, policies."""
    m.write("/etc/systemd/system/backup.service",
            f"[Unit]\nDescription=Backup {s.new('unit description')}\n[Service]\n"
            f"Environment=BACKUP_KEY={s.new('unit Environment=')}\n"
            f"ExecStart=/usr/bin/curl -u backup:{s.new('unit ExecStart argument')} "
            f"https://nas.example/{s.new('unit ExecStart url')}\n[Install]\nWantedBy=multi-user.target\n")
    m.write("/etc/systemd/system/backup.service.d/extra.conf",
            f"[Service]\nEnvironment=\"EXTRA={s.new('unit drop-in Environment=')}\"\n")
    m.run(["systemctl", "--root=/", "enable", "backup.service"])
    m.write("/home/alice/.config/systemd/user/notes.service",
            f"[Service]\nExecStart=/usr/bin/rclone sync --password {s.new('user unit argument')}\n"
            "[Install]\nWantedBy=default.target\n", user="alice")
    m.write("/etc/cron.d/report", f"MAILTO={s.new('cron.d MAILTO')}\n0 3 * * * root /usr/bin/curl -H "
                                  f"'Authorization: {s.new('cron.d argument')}' http://127.0.0.1/\n")
    m.run(["crontab", "-"], user="alice",
          input=f"# {s.new('crontab comment')}\nKEY={s.new('crontab variable')}\n"
                f"0 4 * * * /usr/bin/backup --passphrase {s.new('crontab argument')}\n")
    m.write(
        "/home/alice/.config/autostart/mail.desktop",
        f"[Desktop Entry]\nType=Application\nName={s.new('autostart Name')}\n"
        f"Comment={s.new('autostart Comment')}\n"
        f"Exec=/usr/bin/mailer --login {s.new('autostart Exec argument')}\n", user="alice")
    # Names that a person gave to folders and entries of their own.
    for kind in ("autostart", "user unit"):
        folder = f"/home/alice/Documents/{s.new('folder of an ' + kind if kind[0] == 'a' else 'folder of a ' + kind)}"
        m.write(f"{folder}/remind.sh", "#!/bin/sh\n", user="alice", mode=0o755)
        if kind == "autostart":
            m.write(f"/home/alice/.config/autostart/Meet {s.new('name of an autostart entry')}.desktop",
                    f"[Desktop Entry]\nType=Application\nName=x\nExec={folder}/remind.sh\n", user="alice")
        else:
            m.write("/home/alice/.config/systemd/user/remind.service",
                    f"[Service]\nExecStart={folder}/remind.sh\n[Install]\nWantedBy=default.target\n", user="alice")
    m.write("/etc/udev/rules.d/80-stick.rules",
            f'ACTION=="add", SUBSYSTEM=="block", ENV{{ID_SERIAL}}=="{s.new("udev serial")}", '
            f'RUN+="/usr/local/bin/sync {s.new("udev RUN argument")}"\n')
    m.write("/etc/sudoers.d/people", f"# {s.new('sudoers comment')}\nalice ALL=(root) /usr/bin/id\n",
            mode=0o440)
    line = f"auth optional pam_exec.so /usr/local/bin/check {s.new('pam argument')}"
    m.run(f"echo '{line}' >> /etc/pam.d/common-auth")
    m.write("/etc/environment",
            f"http_proxy=http://alice:{s.new('/etc/environment proxy userinfo')}@proxy.example:3128\n")
    m.write("/etc/apt/apt.conf.d/99proxy",
            f'Acquire::http::Proxy "http://apt:{s.new("apt proxy userinfo")}@proxy.example:3128";\n')
    m.write("/etc/chromium/policies/managed/proxy.json",
            '{"ProxyMode": "pac_script", "ProxyPacUrl": "http://alice:'
            f'{s.new("policy pac userinfo")}@127.0.0.1:9/proxy.pac?key={s.new("policy pac query")}"}}\n')


def desktop(m, s):
    """Typed text, both clipboards, window titles and classes."""
    window = alice_starts(m, ["xterm", "-T", s.new("window title"), "-n", s.new("icon title"), "-e",
                              "tee /home/alice/.typed"], name="xterm")
    m.wait_for(
        lambda: alice(
            m, ["xdotool", "search", "--onlyvisible", "--name", s["window title"], "windowfocus", "--sync"]),
        10, "the xterm", alive=window)
    alice(m, ["xdotool", "type", "--delay", "2", s.new("typed text") + "\n"])
    m.wait_for(lambda: s["typed text"].encode() in m.read("/home/alice/.typed"), 10,
               "the typed text in the xterm")
    for selection in ("clipboard", "primary"):
        alice_starts(m, ["xclip", "-quiet", "-selection", selection], name=f"xclip-{selection}",
                     input=s.new(f"{selection} selection"))
        m.wait_for(
            lambda kind=selection: alice(m, ["xclip", "-o", "-selection", kind]).out == s[
                f"{kind} selection"], 10, f"the {selection}")
    alice(m, ["xprop", "-root", "-f", "NOTE", "8s", "-set", "NOTE", s.new("root window property")])


def browser(m, s):
    """Chromium on a page with a secret address, title and cookie; it stays open."""
    m.write("/srv/page/serve.py", f"""import http.server
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Set-Cookie", "session={s.new('browser cookie')}; Max-Age=999999")
        self.end_headers()
        self.wfile.write(b"<title>{s.new('browser page title')}</title>{s.new('browser page text')}")
http.server.HTTPServer(("127.0.0.1", 8766), Page).serve_forever()
""")
    server = m.start(["/usr/bin/python3", "/srv/page/serve.py"], name="page")
    m.wait_for(lambda: 8766 in listening(m), 10, "the web server", alive=server)
    process = chromium(m, f"http://127.0.0.1:8766/{s.new('browser address')}?q={s.new('browser query')}")
    m.wait_for(lambda: alice(m, ["xdotool", "search", "--name", s["browser page title"]], check=False).out,
               30, "the page's window", alive=process, step=0.2)
    m.wait_for(
        lambda: s["browser address"].encode() in m.read("/home/alice/.config/chromium/Default/History"), 30,
        "the address in Chromium's history", alive=process, step=0.2)


@scenario("secrets-monitors", needs=("secrets",))
def secrets_monitors(m):
    """The same machine with real monitors whose own arguments and files carry secrets.

    Checked: the monitors run (port, growing files)."""
    s = Secrets(m.facts["secrets"]["secrets"])
    m.install("x11vnc")
    server = alice_starts(m, [
        "x11vnc", "-display", ":7", "-forever", "-passwd",
        s.new("x11vnc -passwd"), "-localhost", "-desktop",
        s.new("x11vnc -desktop"), "-rfbport", "5900"
    ])
    sound = f"/home/alice/{s.new('parec file name, also its media.name')}.wav"
    listener = alice_starts(m, ["parec", "-d", "speakers.monitor", "--file-format=wav", "--client-name=" +
                                s.new("PulseAudio client name"), sound])
    film = f"/home/alice/{s.new('ffmpeg output file name')}.mkv"
    camera = alice_starts(m, [
        "ffmpeg", "-nostdin", "-loglevel", "error", "-f", "x11grab", "-framerate", "5", "-i", ":7",
        "-metadata", f"title={s.new('ffmpeg -metadata')}", "-flush_packets", "1", "-y", film
    ])
    m.wait_for(lambda: listening(m).get(5900) == server.pid, 15, "x11vnc", alive=server)
    m.wait_for(lambda: size(m, sound) > 10000, 15, "sound", alive=listener)
    m.wait_for(lambda: size(m, film) > 500, 15, "film", alive=camera)
    return {"secrets": dict(s), "x11vnc": server.pid, "parec": listener.pid, "ffmpeg": camera.pid}
