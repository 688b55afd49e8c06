#!/usr/bin/python3
"""contrechamp scan on the machine that runs the test: a case, a report, an answer for people and one for programs."""
import json

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

    def test_everything_is_said_and_noted(self):
        ran = self.run_program("scan", "--case", "case", "--quiet", "--json", "--note", "agreed by A. on 23 Nov")
        self.assertEqual(ran.stderr, "")
        # The consent note goes with each exhibit.
        exhibits = [e for e in self.lines("exhibits", "--case", "case", "--json") if e["collector"].startswith("linux/")]
        self.assertGreater(len(exhibits), 10)
        self.assertEqual({e.get("note") for e in exhibits}, {"agreed by A. on 23 Nov"})
        # Every check was either made or said not to be; "exhibits" speaks of exhibits that could not be used, and of posts and
        # judgements nothing is said where only the computer was looked at.
        covered = {row["check"] for row in self.lines("coverage", "--case", "case", "--json")}
        knowledge = json.loads(self.out("knowledge", "bundle"))
        realms = {group["id"]: group.get("realm", "computer") for group in knowledge["groups"]}
        elsewhere = {one["id"] for one in knowledge["capabilities"] if realms[one["group"]] != "computer"}
        self.assertEqual({check["id"] for check in knowledge["checks"] if not elsewhere & set(check["capabilities"])} - covered, {"exhibits"})
        self.assertFalse({check["id"] for check in knowledge["checks"] if elsewhere & set(check["capabilities"])} & covered)
        # JSON is the answer and nothing else.
        report = json.loads(ran.stdout)
        self.assertEqual(report["format"], "contrechamp-report")
        self.assertEqual(ran.stdout.count("\n"), 1)
        for what in ("observations", "findings", "coverage"):
            self.assertEqual([o["id"] for o in report[what]], [o["id"] for o in self.lines(what, "--case", "case", "--json")])

    def test_fail_on(self):
        self.run_program("scan", "--case", "case", "--quiet")
        findings = [f for f in self.lines("findings", "--case", "case", "--json") if not f["lead"] and not f["managed"]]
        order = ["observed", "used", "granted", "configured", "installed", "contacted"]
        strongest = min((order.index(f["strength"]) for f in findings), default=len(order))
        for strength in {order[max(strongest - 1, 0)], order[min(strongest, 5)], "contacted"}:
            before = kit.log_of(self.folder / "case")
            ran = self.run_program("scan", "--case", "case", "--quiet", "--fail-on", strength, code=None)
            self.assertEqual(ran.returncode, 1 if strongest <= order.index(strength) else 0, strength)
            self.assertIn("What is watching", ran.stdout, "the answer is given all the same")
            # A further scan continues the same case.
            self.assertEqual(kit.log_of(self.folder / "case")[: len(before)], before)
        self.assert_whole()
        self.assertIn("contacted", self.fails("scan", "--case", "other", "--fail-on", "strong", code=2))
        self.assertFalse((self.folder / "other").exists(), "nothing is done on wrong usage")

    def test_the_summary_begins_with_counts_and_ends_with_what_to_do(self):
        said = self.out("scan", "--case", "case").strip().splitlines()
        self.assertRegex(said[1], r"^(\d+ findings?|No finding about watching)\b.*\.")
        end = "\n".join(said[said.index("Next"):])
        for command in ("xdg-open case/report.html", "contrechamp explain ", "contrechamp verify --case case"):
            self.assertIn(command, end)
        self.assertIn("./run verify --case case", self.out("scan", "--case", "case", env={"CONTRECHAMP_CALLED": "./run"}))
        # What nothing would mend has no remedy above it, and no remedy stands twice.
        remedies = [line for line in said if line.startswith("  → ")]
        self.assertEqual(len(remedies), len(set(remedies)))
        self.assertNotIn("Nothing on this system can tell", "\n".join(said))

    def test_french(self):
        ran = self.run_program("scan", "--case", "case", env={"LC_ALL": "fr_FR.UTF-8"})
        self.assertIn("Qu’est-ce qui surveille cet ordinateur\u00a0?", ran.stdout)
        self.assertIn("Dossier d’enquête\u00a0: case", ran.stdout)
        self.assertRegex((self.folder / "case/report.html").read_text(), r'<html[^>]* lang="fr"')

    def test_plain_and_poor_locales_are_ascii(self):
        for options, env in ((["--plain"], {"LC_ALL": "fr_FR.UTF-8"}), ([], {"LC_ALL": "C"})):
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
