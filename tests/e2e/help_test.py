#!/usr/bin/python3
"""The command line itself: help in both languages, wrong usage, exit codes. It is the contract, so it is tested whole."""
import re

import kit

VERBS = ["scan", "coordination", "disparity", "report", "case", "add", "analyze", "verify", "explain", "findings", "observations", "coverage", "exhibits", "table", "knowledge", "key"]
INNER = {"case": ["new", "show", "timestamp"], "knowledge": ["check", "list", "show", "attribution", "bundle", "export", "import"], "key": ["show", "new"]}
PATHS = [[verb] for verb in VERBS] + [[verb, inner] for verb, below in INNER.items() for inner in below]


class Help(kit.Sandbox):
    def test_the_lists_above_are_all_there_is(self):
        for path, verbs in ([], VERBS), *(([verb], below) for verb, below in INNER.items()):
            listed = re.search(r"\nVerbs:\n((?:  .*\n)+)", self.out(*path, "--help"))[1]
            self.assertEqual(re.findall(r"^  (\S+)  ", listed, re.M), verbs)

    def test_every_verb_explains_itself_in_both_languages(self):
        for path in PATHS:
            english = self.out(*path, "--help")
            french = self.out(*path, "--help", "--lang", "fr")
            self.assertEqual(self.out(*path, "-h"), english)
            for text, usage, options in (english, "Usage: ", "Options:"), (french, "Usage : ", "Options :"):
                self.assertIn(f"\n{usage}contrechamp {' '.join(path)}", text)
                self.assertIn(f"\n{options}\n", text)
                # An example that can be typed.
                self.assertRegex(text, rf"(?m)^  (sudo )?contrechamp {' '.join(path)}( |$)", path)
            # No sentence is left in the other language. (Examples and values are the same in both.)
            def sentences(text):
                return {part for line in text.splitlines() for part in re.split(r" {2,}", line.strip()) if " " in part and "contrechamp" not in part and not part.startswith("-")}
            self.assertEqual(sentences(english) & sentences(french), set(), path)

    def test_examples_use_options_that_exist(self):
        for path in PATHS:
            text = self.out(*path, "--help")
            for example in re.findall(r"^  (?:sudo )?contrechamp (.*)$", text, re.M):
                words = example.split(" | ")[0].split(" > ")[0].split()
                named = [word for word in words if word in VERBS or any(word in below for below in INNER.values())]
                about = self.out(*(named[:2] if named[0] in INNER else named[:1]), "--help")
                for option in [word for word in words if word.startswith("-")]:
                    self.assertRegex(about, rf"(?m)(^|, | ) *{re.escape(option)}( |,|$)", f"{path}: {option}")

    def test_by_locale(self):
        self.assertIn("Pour commencer", self.out("--help", env={"LC_ALL": "fr_FR.UTF-8"}))
        self.assertIn("Pour commencer", self.out("--help", env={"LC_ALL": "", "LANG": "fr_CA.UTF-8"}))
        self.assertIn("To begin", self.out("--help", env={"LC_ALL": "de_DE.UTF-8"}))
        self.assertIn("To begin", self.out("--help", "--lang", "en", env={"LC_ALL": "fr_FR.UTF-8"}))
        self.run_program("--help", "--lang=fr", env={"LC_ALL": "C"}, text=False).stdout.decode("ascii")

    def test_help_wins_over_what_is_missing(self):
        self.assertEqual(self.out("explain", "--help"), self.out("--help", "explain"))
        self.assertIn("contrechamp report", self.out("report", "--case", "nowhere", "--help"))

    def test_version(self):
        self.assertRegex(self.out("--version"), r"^contrechamp \d+\.\d+\.\d+\n$")


class Usage(kit.Sandbox):
    def test_alone_it_shows_the_help_and_fails(self):
        for path in [[], *([verb] for verb in INNER)]:
            ran = self.run_program(*path, code=2)
            self.assertEqual(ran.stdout, "")
            self.assertEqual(ran.stderr, self.out(*path, "--help"))

    def test_what_is_unknown_is_named_and_the_nearest_suggested(self):
        for words, unknown, meant, help_of in (
            (["scna"], "scna", "scan", ""), (["finding"], "finding", "findings", ""), (["veri"], "veri", "verify", ""), (["tabel"], "tabel", "table", ""),
            (["case", "shwo"], "shwo", "show", "case "), (["knowledge", "atribution"], "atribution", "attribution", "knowledge "),
            (["findings", "--cse", "x"], "--cse", "--case", "findings "), (["scan", "--jsno"], "--jsno", "--json", "scan "), (["verify", "--tsaca=x"], "--tsaca", "--tsa-ca", "verify "),
        ):
            said = self.fails(*words, code=2)
            self.assertIn(unknown, said)
            self.assertIn(f"did you mean {meant}? see contrechamp {help_of}--help", said)
        self.assertIn("vouliez-vous dire scan ?", self.fails("scna", "--lang", "fr", code=2))
        said = self.fails("photosynthesis", code=2)
        self.assertNotIn("did you mean", said)
        self.assertIn("see contrechamp --help", said)
        self.assertIn("stray", self.fails("exhibits", "stray", code=2))

    def test_help_as_a_verb(self):
        for path in [[], *PATHS]:
            self.assertEqual(self.out("help", *path), self.out(*path, "--help"))
        self.assertIn("« photosynthesis » m’est inconnu ; voir contrechamp --help", self.fails("help", "photosynthesis", "--lang", "fr", code=2))

    def test_commands_are_named_as_they_were_typed(self):
        env = {"CONTRECHAMP_CALLED": "./run"}
        text = self.out("add", "--help", env=env)
        self.assertIn("Usage: ./run add", text)
        self.assertNotIn("contrechamp add", text)
        self.assertIn("see ./run --help", self.fails("photosynthesis", code=2, env=env))
        (self.folder / "x").write_text("x")
        self.assertIn("next: ./run analyze --case c", self.run_program("add", "x", "--case", "c", env=env).stderr)

    def test_hostile_words_come_back_inert(self):
        said = self.fails("sc\033[31man\nx", code=2)
        self.assertNotIn("\033", said)

    def test_something_missing(self):
        self.assertIn("ID", self.fails("explain", code=2))
        self.assertIn("--output", self.fails("report", code=2))
        self.assertIn("il manque ID ; voir contrechamp explain --help", self.fails("explain", "--lang", "fr", code=2))
        self.assertIn("--case", self.fails("verify", "--case", code=2))
        self.assertIn("valeur", self.fails("verify", "--lang=fr", "--case", code=2))
        self.assertIn("de", self.fails("findings", "--lang", "de", code=2))

    def test_options_stand_anywhere(self):
        self.make_case()
        whole = self.out("table", "packages", "--case", "case", "--csv")
        self.assertEqual(self.out("table", "--csv", "--case", "case", "packages"), whole)
        self.assertEqual(self.out("table", "--case=case", "packages"), whole)
        (self.folder / "--odd").write_text("odd")
        self.run_program("add", "--case", "case", "--note", "x", "--", "--odd")

    def test_exit_codes(self):
        """0 done, 1 failed, 2 wrong usage: nothing else, and wrong usage leaves nothing behind."""
        self.make_case()
        (self.folder / "case/bagit.txt").write_text("no")
        for code, words in (
            (0, ["findings", "--case", "case"]), (0, ["--version"]), (0, ["scan", "--help"]),
            (1, ["verify", "--case", "case"]), (1, ["findings", "--case", "nowhere"]), (1, ["explain", "0000", "--case", "case"]), (1, ["table", "nothing", "--case", "case"]), (1, ["knowledge", "show", "nobody"]),
            (2, []), (2, ["nothing"]), (2, ["case"]), (2, ["findings"]), (2, ["scan", "--fail-on", "x", "--case", "new"]), (2, ["report", "--case", "case", "-o", "report.docx"]), (2, ["knowledge", "import", "what", "x", "-o", "new"]),
        ):
            ran = self.run_program(*words, code=code)
            if code:
                self.assertEqual(ran.stdout if words[:1] != ["verify"] else "", "", words)
                self.assertTrue(ran.stderr or words[0] == "verify", words)
        self.assertFalse((self.folder / "new").exists())


class Words(kit.Sandbox):
    def test_errors_say_what_where_and_what_to_do(self):
        for words in (["findings", "--case", "nowhere"], ["case", "new", "/proc/x"], ["knowledge", "show", "nobody"]):
            for lang in ("en", "fr"):
                said = self.fails(*words, "--lang", lang)
                self.assertEqual(said.count("\n"), 0)
                self.assertIn(words[-1], said)


if __name__ == "__main__":
    kit.main()
