#!/usr/bin/python3
"""contrechamp key: made on first use or by hand, with or without a password; minisign checks what it signs."""
import os
import pathlib

import kit


class Key(kit.Sandbox):
    def key(self):
        return pathlib.Path(self.env["CONTRECHAMP_KEY"])

    def test_is_made_on_first_use_and_said(self):
        ran = self.run_program("case", "new", "case")
        self.assertIn(str(self.key()), ran.stderr)
        self.assertEqual(self.key().stat().st_mode & 0o777, 0o600)
        shown = self.out("key", "show")
        self.assertEqual(shown, self.key().with_suffix(".pub").read_text())
        self.assertIn(shown.splitlines()[1], ran.stderr, "the public key, to be noted down")
        self.assertNotIn(str(self.key()), self.run_program("case", "new", "case2").stderr, "only once")

    def test_where_it_lies_without_a_word(self):
        del self.env["CONTRECHAMP_KEY"]
        self.run_program("case", "new", "case", "--quiet")
        self.assertTrue((self.folder / "home/.config/contrechamp/minisign.key").exists())
        self.env["XDG_CONFIG_HOME"] = str(self.folder / "config")
        self.run_program("key", "new")
        self.assertTrue((self.folder / "config/contrechamp/minisign.key").exists())

    def test_new_never_replaces(self):
        self.run_program("key", "new")
        before = self.key().read_bytes()
        self.assertIn("exists there already", self.fails("key", "new"))
        self.assertEqual(self.key().read_bytes(), before)

    def test_show_without_one(self):
        self.assertIn("key.pub", self.fails("key", "show"))

    @kit.need("minisign")
    def test_minisign_checks_the_log(self):
        case = self.make_case()
        said = self.shell('minisign -V -m case/custody.jsonl -p "$1"', self.key().with_suffix(".pub")).stdout
        self.assertIn(f"entries {len(kit.log_of(case))} head", said)

    def test_a_password(self):
        (self.folder / "password").write_text("open sesame\n")
        self.run_program("key", "new", "--password-file", "password")
        # Without the password the case is made all the same, unsigned, and that is said.
        ran = self.run_program("case", "new", "unsigned")
        self.assertIn("not signed", ran.stderr)
        self.assertFalse((self.folder / "unsigned/custody.jsonl.minisig").exists())
        self.assertEqual(self.verify("unsigned")["signature"]["state"], "note")
        ran = self.run_program("case", "new", "wrong", env={"CONTRECHAMP_KEY_PASSWORD": "guess"})
        self.assertIn("wrong password", ran.stderr)
        self.run_program("case", "new", "signed", env={"CONTRECHAMP_KEY_PASSWORD": "open sesame"})
        self.assertEqual(self.differing("signed", "--key", self.key().with_suffix(".pub")), set())
        self.assertIn("missing", self.fails("key", "new", "--password-file", "missing"))

    def test_a_password_asked_on_a_terminal(self):
        """The question goes to the terminal, the password is not shown."""
        import pty

        (self.folder / "password").write_text("open sesame\n")
        self.run_program("key", "new", "--password-file", "password")
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.folder)
            os.execve(kit.PROGRAM, [str(kit.PROGRAM), "case", "new", "asked", "--quiet"], self.env)
        seen = b""
        try:
            while b"password" not in seen:
                seen += os.read(terminal, 4096)
            os.write(terminal, b"open sesame\n")
            while True:
                seen += os.read(terminal, 4096)
        except OSError:
            pass
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        os.close(terminal)
        self.assertNotIn(b"open sesame", seen)
        self.assertEqual(self.differing("asked", "--key", self.key().with_suffix(".pub")), set())

    def test_a_damaged_key_costs_the_signature_only(self):
        self.key().write_text("not a key")
        ran = self.run_program("case", "new", "case")
        self.assertIn("not signed", ran.stderr)
        self.assertIn(str(self.key()), ran.stderr)
        self.assertEqual(self.key().read_text(), "not a key")
        self.assert_whole()

    def test_a_folder_that_was_there_keeps_its_permissions(self):
        shared = self.folder / "shared"
        shared.mkdir()
        shared.chmod(0o1777)
        self.env["CONTRECHAMP_KEY"] = str(shared / "key")
        self.run_program("case", "new", "case", "--quiet")
        self.assertEqual(shared.stat().st_mode & 0o7777, 0o1777)


if __name__ == "__main__":
    kit.main()
