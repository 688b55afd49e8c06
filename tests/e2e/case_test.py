#!/usr/bin/python3
"""contrechamp case new, show, timestamp; the timestamping authority is a real one of our own (OpenSSL)."""
import json
import subprocess

import kit


class New(kit.Sandbox):
    def test_prints_the_folder_and_nothing_else(self):
        self.assertEqual(self.out("case", "new", "mine"), "mine\n")
        self.assert_whole("mine")
        self.assertEqual(self.out("case", "new", "--case", "other", "--plain"), "other\n")
        dated = self.out("case", "new").strip()
        self.assertRegex(dated, r"^contrechamp-case-\d{8}T\d{6}Z$")
        self.assertTrue((self.folder / dated / "custody.jsonl").exists())

    def test_a_name_beyond_ascii_comes_back_as_it_was(self):
        self.assertEqual(self.out("case", "new", "enquête d’été", "--plain"), "enquête d’été\n")

    def test_what_to_do_with_a_request_can_be_read(self):
        self.run_program("case", "new", "my case")
        said = self.run_program("case", "timestamp", "--request", "--case", "my case").stderr
        self.assertNotIn("\\u{", said)
        self.assertRegex(said, r"(?m)^  curl .* --data-binary @'my case/timestamps/\d+\.tsq' URL > answer\.tsr$")
        self.assertRegex(said, r"(?m)^  contrechamp case timestamp --import answer\.tsr --case 'my case'$")
        (self.folder / "letter").write_text("a letter")
        self.assertNotIn("too long", self.fails("case", "timestamp", "--import", "letter", "--case", "my case", "--lang", "fr"))

    def test_never_twice_nor_over_something(self):
        self.run_program("case", "new", "mine")
        before = (self.folder / "mine/custody.jsonl").read_bytes()
        said = self.fails("case", "new", "mine")
        self.assertIn("mine", said)
        self.assertIn("already", said)
        self.assertEqual((self.folder / "mine/custody.jsonl").read_bytes(), before)
        (self.folder / "full").mkdir()
        (self.folder / "full/letter.txt").write_text("x")
        self.assertIn("not empty", self.fails("case", "new", "full"))
        (self.folder / "file").write_text("x")
        self.assertIn("not a folder", self.fails("case", "new", "file"))
        self.assertIn("/proc/x", self.fails("case", "new", "/proc/x"))


class Show(kit.Sandbox):
    def test_prints_the_log(self):
        case = self.make_case()
        shown = self.out("case", "show", "--case", "case").splitlines()
        entries = [json.loads(line) for line in kit.log_of(case)]
        self.assertEqual(shown[0], "case " + entries[0]["case"])
        self.assertEqual(len(shown), 2 + len(entries))
        head = subprocess.run(["sha256sum"], input=kit.log_of(case)[-1].encode(), capture_output=True).stdout.decode().split()[0]
        self.assertEqual(shown[1], "head " + head)
        self.assertRegex(shown[2], r"^0  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  case-created")
        self.assertEqual(self.lines("case", "show", "--case", "case", "--json"), entries)

    def test_no_case(self):
        self.assertIn("nowhere", self.fails("case", "show", "--case", "nowhere"))
        self.assertIn("--case DIR", self.fails("case", "show", code=2))


@kit.need("openssl")
class Timestamp(kit.Sandbox):
    def setUp(self):
        super().setUp()
        self.case = self.make_case()
        self.shell('"$1" make tsa', kit.TSA)
        self.root = self.folder / "tsa/root.pem"

    def request(self):
        ran = self.run_program("case", "timestamp", "--request", "--case", "case")
        self.assertIn("--import", ran.stderr, "what to do with it")
        return ran.stdout.strip()

    def answer(self, query, tsa="tsa"):
        self.shell('"$1" answer "$2" "$3" answer.tsr', kit.TSA, tsa, query)
        return self.folder / "answer.tsr"

    def test_request_answer_import_verify(self):
        head = self.out("case", "show", "--case", "case").splitlines()[1].split()[1]
        query = self.request()
        self.assertEqual(query, f"case/timestamps/{len(kit.log_of(self.case)) - 1}.tsq")
        self.assertIn("Hash Algorithm: sha256", self.shell('openssl ts -query -in "$1" -text', query).stdout)
        self.assert_whole()
        said = self.out("case", "timestamp", "--import", self.answer(query), "--tsa-ca", self.root, "--case", "case")
        self.assertIn("existed at", said)
        self.assertIn("Test Timestamping Authority", said)
        entry = json.loads(kit.log_of(self.case)[-1])
        self.assertEqual((entry["action"], entry["head"]), ("timestamp-imported", head))
        item = self.verify("case", "--tsa-ca", self.root)["timestamps"]
        self.assertEqual(item["state"], "ok")
        self.assertNotIn("not checked", item["details"][0]["en"])
        # The stamp holds for the entry it was made for, however long the log grows.
        self.run_program("add", self.folder / "evidence/x11.jsonl", "--case", "case", "--quiet")
        self.assertEqual(self.verify("case", "--tsa-ca", self.root)["timestamps"]["state"], "ok")

    def test_openssl_alone_agrees(self):
        query = self.request()
        self.run_program("case", "timestamp", "--import", self.answer(query), "--case", "case")
        tsr = next((self.case / "timestamps").glob("*.tsr"))
        number = int(tsr.stem)
        line = kit.log_of(self.case)[number]
        (self.folder / "line").write_text(line)
        self.assertIn("Verification: OK", self.shell('openssl ts -verify -data line -in "$1" -CAfile "$2"', tsr, self.root).stdout)

    def test_answers_that_are_not_for_this_case(self):
        self.shell("echo something else >other; openssl ts -query -data other -sha256 -cert -out other.tsq")
        self.assertIn("which no entry of this case", self.fails("case", "timestamp", "--import", self.answer("other.tsq"), "--case", "case"))
        self.shell('"$1" refuse tsa refused.tsr', kit.TSA)
        self.assertIn("refused", self.fails("case", "timestamp", "--import", "refused.tsr", "--case", "case"))
        (self.folder / "junk").write_text("junk")
        self.assertIn("junk", self.fails("case", "timestamp", "--import", "junk", "--case", "case"))
        self.assertIn("missing", self.fails("case", "timestamp", "--import", "missing", "--case", "case"))
        self.shell('"$1" make tsa2', kit.TSA)
        query = self.request()
        self.assertIn("given roots", self.fails("case", "timestamp", "--import", self.answer(query, "tsa2"), "--tsa-ca", self.root, "--case", "case"))
        self.assertFalse(list((self.case / "timestamps").glob("*.tsr")))
        self.assert_whole()

    def test_one_of_the_two(self):
        for options in ([], ["--request", "--import", "x"]):
            self.assertIn("--request", self.fails("case", "timestamp", "--case", "case", *options, code=2))


if __name__ == "__main__":
    kit.main()
