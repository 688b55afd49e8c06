#!/usr/bin/python3
"""People, scores and faces (src/analyze/disparity) beside programs that others wrote, live: R (t.test, power.t.test, glm,
pROC), statsmodels, numpy and NIST's sc_stats, over random problems with ties, constants and tiny groups. One process of
ours answers all problems of a class, and one R process.

Tolerances: relative 1e-7 unless said. Both sides compute in double; what differs is the order of sums and the ends of
iterations (glm stops at a deviance that changes by 1e-8, so 1e-5 there; power.t.test's root at 1e-6)."""
import json
import math
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import unittest

import kit

PROGRAM = pathlib.Path(os.environ.get("DISPARITY_PEOPLE") or kit.PROGRAM.parent / "tests/disparity_people")
SCTK = pathlib.Path("/usr/lib/sctk/bin")


def ask(lines):
    """Our answers to so many problems."""
    ran = subprocess.run([PROGRAM], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=kit.TIMEOUT)
    if ran.returncode:
        raise AssertionError(ran.stderr)
    return [json.loads(line) for line in ran.stdout.splitlines()]


def r(script, lines):
    """What an R script prints, a list of numbers a line; it reads `problems`, a list of numeric vectors."""
    head = """con <- file("stdin"); problems <- lapply(readLines(con), function(l) as.numeric(strsplit(l, " ")[[1]])); close(con)
say <- function(...) cat(sprintf("%.17g", c(...)), "\\n")
"""
    ran = subprocess.run(["Rscript", "--vanilla", "-e", head + script], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=kit.TIMEOUT)
    if ran.returncode:
        raise AssertionError(ran.stderr)
    return [[float(word) if word not in ("NA", "NaN") else math.nan for word in line.split()] for line in ran.stdout.splitlines()]


def flat(rows):
    return " ".join(repr(value) for row in rows for value in row)


def people(count, equal=False, least=0):
    out = []
    for _ in range(count):
        words = 50 if equal else random.randrange(1, 300)
        out.append((random.randrange(least, words + 1), words))
    return out


def scored(count, values=None, shift=1.0, persons=None):
    """Rows of (score, outcome[, person]), few values: many ties."""
    out = []
    for _ in range(count):
        outcome = int(random.random() < 0.4)
        score = random.gauss(outcome * shift, 1)
        if values:
            score = round(score * values) / values
        out.append((score, outcome) if persons is None else (score, outcome, random.randrange(persons)))
    return out


class Oracle(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not PROGRAM.exists():
            raise unittest.SkipTest(f"{PROGRAM} is not built")

    def setUp(self):
        random.seed(2026)

    def near(self, got, expected, what="", rel=1e-7, absolute=1e-12):
        self.assertIsNotNone(got, what)
        self.assertTrue(math.isclose(got, expected, rel_tol=rel, abs_tol=absolute), f"{what}: {got} is not {expected}")

    def all_near(self, got, expected, what="", **tolerance):
        self.assertEqual(len(got), len(expected), what)
        for one, other in zip(got, expected):
            self.near(one, other, what, **tolerance)


@kit.need("Rscript")
class BesideR(Oracle):
    def test_welch_is_t_test(self):
        """People with equal denominators, and the mean of people: R's t.test of their rates."""
        asked, given = [], []
        for _ in range(300):
            equal = random.random() < 0.5
            a, b = (people(random.choice((5, 6, 9, 30)), equal) for _ in "ab")
            which = "pooled" if equal else "mean"
            asked.append(f"contrast {which} 0 0 1 {len(a)} {len(b)} {flat(a)} {flat(b)}")
            given.append(" ".join(map(repr, [len(a), *(x / y for x, y in a + b)])))
        told = r("for (p in problems) { n <- p[1]; p <- p[-1]; t <- t.test(p[1:n], p[-(1:n)]); s <- t.test(p[1:n]); say(t$statistic, t$parameter, t$p.value, t$conf.int, t$stderr) }", given)
        for got, (t, df, p, low, high, se) in zip(ask(asked), told, strict=True):
            self.all_near([got["t"], got["df"], got["p_welch"], got["se"], *got["interval"]], [t, df, p, se, low, high], "t.test")

    def test_detectable_is_power_t_test(self):
        asked, given = [], []
        for n in (5, 6, 10, 23, 80, 900):
            for sd in (0.01, 1, 40):
                asked.append(f"detectable {sd * math.sqrt(2 / n)!r} {2 * n - 2}")
                given.append(f"{n} {sd}")
        told = r("for (p in problems) say(power.t.test(n = p[1], sd = p[2], power = .8, strict = TRUE, tol = 1e-10)$delta)", given)
        for got, (delta,) in zip(ask(asked), told, strict=True):
            self.near(got["difference"], delta, "power.t.test", rel=1e-6)

    def test_auc_is_proc(self):
        if subprocess.run(["Rscript", "--vanilla", "-e", "library(pROC)"], capture_output=True).returncode:
            self.skipTest("pROC is not installed (r-cran-proc)")
        pairs = [tuple(scored(random.choice((30, 60, 200)), random.choice((None, 1, 3)), random.choice((0, 1, 2))) for _ in "ab") for _ in range(60)]
        given = [" ".join(map(repr, [len(a), *(row[0] for row in a + b), *(row[1] for row in a + b)])) for a, b in pairs]
        script = """suppressMessages(library(pROC))
for (p in problems) { n <- p[1]; p <- p[-1]; m <- length(p) / 2; s <- p[1:m]; y <- p[-(1:m)]
  a <- roc(y[1:n], s[1:n], direction = "<", levels = c(0, 1), quiet = TRUE); b <- roc(y[-(1:n)], s[-(1:n)], direction = "<", levels = c(0, 1), quiet = TRUE)
  t <- suppressWarnings(roc.test(a, b, method = "delong", paired = FALSE)); say(auc(a), var(a), auc(b), var(b), t$statistic, t$parameter, ci(a)) }"""
        told = r(script, given)
        ours = ask([f"auc {len(rows)} 0 {flat(rows)}" for pair in pairs for rows in pair])
        tests = ask([f"auc_difference {len(a)} 0 {flat(a)} {len(b)} 0 {flat(b)}" for a, b in pairs])
        self.assertEqual(len(told), len(pairs))
        for i, (auc_a, var_a, auc_b, var_b, t, df, low, _, high) in enumerate(told):
            one, other = ours[2 * i], ours[2 * i + 1]
            self.all_near([one["auc"], one["se"] ** 2, other["auc"], other["se"] ** 2, tests[i]["t"]], [auc_a, var_a, auc_b, var_b, t], "pROC")
            # Ours counts people behind positives and behind negatives, pROC all rows: never more than it.
            self.assertLess(tests[i]["df"], df)
            self.assertGreater(tests[i]["df"], 10)
            # pROC's plain normal interval from our standard error.
            self.near(max(0, one["auc"] - 1.959963984540054 * one["se"]), low, "ci.auc")
            self.near(min(1, one["auc"] + 1.959963984540054 * one["se"]), high, "ci.auc")

    def test_the_t_of_auc_differences(self):
        pairs = [(scored(50, 2), scored(70, 2)) for _ in range(20)]
        ours = ask([f"auc_difference {len(a)} 0 {flat(a)} {len(b)} 0 {flat(b)}" for a, b in pairs])
        told = r("for (p in problems) say(2 * pt(-abs(p[1]), p[2]))", [f"{got['t']!r} {got['df']!r}" for got in ours])
        for got, (p,) in zip(ours, told, strict=True):
            self.near(got["p"], p, "pt")

    def test_recalibration_is_glm(self):
        tables = []
        for _ in range(30):
            intercept, slope = random.uniform(-1, 1), random.uniform(0.3, 1.8)
            rows = []
            for _ in range(random.choice((80, 300))):
                score = random.uniform(0.02, 0.98)
                rows.append((score, int(random.random() < 1 / (1 + math.exp(-intercept - slope * math.log(score / (1 - score)))))))
            if 10 <= sum(row[1] for row in rows) <= len(rows) - 10:
                tables.append(rows)
        script = """for (p in problems) { n <- length(p) / 2; x <- qlogis(p[1:n]); y <- p[-(1:n)]
  c <- glm.control(epsilon = 1e-12); a <- glm(y ~ 1 + offset(x), family = binomial, control = c); b <- glm(y ~ x, family = binomial, control = c)
  say(coef(a), sqrt(vcov(a)), coef(b)[2], sqrt(vcov(b)[2, 2])) }"""
        told = r(script, [" ".join(map(repr, [row[0] for row in rows] + [row[1] for row in rows])) for rows in tables])
        for got, expected in zip(ask([f"calibrate {len(rows)} 0 {flat(rows)}" for rows in tables]), told, strict=True):
            self.all_near([got["intercept"]["value"], got["model_se_intercept"], got["slope"]["value"], got["model_se_slope"]], expected, "glm", rel=1e-5)


class BesidePython(Oracle):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            import numpy
            import statsmodels.api
        except ImportError as why:
            raise unittest.SkipTest(f"{why} (python3-statsmodels)")
        cls.numpy, cls.statsmodels = numpy, statsmodels.api

    def test_intervals_of_proportions(self):
        from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
        pairs = [(events, of) for of in (1, 5, 30, 1000, 10 ** 7) for events in sorted({0, 1, of // 3, of - 1, of})]
        for got, (events, of) in zip(ask([f"exact {events} {of}" for events, of in pairs]), pairs, strict=True):
            # The far ends of the beta distribution: statsmodels' inverse is good to about 1e-9.
            self.all_near(got["interval"], [0 if math.isnan(end) and i == 0 else 1 if math.isnan(end) else end for i, end in enumerate(proportion_confint(events, of, method="beta"))], (events, of))
        # Equalised odds of people with one row each: Newcombe's interval.
        tables = []
        for _ in range(60):
            tables.append(tuple([(random.randrange(2), 1) for _ in range(random.choice((5, 12, 80)))] for _ in "ab"))
        for got, (a, b) in zip(ask([f"odds 1 {len(a)} 0 {flat(a)} {len(b)} 0 {flat(b)}" for a, b in tables]), tables, strict=True):
            counts = [value for rows in (a, b) for value in (sum(row[0] for row in rows), len(rows))]
            self.all_near(got["tpr"]["interval"], confint_proportions_2indep(*counts, method="newcomb", compare="diff"), counts)

    def test_bins_are_wilsons(self):
        from statsmodels.stats.proportion import proportion_confint
        tables = [[(random.random(), int(random.random() < 0.3)) for _ in range(random.choice((100, 1000)))] for _ in range(10)]
        for got, rows in zip(ask([f"calibrate {len(rows)} 0 {flat(rows)}" for rows in tables]), tables, strict=True):
            ordered = sorted(rows)
            size = len(rows) // 10
            self.assertEqual(len(got["bins"]), 10)
            error = 0
            for i, bin in enumerate(got["bins"]):
                part = ordered[i * size:(i + 1) * size]
                events, mean = sum(row[1] for row in part), sum(row[0] for row in part) / size
                self.assertEqual((bin["events"], bin["of"]), (events, size))
                self.near(bin["mean"], mean)
                self.all_near(bin["interval"], proportion_confint(events, size, method="wilson"), "wilson")
                error += abs(events / size - mean) / 10
            self.near(got["expected_error"], error)

    def test_recalibration_by_people_is_the_clustered_sandwich(self):
        for persons in (12, 60):
            rows = [(random.uniform(0.05, 0.95), None, random.randrange(persons)) for _ in range(600)]
            lean = [random.gauss(0, 1) for _ in range(persons)]
            rows = [(score, int(random.random() < 1 / (1 + math.exp(-lean[who] - math.log(score / (1 - score))))), who) for score, _, who in rows]
            got, = ask([f"calibrate {len(rows)} 1 {flat(rows)}"])
            score, outcome, who = map(self.numpy.array, zip(*rows))
            x = self.numpy.log(score / (1 - score))
            family = self.statsmodels.families.Binomial()
            fit = lambda design, **offset: self.statsmodels.GLM(outcome, design, family=family, **offset).fit(tol=1e-14, cov_type="cluster", cov_kwds={"groups": who})
            line, shift = fit(self.statsmodels.add_constant(x)), fit(self.numpy.ones(len(x)), offset=x)
            self.all_near([got["slope"]["value"], got["slope"]["se"]], [line.params[1], line.bse[1]], "GLM", rel=1e-5)
            self.all_near([got["intercept"]["value"], got["intercept"]["se"]], [shift.params[0], shift.bse[0]], "GLM", rel=1e-5)

    def test_the_bootstrap_is_numpys(self):
        """numpy draws other numbers: ends agree within the noise of 10,000 replicates (some 1.5 % of the width, thrice)."""
        numpy = self.numpy
        generator = numpy.random.default_rng(1)
        for _ in range(6):
            a, b = people(random.choice((20, 40)), least=1), people(random.choice((20, 90)), least=1)
            got, = ask([f"contrast pooled 0 10000 7 {len(a)} {len(b)} {flat(a)} {flat(b)}"])
            rates = []
            for group in (a, b):
                group = numpy.array(group, float)
                drawn = group[generator.integers(0, len(group), (10_000, len(group)))].sum(axis=1)
                rates.append(drawn[:, 0] / drawn[:, 1])
            for name, values in (("boot_difference", rates[0] - rates[1]), ("boot_ratio", rates[0] / rates[1])):
                ends = numpy.percentile(values, (2.5, 97.5))
                self.all_near(got[name], ends, name, rel=0, absolute=0.05 * (ends[1] - ends[0]))

    def test_the_bootstrap_to_the_last_digit(self):
        """The documented generator, streams and percentiles, written again in Python."""
        a, b = people(20), people(23)
        got, = ask([f"contrast pooled 0 300 11 {len(a)} {len(b)} {flat(a)} {flat(b)}"])
        values = []
        for block in range(3):
            generator = Xoshiro(11, 2 ** 32 + block)
            for _ in range(min(128, 300 - 128 * block)):
                rates = []
                for group in (a, b):
                    drawn = [group[generator.below(len(group))] for _ in group]
                    rates.append(sum(x for x, _ in drawn) / sum(y for _, y in drawn))
                values.append(rates[0] - rates[1])
        self.all_near(got["boot_difference"], self.numpy.percentile(values, (2.5, 97.5)), "replicates", rel=1e-12, absolute=1e-14)

    def squared_t(self, everybody, chosen):
        """Of the studentised difference between those chosen and the rest."""
        numpy = self.numpy
        inside = numpy.isin(numpy.arange(len(everybody)), chosen)
        means, spread = [], 0
        for part in (everybody[inside], everybody[~inside]):
            x, y = part.T
            rate = x.sum() / y.sum()
            means.append(rate)
            spread += ((x - rate * y) ** 2).sum() * len(x) / (len(x) - 1) / y.sum() ** 2
        return (means[0] - means[1]) ** 2 / spread

    def test_shuffles_to_the_last_digit(self):
        """A partial shuffle of Fisher and Yates a draw, each going on from the one before; a stream every 128."""
        a, b = people(9), people(14)
        got, = ask([f"contrast pooled 300 0 11 {len(a)} {len(b)} {flat(a)} {flat(b)}"])
        everybody = self.numpy.array(a + b, float)
        seen, far = self.squared_t(everybody, range(9)), 0
        for block in range(3):
            generator, order = Xoshiro(11, block), list(range(23))
            for _ in range(min(128, 300 - 128 * block)):
                for i in range(9):
                    j = i + generator.below(23 - i)
                    order[i], order[j] = order[j], order[i]
                far += self.squared_t(everybody, order[:9]) >= seen * (1 - 1e-9)
        self.assertEqual(got["assignments"], 300)
        self.near(got["p_permutation"], (far + 1) / 301, "shuffles", rel=1e-15)

    def test_permutation(self):
        """All assignments of the studentised difference, by itertools."""
        import itertools
        numpy = self.numpy
        for _ in range(8):
            a, b = people(5, random.random() < 0.5), people(random.choice((5, 6)))
            got, = ask([f"contrast pooled 99 0 1 {len(a)} {len(b)} {flat(a)} {flat(b)}"])
            everybody = numpy.array(a + b, float)

            every = [self.squared_t(everybody, chosen) for chosen in itertools.combinations(range(len(everybody)), 5)]
            self.assertEqual(got["assignments"], len(every))
            self.near(got["p_permutation"], sum(t >= every[0] * (1 - 1e-9) for t in every) / len(every), "permutation")


class Xoshiro:
    """xoshiro256** over SplitMix64, as src/analyze/disparity/random.h says."""
    MASK = 2 ** 64 - 1

    def __init__(self, seed, stream):
        state = (self.mixed(seed) + self.mixed(~stream & self.MASK)) & self.MASK
        self.state = []
        for _ in range(4):
            state = (state + 0x9e3779b97f4a7c15) & self.MASK
            self.state.append(self.mixed(state))

    def mixed(self, z):
        z = (z + 0x9e3779b97f4a7c15) & self.MASK
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9 & self.MASK
        z = (z ^ z >> 27) * 0x94d049bb133111eb & self.MASK
        return z ^ z >> 31

    def turned(self, x, by):
        return (x << by | x >> 64 - by) & self.MASK

    def next(self):
        s = self.state
        result = self.turned(s[1] * 5 & self.MASK, 7) * 9 & self.MASK
        shifted = s[1] << 17 & self.MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = self.turned(s[3], 45)
        return result

    def below(self, bound):
        while True:
            wide = (self.next() >> 32) * bound
            if wide % 2 ** 32 >= 2 ** 32 % bound:
                return wide >> 32


class Generator(Oracle):
    def test_the_numbers(self):
        for seed, stream, bound in ((0, 0, 7), (1, 2, 500), (2 ** 64 - 1, 2 ** 32 + 5, 4_000_000_000)):
            got, = ask([f"random {seed} {stream} 50 {bound}"])
            raw, bounded = Xoshiro(seed, stream), Xoshiro(seed, stream)
            self.assertEqual(got["next"], [raw.next() for _ in range(50)])
            self.assertEqual(got["below"], [bounded.below(bound) for _ in range(50)])


@unittest.skipUnless((SCTK / "sc_stats").exists() and (SCTK / "sclite").exists() or shutil.which("sc_stats"), "not installed: sctk")
class BesideNist(Oracle):
    """sclite aligns two systems with one reference, sc_stats tests them, and so do we from the same alignments."""

    def setUp(self):
        super().setUp()
        self.sandbox = kit.tempfile.TemporaryDirectory()
        self.addCleanup(self.sandbox.cleanup)
        self.folder = pathlib.Path(self.sandbox.name)

    def run_in(self, program, *arguments, **more):
        path = SCTK / program
        return subprocess.run([path if path.exists() else program, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=kit.TIMEOUT, **more)

    def heard(self, words, wrong):
        out = []
        for word in words:
            luck = random.random()
            if luck > wrong:
                out.append(word)
            elif luck > wrong / 2:
                out.append(random.choice("xyz"))
            if random.random() < wrong / 4:
                out.append(random.choice("xyz"))
        return out

    def compared(self, number, wrongs):
        said = {}
        for utterance in range(number):
            said[f"spk{utterance % 5}_{utterance:03d}"] = [random.choice("abcdefgh") for _ in range(random.randrange(1, 15))]
        trn = lambda spoken: "".join(f"{' '.join(words)} ({name})\n" for name, words in spoken.items())
        (self.folder / "ref.trn").write_text(trn(said))
        sgml = ""
        letters = []
        for system, wrong in zip(("one", "two"), wrongs):
            (self.folder / f"{system}.trn").write_text(trn({name: self.heard(words, wrong) for name, words in said.items()}))
            aligned = self.run_in("sclite", "-r", "ref.trn", "trn", "-h", f"{system}.trn", "trn", system, "-i", "spu_id", "-o", "sgml", "stdout")
            self.assertEqual(aligned.returncode, 0, aligned.stderr)
            body = aligned.stdout[aligned.stdout.index("<SYSTEM"):aligned.stdout.rindex("</SYSTEM>") + len("</SYSTEM>\n")]
            sgml += body
            paths = re.findall(r'<PATH id="\(([^)]*)\)".*\n(.*)\n</PATH>', body)
            letters.append({name: "".join(word[0] for word in line.split(":") if word) or "-" for name, line in paths})
        self.assertEqual(set(letters[0]), set(said))
        tested = self.run_in("sc_stats", "-p", "-t", "mapsswe", "-v", "-n", "-", input=sgml)
        printed = re.search(r"# segs: (\d+)\) \(Seg per Sent: *([\d.]+)\) \(% Error: *([\d.]+) *([\d.]+)\) \(mean: *([-\d.]+)\) \(std dev: *([\d.]+)\) \(Z Stat: *([-\d.]+)\) \(Stat Diff: (\w+)\)", tested.stdout)
        self.assertIsNotNone(printed, tested.stdout + tested.stderr)
        got, = ask(["mapsswe 2 " + " ".join(f"{letters[0][name]} {letters[1][name]}" for name in sorted(said))])
        return printed.groups(), got

    def test_mapsswe(self):
        differ = set()
        for number, wrongs in ((5, (0.3, 0.3)), (40, (0.2, 0.3)), (40, (0.5, 0.5)), (150, (0.1, 0.25)), (150, (0.15, 0.15)), (300, (0.02, 0.05)), (300, (0.6, 0.3))):
            printed, got = self.compared(number, wrongs)
            ours = (f"{got['segments']:.0f}", f"{got['segments'] / got['utterances']:.3f}", f"{100 * got['first'] / got['words']:.2f}", f"{100 * got['second'] / got['words']:.2f}",
                    f"{got['mean']:.3f}", f"{got['sd']:.3f}", f"{got['z']:.3f}", "Yes" if got["different"] else "No")
            self.assertEqual(ours, printed)
            differ.add(printed[-1])
        self.assertEqual(differ, {"Yes", "No"})


if __name__ == "__main__":
    kit.main()
