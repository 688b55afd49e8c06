#!/usr/bin/python3
"""Cut off, refused and crowded: kill -9 and errors of the disk at every step of writing, Ctrl-C, two writers.

strace (from Debian) stops the real program at each system call that changes something on disk: once just before it,
with SIGKILL, and once by failing it as a full or a broken disk would."""
import collections
import concurrent.futures
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import kit

STEPS = ["mkdir", "openat", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "rename", "unlink", "rmdir"]
CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)$")

# The files that hold evidence while they are written: the log, and exhibits under their temporary names.
EVIDENCE = re.compile(r"^\d+<[^>]*/case/(custody\.jsonl|tmp/\S*\.part)>")


def changes(call, arguments):
    """Whether a step changes something: files only opened for reading are no step."""
    return call != "openat" or "O_CREAT" in arguments


@kit.need("strace")
class EveryStep(kit.Sandbox):
    """Each test runs one command once as a whole to learn its steps, then once for each step."""

    def prepare(self, name, before, command):
        """A folder of its own for each run: evidence, key and what `before` left, as the command finds it."""
        self.write_evidence()
        self.base = self.folder / "base"
        self.base.mkdir()
        shutil.copytree(self.folder / "evidence", self.base / "evidence")
        for earlier in before:
            ran = self.go(self.base, [str(kit.PROGRAM), *earlier])
            self.assertEqual(ran.returncode, 0, ran.stderr)
        whole = self.fresh("whole")
        ran = self.go(whole, ["strace", "-f", "-y", "-qq", "-o", str(whole / "steps"), "-e", "trace=" + ",".join(STEPS), str(kit.PROGRAM), *command])
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.expected = self.exhibits(whole)
        steps, seen = [], collections.Counter()
        for line in (whole / "steps").read_text().splitlines():
            matched = CALL.match(line)
            if matched:
                seen[matched[1]] += 1
                if changes(matched[1], matched[2]):
                    steps.append((matched[1], seen[matched[1]], matched[2]))
        self.assertGreater(len(steps), 5, name)
        return steps

    def go(self, folder, command):
        environment = {**self.env, "CONTRECHAMP_KEY": str(folder / "key"), "TMPDIR": str(folder)}
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, errors="replace", timeout=kit.TIMEOUT, stdin=subprocess.DEVNULL)

    def fresh(self, name):
        folder = self.folder / name
        shutil.copytree(self.base, folder, symlinks=True)
        return folder

    def exhibits(self, folder):
        listed = self.go(folder, [str(kit.PROGRAM), "exhibits", "--case", "case", "--json"]).stdout
        return {(exhibit["sha256"], pathlib.Path(exhibit["origin"]).name) for exhibit in map(json.loads, listed.splitlines())}

    def each(self, steps, injection, command, check):
        """Runs every step on both cores; a failure names the step."""

        def one(number):
            call, nth, arguments = steps[number]
            folder = self.fresh(f"step-{number}")
            logged = self.log(folder)
            try:
                ran = self.go(folder, ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:{injection}:when={nth}", str(kit.PROGRAM), *command])
                check(folder, ran, arguments)
                # Whatever was logged before is still logged, and as it was.
                self.assertEqual(self.log(folder)[: len(logged)], logged)
                # Another command finishes what this one began, and leaves nothing of it lying about.
                if logged:
                    self.assertEqual(self.go(folder, [str(kit.PROGRAM), "add", "evidence/x11.jsonl", "--case", "case", "--quiet"]).returncode, 0)
                    verified = self.go(folder, [str(kit.PROGRAM), "verify", "--case", "case"])
                    self.assertEqual(verified.returncode, 0, "after another command:\n" + verified.stdout + verified.stderr)
                again = self.go(folder, [str(kit.PROGRAM), *command])
                self.assertEqual(again.returncode, 0, "the second run: " + again.stderr)
                verified = self.go(folder, [str(kit.PROGRAM), "verify", "--case", "case"])
                self.assertEqual(verified.returncode, 0, "after the second run:\n" + verified.stdout + verified.stderr)
                self.assertEqual(self.exhibits(folder), self.expected)
                self.assertFalse((folder / "case/tmp").exists(), "something unfinished is left")
            except AssertionError as error:
                return f"{call} number {nth}, {arguments[:150]}: {error}"
            shutil.rmtree(folder)
            return None

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            failed = [text for text in pool.map(one, range(len(steps))) if text]
        self.assertFalse(failed, f"{len(failed)} of {len(steps)} steps; the first:\n" + "\n".join(failed[:3]))
        print(f"{self.id().split('.')[-1]}: {len(steps)} steps")

    @staticmethod
    def log(folder):
        path = folder / "case/custody.jsonl"
        return path.read_bytes().splitlines(keepends=True) if path.exists() else []

    def killed(self, folder, ran, _):
        self.assertEqual(ran.returncode, -signal.SIGKILL if ran.returncode < 0 else 128 + signal.SIGKILL, ran.stderr)
        if (folder / "case/custody.jsonl").exists():
            verified = self.go(folder, [str(kit.PROGRAM), "verify", "--case", "case"])
            self.assertEqual(verified.returncode, 0, "after the kill:\n" + verified.stdout + verified.stderr)

    def refused(self, words):
        def check(folder, ran, arguments):
            if ran.returncode == 0:
                # It found a way round: a manifest is made again, a note in the lock is not needed. But evidence that
                # did not reach the disk must not pass: after a failed sync the next one may succeed and prove nothing.
                self.assertNotRegex(arguments, EVIDENCE, "an error that must not be passed over")
            else:
                self.assertEqual(ran.returncode, 1, ran.stderr)
                said = [line for line in ran.stderr.splitlines() if line.startswith("contrechamp: ")]
                self.assertEqual(len(said), 1, ran.stderr)
                self.assertRegex(said[0], words)
            if (folder / "case/custody.jsonl").exists():
                verified = self.go(folder, [str(kit.PROGRAM), "verify", "--case", "case"])
                self.assertEqual(verified.returncode, 0, "after the error:\n" + verified.stdout + verified.stderr)
        return check

    def each_error(self, calls, error, words):
        for before, command in (self.ADD, self.ANALYZE):
            with self.subTest(command[0]):
                steps = [step for step in self.prepare(command[0], before, command) if step[0] in calls]
                self.each(steps, "error=" + error, command, self.refused(words))
            for name in self.folder.glob("*"):
                if name.name != "home":
                    shutil.rmtree(name)

    ADD = ([], ["add", "evidence", "--case", "case", "--quiet"])
    ANALYZE = ([ADD[1]], ["analyze", "--case", "case", "--quiet"])
    STAMP = ([ADD[1]], ["case", "timestamp", "--request", "--case", "case", "--quiet"])
    REPORT = ([ADD[1], ANALYZE[1]], ["report", "--case", "case", "-o", "case.html", "--quiet"])

    def test_killed_while_adding(self):
        self.each(self.prepare("add", *self.ADD), "signal=KILL", self.ADD[1], self.killed)

    def test_killed_while_analysing(self):
        self.each(self.prepare("analyze", *self.ANALYZE), "signal=KILL", self.ANALYZE[1], self.killed)

    def test_killed_while_reporting(self):
        self.each(self.prepare("report", *self.REPORT), "signal=KILL", self.REPORT[1], self.killed)

    def test_killed_while_asking_for_a_timestamp(self):
        self.each(self.prepare("timestamp", *self.STAMP), "signal=KILL", self.STAMP[1], self.killed)

    def test_disk_full_at_every_step(self):
        self.each_error(["mkdir", "openat", "write", "pwrite64", "ftruncate", "fsync", "rename"], "ENOSPC", "no space left on the disk")

    def test_broken_disk_at_every_sync(self):
        self.each_error(["write", "fsync", "rename"], "EIO", "input/output error")

    def test_an_exhibit_is_on_disk_before_it_is_named_and_named_before_it_is_logged(self):
        self.prepare("add", *self.ADD)
        folder = self.fresh("order")
        ran = self.go(folder, ["strace", "-f", "-y", "-s", "20000", "-qq", "-o", str(folder / "order"), "-e", "trace=write,fsync,rename", str(kit.PROGRAM), *self.ADD[1]])
        self.assertEqual(ran.returncode, 0, ran.stderr)
        lines = (folder / "order").read_text(errors="replace").splitlines()

        def after(start, *words):
            return next((i for i in range(start, len(lines)) if all(word in lines[i] for word in words)), None)

        for digest, _ in self.expected:
            named = after(0, "rename(", f'/data/exhibits/{digest}"')
            self.assertIsNotNone(named, digest)
            part = pathlib.Path(re.search(r'rename\("([^"]+)"', lines[named])[1]).name
            synced = after(0, "fsync(", part)
            self.assertIsNotNone(synced, lines[named])
            self.assertLess(synced, named)
            folder_synced = after(named, "fsync(", "/data/exhibits>")
            logged = after(named, "write(", "custody.jsonl", "exhibit-added", digest)
            self.assertIsNotNone(folder_synced, lines[named])
            self.assertIsNotNone(logged, lines[named])
            self.assertLess(folder_synced, logged)
            self.assertIsNotNone(after(logged, "fsync(", "custody.jsonl>"))


class Interrupted(kit.Sandbox):
    def stop_a_scan(self, how):
        """Stops a scan once it has logged an exhibit; its exit code and what it said."""
        shutil.rmtree(self.folder / "case", ignore_errors=True)
        scan = self.start("scan", "--case", "case", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        log = self.folder / "case/custody.jsonl"
        while scan.poll() is None and not (log.exists() and b"exhibit-added" in log.read_bytes()):
            time.sleep(0.001)
        scan.send_signal(how)
        _, said = scan.communicate(timeout=kit.TIMEOUT)
        return scan.returncode, said

    def test_stopped_scans_leave_whole_cases(self):
        for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
            with self.subTest(how.name):
                code, said = self.stop_a_scan(how)
                # A scan that ended before the signal came is no failure of ours.
                self.assertIn(code, (0, -how, 128 + how), said)
                if how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) and code != 0:
                    self.assertIn("case", said, "where the case is, and that it can go on")
                self.assert_whole()
                kept = {line["sha256"] for line in self.lines("exhibits", "--case", "case", "--json")}
                self.assertTrue(kept)
                self.run_program("scan", "--case", "case", "--quiet")
                self.assert_whole()
                self.assertLessEqual(kept, {line["sha256"] for line in self.lines("exhibits", "--case", "case", "--json")})
                self.assertEqual(self.leftovers(), [], "a collector outlived its scan")

    def leftovers(self):
        """Processes of the program that still run, given a moment to end."""
        for _ in range(200):
            found = []
            for proc in pathlib.Path("/proc").glob("[0-9]*"):
                try:
                    if os.readlink(proc / "exe") == str(kit.PROGRAM.resolve()) and os.readlink(proc / "cwd") == str(self.folder):
                        found.append(proc.name)
                except OSError:
                    pass
            if not found:
                return []
            time.sleep(0.01)
        return found


class TwoWriters(kit.Sandbox):
    def test_all_is_kept(self):
        self.run_program("case", "new", "case")
        writers = []
        for number in range(8):
            (self.folder / f"{number}.txt").write_text(f"evidence {number}\n" * 1000)
            writers.append(self.start("add", f"{number}.txt", "--case", "case", "--quiet", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        readers = [self.start("exhibits", "--case", "case", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
        for reader in readers:
            out, said = reader.communicate(timeout=kit.TIMEOUT)
            self.assertEqual(reader.returncode, 0, said)
            for line in out.splitlines():
                json.loads(line)
        for writer in writers:
            _, said = writer.communicate(timeout=kit.TIMEOUT)
            self.assertEqual(writer.returncode, 0, said)
        self.assertEqual({pathlib.Path(line["origin"]).name for line in self.lines("exhibits", "--case", "case", "--json")}, {f"{number}.txt" for number in range(8)})
        self.assert_whole()

    def test_a_second_writer_waits_and_says_for_whom(self):
        import fcntl

        case = self.make_case()
        with open(case / ".lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            said = self.fails("add", self.folder / "evidence/x11.jsonl", "--case", "case", "--quiet")
            self.assertIn("case", said)
            self.assertRegex(said, r"writ")
            before = len(kit.log_of(case))
        self.run_program("add", self.folder / "evidence/x11.jsonl", "--case", "case", "--quiet")
        self.assertGreater(len(kit.log_of(case)), before)
        self.assert_whole()

    def test_one_is_killed_while_others_wait(self):
        self.run_program("case", "new", "case")
        (self.folder / "large").write_bytes(os.urandom(64 << 20))
        (self.folder / "small.txt").write_text("small\n")
        first = self.start("add", "large", "--case", "case", "--quiet", stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        while first.poll() is None and not (self.folder / "case/tmp").exists():
            time.sleep(0.001)
        second = self.start("add", "small.txt", "--case", "case", "--quiet", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(0.02)
        first.kill()
        first.wait()
        _, said = second.communicate(timeout=kit.TIMEOUT)
        self.assertEqual(second.returncode, 0, said)
        self.assertIn("small.txt", {pathlib.Path(line["origin"]).name for line in self.lines("exhibits", "--case", "case", "--json")})
        self.assert_whole()


if __name__ == "__main__":
    kit.main()
