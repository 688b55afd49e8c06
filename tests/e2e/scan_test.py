#!/usr/bin/python3
"""contrechamp scan on the machine that runs the test: a case, a report, an answer for people and one for programs."""
import json
import re
import unittest

import kit


class Scan(kit.Sandbox):
    def test_leaves_a_whole_case_and_a_report(self):
        ran = self.run_program("scan", "--case", "case")
        self.assertIn("What is watching this computer?", ran.stdout)
        self.assertIn("case/report.html", ran.stdout)
        case = self.folder / "case"
        for name in ("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt", "custody.jsonl", "custody.jsonl.minisig", "index.sqlite", "report.html"):
            self.assertTrue((case / name).is_file(), name)
        self.assertFalse((case / "tmp").exists())
        self.assert_whole()
        self.assertEqual(self.differing("case", "--key", self.folder / "home/key.pub"), set())
        # Only the person whose computer it is may look into the case.
        self.assertEqual(case.stat().st_mode & 0o077, 0)

    def test_without_a_name_it_is_dated_and_the_next_verbs_find_it(self):
        ran = self.run_program("scan")
        folders = [path.name for path in self.folder.glob("contrechamp-case-*")]
        self.assertEqual(len(folders), 1)
        self.assertRegex(folders[0], r"^contrechamp-case-\d{8}T\d{6}Z$")
        self.assertIn(folders[0], ran.stdout)
        self.assertIn(folders[0], ran.stderr)
        self.assertEqual(self.out("coverage"), self.out("coverage", "--case", folders[0]))

    def test_a_second_scan_goes_into_the_same_case(self):
        self.run_program("scan", "--case", "case", "--quiet")
        before = kit.log_of(self.folder / "case")
        self.run_program("scan", "--case", "case", "--quiet")
        after = kit.log_of(self.folder / "case")
        self.assertEqual(after[: len(before)], before)
        self.assertGreater(len(after), len(before))
        self.assert_whole()

    def test_the_consent_note_goes_with_each_exhibit(self):
        self.run_program("scan", "--case", "case", "--quiet", "--note", "agreed by A. on 23 Nov")
        exhibits = [e for e in self.lines("exhibits", "--case", "case", "--json") if e["collector"].startswith("linux/")]
        self.assertGreater(len(exhibits), 10)
        self.assertEqual({e.get("note") for e in exhibits}, {"agreed by A. on 23 Nov"})

    def test_every_check_was_either_made_or_said_not_to_be(self):
        self.run_program("scan", "--case", "case", "--quiet")
        covered = {row["check"] for row in self.lines("coverage", "--case", "case", "--json")}
        knowledge = json.loads(self.out("knowledge", "bundle"))
        # "exhibits" speaks of exhibits that could not be used.
        self.assertEqual({check["id"] for check in knowledge["checks"]} - covered, {"exhibits"})

    def test_json_is_the_answer_and_nothing_else(self):
        ran = self.run_program("scan", "--case", "case", "--json")
        report = json.loads(ran.stdout)
        self.assertEqual(report["format"], "contrechamp-report")
        self.assertEqual(ran.stdout.count("\n"), 1)
        self.assertEqual({o["id"] for o in report["observations"]}, {o["id"] for o in self.lines("observations", "--case", "case", "--json")})
        self.assertEqual({f["id"] for f in report["findings"]}, {f["id"] for f in self.lines("findings", "--case", "case", "--json")})

    def test_quiet_says_nothing_on_stderr(self):
        self.assertEqual(self.run_program("scan", "--case", "case", "--quiet").stderr, "")

    def test_fail_on(self):
        self.run_program("scan", "--case", "case", "--quiet")
        findings = [f for f in self.lines("findings", "--case", "case", "--json") if not f["lead"] and not f["managed"]]
        order = ["observed", "used", "granted", "configured", "installed", "contacted"]
        strongest = min((order.index(f["strength"]) for f in findings), default=len(order))
        for index, strength in enumerate(order):
            ran = self.run_program("scan", "--case", "case", "--quiet", "--fail-on", strength, code=None)
            self.assertEqual(ran.returncode, 1 if strongest <= index else 0, strength)
            self.assertIn("What is watching", ran.stdout, "the answer is given all the same")
        self.assertIn("contacted", self.fails("scan", "--case", "other", "--fail-on", "strong", code=2))
        self.assertFalse((self.folder / "other").exists(), "nothing is done on wrong usage")

    def test_french(self):
        ran = self.run_program("scan", "--case", "case", "--lang", "fr")
        self.assertIn("Qu’est-ce qui surveille cet ordinateur ?", ran.stdout)
        self.assertIn("Dossier d’enquête : case", ran.stdout)
        self.assertRegex((self.folder / "case/report.html").read_text(), r'<html[^>]* lang="fr"')
        # By the locale as well.
        self.assertIn("Qu’est-ce qui", self.run_program("scan", "--case", "case", "--quiet", env={"LC_ALL": "fr_FR.UTF-8"}).stdout)

    def test_plain_and_poor_locales_are_ascii(self):
        for options, env in ((["--plain"], {}), ([], {"LC_ALL": "C"}), (["--plain"], {"LC_ALL": "fr_FR.UTF-8"})):
            ran = self.run_program("scan", "--case", "case", "--lang", "fr", *options, env=env, text=False)
            ran.stdout.decode("ascii")
            self.assertNotIn(b"?s", ran.stdout, "letters are put down, not lost")
            self.assertIn(b"Qu'est-ce qui surveille cet ordinateur", ran.stdout)
        self.assertNotIn(b"\033", ran.stdout)

    def test_a_user_that_is_none(self):
        self.assertIn("nobody-of-that-name", self.fails("scan", "--case", "case", "--user", "nobody-of-that-name", "--quiet"))

    def test_own_knowledge_on_top(self):
        products = self.folder / "mine/products"
        products.mkdir(parents=True)
        (products / "shelly.yaml").write_text("""id: shelly
name: Shelly
vendor: Nobody
class: monitoring
category: test
updated: 2026-11-23
sources: {s: {ref: made up, kind: own-observation, licence: facts, date: 2026-11-23}}
capabilities: [{id: command-logging, status: documented, confidence: high, sources: [s]}]
indicators:
  - {type: path, value: /etc/passwd, platforms: [linux], confidence: high, sources: [s]}
  - {type: package, value: base-files, manager: dpkg, confidence: high, sources: [s]}
""")
        self.run_program("scan", "--case", "case", "--quiet", "--knowledge", "mine")
        found = [f for f in self.lines("findings", "--case", "case", "--json") if f.get("product") == "shelly"]
        self.assertEqual([f["lead"] for f in found], [False])
        # The knowledge used is in the case: it can be derived again without the folder.
        (products / "shelly.yaml").unlink()
        self.assert_whole()
        (products / "shelly.yaml").write_text("id: [")
        self.assertIn("shelly.yaml", self.fails("scan", "--case", "other", "--quiet", "--knowledge", "mine"))
        self.assertIn("missing", self.fails("scan", "--case", "other", "--quiet", "--knowledge", "missing"))


if __name__ == "__main__":
    kit.main()
