#!/usr/bin/python3
"""Real small disks and read-only ones: mounts in a namespace of the test's own, which goes away with it."""
import json
import os
import pathlib
import subprocess
import sys

import kit

INSIDE = "CONTRECHAMP_TEST_INSIDE"


def enter_namespace():
    """Runs this script again where mounts are its own; without the right to make such a place, the tests are skipped."""
    if INSIDE in os.environ:
        return
    command = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    tried = subprocess.run([*command, "sh", "-c", "mount -t tmpfs none /mnt"], capture_output=True, text=True)
    if tried.returncode != 0:
        print("skipped: no mount namespace here:", tried.stderr.strip())
        sys.exit(77)
    os.execvpe("unshare", [*command, sys.executable, *sys.argv], {**os.environ, INSIDE: "1"})


class Storage(kit.Sandbox):
    def mount(self, name, *options):
        folder = self.folder / name
        folder.mkdir()
        subprocess.run(["mount", *options, folder], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", folder], check=True)
        return folder

    def fill_up(self, disk, leave):
        """Takes all room but `leave` KiB."""
        free = os.statvfs(disk)
        room = free.f_bavail * free.f_frsize - leave * 1024
        ballast = disk / "ballast"
        ballast.write_bytes(b"\0" * max(room, 0))
        return ballast

    def log(self, case):
        path = case / "custody.jsonl"
        return path.read_bytes() if path.exists() else b""


class SmallDisk(Storage):
    """A disk with less and less room, on which each command ends well or says so; then room is made."""

    ROOM = [0, 4, 8, 12, 16, 24, 32, 48, 64, 128, 256, 512, 640, 672, 768, 1024, 2048]  # KiB; the knowledge takes some 650

    def each(self, command, before=()):
        self.write_evidence()
        refused = 0
        for room in self.ROOM:
            with self.subTest(room=room):
                disk = self.mount(f"disk-{room}", "-t", "tmpfs", "-o", "size=16m", "none")
                case = disk / "case"
                for earlier in before:
                    self.run_program(*earlier, "--case", case, "--quiet")
                ballast = self.fill_up(disk, room)
                earlier = self.log(case)
                ran = self.run_program(*command, "--case", case, "--quiet", code=None)
                self.assertIn(ran.returncode, (0, 1), ran.stderr)
                if ran.returncode == 1:
                    refused += 1
                    said = ran.stderr.splitlines()[-1]
                    self.assertTrue(said.startswith("contrechamp: ") and "no space left on the disk" in said and str(disk) in said, ran.stderr)
                self.assertTrue(self.log(case).startswith(earlier), "what was logged is not there any more")
                if (case / "custody.jsonl").exists():
                    self.assert_whole(case)
                ballast.unlink()
                self.run_program(*command, "--case", case, "--quiet")
                self.assert_whole(case)
        print(f"{command[0]}: {refused} of {len(self.ROOM)} amounts of room were not enough")
        self.assertGreater(refused, 2)
        self.assertLess(refused, len(self.ROOM), "not one amount of room was enough: the test is blind")

    def test_add(self):
        self.each(["add", "evidence"])

    def test_analyze(self):
        self.each(["analyze"], [["add", "evidence"]])

    def test_a_report_is_whole_or_not_there(self):
        self.make_case()
        disk = self.mount("disk", "-t", "tmpfs", "-o", "size=1m", "none")
        whole = self.folder / "whole.html"
        self.run_program("report", "--case", "case", "-o", whole, "--quiet")
        for room in (0, 4, 8):
            ballast = self.fill_up(disk, room)
            self.assertIn("no space left", self.fails("report", "--case", "case", "-o", disk / "r.html", "--quiet"))
            self.assertEqual([path.name for path in disk.iterdir()], ["ballast"])
            ballast.unlink()
        self.run_program("report", "--case", "case", "-o", disk / "r.html", "--quiet")
        self.assertEqual((disk / "r.html").read_bytes(), whole.read_bytes())

    def test_standard_output_on_a_full_disk(self):
        self.make_case()
        for command in (["findings", "--json"], ["observations"], ["verify"], ["exhibits", "--json"], ["coverage"]):
            with open("/dev/full", "w") as full:
                ran = self.run_program(*command, "--case", "case", code=1, capture_output=False, stdout=full, stderr=subprocess.PIPE, text=True)
            self.assertIn("no space left", ran.stderr, command)


class ReadOnly(Storage):
    def setUp(self):
        super().setUp()
        made = self.make_case("made")
        (made / "index.sqlite").unlink()
        self.finding = self.lines("findings", "--case", "made", "--json")[0]["id"]
        for index in made.glob("index.sqlite*"):
            index.unlink()
        self.case = self.mount("case", "--bind", made)
        subprocess.run(["mount", "-o", "remount,bind,ro", self.case], check=True)

    def test_everything_that_reads_works(self):
        self.assert_whole()
        self.assertTrue(self.lines("observations", "--case", "case", "--json"))
        self.assertTrue(self.lines("findings", "--case", "case", "--json"))
        self.assertTrue(self.lines("coverage", "--case", "case", "--json"))
        self.assertTrue(self.out("table", "packages", "--case", "case", "--csv"))
        self.assertIn("exhibit", self.out("explain", self.finding, "--case", "case"))
        self.run_program("report", "--case", "case", "-o", "out.html", "--quiet")
        self.assertIn(self.finding[:12], (self.folder / "out.html").read_text())

    def test_a_cut_off_run_is_no_tampering(self):
        """The manifests lag behind, and nobody can bring them up to date here: a note. An altered exhibit still differs."""
        made = self.folder / "made"
        (made / "tmp").mkdir()
        (made / "manifest-sha256.txt").write_text("")
        with open(made / "custody.jsonl", "a") as log:
            log.write('{"action":"exhib')
        items = self.verify(code=0)
        self.assertEqual({check: item["state"] for check, item in items.items() if check in ("manifest", "tag-manifest", "chain", "exhibits")},
                         {"manifest": "note", "tag-manifest": "note", "chain": "ok", "exhibits": "ok"})
        self.assertIn("cut off", items["manifest"]["summary"]["en"])
        exhibit = next((made / "data/exhibits").iterdir())
        exhibit.chmod(0o600)
        exhibit.write_bytes(exhibit.read_bytes() + b" ")
        self.assertIn("manifest", self.differing())

    def test_what_writes_says_why_not(self):
        for command in (["add", "evidence"], ["analyze"], ["scan", "--quiet"], ["case", "timestamp", "--request"]):
            said = self.fails(*command, "--case", "case")
            self.assertIn("read-only file system", said)
            self.assertIn("can be written to", said)
        self.assertIn("read-only", self.fails("report", "--case", "case", "-o", "case/r.html"))
        self.assertIn("read-only", self.fails("case", "new", "case/inner"))


if __name__ == "__main__":
    enter_namespace()
    kit.main()
