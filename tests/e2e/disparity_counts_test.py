#!/usr/bin/python3
"""Counts, rates and tables of src/analyze/disparity beside R (binom.test, prop.test, fisher.test, mantelhaen.test, p.adjust) and
statsmodels, live, over random tables: with zeros, tiny, huge.

Tolerance: 1e-9 of the value, where both compute the same closed form or sum (measured over these tables: 6e-12 and better; logarithms
of factorials of hundreds of thousands cost the most). Odds ratios and limits of fisher.test and mantelhaen.test(exact = TRUE) come from
uniroot with its default tolerance, 1.2e-4 on psi or 1 / psi: they are held to that, and to 1e-9 against the same equations that
disparity_counts.R solves to the end. statsmodels' Breslow-Day solves its quadratics with cancellation: 1e-5."""
import csv
import math
import os
import pathlib
import random
import statistics
import subprocess
import sys
import unittest
import warnings

import kit

try:
    import numpy
    from statsmodels.stats import contingency_tables, proportion
except ImportError:
    numpy = None

PROGRAM = kit.PROGRAM.parent / "tests/disparity_counts"
HERE = pathlib.Path(__file__).resolve().parent
RICCI = pathlib.Path(os.environ.get("SHARED_DATA") or kit.ROOT.parent / "shared/data") / "disparity/ricci/ricci.csv"
LEVELS = (0.95, 0.95, 0.9, 0.99)


def answers(command, lines):
    ran = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=200)
    if ran.returncode:
        raise AssertionError(ran.stderr[-2000:])
    rows = ran.stdout.splitlines()
    if len(rows) != len(lines):
        raise AssertionError(f"{len(lines)} questions, {len(rows)} answers\n{ran.stderr[-2000:]}")
    return [{name: float(value) for name, value in (part.split("=") for part in row.split())} for row in rows]


def line_of(kind, *numbers):
    return " ".join([kind, *(f"{number:.17g}" if isinstance(number, float) else str(number) for number in numbers)])


def a_count(random, most):
    of = random.choice((random.randint(1, 8), random.randint(1, most), random.randint(1, most)))
    events = [random.randint(0, of) for _ in range(8)]
    return random.choice((0, of, int(of * random.random() ** 3), *events)), of


def problems():
    """The same every time."""
    dice = random.Random(20261123)
    lines = {"rate": [], "two": [], "strata": [], "exact": [], "adjust": []}
    for i in range(300):
        lines["rate"].append(line_of("rate", *a_count(dice, (10, 100, 3000, 1_000_000)[i % 4]), dice.choice(LEVELS)))
    for i in range(500):
        most = (10, 60, 60, 400, 5000)[i % 5] if i % 40 else 400_000
        lines["two"].append(line_of("two", *a_count(dice, most), *a_count(dice, most), dice.choice(LEVELS)))
    for i in range(300):
        size = dice.randint(2, 12)
        tables = [(*a_count(dice, (8, 50, 1000)[i % 3]), *a_count(dice, (8, 50, 1000)[i % 3])) for _ in range(size)]
        lines["strata"].append(line_of("strata", dice.choice(LEVELS), *(n for table in tables for n in table)))
    while len(lines["exact"]) < 120:
        size = dice.randint(2, 6)
        tables = [(*a_count(dice, (6, 30, 120)[len(lines["exact"]) % 3]), *a_count(dice, 30)) for _ in range(size)]
        # R stops where no stratum says anything.
        if sum(min(n, x + y) > max(0, x + y - m) for x, n, y, m in tables) >= 2:
            lines["exact"].append(line_of("exact", dice.choice(LEVELS), *(n for table in tables for n in table)))
    for i in range(60):
        p = [dice.choice((dice.random(), dice.random() ** 5, 0.05, 1.0, 0.0)) for _ in range(dice.randint(1, 40))]
        lines["adjust"].append(line_of(("holm", "bh")[i % 2], *p))
    return lines


def tables_of(line):
    """[(x1, n1, x2, n2)] and the level of a `strata` line."""
    words = line.split()[2:]
    numbers = list(map(int, words))
    return [tuple(numbers[i:i + 4]) for i in range(0, len(numbers), 4)], float(line.split()[1])


class Close(unittest.TestCase):
    def close(self, ours, theirs, what, relative=1e-9, absolute=1e-12):
        if math.isnan(theirs) or math.isnan(ours):
            self.assertTrue(math.isnan(theirs) and math.isnan(ours), f"{what}: {ours} and {theirs}")
        elif math.isinf(theirs) or math.isinf(ours):
            self.assertEqual(ours, theirs, what)
        else:
            self.assertLessEqual(abs(ours - theirs), max(relative * abs(theirs), absolute), f"{what}: {ours} and {theirs}")


@kit.need("Rscript")
class R(Close):
    @classmethod
    def setUpClass(cls):
        cls.lines = problems()
        cls.all = [line for part in cls.lines.values() for line in part]
        ours = answers([PROGRAM], cls.all)
        theirs = answers(["Rscript", "--vanilla", HERE / "disparity_counts.R"], cls.all)
        cls.found = dict(zip(cls.all, zip(ours, theirs)))

    def each(self, kind):
        for line in self.lines[kind]:
            yield line, *self.found[line]

    def loose(self, ours, theirs, what):
        """As far as uniroot's default tolerance goes, where psi or 1 / psi is what it looked for."""
        if math.isinf(theirs) or theirs == 0:
            self.assertEqual(ours, theirs, what)
        elif theirs > 1:
            # 1 / psi is not sought below R's machine epsilon.
            self.assertLessEqual(abs(1 / ours - 1 / theirs), 2.5e-4, f"{what}: {ours} and {theirs}")
        else:
            self.assertLessEqual(abs(ours - theirs), 2.5e-4, f"{what}: {ours} and {theirs}")

    def test_rates(self):
        for line, ours, theirs in self.each("rate"):
            for name in theirs:
                self.close(ours[name], theirs[name], f"{line}: {name}")

    def test_two_by_two(self):
        for line, ours, theirs in self.each("two"):
            x1, n1, x2, n2 = map(int, line.split()[1:5])
            alone = x1 + x2 in (0, n1 + n2)
            for name in ("fisher", "exact.low", "exact.high", "mid.low", "mid.high", "midp", "pearson", "pearson.p", "yates", "yates.p", "mle"):
                # Without an event R's limits stand at the only value there is, as ours: 0 and infinity.
                self.close(ours[name], theirs[name], f"{line}: {name}", absolute=1e-300 if name in ("fisher", "midp") else 1e-12)
            if not alone:
                for name, r in (("mle", "r.mle"), ("exact.low", "r.low"), ("exact.high", "r.high")):
                    self.loose(ours[name], theirs[r], f"{line}: {r}")
            if not math.isnan(theirs["pearson"]):
                self.close(ours["z"] ** 2, theirs["pearson"], f"{line}: z")

    def test_strata(self):
        compared = 0
        for line, ours, theirs in self.each("strata"):
            for name in theirs:
                if name in ("odds.low", "odds.high") and not (0 < theirs["odds"] < math.inf):
                    self.assertTrue(math.isnan(ours[name]), line)
                else:
                    self.close(ours[name], theirs[name], f"{line}: {name}", absolute=1e-9)
            compared += theirs["odds"] > 0
        self.assertGreater(compared, 200)

    def test_exact_strata(self):
        for line, ours, theirs in self.each("exact"):
            self.assertNotIn("refused", ours)
            for name in ("fisher", "mle", "exact.low", "exact.high", "mid.low", "mid.high", "midp"):
                self.close(ours[name], theirs[name], f"{line}: {name}")
            for name, r in (("mle", "r.mle"), ("exact.low", "r.low"), ("exact.high", "r.high")):
                self.loose(ours[name], theirs[r], f"{line}: {r}")

    def test_many_tests(self):
        for line, ours, theirs in self.each("adjust"):
            self.assertEqual(len(ours), len(theirs))
            for name in theirs:
                self.close(ours[name], theirs[name], f"{line}: {name}", relative=1e-12)


def sato(tables, level):
    """The interval of the common difference as SAS documents it for PROC FREQ: "The FREQ Procedure", Common Risk Difference."""
    w = sum(n1 * n2 / (n1 + n2) for _, n1, _, n2 in tables)
    d = sum((x1 / n1 - x2 / n2) * n1 * n2 / (n1 + n2) for x1, n1, x2, n2 in tables) / w
    p = sum((n1 ** 2 * x2 - n2 ** 2 * x1 + n1 * n2 * (n2 - n1) / 2) / (n1 + n2) ** 2 for x1, n1, x2, n2 in tables)
    q = sum((x1 * (n2 - x2) + x2 * (n1 - x1)) / 2 / (n1 + n2) for x1, n1, x2, n2 in tables)
    reach = statistics.NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(max(0, d * p + q)) / w
    return d, d - reach, d + reach


@unittest.skipIf(numpy is None, "not installed: python3-statsmodels")
class Statsmodels(Close):
    @classmethod
    def setUpClass(cls):
        cls.lines = problems()
        warnings.simplefilter("ignore")

    def both(self, kind):
        return zip(self.lines[kind], answers([PROGRAM], self.lines[kind]))

    def test_rates(self):
        for line, ours in self.both("rate"):
            _, k, n, level = line.split()
            for name, method in (("wilson", "wilson"), ("cp", "beta")):
                low, high = proportion.proportion_confint(int(k), int(n), alpha=1 - float(level), method=method)
                # The beta method leaves NaN, and Wilson's rounding a hair, where there is no event or nothing else.
                low, high = 0.0 if math.isnan(low) else low, 1.0 if math.isnan(high) else high
                self.close(ours[f"{name}.low"], low, f"{line}: {name}")
                self.close(ours[f"{name}.high"], high, f"{line}: {name}")

    def test_two_by_two(self):
        compared = 0
        for line, ours in self.both("two"):
            x1, n1, x2, n2 = map(int, line.split()[1:5])
            alpha = 1 - float(line.split()[5])
            low, high = proportion.confint_proportions_2indep(x1, n1, x2, n2, method="newcomb", compare="diff", alpha=alpha)
            self.close(ours["difference.low"], low, line, absolute=1e-8)
            self.close(ours["difference.high"], high, line, absolute=1e-8)
            if not (0 < x1 and 0 < x2):
                self.assertTrue(math.isnan(ours["ratio.low"]) and math.isnan(ours["ratio.high"]), line)
            if not (0 < x1 < n1 and 0 < x2 < n2):
                self.assertTrue(math.isnan(ours["odds.low"]), line)
                continue
            compared += 1
            low, high = proportion.confint_proportions_2indep(x1, n1, x2, n2, method="log", compare="ratio", alpha=alpha)
            self.close(ours["ratio.low"], low, line)
            self.close(ours["ratio.high"], high, line)
            table = contingency_tables.Table2x2(numpy.array([[x1, n1 - x1], [x2, n2 - x2]]), shift_zeros=False)
            low, high = table.oddsratio_confint(alpha)
            self.close(ours["odds"], table.oddsratio, line)
            self.close(ours["odds.low"], low, line)
            self.close(ours["odds.high"], high, line)
        self.assertGreater(compared, 150)

    def test_strata(self):
        compared = 0
        for line, ours in self.both("strata"):
            tables, level = tables_of(line)
            # statsmodels counts strata that say nothing as degrees of freedom.
            says = [(x1, n1, x2, n2) for x1, n1, x2, n2 in tables if 0 < x1 + x2 < n1 + n2]
            self.assertEqual(ours["informative"], len(says), line)
            for name, wanted in zip(("difference", "difference.low", "difference.high"), sato(tables, level)):
                self.close(ours[name], wanted, f"{line}: {name}", relative=1e-7)
            if not (0 < ours["odds"] < math.inf) or len(says) < 2:
                self.assertTrue(math.isnan(ours["tarone"]), line)
                continue
            compared += 1
            table = contingency_tables.StratifiedTable([numpy.array([[x1, n1 - x1], [x2, n2 - x2]], dtype=float) for x1, n1, x2, n2 in says])
            # At exactly 1 statsmodels' quadratic divides 0 by 0.
            for name, adjust in (("bd", False), ("tarone", True)) if ours["odds"] != 1 else ():
                test = table.test_equal_odds(adjust=adjust)
                self.close(ours[name], test.statistic, f"{line}: {name}", relative=1e-5, absolute=1e-7)
                self.close(ours[name + ".p"], test.pvalue, f"{line}: {name}", relative=1e-5)
            self.close(ours["odds"], table.oddsratio_pooled, line)
            low, high = table.oddsratio_pooled_confint(1 - level)
            self.close(ours["odds.low"], low, line)
            self.close(ours["odds.high"], high, line)
            test = table.test_null_odds(correction=False)
            self.close(ours["cmh"], test.statistic, line, absolute=1e-9)
            # With strata where nobody or everybody was selected, which count in a ratio of rates.
            everyone = contingency_tables.StratifiedTable([numpy.array([[x1, n1 - x1], [x2, n2 - x2]], dtype=float) for x1, n1, x2, n2 in tables])
            self.close(ours["ratio"], everyone.riskratio_pooled, line)
        self.assertGreater(compared, 150)


@unittest.skipUnless(RICCI.exists(), f"not here: {RICCI}")
class Ricci(Close):
    """Ricci v. DeStefano, 554 F. Supp. 2d 142: who passed the promotion exams, at a combined score of 70."""

    def passed(self, position, race):
        with RICCI.open() as file:
            scores = [float(row["Combine"]) for row in csv.DictReader(file) if row["Position"] == position and row["Race"] == race]
        return sum(score >= 70 for score in scores), len(scores)

    def test_the_court_s_counts_and_tests(self):
        self.assertEqual([self.passed("Lieutenant", race) for race in "WBH"], [(25, 43), (6, 19), (3, 15)])
        self.assertEqual([self.passed("Captain", race) for race in "WBH"], [(16, 25), (3, 8), (3, 8)])
        black, hispanic, captain = answers([PROGRAM], [line_of("two", *self.passed(position, race), *self.passed(position, "W"), 0.95) for position, race in (("Lieutenant", "B"), ("Lieutenant", "H"), ("Captain", "B"))])
        # The ratios that the Supreme Court quotes (557 U.S. 557, 2009): pass rates of 58.1, 31.6 and 20 %, and 64 and 37.5 %.
        self.assertEqual([round(found["ratio"], 2) for found in (black, hispanic, captain)], [0.54, 0.34, 0.59])
        # fisher.test(matrix(c(6, 25, 13, 18), 2)) and so on, as R 4.2 prints them.
        self.assertEqual([f"{found['fisher']:.4g}" for found in (black, hispanic, captain)], ["0.09708", "0.01593", "0.2379"])
        self.assertEqual([f"{found['mle']:.7f}" for found in (black, hispanic, captain)], ["0.3384154", "0.1853919", "0.3494062"])


if __name__ == "__main__":
    if not PROGRAM.exists():
        print(f"skipped: {PROGRAM} is not built")
        sys.exit(77)
    kit.main()
