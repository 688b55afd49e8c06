#!/usr/bin/python3
"""contrechamp explain: from an id back to bytes that `xxd` shows just the same."""
import hashlib
import json
import re
import shlex
import subprocess

import kit


class Explain(kit.Sandbox):
    def setUp(self):
        super().setUp()
        self.case = self.make_case()

    def repeat(self, text):
        """Runs each `$ xxd` line that was printed and compares what it prints with what was printed below it."""
        lines = text.splitlines()
        repeated = 0
        for number, line in enumerate(lines):
            if not line.lstrip().startswith("$ xxd "):
                continue
            command = shlex.split(line.lstrip()[2:])
            shown = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True).stdout.splitlines()
            printed = []
            for row in lines[number + 1 :]:
                if not re.match(r"\s+[0-9a-f]{8}: ", row):
                    break
                printed.append(row)
            self.assertEqual([row.strip() for row in printed], [row.strip() for row in shown[: len(printed)]], line)
            self.assertTrue(printed, line)
            if len(printed) < len(shown):
                left = int(command[command.index("-l") + 1]) - 256
                self.assertRegex(lines[number + 1 + len(printed)], rf"^ +(…|\.\.\.) \+{left} bytes$")
            repeated += 1
        return repeated

    @kit.need("xxd")
    def test_a_finding(self):
        for finding in self.lines("findings", "--case", "case", "--json"):
            said = self.out("explain", finding["id"], "--case", "case")
            self.assertEqual(said.splitlines()[0], "finding " + finding["id"])
            self.assertIn(finding["statement"]["en"], said)
            self.assertIn(f"strength: {finding['strength']}; rule: {finding['rule']}", said)
            self.assertEqual(re.findall(r"^  observation ([0-9a-f]{64})$", said, re.M), finding["observations"])
            self.assertEqual(self.repeat(said), len(finding["observations"]))

    @kit.need("xxd")
    def test_an_observation_is_the_bytes_it_names(self):
        for observation in self.lines("observations", "--case", "case", "--json"):
            where = observation["locator"]
            said = self.out("explain", observation["id"], "--case", "case")
            command = f"xxd -s {where['offset']} -l {where['length']} case/data/exhibits/{where['exhibit']}"
            self.assertIn("    $ " + command, said.splitlines())
            self.assertEqual(self.repeat(said), 1)
            # The locator's bytes are the record that says it.
            exhibit = (self.case / "data/exhibits" / where["exhibit"]).read_bytes()
            self.assertEqual(hashlib.sha256(exhibit).hexdigest(), where["exhibit"])
            raw = exhibit[where["offset"] : where["offset"] + where["length"]]
            raw_again = bytes.fromhex(subprocess.run(["xxd", "-p", *command.split()[1:]], cwd=self.folder, capture_output=True, text=True).stdout.replace("\n", ""))
            self.assertEqual(raw, raw_again)
            self.assertEqual(raw, exhibit.splitlines()[where["line"] - 1])
            self.assertIn(json.loads(raw)["is"], said)
            self.assertIn(f"asserted by: {observation['analyzer']}; basis: {observation['basis']}", said)

    def test_coverage_and_exhibits(self):
        (row, *_) = [c for c in self.lines("coverage", "--case", "case", "--json") if c["state"] == "unreadable"]
        said = self.out("explain", row["id"], "--case", "case")
        self.assertEqual(said.splitlines()[0], "coverage " + row["id"])
        self.assertEqual(self.repeat(said), 1)
        for exhibit in self.lines("exhibits", "--case", "case", "--json"):
            said = self.out("explain", exhibit["sha256"][:12], "--case", "case")
            self.assertEqual(said.splitlines()[0], "exhibit " + exhibit["sha256"])
            self.assertIn(exhibit["origin"], said)
            self.assertIn(f"{exhibit['type']}; {exhibit['size']} bytes", said)
            (command,) = re.findall(r"^  \$ (sha256sum .*)$", said, re.M)
            self.assertEqual(self.shell(command).stdout.split()[0], exhibit["sha256"])
            read_in = [o for o in self.lines("observations", "--case", "case", "--json") + self.lines("coverage", "--case", "case", "--json") if o["locator"]["exhibit"] == exhibit["sha256"]]
            listed = re.findall(r"^  bytes (\d+)\+(\d+)  ([0-9a-f]{12})  ", said, re.M)
            self.assertEqual(listed, [(str(o["locator"]["offset"]), str(o["locator"]["length"]), o["id"][:12]) for o in read_in])

    def test_an_exhibit_logged_twice_and_never_analysed(self):
        (self.folder / "one").write_text("same")
        (self.folder / "two").write_text("same")
        self.run_program("add", "one", "two", "--case", "other", "--note", "agreed", "--quiet")
        said = self.out("explain", hashlib.sha256(b"same").hexdigest(), "--case", "other", "--quiet")
        self.assertRegex(said, r"custody entry 1: .*/one; .*; agreed\n")
        self.assertRegex(said, r"custody entry 2: .*/two; .*; agreed\n")
        self.assertIn("has not been analysed", self.fails("explain", "0" * 12, "--case", "other"))

    def test_abbreviated_unknown_ambiguous(self):
        (finding, *_) = self.lines("findings", "--case", "case", "--json")
        whole = self.out("explain", finding["id"], "--case", "case")
        for length in (12, 20, 63):
            self.assertEqual(self.out("explain", finding["id"][:length], "--case", "case"), whole)
        self.assertIn("nothing in this case", self.fails("explain", "0" * 64, "--case", "case"))
        for bad in ("abc", "xyzt", finding["id"].upper(), "é" * 8):
            self.assertIn("at least 4 hexadecimal", self.fails("explain", bad, "--case", "case", code=2))
        # Of two hundred exhibits, some two begin alike.
        crowd = self.folder / "crowd"
        crowd.mkdir()
        starts = {}
        for number in range(3000):
            digest = hashlib.sha256(str(number).encode()).hexdigest()
            if digest[:4] in starts:
                break
            starts[digest[:4]] = number
        (crowd / "a").write_text(str(number))
        (crowd / "b").write_text(str(starts[digest[:4]]))
        self.run_program("add", crowd, "--case", "case", "--quiet")
        self.assertIn("several ids begin like this", self.fails("explain", digest[:4], "--case", "case"))
        self.assertIn("exhibit " + digest, self.out("explain", digest, "--case", "case"))

    def test_options_before_the_id(self):
        (finding, *_) = self.lines("findings", "--case", "case", "--json")
        after = self.out("explain", finding["id"], "--lang", "fr", "--case", "case")
        self.assertEqual(self.out("explain", "--case", "case", "--lang", "fr", finding["id"]), after)
        self.assertEqual(after.splitlines()[0], "constat " + finding["id"])
        self.assertIn(finding["statement"]["fr"], after)
        self.assertIn("force : observé", after)
        self.assertIn("fondement : mesuré", after)

    def test_altered_and_missing_bytes_are_said(self):
        (observation, *_) = [o for o in self.lines("observations", "--case", "case", "--json") if o["kind"] == "x11.records-input"]
        exhibit = self.case / "data/exhibits" / observation["locator"]["exhibit"]
        exhibit.chmod(0o600)
        exhibit.write_bytes(exhibit.read_bytes().replace(b"/opt/own/watcher", b"/opt/own/washers"))
        said = self.out("explain", observation["id"], "--case", "case")
        self.assertIn("not the bytes that were received", said)
        self.assertIn("not the bytes that were received", self.out("explain", exhibit.name, "--case", "case"))
        exhibit.write_bytes(b"short")
        self.assertIn("these bytes are not there", self.out("explain", observation["id"], "--case", "case"))
        exhibit.unlink()
        self.assertIn(exhibit.name, self.out("explain", observation["id"], "--case", "case"))

    @kit.need("xxd")
    def test_a_case_in_a_folder_with_a_difficult_name(self):
        self.case.rename(self.folder / "l'enquête $HOME; 1")
        (observation, *_) = self.lines("observations", "--case", "l'enquête $HOME; 1", "--json")
        self.assertEqual(self.repeat(self.out("explain", observation["id"], "--case", "l'enquête $HOME; 1")), 1)
        # The path stands as it is even where words are put in ASCII.
        self.assertEqual(self.repeat(self.out("explain", observation["id"], "--case", "l'enquête $HOME; 1", "--plain")), 1)

    @kit.need("xxd")
    def test_long_and_hostile_bytes(self):
        record = {"is": "client", "display": ":0\u001b[31m", "process": {"pid": 1, "user": "self", "exe": "/opt/\u202e" + "a" * 3000}, "resources": {"RecordContext": 1}}
        (self.folder / "hostile.jsonl").write_text(kit.records("linux-x11", [record]))
        self.run_program("add", "hostile.jsonl", "--case", "hostile", "--quiet")
        self.run_program("analyze", "--case", "hostile", "--quiet")
        (observation, *_) = self.lines("observations", "--case", "hostile", "--json")
        said = self.out("explain", observation["id"], "--case", "hostile")
        self.assertNotIn("\033", said)
        self.assertNotIn("\u202e", said)
        self.assertIn("… +", said)
        self.assertEqual(self.repeat(said), 1)


if __name__ == "__main__":
    kit.main()
