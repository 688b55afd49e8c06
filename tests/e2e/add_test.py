#!/usr/bin/python3
"""contrechamp add: files become exhibits, byte for byte, recognised by content. contrechamp analyze."""
import hashlib
import json
import os
import socket
import subprocess
import unittest

import kit


class Add(kit.Sandbox):
    def test_bytes_are_kept_and_named_by_their_digest(self):
        for name, content in {"text": b"hello\n", "empty": b"", "binary": bytes(range(256)) * 5000}.items():
            (self.folder / name).write_bytes(content)
            printed = self.out("add", name, "--case", "case").split()
            digest = hashlib.sha256(content).hexdigest()
            self.assertEqual(printed, [digest, "unknown", name])
            self.assertEqual((self.folder / "case/data/exhibits" / digest).read_bytes(), content)
        self.assert_whole()

    def test_what_is_known_of_each(self):
        (self.folder / "letter.txt").write_text("hello")
        (printed,) = self.lines("add", "letter.txt", "--case", "case", "--json", "--note", "given by the works council")
        (kept,) = self.lines("exhibits", "--case", "case", "--json")
        self.assertEqual(printed, kept)
        self.assertEqual(kept["origin"], str(self.folder / "letter.txt"))
        self.assertEqual(kept["collector"], "add")
        self.assertEqual(kept["note"], "given by the works council")
        self.assertEqual(kept["uid"], os.getuid())
        self.assertEqual(kept["size"], 5)
        self.assertEqual(self.out("exhibits", "--case", "case").split()[0], kept["sha256"][:12])

    def test_types_by_content_not_by_name(self):
        certificate = self.folder / "picture.png"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=Test", "-out", certificate], check=True, capture_output=True)
        (self.folder / "a.txt").write_text('{"extensions":{"settings":{}}}')
        (self.folder / "b.json").write_text("not json")
        (self.folder / "c").write_bytes(b"\n\r\r\n" + bytes(20))
        types = {e["origin"].rsplit("/", 1)[1]: e["type"] for e in self.lines("add", certificate, "a.txt", "b.json", "c", "--case", "case", "--json")}
        self.assertEqual(types, {"picture.png": "x509-pem", "a.txt": "chromium-preferences", "b.json": "unknown", "c": "pcapng"})

    def test_folders_are_taken_whole_links_are_not(self):
        tree = self.folder / "tree/deeper"
        tree.mkdir(parents=True)
        (tree / "b").write_text("b")
        (self.folder / "tree/a").write_text("a")
        (self.folder / "outside").write_text("secret")
        (tree / "link").symlink_to(self.folder / "outside")
        (self.folder / "tree/loop").symlink_to(self.folder / "tree")
        os.mkfifo(tree / "fifo")
        ran = self.run_program("add", "tree", "--case", "case", "--json")
        self.assertEqual([json.loads(line)["origin"] for line in ran.stdout.splitlines()], [str(self.folder / "tree/a"), str(tree / "b")])
        self.assertIn("tree/deeper/link", ran.stderr)
        self.assertIn("tree/loop", ran.stderr)

    def test_the_same_bytes_are_stored_once_and_logged_twice(self):
        for name in ("one", "two"):
            (self.folder / name).write_text("same")
        self.run_program("add", "one", "two", "--case", "case", "--quiet")
        self.assertEqual(len(list((self.folder / "case/data/exhibits").iterdir())), 1)
        self.assertEqual(len(self.lines("exhibits", "--case", "case", "--json")), 2)
        self.assert_whole()

    def test_one_bad_file_does_not_stop_the_others(self):
        (self.folder / "good").write_text("good")
        os.mkfifo(self.folder / "fifo")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(self.folder / "socket"))
            # With nothing left to add no case is begun.
            self.assertIn("missing", self.fails("add", "missing", "--case", "case"))
            self.assertFalse((self.folder / "case").exists())
            self.assertIn("there is nothing here: missing", self.run_program("add", "missing", "good", "--case", "case", code=1).stderr)
            self.assertEqual(len(self.lines("exhibits", "--case", "case", "--json")), 1)
            for bad in ("fifo", "socket", "/dev/null"):
                self.assertIn(bad, self.fails("add", bad, "--case", "case"))
        if os.geteuid() != 0:
            (self.folder / "locked").write_text("x")
            (self.folder / "locked").chmod(0)
            self.assertIn("locked", self.fails("add", "locked", "good", "--case", "case"))
            self.assertEqual(len(self.lines("exhibits", "--case", "case", "--json")), 2)
            (self.folder / "tree/locked").mkdir(parents=True)
            (self.folder / "tree/open").write_text("open")
            (self.folder / "tree/locked").chmod(0)
            self.assertIn("tree/locked", self.fails("add", "tree", "--case", "other"))
            self.assertEqual(len(self.lines("exhibits", "--case", "other", "--json")), 1)

    def test_what_is_left_out_is_said(self):
        tree = self.folder / "tree"
        tree.mkdir()
        (tree / "a").write_text("a")
        os.mkfifo(tree / "pipe")
        self.run_program("add", tree / "a", "--case", tree / "case", "--quiet")
        ran = self.run_program("add", "tree", "--case", tree / "case")
        self.assertIn("tree/pipe", ran.stderr)
        self.assertIn("left out (the case itself): tree/case", ran.stderr)
        self.assertIn("already in the case, noted again: tree/a", ran.stderr)
        self.assertEqual(len(self.lines("exhibits", "--case", tree / "case", "--json")), 2)
        for own in ("tree/case", "tree/case/bagit.txt", "tree/../tree/case/data"):
            self.assertIn("not added to itself", self.fails("add", own, "--case", "tree/case"))
        self.assert_whole(tree / "case")

    def test_a_private_key_is_warned_of(self):
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.folder / "letter.txt"], check=True)
        self.assertIn("looks like a private key, and is now in the case, whole: letter.txt", self.run_program("add", "letter.txt", "--case", "case").stderr)
        (self.folder / "other.txt").write_text("about a PRIVATE KEY")
        self.assertNotIn("private key", self.run_program("add", "other.txt", "--case", "case").stderr)

    def test_the_next_step_is_said(self):
        (self.folder / "a").write_text("a")
        self.assertIn("next: contrechamp analyze --case case\n", self.run_program("add", "a", "--case", "case").stderr)
        self.assertIn("next: contrechamp report --case case -o report.html\n", self.run_program("analyze", "--case", "case").stderr)

    def test_hostile_names(self):
        names = ["new\nline", "esc\033[31m", "bad\udcff", "quo'te", "-dash", "‮rtl"]
        tree = self.folder / "tree"
        tree.mkdir()
        for name in names:
            (tree / name).write_text(name.encode("utf-8", "surrogateescape").hex())
        ran = self.run_program("add", "tree", "--case", "case", text=False)
        self.assertNotIn(b"\033", ran.stdout)
        self.assertEqual(ran.stdout.count(b"\n"), len(names))
        listed = self.run_program("exhibits", "--case", "case", text=False).stdout
        self.assertNotIn(b"\033", listed)
        self.assertNotIn("‮".encode(), listed)
        listed.decode()
        self.assert_whole()
        self.run_program("add", "--case", "case", "--", "tree/-dash")

    def test_into_a_case_only(self):
        (self.folder / "x").write_text("x")
        (self.folder / "full").mkdir()
        (self.folder / "full/y").write_text("y")
        self.assertIn("full", self.fails("add", "x", "--case", "full"))
        self.assertIn("PATH", self.fails("add", "--case", "case", code=2))


class Analyze(kit.Sandbox):
    def test_counts_and_digests(self):
        case = self.make_case(analyze=False)
        said = self.out("analyze", "--case", "case")
        self.assertEqual(said, "7 observations, 4 findings\n")
        (summary,) = self.lines("analyze", "--case", "case", "--json")
        self.assertEqual(summary["observations"]["count"], 7)
        for what in ("observations", "coverage", "findings"):
            # The digest is over canonical lines: with jq alone it comes out the same.
            lines = self.shell('"$1" "$2" --case case --json | jq -cS "del(.id)" | sha256sum', kit.PROGRAM, what).stdout.split()[0]
            self.assertEqual(summary[what]["sha256"], lines, what)
        entry = json.loads(kit.log_of(case)[-1])
        self.assertEqual(entry["summary"], summary)

    def test_the_same_evidence_gives_the_same_ids_anywhere(self):
        self.make_case("one")
        self.make_case("two")
        ids = [[o["id"] for o in self.lines(what, "--case", case, "--json")] for case in ("one", "two") for what in ("observations", "findings", "coverage")]
        self.assertEqual(ids[:3], ids[3:])

    def test_again_is_the_same(self):
        case = self.make_case()
        first = self.lines("analyze", "--case", "case", "--json")
        self.assertEqual(self.lines("analyze", "--case", "case", "--json"), first)
        self.assertEqual(sum('"contrechamp/knowledge"' in line for line in kit.log_of(case)), 1, "the same knowledge is kept once")
        self.assert_whole()

    def test_what_cannot_be_read_is_covered(self):
        (self.folder / "letter.txt").write_text("a letter")
        cut = kit.EVIDENCE["x11.jsonl"]
        (self.folder / "cut.jsonl").write_text(cut[: cut.index('{"is":"end"')])
        self.run_program("add", "letter.txt", "cut.jsonl", "--case", "case", "--quiet")
        self.run_program("analyze", "--case", "case", "--quiet")
        rows = {row["reason"]: row for row in self.lines("coverage", "--case", "case", "--kind", "exhibits", "--json")}
        self.assertEqual(set(rows), {"no-analyzer", "damaged"})
        self.assertIn("letter.txt", rows["no-analyzer"]["fields"]["origin"])
        self.assertTrue(self.lines("observations", "--case", "case", "--kind", "x11", "--json"), "what stands before the damage is used")

    def test_what_was_altered_or_is_gone_is_not_analysed(self):
        case = self.make_case()
        exhibits = {e["origin"].rsplit("/", 1)[-1]: case / "data/exhibits" / e["sha256"] for e in self.lines("exhibits", "--case", "case", "--json")}
        exhibits["x11.jsonl"].chmod(0o600)
        exhibits["x11.jsonl"].write_text(kit.EVIDENCE["x11.jsonl"].replace("watcher", "washers"))
        exhibits["browsers.jsonl"].unlink()
        self.run_program("analyze", "--case", "case", "--quiet")
        left = {o["locator"]["exhibit"] for o in self.lines("observations", "--case", "case", "--json")}
        self.assertEqual(left, {exhibits["logging.jsonl"].name, exhibits["packages.jsonl"].name})
        rows = {row["reason"]: row["locator"]["exhibit"] for row in self.lines("coverage", "--case", "case", "--kind", "exhibits", "--json")}
        self.assertEqual(rows, {"altered": exhibits["x11.jsonl"].name, "missing": exhibits["browsers.jsonl"].name})

    def test_french(self):
        self.make_case(analyze=False)
        self.assertEqual(self.out("analyze", "--case", "case", "--lang", "fr"), "7 observations, 4 constats\n")

    def test_needs_a_case(self):
        self.assertIn("nowhere", self.fails("analyze", "--case", "nowhere"))


if __name__ == "__main__":
    kit.main()
