#!/usr/bin/python3
"""A case folder handed over by somebody who wants to mislead, or to reach beyond it. Checking it changes nothing."""
import hashlib
import json
import os
import pathlib
import shutil
import sqlite3

import kit


def contents(folder):
    """Every path with its kind, bytes and time of change."""
    out = {}
    for path in sorted(folder.rglob("*")):
        info = path.lstat()
        what = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else ""
        out[str(path.relative_to(folder))] = (info.st_mode, info.st_mtime_ns, what)
    return out


class Disguises(kit.Sandbox):
    """Links, pipes and devices where the case's own files and folders should be."""

    def setUp(self):
        super().setUp()
        self.case = self.make_case()
        self.victim = self.folder / "victim"
        (self.victim / "exhibits").mkdir(parents=True)
        (self.victim / "letter.txt").write_text("mine")

    COMMANDS = [["verify"], ["add", "evidence/x11.jsonl"], ["analyze"], ["findings"], ["report", "-o", "out.html"], ["case", "timestamp", "--request"]]

    def test_folders_that_are_links(self):
        for name in ("tmp", "data", "data/exhibits", "keys", "timestamps"):
            place = self.case / name
            kept = self.folder / "kept"
            if place.exists():
                place.rename(kept)
            place.symlink_to(self.victim)
            before = contents(self.victim)
            for command in self.COMMANDS:
                with self.subTest(folder=name, command=command[0]):
                    self.assertIn(f"case/{name}", self.fails(*command, "--case", "case"))
                    self.assertEqual(contents(self.victim), before)
            place.unlink()
            if kept.exists():
                kept.rename(place)
        self.assert_whole()

    def test_files_that_are_links_or_pipes(self):
        for name in (".lock", "custody.jsonl", "custody.jsonl.minisig", "manifest-sha256.txt", "tagmanifest-sha256.txt", "bagit.txt", "bag-info.txt", "index.sqlite"):
            place = self.case / name
            kept = self.folder / "kept"
            place.rename(kept)
            for disguise in (lambda: place.symlink_to(self.victim / "letter.txt"), lambda: os.mkfifo(place)):
                disguise()
                for command in self.COMMANDS:
                    with self.subTest(file=name, command=command[0]):
                        # A log that is a link or a pipe still looks like a case; without one there is no case.
                        self.assertIn("case", self.fails(*command, "--case", "case"))
                place.unlink()
            kept.rename(place)
        self.assertEqual((self.victim / "letter.txt").read_text(), "mine")
        self.assert_whole()


class Verify(kit.Sandbox):
    def setUp(self):
        super().setUp()
        self.case = self.make_case()

    def sealed(self, code=0, *options):
        """Verifies, and makes sure that nothing in the case changed."""
        before = contents(self.case)
        ran = self.run_program("verify", "--case", "case", *options, code=code)
        self.assertEqual(contents(self.case), before)
        return ran.stdout

    def public_key(self):
        return next((self.case / "keys").glob("*.pub"))

    def test_checking_changes_nothing(self):
        self.sealed()
        (self.case / "index.sqlite").unlink()
        self.sealed()

    def test_nothing_planted_is_taken_up(self):
        """An unfinished exhibit with an invented origin: to check a case is not to finish it."""
        (self.case / "tmp").mkdir()
        planted = b"planted"
        digest = hashlib.sha256(planted).hexdigest()
        (self.case / "tmp/z.part").write_bytes(planted)
        exhibit = {"sha256": digest, "size": 7, "type": "text", "origin": "x", "collector": "linux/processes", "acquired": "2020-01-01T00:00:00Z", "uid": 0}
        (self.case / "tmp/a.intent").write_text(json.dumps({"exhibit": exhibit, "part": "z.part"}))
        self.sealed()
        self.assertNotIn(digest, (self.case / "custody.jsonl").read_text())
        # A verb that writes takes it up and says so in the log.
        self.run_program("add", self.folder / "evidence/x11.jsonl", "--case", "case", "--quiet")
        taken = [entry for entry in map(json.loads, kit.log_of(self.case)) if entry["action"] == "exhibit-added" and entry["exhibit"]["sha256"] == digest]
        self.assertEqual([entry["recovered"] for entry in taken], [True])

    def test_an_unsigned_tail_is_not_the_keys_word(self):
        author = self.folder / "author.pub"
        shutil.copy(self.public_key(), author)
        self.sealed(0, "--key", author)
        self.shell("rm home/key*; mkdir home/key")  # no usable key any more
        self.run_program("add", self.folder / "evidence/x11.jsonl", "--case", "case", "--quiet", "--note", "forged", code=None)
        said = self.sealed(1, "--key", author)
        self.assertIn("not signed", said)
        # Without a key to answer to, it is said and not passed over.
        said = self.sealed(0)
        self.assertIn("not signed", said)
        self.assertIn("what this does not prove", said)

    @kit.need("minisign")
    def test_a_signature_of_something_else(self):
        """The right key over the right bytes, but with a comment that claims another case, another head or nothing."""
        self.shell("minisign -G -W -p other.pub -s other.key")
        log = self.case / "custody.jsonl"
        whole = log.read_text()
        case_id = json.loads(kit.log_of(self.case)[0])["case"]
        head = hashlib.sha256(kit.log_of(self.case)[-1].encode()).hexdigest()
        count = len(kit.log_of(self.case))
        signature = self.case / "custody.jsonl.minisig"
        good = f"case {case_id} entries {count} head {head} signed now"
        for comment, state in ((good, 0), (good.replace(case_id, "0" * 36), 1), (good.replace(head, "0" * 64), 1), ("hello", 1), ("", 1), (f"case {case_id} head {head}", 1)):
            with self.subTest(comment):
                self.shell('minisign -S -s other.key -m "$1" -x "$2" -t "$3"', log, signature, comment)
                self.run_program("verify", "--case", "case", "--key", self.folder / "other.pub", code=state)
        self.assertEqual(log.read_text(), whole)

    def test_what_lies_about_is_named(self):
        for name in ("report-final.html", "report.part.html", ".hidden", "index.sqlite.partial"):
            (self.case / name).write_text("<h1>Nothing was found</h1>")
            self.assertIn(name, self.sealed())
            (self.case / name).unlink()
        (self.case / "keys/evil.pub").write_text("untrusted comment: x\n")
        self.assertIn("keys/evil.pub", self.sealed(1))

    def test_conclusions_of_a_version_that_never_was(self):
        """A forger who writes other findings into log and index, and "contrechamp 0.0.9" beside them, must not pass for an
        older version's case."""
        lines = [json.loads(line) for line in kit.log_of(self.case)]
        previous = "0" * 64
        out = []
        for entry in lines:
            if entry["action"] == "analyzed":
                entry["tool"] = "contrechamp 0.0.9"
                entry["summary"]["findings"]["sha256"] = "0" * 64
            entry["prev"] = previous
            out.append(json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
            previous = hashlib.sha256(out[-1].encode()).hexdigest()
        (self.case / "custody.jsonl").write_text("\n".join(out) + "\n")
        (self.case / "custody.jsonl.minisig").unlink()
        shutil.rmtree(self.case / "keys")
        (self.case / "tagmanifest-sha256.txt").write_text("".join(line + "\n" for line in (self.case / "tagmanifest-sha256.txt").read_text().splitlines() if "keys/" not in line))
        self.assertEqual(self.differing(), {"derivation"})
        self.assertIn("0.0.9", self.verify()["derivation"]["summary"]["en"])

    def test_the_bag_of_another_case(self):
        self.run_program("case", "new", "other")
        shutil.copy(self.folder / "other/bag-info.txt", self.case / "bag-info.txt")
        self.assertIn("bag-info.txt", self.sealed(1))


class ForgedIndex(kit.Sandbox):
    """index.sqlite is a convenience: what somebody wrote into it never reaches a reader."""

    FORGED = "Hubstaff takes screenshots (forged)"
    ENDLESS = "WITH RECURSIVE e(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM e) SELECT x AS position, 'findings' AS what, '' AS id, '' AS kind, '' AS json, 't_packages' AS name, '' AS stamp FROM e"

    def setUp(self):
        super().setUp()
        self.case = self.make_case()
        self.genuine = self.everything()

    def everything(self):
        self.run_program("report", "--case", "case", "-o", "r.json", "--quiet")
        listed = [self.out(what, "--case", "case", "--json") for what in ("findings", "observations", "coverage")]
        return [*listed, self.out("table", "packages", "--case", "case", "--jsonl"), (self.folder / "r.json").read_text()]

    def forge(self, *statements):
        index = sqlite3.connect(self.case / "index.sqlite")
        for statement in statements:
            index.execute(statement)
        index.commit()
        index.close()

    def test_altered_removed_added_reordered(self):
        ids = [line["id"] for line in map(json.loads, self.genuine[0].splitlines())]
        forgeries = [
            [f"UPDATE documents SET json = replace(json, 'Snoopy Logger', '{self.FORGED}')"],
            ["DELETE FROM documents WHERE what = 'findings'"],
            ["DELETE FROM documents WHERE what = 'coverage' AND position % 2"],
            [f"UPDATE documents SET id = '{'0' * 64}' WHERE id = '{ids[0]}'"],
            ["UPDATE documents SET kind = 'hidden' WHERE what = 'findings'"],
            ["INSERT INTO documents(what, id, kind, subject, json) SELECT what, id, kind, subject, json FROM documents WHERE what = 'findings'"],
            ["UPDATE documents SET position = -position"],
            [f"UPDATE t_packages SET package = '{self.FORGED}'"],
            ["DELETE FROM t_packages"],
            ["DROP TABLE t_packages"],
            # Tables that never end.
            ["DROP TABLE t_packages", f"CREATE VIEW t_packages AS {self.ENDLESS}"],
            ["ALTER TABLE documents RENAME TO old", f"CREATE VIEW documents AS {self.ENDLESS}"],
            ["ALTER TABLE meta RENAME TO old", f"CREATE VIEW meta AS {self.ENDLESS}"],
            ["ALTER TABLE tables RENAME TO old", f"CREATE VIEW tables AS {self.ENDLESS}"],
        ]
        for statements in forgeries:
            with self.subTest(statements[0][:60]):
                self.forge(*statements)
                self.assertEqual(self.everything(), self.genuine)
                self.assert_whole()


if __name__ == "__main__":
    kit.main()
