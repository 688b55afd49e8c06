#!/usr/bin/python3
"""contrechamp verify: whatever is changed in a case is named, exactly, and nothing else is; exit code 1."""
import json
import os
import shutil
import sqlite3
import subprocess

import kit


def change_byte(path, offset=100):
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)


def rewrite(path, change):
    path.chmod(0o600)
    path.write_text(change(path.read_text()))


def log_lines(case, change):
    """Rewrites the log line by line."""
    rewrite(case / "custody.jsonl", lambda text: "\n".join(change(text.splitlines())) + "\n")


def sql(case, *statements):
    with sqlite3.connect(case / "index.sqlite") as db:
        changed = [db.execute(statement).rowcount for statement in statements]
    db.close()
    return changed


class Untouched(kit.Sandbox):
    def test_everything_is_ok(self):
        self.make_case()
        ran = self.run_program("verify", "--case", "case")
        self.assertIn("Everything checked is as it was logged.", ran.stdout)
        self.assertIn("7 observations, 4 findings and leads, derived again", ran.stdout)
        states = {check: item["state"] for check, item in self.verify().items()}
        self.assertEqual(states, {"bag": "ok", "manifest": "ok", "tag-manifest": "ok", "chain": "ok", "exhibits": "ok", "signature": "note", "timestamps": "note", "derivation": "ok", "reports": "ok"})

    def test_changes_nothing(self):
        case = self.make_case()
        before = self.shell('find "$1" -type f -printf "%p %s %T@ " -exec sha256sum {} \\;', case).stdout
        self.verify()
        self.assertEqual(self.shell('find "$1" -type f -printf "%p %s %T@ " -exec sha256sum {} \\;', case).stdout, before)

    def test_moved_copied_and_read_only(self):
        case = self.make_case()
        shutil.copytree(case, self.folder / "copy")
        shutil.rmtree(case)
        (self.folder / "copy/index.sqlite").unlink()
        for path in [self.folder / "copy", *(self.folder / "copy").rglob("*")]:
            path.chmod(0o500 if path.is_dir() else 0o400)
        self.assert_whole("copy")
        self.assertEqual(len(self.lines("findings", "--case", "copy", "--json")), 4)

    def test_french(self):
        case = self.make_case()
        self.assertIn("Tout ce qui a été contrôlé est conforme.", self.out("verify", "--case", "case", "--lang", "fr"))
        (case / "bagit.txt").write_text("no")
        ran = self.run_program("verify", "--case", "case", "--lang", "fr", code=1)
        self.assertIn("DIFFÉRENT", ran.stdout)
        self.assertIn("Ce dossier diffère de ce qui a été consigné.", ran.stdout)

    def test_no_case(self):
        self.assertIn("nowhere", self.fails("verify", "--case", "nowhere"))
        (self.folder / "empty").mkdir()
        self.assertIn("custody.jsonl", self.fails("verify", "--case", "empty"))


class Tampering(kit.Sandbox):
    def setUp(self):
        super().setUp()
        self.case = self.make_case()
        exhibits = {e["origin"].rsplit("/", 1)[-1]: e["sha256"] for e in self.lines("exhibits", "--case", "case", "--json")}
        self.x11, self.packages, self.knowledge = (self.case / "data/exhibits" / exhibits[name] for name in ("x11.jsonl", "packages.jsonl", "knowledge"))

    def expect(self, checks, *phrases, options=(), **in_check):
        """Exactly these checks differ, and the details hold the phrases."""
        items = self.verify("case", *options)
        self.assertEqual({name for name, item in items.items() if item["state"] == "different"}, set(checks), json.dumps(items, indent=1, ensure_ascii=False))
        said = "\n".join(detail["en"] for name in checks for detail in items[name]["details"])
        for phrase in phrases:
            self.assertIn(phrase, said)
        self.assertEqual(self.differing("case", *options), set(checks))  # and the exit code says so
        for name in checks:
            for detail in items[name]["details"]:
                self.assertTrue(detail["en"] and detail["fr"])
        return said

    # Exhibits

    def test_one_bit_of_an_exhibit(self):
        change_byte(self.x11, 200)
        name = self.x11.name
        said = self.expect({"manifest", "derivation"}, f"data/exhibits/{name}: its SHA-256 is ", f"the manifest says {name}", "observations: derived now ")
        self.assertNotIn(self.packages.name, said)
        # What rested on it is named as no longer derivable, and only that.
        gone = [o["id"] for o in self.lines("observations", "--case", "case", "--json") if o["locator"]["exhibit"] == name]
        for identity in gone:
            self.assertIn(f"observations {identity} cannot be derived", said)
        self.assertEqual(said.count("observations "), len(gone))

    def test_an_exhibit_longer(self):
        self.x11.chmod(0o600)
        with self.x11.open("a") as file:
            file.write("\n")
        size = self.x11.stat().st_size
        self.expect({"manifest", "exhibits", "derivation"}, f"data/exhibits/{self.x11.name}: has {size} bytes, the log says {size - 1}")

    def test_an_exhibit_removed(self):
        self.x11.unlink()
        self.expect({"manifest", "exhibits", "derivation"}, f"data/exhibits/{self.x11.name}: in the custody log, but not there (came from {self.folder}/evidence/x11.jsonl)")

    def test_an_exhibit_slipped_in(self):
        (self.case / "data/exhibits/extra").write_text("planted")
        self.expect({"manifest"}, "data/exhibits/extra: present, but in no manifest")

    def test_an_exhibit_slipped_in_with_manifests(self):
        (self.case / "data/exhibits/extra").write_text("planted")
        self.shell('cd "$1" && sha256sum data/exhibits/extra >>manifest-sha256.txt && new=$(sha256sum manifest-sha256.txt) && sed -i "s/^.*  manifest-sha256.txt$/$new/" tagmanifest-sha256.txt', self.case)
        self.expect({"exhibits"}, "data/exhibits/extra: in the manifest, but never logged")

    def test_an_exhibit_swapped_for_a_link(self):
        shutil.copy(self.x11, self.folder / "elsewhere")
        self.x11.unlink()
        self.x11.symlink_to(self.folder / "elsewhere")
        self.assertIn("manifest", self.differing())
        self.assertIn(f"{self.x11.name}: a symbolic link", self.details("case", "manifest"))

    def test_the_knowledge_altered(self):
        change_byte(self.knowledge, 5000)
        self.expect({"manifest", "derivation"}, self.knowledge.name, "the knowledge kept in the case was altered")

    def test_an_exhibit_and_everything_that_lists_it(self):
        """A forger who rewrites exhibit, manifests and log keeps to the chain: only the signature tells."""
        data = self.x11.read_bytes().replace(b"/opt/own/watcher", b"/opt/own/wetcher")
        self.x11.chmod(0o600)
        self.x11.unlink()
        digest = subprocess.run(["sha256sum"], input=data, capture_output=True).stdout.decode().split()[0]
        (self.case / "data/exhibits" / digest).write_bytes(data)
        self.shell('cd "$1" && sed -i "s/$2/$3/g" manifest-sha256.txt custody.jsonl && sort -k2 -o manifest-sha256.txt manifest-sha256.txt && new=$(sha256sum manifest-sha256.txt) && sed -i "s/^.*  manifest-sha256.txt$/$new/" tagmanifest-sha256.txt', self.case, self.x11.name, digest)
        self.rechain()
        self.expect({"signature", "derivation"}, "custody.jsonl.minisig")
        (self.case / "index.sqlite").unlink()
        self.expect({"signature", "derivation"}, "derived now")

    def rechain(self):
        """Makes the chain hold again after a line was changed, as a forger would."""
        def chained(lines):
            out = []
            for number, line in enumerate(lines):
                entry = json.loads(line)
                entry["seq"] = number
                entry["prev"] = subprocess.run(["sha256sum"], input=out[-1].encode(), capture_output=True).stdout.decode().split()[0] if out else "0" * 64
                out.append(json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
            return out
        log_lines(self.case, chained)

    # Custody log

    def test_a_line_changed(self):
        log_lines(self.case, lambda lines: [line.replace('"note":"agreed by the works council"', '"note":"agreed"') if '"seq":2' in line else line for line in lines])
        self.expect({"chain", "signature"}, "custody.jsonl:4: the chain is broken here")

    def test_the_last_line_changed(self):
        log_lines(self.case, lambda lines: [*lines[:-1], lines[-1].replace('"uid":', '"uid":1')])
        self.assertIn("signature", self.differing())

    def test_a_line_removed(self):
        log_lines(self.case, lambda lines: [lines[0], *lines[2:]])
        said = self.expect({"chain", "signature", "exhibits", "derivation"}, "custody.jsonl:2: the chain is broken here", "in the manifest, but never logged")
        self.assertIn("the sequence number is not the line's", said)

    def test_two_lines_swapped(self):
        log_lines(self.case, lambda lines: [lines[0], lines[2], lines[1], *lines[3:]])
        self.expect({"chain", "signature", "derivation"}, "custody.jsonl:2: the chain is broken here", "custody.jsonl:3: the chain is broken here", "custody.jsonl:4: the chain is broken here")

    def test_a_line_slipped_in(self):
        log_lines(self.case, lambda lines: [*lines, lines[-1]])
        self.assertIn("chain", self.differing())
        self.assertIn("custody.jsonl:8: the chain is broken here", self.details("case", "chain"))

    def test_the_tail_cut_off(self):
        log_lines(self.case, lambda lines: lines[:-1])
        self.expect({"signature"}, "custody.jsonl")

    def test_cut_in_the_middle_of_a_line(self):
        rewrite(self.case / "custody.jsonl", lambda text: text[:-20])
        self.expect({"chain", "signature"}, "custody.jsonl: the last line is cut off")

    def test_a_line_that_is_no_json(self):
        log_lines(self.case, lambda lines: [*lines[:3], "{oops", *lines[4:]])
        said = self.expect({"chain", "signature", "exhibits", "derivation"}, "custody.jsonl:4: this line is not a JSON object", "custody.jsonl:5: the chain is broken here")
        self.assertEqual(said.count("chain is broken"), 1)

    def test_white_space_only(self):
        log_lines(self.case, lambda lines: [lines[0], lines[1] + " ", *lines[2:]])
        self.expect({"chain", "signature"}, "custody.jsonl:3: the chain is broken here")

    def test_emptied(self):
        (self.case / "custody.jsonl").write_text("")
        self.assertLessEqual({"chain", "exhibits", "signature"}, self.differing())

    def test_nothing_is_written_to_a_damaged_case(self):
        log_lines(self.case, lambda lines: [lines[0], *lines[2:]])
        before = (self.case / "custody.jsonl").read_bytes()
        for verb in (["add", "evidence/x11.jsonl"], ["analyze"], ["scan", "--quiet"]):
            self.assertIn("custody.jsonl:2", self.fails(*verb, "--case", "case"))
        self.assertEqual((self.case / "custody.jsonl").read_bytes(), before)

    # Signature

    def test_the_signature_changed(self):
        for line in range(1, 4):
            text = (self.case / "custody.jsonl.minisig").read_text()
            lines = text.splitlines()
            lines[line] = lines[line][:40] + ("A" if lines[line][40] != "A" else "B") + lines[line][41:]
            (self.case / "custody.jsonl.minisig").write_text("\n".join(lines) + "\n")
            self.expect({"signature"}, "custody.jsonl.minisig")
            (self.case / "custody.jsonl.minisig").write_text(text)
        self.assert_whole()

    def test_the_signature_removed(self):
        (self.case / "custody.jsonl.minisig").unlink()
        self.assertEqual(self.differing(), {"signature"})  # the signer's key is there
        # Who has the author's key asks for a signature.
        self.expect({"signature"}, "there is no signature", options=["--key", self.folder / "home/key.pub"])

    def test_somebody_elses_key(self):
        self.assertEqual(self.differing("case", "--key", self.folder / "home/key.pub"), set())
        other = {"CONTRECHAMP_KEY": str(self.folder / "other")}
        self.run_program("key", "new", env=other)
        self.expect({"signature"}, "custody.jsonl.minisig", options=["--key", self.folder / "other.pub"])
        # A forger signs with a key of their own: only whoever brings the author's key sees it.
        self.run_program("analyze", "--case", "case", "--quiet", env=other)
        self.assert_whole()
        self.expect({"signature"}, options=["--key", self.folder / "home/key.pub"])

    def test_the_public_key_in_the_case(self):
        (key,) = (self.case / "keys").iterdir()
        change_byte(key, 80)
        self.assertEqual(self.differing(), {"tag-manifest", "signature"})
        key.unlink()
        self.assertEqual(self.differing(), {"tag-manifest", "signature"})
        self.expect({"tag-manifest"}, key.name, options=["--key", self.folder / "home/key.pub"])

    # Bag

    def test_manifests_and_tags(self):
        whole = {path.name: path.read_bytes() for path in self.case.glob("*.txt")}
        name = self.x11.name
        cases = [
            ("manifest-sha256.txt", lambda text: text.replace(name[:8], "00000000", 1), {"manifest", "tag-manifest"}, "the manifest says 00000000"),
            ("manifest-sha256.txt", lambda text: "".join(line for line in text.splitlines(True) if name not in line), {"manifest", "tag-manifest", "exhibits"}, "in the custody log, but not in the manifest"),
            ("manifest-sha256.txt", lambda text: text + text.splitlines(True)[0], {"manifest", "tag-manifest"}, "listed twice"),
            ("manifest-sha256.txt", lambda text: text + "nonsense\n", {"manifest", "tag-manifest", "exhibits"}, "manifest-sha256.txt:6: this line is not a manifest line"),
            ("manifest-sha256.txt", lambda text: text + "0" * 64 + "  ../../etc/passwd\n", {"manifest", "tag-manifest", "exhibits"}, "manifest-sha256.txt:6: this line is not a manifest line"),
            ("tagmanifest-sha256.txt", lambda text: "".join(text.splitlines(True)[:-1]), {"tag-manifest"}, "manifest-sha256.txt: not in the tag manifest"),
            ("bag-info.txt", lambda text: text.replace("2026", "2025"), {"tag-manifest"}, "bag-info.txt: its SHA-256 is"),
            ("bagit.txt", lambda text: text.replace("1.0", "0.97"), {"bag", "tag-manifest"}, "not a BagIt 1.0 declaration"),
        ]
        for file, change, checks, phrase in cases:
            rewrite(self.case / file, change)
            found = self.differing()
            said = "\n".join(self.details("case", check) for check in found)
            self.assertEqual(found, checks, f"{file}: {phrase}")
            self.assertIn(phrase, said)
            (self.case / file).write_bytes(whole[file])
        for file in whole:
            (self.case / file).unlink()
            found = self.differing()
            self.assertTrue(found & {"bag", "manifest", "tag-manifest"}, file)
            self.assertIn(file, "\n".join(self.details("case", check) for check in found))
            (self.case / file).write_bytes(whole[file])
        self.assert_whole()

    # Timestamps

    @kit.need("openssl")
    def test_timestamps(self):
        self.shell('"$1" make tsa', kit.TSA)
        query = self.out("case", "timestamp", "--request", "--case", "case", "--quiet").strip()
        self.shell('"$1" answer tsa "$2" answer.tsr', kit.TSA, query)
        self.run_program("case", "timestamp", "--import", "answer.tsr", "--case", "case", "--quiet")
        root = ["--tsa-ca", self.folder / "tsa/root.pem"]
        self.assertEqual(self.differing("case", *root), set())
        (stamp,) = (self.case / "timestamps").glob("*.tsr")
        whole = stamp.read_bytes()
        # The authority's signature stands at the token's end.
        change_byte(stamp, len(whole) - 5)
        self.expect({"tag-manifest", "timestamps"}, f"timestamps/{stamp.name}: its own signature does not hold", options=root)
        stamp.write_bytes(b"junk")
        self.expect({"tag-manifest", "timestamps"}, f"timestamps/{stamp.name}", options=root)
        stamp.unlink()
        self.expect({"tag-manifest", "timestamps"}, f"timestamps/{stamp.name}: in the custody log, but not there", options=root)
        # A true stamp of another document.
        self.shell("echo other >other; openssl ts -query -data other -sha256 -cert -out other.tsq 2>/dev/null")
        self.shell('"$1" answer tsa other.tsq "$2"', kit.TSA, stamp)
        self.expect({"tag-manifest", "timestamps"}, "which no entry of the log has", options=root)
        stamp.write_bytes(whole)
        self.assertEqual(self.differing("case", *root), set())
        # An authority the reader does not trust.
        self.shell('"$1" make tsa2', kit.TSA)
        self.expect({"timestamps"}, "does not lead to the given roots", options=["--tsa-ca", self.folder / "tsa2/root.pem"])

    # What is derived

    def test_reports(self):
        self.run_program("scan", "--case", "case", "--quiet")
        self.assert_whole()
        report = self.case / "report.html"
        first = report.read_bytes()
        rewrite(report, lambda text: text.replace("Snoopy", "Nobody"))
        self.expect({"reports"}, "report.html is not the report that was written")
        report.unlink()
        self.assert_whole()
        self.run_program("scan", "--case", "case", "--quiet")
        report.write_bytes(first)
        self.assertEqual(self.verify()["reports"]["state"], "note")
        self.assertIn("an earlier report", self.details("case", "reports"))

    def test_index_rows(self):
        whole = (self.case / "index.sqlite").read_bytes()
        (finding,) = [f for f in self.lines("findings", "--case", "case", "--json") if f["rule"] == "x11-records-input"]
        (observation, *_) = self.lines("observations", "--case", "case", "--json")
        of_finding, of_observation = (f"WHERE id = '{item['id']}'" for item in (finding, observation))
        cases = [
            (f"UPDATE documents SET json = replace(json, 'watcher', 'nothing') {of_finding}", f"findings {finding['id']} was altered"),
            (f"DELETE FROM documents {of_finding}", f"findings {finding['id']} is missing"),
            (f"DELETE FROM documents {of_observation}", f"observations {observation['id']} is missing"),
            (f"INSERT INTO documents SELECT NULL, what, 'f00d' || id, kind, subject, json FROM documents {of_finding}", f"findings f00d{finding['id']} cannot be derived from the exhibits"),
            (f"INSERT INTO documents SELECT NULL, what, id, kind, subject, json FROM documents {of_finding}", f"findings {finding['id']} stands there twice"),
            # What the listings filter by.
            (f"UPDATE documents SET kind = 'other' {of_finding}", f"findings {finding['id']} was altered"),
            (f"UPDATE documents SET subject = 'other' {of_observation}", f"observations {observation['id']} was altered"),
            (f"UPDATE documents SET what = 'coverage' {of_finding}", f"findings {finding['id']} is missing"),
            ("UPDATE documents SET position = 1000 - position WHERE what = 'findings'", "findings are in another order"),
            ("DELETE FROM documents WHERE what = 'coverage' AND kind = 'sudo-logging'", "coverage "),
            ("UPDATE t_packages SET version = '0'", "table packages, row 1 is missing or was altered"),
            ("DELETE FROM t_packages", "table packages, row 1 is missing"),
            ("INSERT INTO t_packages SELECT * FROM t_packages", "table packages, row 2 cannot be derived"),
            ("UPDATE t_x11_clients SET offset = offset + 1", "table x11_clients, row 1"),
            ("DROP TABLE t_x11_clients", "index.sqlite cannot be read"),
        ]
        for statement, phrase in cases:
            self.assertTrue(all(count != 0 for count in sql(self.case, statement)), statement)
            self.expect({"derivation"}, phrase)
            (self.case / "index.sqlite").write_bytes(whole)
        self.assert_whole()

    def test_index_missing_stale_or_broken_is_made_again(self):
        index = self.case / "index.sqlite"
        findings = self.out("findings", "--case", "case", "--json")
        whole = index.read_bytes()
        index.unlink()
        self.assertEqual(self.out("findings", "--case", "case", "--json"), findings)
        self.assertTrue(index.exists())
        self.assert_whole()
        for broken in (b"", b"not a database", whole[:3000], b"\0" * len(whole)):
            index.write_bytes(broken)
            self.expect({"derivation"}, "index.sqlite cannot be read; it can be deleted")
            index.unlink()
            self.assert_whole()
        # Of an earlier analysis.
        self.run_program("add", self.folder / "evidence/x11.jsonl", "--case", "case", "--quiet")
        self.run_program("analyze", "--case", "case", "--quiet")
        index.write_bytes(whole)
        self.assert_whole()
        self.assertIn("of another analysis", self.details("case", "derivation"))
        self.assertEqual(self.out("findings", "--case", "case", "--json"), findings)
        self.assertNotIn("of another analysis", self.details("case", "derivation"))

    def test_added_but_not_analysed_is_said(self):
        (self.folder / "later").write_text("later")
        self.run_program("add", "later", "--case", "case", "--quiet")
        self.assert_whole()
        self.assertEqual(self.verify()["derivation"]["state"], "note")
        self.assertIn("since the last analysis", self.details("case", "derivation"))

    def test_several_changes_are_all_named(self):
        change_byte(self.x11)
        (self.case / "bagit.txt").unlink()
        (self.case / "data/exhibits/extra").write_text("planted")
        os.truncate(self.case / "custody.jsonl", (self.case / "custody.jsonl").stat().st_size - 5)
        self.assertLessEqual({"bag", "manifest", "tag-manifest", "chain", "signature"}, self.differing())


if __name__ == "__main__":
    kit.main()
