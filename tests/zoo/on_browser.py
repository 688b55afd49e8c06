"""Scenarios: Chromium with an extension that the employer's policy forces in."""
import hashlib
import io
import json
import struct
import zipfile

from stage import alice_starts, listening, require, scenario

PORT = 8765
RIGHTS = ["desktopCapture", "tabCapture", "history", "webRequest"]
MANIFEST = {"manifest_version": 3, "name": "Work Quality Assistant", "version": "1.2",
            "permissions": RIGHTS, "host_permissions": ["<all_urls>"],
            "background": {"service_worker": "worker.js"}}
PROFILE = "/home/alice/.config/chromium"


def crx(m, key):
    """A packed extension (CRX3) and its id, signed with a key made inside by openssl.

    CRX3: "Cr24", version 3, a protobuf header with the public key and the signature over the id, a
    zip. Chromium derives the id from the key: 16 bytes of its SHA-256 in the letters a to p."""
    m.run(f"openssl genrsa -out {key} 2048 && openssl pkey -in {key} -pubout -outform DER -out {key}.pub")
    public = m.read(f"{key}.pub")
    raw = hashlib.sha256(public).digest()[:16]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("manifest.json", json.dumps(MANIFEST))
        file.writestr("worker.js", "// an extension that could watch; this one does nothing\n")
    signed_data = field(1, raw)
    m.write("/root/to-sign", b"CRX3 SignedData\0" + struct.pack("<I", len(signed_data)) + signed_data +
            archive.getvalue())
    m.run(f"openssl dgst -sha256 -sign {key} -out /root/signature /root/to-sign")
    proof = field(1, public) + field(2, m.read("/root/signature"))
    header = field(2, proof) + field(10000, signed_data)
    letters = "".join(chr(ord("a") + int(digit, 16)) for digit in raw.hex())
    return b"Cr24" + struct.pack("<II", 3, len(header)) + header + archive.getvalue(), letters


def field(number, data):
    """One length-delimited protobuf field."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def serve_extension(m):
    """The extension and its update manifest on a loopback web server, and the policy that forces it."""
    package, identity = crx(m, "/root/extension.pem")
    m.write("/srv/store/extension.crx", package)
    m.write("/srv/store/update.xml",
            '<?xml version="1.0"?>\n<gupdate xmlns="http://www.google.com/update2/response" protocol="2.0">'
            f'<app appid="{identity}"><updatecheck codebase="http://127.0.0.1:{PORT}/extension.crx" '
            f'version="{MANIFEST["version"]}"/></app></gupdate>\n')
    server = m.start(
        ["/usr/bin/python3", "-m", "http.server", "--bind", "127.0.0.1", "-d", "/srv/store", PORT],
        name="store")
    m.wait_for(lambda: PORT in listening(m), 10, "the extension's web server", alive=server)
    m.write(
        "/etc/chromium/policies/managed/employer.json",
        json.dumps({"ExtensionInstallForcelist": [f"{identity};http://127.0.0.1:{PORT}/update.xml"]},
                   indent=1))
    return identity


def chromium(m, *arguments):
    return alice_starts(m, ["chromium", "--no-first-run", "--no-default-browser-check", "--disable-gpu",
                            "--password-store=basic", "--window-size=800,600", *arguments], name="chromium")


def preferences(m):
    return json.loads(m.read(f"{PROFILE}/Default/Preferences"))


def settings(m, identity):
    """The extension's entry, wherever this platform keeps it."""
    for file in ("Preferences", "Secure Preferences"):
        try:
            entry = json.loads(m.read(f"{PROFILE}/Default/{file}"))["extensions"]["settings"][identity]
        except (KeyError, ValueError):
            continue
        if "location" in entry:
            return file, entry
    raise KeyError(identity)


@scenario("forced-extension", layer="", needs=("headless-desktop",))
def forced_extension(m):
    """Chromium, running on alice's screen, has installed the extension its policy forces on it.

    Checked: Chromium's own preferences hold the extension with the rights asked for, and its code
    lies in the profile."""
    identity = serve_extension(m)
    browser = chromium(m, "about:blank")
    file, entry = m.wait_for(lambda: settings(m, identity), 45, "the extension in Chromium's preferences",
                             step=0.3, alive=browser)
    granted = entry.get("granted_permissions", entry.get("active_permissions"))
    require(set(RIGHTS) <= set(granted["api"]), f"Chromium granted {granted}")
    return {
        "pid": browser.pid, "id": identity, "location": entry["location"],
        "file": f"{PROFILE}/Default/{file}", "policy": "/etc/chromium/policies/managed/employer.json"
    }


@scenario("forced-extension-closed", layer="", needs=("forced-extension",))
def forced_extension_closed(m):
    """The same after alice has quit Chromium: only the profile and the policy tell of it.

    Checked: no chromium process is left, the preferences still hold the extension."""
    facts = m.facts["forced-extension"]
    m.process(facts["pid"]).kill(timeout=20)
    m.wait_for(lambda: not any("chromium" in (argv or [""])[0] for argv in m.processes().values()), 20,
               "the end of Chromium")
    require(settings(m, facts["id"])[1]["location"] == facts["location"], "the extension is gone")
    return {**facts, "pid": None}
