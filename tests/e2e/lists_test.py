#!/usr/bin/python3
"""What a case holds, listed: findings, observations, coverage, exhibits, table; for people, for programs, for spreadsheets."""
import csv
import io
import json
import os
import pty
import re
import select
import subprocess
import unittest

import kit

ROWS = ("findings", "observations", "coverage")
LISTS = (*ROWS, "exhibits")


class Lists(kit.Sandbox):
    def setUp(self):
        super().setUp()
        self.make_case()

    def json(self, verb, *options):
        return self.lines(verb, "--case", "case", "--json", *options)

    def test_json_and_words_say_the_same(self):
        for verb in LISTS:
            items = self.json(verb)
            self.assertTrue(items)
            shown = self.out(verb, "--case", "case").splitlines()
            self.assertEqual([line.split()[0] for line in shown], [(item.get("id") or item["sha256"])[:12] for item in items])
        for finding, line in zip(self.json("findings"), self.out("findings", "--case", "case").splitlines()):
            self.assertEqual(line, f"{finding['id'][:12]}  {finding['strength']}  {finding['statement']['en']}")

    def test_json_is_canonical_and_the_language_changes_nothing(self):
        for verb in LISTS:
            text = self.out(verb, "--case", "case", "--json")
            self.assertEqual(text, self.out(verb, "--case", "case", "--json", "--lang", "fr"))
            self.assertEqual(text, self.out(verb, "--case", "case", "--json", "--plain", env={"LC_ALL": "C"}))
            for line in text.splitlines():
                self.assertEqual(line, json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False))

    def test_filters(self):
        observations = self.json("observations")
        def ids(verb, *options):
            return [item["id"] for item in self.json(verb, *options)]
        def those(test):
            return [o["id"] for o in observations if test(o)]
        self.assertEqual(ids("observations", "--kind", "x11"), those(lambda o: o["kind"].startswith("x11.")))
        self.assertEqual(ids("observations", "--kind", "x11.records-input"), those(lambda o: o["kind"] == "x11.records-input"))
        # Not any beginning: whole words between the dots; and a kind that cannot be is a slip, not an empty answer.
        for verb, kind in (("observations", "x1"), ("observations", "nosuch"), ("findings", "nosuch"), ("coverage", "nosuch")):
            self.assertIn("no kind has this name: " + kind, self.fails(verb, "--kind", kind, "--case", "case", code=2))
        self.assertEqual(ids("observations", "--kind", "proxy"), [], "a kind of which nothing was seen")
        self.assertEqual(ids("observations", "--subject", "WATCH"), those(lambda o: "watch" in (o["subject"]["label"] + o["subject"]["key"]).lower()))
        self.assertEqual(ids("observations", "--search", "desktopCapture"), those(lambda o: "desktopCapture" in json.dumps(o)))
        self.assertEqual(ids("observations", "--kind", "product", "--subject", "snoopy", "--search", "preload"), those(lambda o: o["kind"] == "product.preload"))
        self.assertEqual([f["rule"] for f in self.json("findings", "--kind", "extension-forced")], ["extension-forced"])
        self.assertEqual([c["check"] for c in self.json("coverage", "--kind", "packages")], ["packages"])
        self.assertEqual(ids("observations", "--subject", "100%"), [])
        self.assertEqual(ids("observations", "--subject", "' OR 1=1 --"), [])
        self.assertIn("a-b", self.fails("observations", "--search", "a-b AND", "--case", "case"))
        for option in (["--kind", "product"], ["--subject", "snoopy"]):
            shown = self.out("observations", "--case", "case", *option).splitlines()
            self.assertEqual(len(shown), len(self.json("observations", *option)))

    def test_french(self):
        self.assertIn("  observé  ", self.out("findings", "--case", "case", "--lang", "fr"))
        self.assertEqual(self.out("findings", "--case", "case", "--lang", "fr"), self.out("findings", "--case", "case", env={"LC_ALL": "fr_FR.UTF-8"}))
        self.assertIn("n’a pas pu être lu", self.out("coverage", "--case", "case", "--lang", "fr"))
        self.assertIn("programmes en marche", self.out("table", "--lang", "fr"))

    def test_plain_is_ascii(self):
        for verb in LISTS:
            self.run_program(verb, "--case", "case", "--plain", "--lang", "fr", text=False).stdout.decode("ascii")
        self.assertIn("Ete=1 Helper", self.out("findings", "--case", "case", "--plain"))

    def test_the_newest_dated_case_here_is_the_default(self):
        for name in ("contrechamp-case-20200101T000000Z", "contrechamp-case-20260101T000000Z", "zzz"):
            self.run_program("case", "new", name, "--quiet")
        (self.folder / "contrechamp-case-20300101T000000Z").mkdir()  # no case
        ran = self.run_program("case", "show")
        self.assertIn("case: contrechamp-case-20260101T000000Z", ran.stderr)
        self.assertEqual(ran.stdout, self.out("case", "show", "--case", "contrechamp-case-20260101T000000Z"))
        self.assertEqual(self.run_program("case", "show", "--quiet").stderr, "")

    def test_inside_a_case_it_is_the_one_meant(self):
        for verb in ROWS:
            self.assertEqual(self.out(verb, "--case", "case"), self.shell('cd case && "$1" "$2"', kit.PROGRAM, verb).stdout)
        said = self.shell('cd case && "$1" add bagit.txt', kit.PROGRAM, code=2).stderr
        self.assertIn("--case .", said)
        self.assert_whole()

    @unittest.skipIf(os.geteuid() == 0, "root may look anywhere")
    def test_a_case_one_may_not_look_into(self):
        (self.folder / "case").chmod(0)
        self.assertRegex(self.fails("findings", "--case", "case"), "denied|not permitted")

    def test_before_any_analysis(self):
        self.run_program("add", "evidence", "--case", "raw", "--quiet")
        self.assertEqual(len(self.lines("exhibits", "--case", "raw", "--json")), 4)
        for verb in (*ROWS, "table packages"):
            self.assertIn("contrechamp analyze --case raw", self.fails(*verb.split(), "--case", "raw"))


class Tables(kit.Sandbox):
    def test_listed(self):
        names = [table["table"] for table in self.lines("table", "--json")]
        self.assertIn("processes", names)
        text = self.out("table")
        for name in names:
            self.assertRegex("\n" + text, rf"\n{name}  \((host|coordination|disparity)\)")
        self.assertEqual(self.out("table", "--jsonl"), self.out("table", "--json"))

    def test_csv_and_jsonl_say_the_same(self):
        self.make_case()
        tables = {table["table"]: [column["name"] for column in table["columns"]] for table in self.lines("table", "--json")}
        filled = 0
        for name, columns in tables.items():
            text = self.run_program("table", name, "--case", "case", "--csv", text=False).stdout.decode()
            self.assertTrue(text.endswith("\r\n"))
            header, *rows = csv.reader(io.StringIO(text, newline=""))
            self.assertEqual(header, [*columns, "exhibit", "offset", "length"])
            objects = self.lines("table", name, "--case", "case", "--jsonl")
            self.assertEqual(len(rows), len(objects))
            for row, item in zip(rows, objects):
                filled += 1
                for column, cell in zip(header, row):
                    value = item[column]
                    said = "" if value is None else value if isinstance(value, str) else json.dumps(value)
                    self.assertEqual(cell, said)
                # Where it was read.
                exhibit = (self.folder / "case/data/exhibits" / item["exhibit"]).read_bytes()
                record = json.loads(exhibit[item["offset"] : item["offset"] + item["length"]])
                self.assertTrue(record["is"])
        self.assertGreaterEqual(filled, 4)
        self.assertEqual(self.out("table", "packages", "--case", "case"), self.out("table", "packages", "--case", "case", "--csv"))
        self.assertIn("`contrechamp table` lists them", self.fails("table", "nothing", "--case", "case"))

    def test_hostile_cells(self):
        hostile = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "-2+3", 'a"b,c', "line\nline\r", "\033]0;x\007", "\u202egnp.exe", "\u009b31m", "＝1", "\t=1"]
        records = [{"is": "package", "manager": "dpkg", "package": text, "version": "1"} for text in hostile]
        (self.folder / "hostile.jsonl").write_text(kit.records("linux-packages", records))
        self.run_program("add", "hostile.jsonl", "--case", "case", "--quiet")
        self.run_program("analyze", "--case", "case", "--quiet")
        text = self.run_program("table", "packages", "--case", "case", text=False).stdout.decode()
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        self.assertEqual(len(rows), len(hostile))
        for row in rows:
            for cell in row.values():
                self.assertNotRegex(cell, r"^[=+@＝\t]|^-\D|^-2\+")
                self.assertNotRegex(cell, "[\x00-\x1f\x7f-\x9f\u202e]")
        # For programs the text is exactly what the exhibit says, and still inert where it is shown.
        for options in (["table", "packages", "--jsonl"], ["table", "packages", "--json"]):
            printed = self.run_program(*options, "--case", "case", text=False).stdout.decode()
            self.assertNotRegex(printed.replace("\n", ""), "[\x00-\x1f\x7f-\x9f\u202e]")
            self.assertEqual([json.loads(line)["package"] for line in printed.splitlines()], hostile)


class Pipes(kit.Sandbox):
    def test_a_reader_that_goes_away_is_no_error(self):
        golden = sorted(kit.ROOT.glob("src/analyze/host/golden/*.in"))
        self.run_program("add", *golden, "--case", "case", "--quiet")
        self.run_program("analyze", "--case", "case", "--quiet")
        for verb in ("observations --json", "findings", "coverage", "exhibits --json", "table processes --jsonl", "table", "knowledge bundle", "knowledge export", "knowledge list", "--help"):
            options = [] if verb.split()[0] in ("knowledge", "--help") else ["--case", "case", "--quiet"]
            read, write = os.pipe()
            os.close(read)  # gone before the first line
            ran = self.run_program(*verb.split(), *options, code=None, capture_output=False, stdout=write, stderr=subprocess.PIPE)
            os.close(write)
            self.assertEqual(ran.stderr, "", verb)
            self.assertIn(ran.returncode, (0, 1), verb)
        said = self.shell('"$1" observations --case case --json --quiet | head -1', kit.PROGRAM)
        self.assertEqual((said.stdout.count("\n"), said.stderr), (1, ""))

    def test_a_full_device_is_an_error(self):
        self.make_case()
        with open("/dev/full", "w") as full:
            ran = self.run_program("findings", "--case", "case", code=1, capture_output=False, stdout=full, stderr=subprocess.PIPE)
        self.assertRegex(ran.stderr, r"^contrechamp: .*stdout")


class Terminals(kit.Sandbox):
    def on_terminal(self, *arguments, env={}):
        """What is written to a terminal of 80 columns."""
        ours, theirs = pty.openpty()
        import fcntl
        import struct
        import termios

        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        process = self.start(*arguments, env={"TERM": "xterm-256color", **env}, stdout=theirs, stderr=subprocess.DEVNULL)
        os.close(theirs)
        out = b""
        while True:
            ready, _, _ = select.select([ours], [], [], kit.TIMEOUT)
            try:
                piece = os.read(ours, 65536) if ready else b""
            except OSError:
                break
            if not piece:
                break
            out += piece
        os.close(ours)
        process.wait()
        return out.decode()

    def test_colours_on_terminals_only(self):
        self.make_case()
        verb = ["verify", "--case", "case"]
        self.assertIn("\033[", self.on_terminal(*verb))
        self.assertNotIn("\033", self.out(*verb))
        self.assertNotIn("\033", self.on_terminal(*verb, "--plain"))
        self.assertNotIn("\033", self.on_terminal(*verb, env={"NO_COLOR": "1"}))
        self.assertNotIn("\033", self.on_terminal(*verb, env={"TERM": "dumb"}))
        self.assertNotIn("\033", self.on_terminal(*verb, "--json"))

    def test_colours_are_only_colours_and_lines_fit(self):
        self.make_case()
        said = self.on_terminal("scan", "--case", "case", "--quiet")
        self.assertIn("\033[", said)
        plain = re.sub("\033\\[[0-9;]*m", "", said)
        self.assertNotIn("\033", plain)
        self.assertEqual([line for line in plain.splitlines() if len(line) > 80 and "/" not in line], [])

    def test_progress_is_on_stderr_of_a_terminal_only(self):
        self.make_case(analyze=False)
        ran = self.run_program("analyze", "--case", "case")
        self.assertNotIn("\r", ran.stdout + ran.stderr)
        self.assertNotIn("\r", self.on_terminal("analyze", "--case", "case").replace("\r\n", "\n"))


if __name__ == "__main__":
    kit.main()
