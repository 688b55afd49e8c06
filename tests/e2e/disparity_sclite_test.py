#!/usr/bin/env python3
"""Our counts and those of NIST's sclite, run live beside us: one by one the same in its cost mode, however costs tie."""

import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import kit

SCLITE = "/usr/lib/sctk/bin/sclite"
GOLDEN = pathlib.Path(os.environ.get("SHARED_DATA") or kit.ROOT / "../shared/data") / "disparity/sctk_golden"
ALIGN = kit.PROGRAM.parent / "tests/disparity_align"
COUNTS = re.compile(r"^id: \((.*)\)\nScores: \(#C #S #D #I\) (\d+) (\d+) (\d+) (\d+)$", re.M)


def sclite(references, hypotheses, *options):
    """Counts by sclite, utterance by utterance, in the order given."""
    with tempfile.TemporaryDirectory() as folder:
        for name, lines in (("ref", references), ("hyp", hypotheses)):
            with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
                file.writelines(f"{line} (s-{i})\n" for i, line in enumerate(lines))
        out = subprocess.run([SCLITE, "-r", "ref", "-h", "hyp", "-i", "spu_id", "-o", "pralign", "-O", folder, "-n", "out", "-f", "0", *options], cwd=folder, capture_output=True, text=True, check=False)
        pra = pathlib.Path(folder, "out.pra")
        if not pra.exists():
            raise AssertionError(out.stdout[-2000:] + out.stderr[-2000:])
        found = {int(name[2:]): tuple(map(int, counts)) for name, *counts in COUNTS.findall(pra.read_text())}
    return [found[i] for i in range(len(references))]


def ours(references, hypotheses, *options):
    lines = "".join(f"{r}\t{h}\n" for r, h in zip(references, hypotheses))
    out = subprocess.run([ALIGN, *options], input=lines, capture_output=True, text=True, check=True)
    return [tuple(map(int, line.split())) for line in out.stdout.splitlines()]


def text(dice, most, words="abc"):
    return " ".join(dice.choice(words) for _ in range(dice.randint(0, most)))


def lattice(dice, most, words, depth=0):
    """Words, optional words, fragments, @ and alternations, nested up to three deep."""
    out = []
    for _ in range(dice.randint(depth > 0, most)):
        kind = dice.random()
        if kind < 0.18 and depth < 3:
            out.append("{ " + " / ".join(lattice(dice, 3, words, depth + 1) for _ in range(dice.randint(2, 4))) + " }")
        elif kind < 0.26:
            out.append("(" + dice.choice(words) + ")")
        elif kind < 0.30 and depth:
            out.append("@")
        else:
            out.append(dice.choice(words))
    return " ".join(out)


class Sclite(unittest.TestCase):
    def compare(self, references, hypotheses, theirs=(), options=()):
        for i, (a, b) in enumerate(zip(sclite(references, hypotheses, *theirs), ours(references, hypotheses, *options))):
            self.assertEqual(a, b, f"{references[i]!r} / {hypotheses[i]!r}")

    def test_words(self):
        dice = random.Random(1)
        for words, most, count in (("ab", 12, 4000), ("abc", 20, 4000), ("abcdefgh", 40, 2000), ("ABcbéœ", 10, 1000)):  # sclite leaves É and Œ as they are
            self.compare([text(dice, most, words) for _ in range(count)], [text(dice, most, words) for _ in range(count)])

    def test_long(self):
        """Long enough for the table to be kept in blocks."""
        dice = random.Random(2)
        self.compare([text(dice, 900) for _ in range(24)], [text(dice, 900) for _ in range(24)])

    def test_lattices(self):
        dice = random.Random(3)
        for words, most in ((["a", "b"], 6), (["a", "b", "c", "ab"], 10), (list("abcdefgh"), 14)):
            references = [lattice(dice, most, words) for _ in range(3000)]
            hypotheses = [text(dice, most, words) if i % 2 else lattice(dice, most, words) for i in range(3000)]
            self.compare(references, hypotheses, ["-D"])
            self.compare(references, hypotheses, [], ["noopt"])

    def test_fragments(self):
        dice = random.Random(4)
        words = ["a", "ab", "abc", "-c", "a-", "ab-", "-bc", "b", "-"]
        references = [lattice(dice, 7, words) for _ in range(3000)]
        hypotheses = [lattice(dice, 7, words) for _ in range(3000)]
        self.compare(references, hypotheses, ["-D", "-F"], ["frag"])
        self.compare(references, hypotheses, ["-F"], ["frag", "noopt"])

    def test_long_lattices(self):
        dice = random.Random(5)
        references = [" ".join(lattice(dice, 12, ["a", "b", "c"]) for _ in range(30)) for _ in range(12)]
        hypotheses = [text(dice, 300) for _ in range(12)]
        self.compare(references, hypotheses, ["-D"])

    def test_marks(self):
        references = ["a;tag b\\;c d*", "{a/b}c", "{a / b}{c / d} e", "{ a / } b", "{ / a } b", "x @ y", "* a", "{ a b / { c / @ } d } e", "{a;t / b;u} c"]
        hypotheses = ["a b\\;c d", "b c", "b c e", "b", "b", "x y", "a", "d e", "b c"]
        self.compare(references, hypotheses, ["-D"])

    def files(self, reference, hypothesis, formats, *options):
        """Counts by person, of both programs, from files."""
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "ref").write_text(reference)
            pathlib.Path(folder, "hyp").write_text(hypothesis)
            subprocess.run([SCLITE, "-r", "ref", formats[0], "-h", "hyp", formats[1], "-i", "spu_id", "-D", "-o", "rsum", "-O", folder, "-n", "out", "-f", "0"], cwd=folder, capture_output=True, check=False)
            rows = re.findall(r"^\s*\|\s*(\S+)\s*\|\s*\d+\s+\d+\s*\|\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s", pathlib.Path(folder, "out.raw").read_text(), re.M)
            theirs = {name.lower(): tuple(map(int, counts)) for name, *counts in rows if name not in ("Sum", "Mean", "S.D.", "Median", "|Median")}
            out = subprocess.run([ALIGN, "files", "ref", "hyp", *options], cwd=folder, capture_output=True, text=True, check=True).stdout
            found = {line.split()[0]: tuple(map(int, line.split()[1:5])) for line in out.splitlines() if not line.startswith("all ")}
        self.assertEqual({k: v for k, v in found.items() if any(v)}, {k: v for k, v in theirs.items() if any(v)})
        self.assertTrue(theirs)
        return found

    def test_speakers(self):
        dice = random.Random(6)
        ids = [f"{dice.choice(['P', 'q', 'r_s', 'T_2'])}{dice.choice('-_')}{i}" for i in range(400)]
        references = "".join(f"{lattice(dice, 8, list('abcd'))} ({i})\n" for i in ids)
        hypotheses = "".join(f"{text(dice, 8, 'abcd')} ({i.swapcase()})\n" for i in sorted(ids))
        self.assertGreater(len(self.files(references, hypotheses, ("trn", "trn"))), 3)

    def test_segments(self):
        """stm beside ctm: words between, before, behind and at the edges of segments, ignored segments, alternatives."""
        dice = random.Random(7)
        for _ in range(25):
            stm, ctm = ";; made up\n", ""
            for channel in "AB":
                now = 0.0
                for _ in range(dice.randint(1, 8)):
                    begin = now + dice.choice([0, 0, 0.5, 2])
                    now = begin + dice.choice([1, 1.5, 3])
                    words = "IGNORE_TIME_SEGMENT_IN_SCORING" if dice.random() < 0.15 else lattice(dice, 6, list("abc")) or "a"
                    stm += f"f1 {channel} s{dice.randint(1, 3)} {begin:.2f} {now:.2f} <o,f0> {words}\n"
                time = 0.25
                for _ in range(dice.randint(1, 30)):
                    ctm += f"f1 {channel} {time:.2f} 0.20 {dice.choice('abc')}\n"
                    time += dice.choice([0.15, 0.25, 0.5, 0.9])
            self.files(stm, ctm, ("stm", "ctm"))

    @unittest.skipUnless(GOLDEN.exists(), "no shared data")
    def test_golden(self):
        """NIST's own test files (their -F -D run, and without)."""
        strip = re.compile(r"^(.*)\(([^()]*)\)\s*$")
        read = lambda name: {m[2].lower(): m[1] for m in map(strip.match, (GOLDEN / name).read_text("latin-1").splitlines()) if m and not m[0].startswith(";;")}
        for name in ("csrnab", "csrnab1", "tests"):
            references, hypotheses = read(name + ".ref"), read(name + ".hyp")
            ids = list(hypotheses)
            for theirs, options in ((["-D", "-F"], ["frag"]), ([], ["noopt"])):
                self.compare([references[i] for i in ids], [hypotheses[i] for i in ids], theirs, options)


if __name__ == "__main__":
    if not os.path.exists(SCLITE):
        print("skipped: NIST's sclite (package sctk) is not installed")
        sys.exit(77)
    if not ALIGN.exists():
        print(f"skipped: {ALIGN} is not built")
        sys.exit(77)
    kit.main()
