#!/usr/bin/python3
"""docs/verify-without-us.md, run as it is: each block succeeds on a whole case and fails on one that was tampered with."""
import json
import re
import shutil
import subprocess

import kit

BLOCKS = {name: script for name, script in re.findall(r"^```sh ([a-z-]+)\n(.*?)^```$", (kit.ROOT / "docs/verify-without-us.md").read_text(), re.M | re.S)}


@kit.need("sha256sum", "jq", "minisign", "openssl", "xxd")
class WithoutUs(kit.Sandbox):
    def setUp(self):
        super().setUp()
        self.case = self.make_case()
        self.shell('"$1" make tsa', kit.TSA)
        query = self.out("case", "timestamp", "--request", "--case", "case", "--quiet").strip()
        self.shell('"$1" answer tsa "$2" answer.tsr', kit.TSA, query)
        self.run_program("case", "timestamp", "--import", "answer.tsr", "--case", "case", "--quiet")
        self.run_program("report", "--case", "case", "-o", "report.json", "--quiet")
        self.run_program("key", "new", env={"CONTRECHAMP_KEY": str(self.folder / "other")})
        shutil.copytree(self.case, self.folder / "whole")
        shutil.copy(self.folder / "report.json", self.folder / "whole.json")
        self.place = {"case": "case", "report.json": "report.json", "author.pub": str(self.folder / "home/key.pub"), "authority.pem": str(self.folder / "tsa/root.pem")}

    def run_block(self, *names):
        """Whether blocks succeed. Their words stand as in the document, only the names of the setup are filled in."""
        setup = BLOCKS["setup"]
        for word, value in self.place.items():
            setup = setup.replace(f"realpath {word})", f"realpath '{value}')")
        ran = subprocess.run(["sh", "-eu"], input=setup + "".join(BLOCKS[name] for name in names), cwd=self.folder, env={**self.env, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=kit.TIMEOUT)
        self.said = ran.stdout + ran.stderr
        return ran.returncode == 0

    def restore(self):
        shutil.rmtree(self.case)
        shutil.copytree(self.folder / "whole", self.case)
        shutil.copy(self.folder / "whole.json", self.folder / "report.json")

    def exhibit(self, origin="x11.jsonl"):
        digest = next(e["sha256"] for e in self.lines("exhibits", "--case", "whole", "--json") if e["origin"].endswith(origin))
        path = self.case / "data/exhibits" / digest
        path.chmod(0o600)
        return path

    def replace(self, name, old, new, count=1):
        path = self.case / name
        path.chmod(0o600)
        before = path.read_bytes()
        after = before.replace(old, new, count)
        self.assertNotEqual(after, before, f"{old} is not in {name}")
        path.write_bytes(after)

    def lines_of_log(self, change):
        lines = (self.case / "custody.jsonl").read_text().splitlines()
        (self.case / "custody.jsonl").write_text("\n".join(change(lines)) + "\n")

    def test_the_document(self):
        self.assertEqual(list(BLOCKS), ["setup", "manifest", "nothing-else", "chain", "logged", "origin", "signature", "timestamps", "bytes", "ids", "derived"])
        for script in BLOCKS.values():
            self.assertNotIn("contrechamp", script)

    def test_a_whole_case(self):
        said = {}
        for name in BLOCKS:
            self.assertTrue(self.run_block(name), f"{name}: {self.said}")
            said[name] = self.said
        self.assertTrue(self.run_block(*list(BLOCKS)[1:]), self.said)
        log = kit.log_of(self.case)
        head = subprocess.run(["sha256sum"], input=log[-1].encode(), capture_output=True).stdout.decode().split()[0]
        self.assertIn(f"{len(log)} entries, head {head}", said["chain"])
        self.assertIn("agreed by the works council", said["origin"])
        self.assertIn("Signature and comment signature verified", said["signature"])
        self.assertIn("Verification: OK", said["timestamps"])
        self.assertIn("Time stamp:", said["timestamps"])
        # The bytes shown are those that the observation names.
        finding = json.loads((self.folder / "report.json").read_text())["findings"][0]
        self.assertIn(finding["statement"]["en"], said["bytes"])
        shown = self.out("explain", finding["observations"][0], "--case", "case")
        for row in re.findall(r"^[0-9a-f]{8}: .*$", said["bytes"], re.M)[:16]:
            self.assertIn(row.split("  ")[0], shown)

    def test_each_block_fails_on_what_it_is_for(self):
        report = lambda old, new: lambda: (self.folder / "report.json").write_text((self.folder / "whole.json").read_text().replace(old, new, 1))
        key = self.folder / "other.pub"
        tampering = [
            ("manifest", "one byte of an exhibit", lambda: self.exhibit().write_bytes(self.exhibit().read_bytes().replace(b"watcher", b"watchEr"))),
            ("manifest", "an exhibit removed", lambda: self.exhibit().unlink()),
            ("manifest", "the bag's own files", lambda: self.replace("bag-info.txt", b"2026", b"2025")),
            ("manifest", "a line that is none", lambda: self.replace("tagmanifest-sha256.txt", b"\n", b"\nnonsense\n")),
            ("nothing-else", "an exhibit slipped in", lambda: (self.case / "data/exhibits/extra").write_text("planted")),
            ("nothing-else", "an exhibit that is a link", lambda: (self.exhibit().unlink(), self.exhibit_link())),
            ("nothing-else", "an exhibit under another name", lambda: self.replace("manifest-sha256.txt", b"data/exhibits/", b"data/./exhibits/")),
            ("chain", "a line changed", lambda: self.replace("custody.jsonl", b"agreed by the works council", b"agreed by the works counciL")),
            ("chain", "a line removed", lambda: self.lines_of_log(lambda lines: [lines[0], *lines[2:]])),
            ("chain", "the first line removed", lambda: self.lines_of_log(lambda lines: lines[1:])),
            ("chain", "two lines swapped", lambda: self.lines_of_log(lambda lines: [lines[0], lines[2], lines[1], *lines[3:]])),
            ("chain", "a line added", lambda: self.lines_of_log(lambda lines: [*lines, lines[-1]])),
            ("chain", "half a line", lambda: self.replace("custody.jsonl", b'"uid":0}\n' if b'"uid":0}' in (self.case / "custody.jsonl").read_bytes() else b"}\n", b"", 1)),
            ("logged", "in the manifest only", lambda: self.replace("manifest-sha256.txt", b"data/exhibits/", b"data/exhibits/x\n" + b"0" * 64 + b"  data/exhibits/")),
            ("logged", "logged only", lambda: self.replace("manifest-sha256.txt", self.exhibit().name.encode(), b"0" * 64)),
            ("logged", "another size", lambda: self.replace("custody.jsonl", b'"size":', b'"size":1')),
            ("origin", "a log that is no JSON", lambda: self.replace("custody.jsonl", b'{"action"', b'{"action')),
            ("signature", "the tail cut off", lambda: self.lines_of_log(lambda lines: lines[:-1])),
            ("signature", "the last line changed", lambda: self.replace("custody.jsonl", b"timestamp-imported", b"timestamp-importeD")),
            ("signature", "the signature removed", lambda: (self.case / "custody.jsonl.minisig").unlink()),
            ("signature", "the trusted comment", lambda: self.replace("custody.jsonl.minisig", b"entries 8", b"entries 7")),
            ("signature", "somebody else's key", lambda: self.place.update({"author.pub": str(key)})),
            ("timestamps", "the entry that is stamped", lambda: self.replace("custody.jsonl", b'"action":"analyzed","exhibits":4', b'"action":"analyzed","exhibits":3')),
            ("timestamps", "the stamp", lambda: self.change_stamp()),
            ("timestamps", "the stamp removed", lambda: [stamp.unlink() for stamp in (self.case / "timestamps").glob("*.tsr")]),
            ("timestamps", "another authority's root", lambda: (self.shell('"$1" make tsa2', kit.TSA), self.place.update({"authority.pem": str(self.folder / "tsa2/root.pem")}))),
            ("bytes", "the exhibit below the first finding", lambda: self.exhibit("packages.jsonl").write_bytes(self.exhibit("packages.jsonl").read_bytes().replace(b"snoopy", b"snoopi"))),
            ("ids", "a statement", report("Snoopy Logger (Snoopy", "Nothing (Snoopy")),
            ("ids", "an offset", report('"offset":143', '"offset":144')),
            ("derived", "a finding left out", lambda: self.leave_out("findings")),
            ("derived", "a gap left out", lambda: self.leave_out("coverage")),
            ("derived", "another case's report", report(json.loads((self.folder / "whole.json").read_text())["case"]["id"], "b1ff803b-246a-42e8-9c12-0b557be7bb22")),
        ]
        place = dict(self.place)
        for name, what, tamper in tampering:
            tamper()
            self.assertFalse(self.run_block(name), f"{name} did not see: {what}\n{self.said}")
            self.restore()
            self.place = dict(place)
        self.assertEqual({name for name, _, _ in tampering}, set(BLOCKS) - {"setup"})

    def exhibit_link(self):
        digest = next(e["sha256"] for e in self.lines("exhibits", "--case", "whole", "--json") if e["origin"].endswith("x11.jsonl"))
        (self.case / "data/exhibits" / digest).symlink_to(self.folder / "whole/data/exhibits" / digest)

    def change_stamp(self):
        (stamp,) = (self.case / "timestamps").glob("*.tsr")
        data = bytearray(stamp.read_bytes())
        data[-5] ^= 1
        stamp.write_bytes(data)

    def leave_out(self, what):
        report = json.loads((self.folder / "whole.json").read_text())
        report[what].pop()
        (self.folder / "report.json").write_text(json.dumps(report))


if __name__ == "__main__":
    kit.main()
