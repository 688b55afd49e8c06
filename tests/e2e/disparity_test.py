#!/usr/bin/python3
"""`contrechamp disparity`, mode by mode, on real tables where there are some and on made-up ones where the truth must be known."""
import csv
import gzip
import json
import os
import pathlib
import random

import kit

DATA = pathlib.Path(os.environ.get("SHARED_DATA") or kit.ROOT.parent / "shared/data") / "disparity"
WORDS = "the call was long and I told them that my badge did not open the door since nine on monday morning please check the list".split()


def talk(folder, groups, speakers=12, lines=25, seed=1, name="ref.trn", spread=0.05):
    """ref.trn, vendor.trn and speakers.csv: each speaker of a group loses words at the group's rate, more or less."""
    rng = random.Random(seed)
    reference, heard, table = [], [], [("speaker", "sex")]
    for group, rate in groups.items():
        for number in range(speakers):
            speaker = f"{group}{number:02}"
            table.append((speaker, group))
            own = min(0.9, max(0.01, rng.gauss(rate, spread)))
            for line in range(lines):
                words = [rng.choice(WORDS) for _ in range(rng.randint(6, 14))]
                out = []
                for word in words:
                    chance = rng.random()
                    if chance > own:
                        out.append(word)
                    elif chance > own / 3:
                        out.append("xx")
                reference.append(f"{' '.join(words)} ({speaker}-{line:03})")
                heard.append(f"{' '.join(out)} ({speaker}-{line:03})")
    (folder / name).write_text("\n".join(reference) + "\n")
    (folder / "vendor.trn").write_text("\n".join(heard) + "\n")
    write(folder / "speakers.csv", table)


def write(path, rows, **how):
    with path.open("w", newline="") as file:
        csv.writer(file, **how).writerows(rows)


class Disparity(kit.Sandbox):
    def run_mode(self, *arguments, code=0, case="case"):
        return self.run_program("disparity", *arguments, "--case", case, "--seed", "7", "--permutations", "1999", code=code)

    def table(self, name, case="case"):
        return [json.loads(line) for line in self.out("table", name, "--case", case, "--jsonl", "--quiet").splitlines()]

    def conclusions(self, case="case"):
        return {(row["measure"], row["group"]): row for row in self.table("conclusions", case)}

    def found(self, case="case"):
        both = self.lines("findings", "--case", case, "--json", "--quiet")
        return [item["rule"] for item in both]

    def gaps(self, case="case"):
        return [(row["reason"], row.get("fields", {})) for row in self.lines("coverage", "--case", case, "--json", "--quiet") if row.get("reason")]


class Transcripts(Disparity):
    def test_a_planted_difference_is_a_finding_and_can_be_computed_again(self):
        talk(self.folder, {"f": 0.3, "m": 0.1})
        told = self.run_mode("transcripts", "--ref", "ref.trn", "--hyp", "vendor=vendor.trn", "--speakers", "speakers.csv")
        row = self.conclusions()[("wer", "m")] if ("wer", "m") in self.conclusions() else self.conclusions()[("wer", "f")]
        self.assertEqual(row["verdict"], "robust")
        self.assertGreaterEqual(row["settings"], 12)
        self.assertEqual(self.found(), ["unequal-judgement"])
        self.assertIn("robust to all", told.stdout)
        self.assert_whole()
        report = (self.folder / "case/report.html").read_text()
        self.assertIn("What this does not show", report)
        self.assertNotIn("f00", report)  # nobody is named
        figures = self.table("figures")
        rates = {row["group"]: row for row in figures if row["kind"] == "rate" and row["measure"] == "wer"}
        counts = self.table("people_counts")
        for group in "fm":
            mine = [row for row in counts if row["groups"] == f"sex={group}"]
            self.assertEqual(len(mine), 12)
            self.assertAlmostEqual(rates[group]["value"], sum(row["events"] for row in mine) / sum(row["of"] for row in mine), 5)
            self.assertLess(rates[group]["low"], rates[group]["value"])
        # Each utterance leads to its line in the vendor's file.
        utterances = self.table("utterances")
        self.assertEqual(len(utterances), 600)
        vendor = (self.folder / "vendor.trn").read_bytes()
        for row in utterances[::97]:
            self.assertIn(f"({row['utterance']})".encode(), vendor[row["offset"]:row["offset"] + row["length"]])

    def test_no_difference_is_no_finding(self):
        talk(self.folder, {"f": 0.2, "m": 0.2}, seed=4)
        told = self.run_mode("transcripts", "--ref", "ref.trn", "--hyp", "vendor.trn", "--speakers", "speakers.csv")
        (row,) = self.conclusions().values()
        self.assertEqual(row["verdict"], "compatible")
        self.assertEqual(self.found(), [])
        self.assertIn("Compatible with no difference", told.stdout)

    def test_four_people_a_group_are_too_few(self):
        talk(self.folder, {"f": 0.6, "m": 0.1}, speakers=4)
        told = self.run_mode("transcripts", "--ref", "ref.trn", "--hyp", "vendor.trn", "--speakers", "speakers.csv")
        (row,) = self.conclusions().values()
        self.assertEqual((row["verdict"], row["reason"]), ("insufficient", "too-few-people"))
        self.assertTrue(all(row["p"] is None for row in self.table("figures") if row["method"] != "naive"))
        self.assertIn("Insufficient data", told.stdout)
        self.assertEqual(self.found(), [])

    def test_what_is_missing_is_said(self):
        talk(self.folder, {"f": 0.3, "m": 0.1})
        lines = (self.folder / "vendor.trn").read_text().splitlines()
        (self.folder / "vendor.trn").write_text("\n".join(lines[3:] + ["nobody said this (zz-001)", lines[10]]) + "\n")
        speakers = (self.folder / "speakers.csv").read_text().splitlines()
        (self.folder / "speakers.csv").write_text("\n".join(speakers[:-1]) + "\n")
        self.run_mode("transcripts", "--ref", "ref.trn", "--hyp", "vendor.trn", "--speakers", "speakers.csv")
        gaps = {(reason, fields.get("why")) for reason, fields in self.gaps()}
        for why in ("utterance-missing", "utterance-extra"):
            self.assertIn(("utterances-unmatched", why), gaps)
        self.assertIn(("table-rows-refused", "duplicate"), gaps)
        self.assertIn(("groups-left-out", "missing-group"), gaps)
        self.assertIn("missing-left-out", {part for row in self.table("figures") for part in row["setting"].split(", ")})

    def test_a_second_human_is_a_floor_and_two_systems_are_compared(self):
        talk(self.folder, {"f": 0.3, "m": 0.1})
        (self.folder / "other.trn").write_text((self.folder / "vendor.trn").read_text())
        talk(self.folder, {"f": 0.05, "m": 0.05}, seed=1)  # the same references, heard by somebody better
        (self.folder / "vendor.trn").rename(self.folder / "second.trn")
        self.run_mode("transcripts", "--ref", "ref.trn", "--hyp", "a=other.trn", "--hyp", "b=second.trn", "--second", "second.trn",
                      "--speakers", "speakers.csv")
        figures = self.table("figures")
        floor = [row for row in figures if row["statistic"] == "floor"]
        self.assertEqual({row["group"] for row in floor}, {"", "f", "m"})
        (between,) = [row for row in figures if row["method"] == "mapsswe"]
        self.assertLess(between["p"], 1e-6)
        self.assertIn("second-human", {part for row in figures for part in row["setting"].split(", ")})

    def test_counts_alone_make_no_case(self):
        talk(self.folder, {"f": 0.3, "m": 0.1}, speakers=2, lines=3)
        told = self.out("disparity", "transcripts", "--ref", "ref.trn", "--hyp", "vendor.trn", "--counts", "-", "--quiet")
        self.assertEqual(len(told.splitlines()), 1 + 12)
        self.assertFalse((self.folder / "case").exists())

    def test_in_french(self):
        talk(self.folder, {"f": 0.3, "m": 0.1})
        told = self.run_mode("transcripts", "--ref", "ref.trn", "--hyp", "vendor.trn", "--speakers", "speakers.csv", "--lang", "fr")
        self.assertIn("robuste aux", told.stdout)
        self.assertIn("Ce que cela ne montre pas", (self.folder / "case/report.html").read_text())


class Decisions(Disparity):
    @kit.unittest.skipUnless(DATA.exists(), "shared data are not here")
    def test_riccis_exams(self):
        with (DATA / "ricci/ricci.csv").open() as file:
            rows = [(row["Position"], row["Race"], "passed" if float(row["Combine"]) >= 70 else "failed") for row in csv.DictReader(file)]
        write(self.folder / "ricci.csv", [("position", "race", "result"), *rows])
        write(self.folder / "lieutenant.csv", [("race", "result"), *[row[1:] for row in rows if row[0] == "Lieutenant"]])
        self.run_mode("decisions", "lieutenant.csv", "--outcome", "result=passed", "--group", "race", "--reference", "race=W")
        rates = {row["group"]: row for row in self.table("figures") if row["kind"] == "rate"}
        self.assertEqual({group: (row["events"], row["units"]) for group, row in rates.items()}, {"W": (25, 43), "B": (6, 19), "H": (3, 15)})
        screens = {row["group"]: row for row in self.table("figures") if row["statistic"] == "four-fifths-ratio"}
        self.assertAlmostEqual(screens["B"]["value"], (6 / 19) / (25 / 43), 5)
        self.assertEqual({row["note"] for row in screens.values()}, {"below-four-fifths"})
        # fisher.test(matrix(c(3, 12, 25, 18), 2))$p.value
        main = {row["group"]: row for row in self.table("figures") if row["kind"] == "contrast"}
        self.assertAlmostEqual(main["H"]["p"], 0.0160, 3)
        self.assertEqual(self.conclusions()[("selection-rate", "B")]["tests"], 2)
        self.run_mode("decisions", "ricci.csv", "--outcome", "result=passed", "--group", "race", "--stratum", "position", "--reference", "race=W",
                      case="both")
        kinds = {row["statistic"] for row in self.table("figures", "both")}
        self.assertLessEqual({"common-odds-ratio", "homogeneity", "difference"}, kinds)
        self.assert_whole("both")

    def rows(self, rates, people=200, seed=3):
        rng = random.Random(seed)
        return [(f"{group}{number}", group, rng.choice(("A", "B", "C")), rng.randint(1, 30), "oui" if rng.random() < rate else "non")
                for group, rate in rates.items() for number in range(people)]

    def test_a_planted_difference_and_none(self):
        head = ("matricule", "sexe", "grade", "ancienneté", "promu")
        write(self.folder / "d.csv", [head, *self.rows({"F": 0.2, "H": 0.5})], delimiter=";")
        self.run_mode("decisions", "d.csv", "--outcome", "promu", "--group", "sexe", "--stratum", "grade", "--match", "ancienneté")
        (row,) = self.conclusions().values()
        self.assertEqual(row["verdict"], "robust")
        self.assertTrue(self.table("balance"))
        self.assertEqual(self.found(), ["unequal-judgement"])
        write(self.folder / "n.csv", [head, *self.rows({"F": 0.4, "H": 0.4})], delimiter=";")
        self.run_mode("decisions", "n.csv", "--outcome", "promu", "--group", "sexe", case="none")
        self.assertEqual(self.found("none"), [])
        self.assert_whole()

    def test_simpsons_paradox_is_not_a_finding(self):
        """Within each grade both are promoted alike; the grades differ. All rows together differ, and that is no finding."""
        rng = random.Random(5)
        rows = []
        for group, grade, people, rate in (("F", "low", 300, 0.1), ("F", "high", 60, 0.6), ("H", "low", 60, 0.1), ("H", "high", 300, 0.6)):
            chosen = set(rng.sample(range(people), round(people * rate)))
            rows += [(f"{group}{grade}{i}", group, grade, "yes" if i in chosen else "no") for i in range(people)]
        write(self.folder / "d.csv", [("id", "sex", "grade", "promoted"), *rows])
        self.run_mode("decisions", "d.csv", "--outcome", "promoted", "--group", "sex", "--stratum", "grade")
        (row,) = self.conclusions().values()
        self.assertEqual(row["verdict"], "compatible")
        self.assertLess(row["agreeing"], row["settings"])
        self.assertEqual(self.found(), [])

    def test_hostile_rows(self):
        rows = ["\ufeffid;\"nom, prénom\";sexe;promu", "1;\"Durand; Ève\nÀ\";F;oui", "1;Again;F;oui", "2;B;;non", "3;C;H", "4;D;H;peut-être", "5;E;H;non"]
        rows += [f"{i};X;{'FH'[i % 2]};{'oui' if i % 3 else 'non'}" for i in range(10, 60)]
        (self.folder / "d.csv").write_bytes("\r\n".join(rows).encode() + b"\r\n99;Zo\xe9;F;oui\r\n")
        self.run_mode("decisions", "d.csv", "--outcome", "promu=oui/non", "--group", "sexe", "--id", "id")
        gaps = [(reason, fields.get("why"), fields.get("rows")) for reason, fields in self.gaps()]
        for why in ("duplicate-id", "too-few-cells", "unknown-value"):
            self.assertIn(("table-rows-refused", why, 1), gaps)
        self.assertIn("rows-recoded", {gap[0] for gap in gaps})
        self.assertIn(("groups-left-out", "missing-group", None), gaps)
        self.assertEqual({row["reason"] for row in self.table("refused_rows")}, {"duplicate-id", "too-few-cells", "unknown-value"})
        total = sum(row["units"] for row in self.table("figures") if row["kind"] == "rate")
        self.assertEqual(total, 53)

    def test_how_a_table_is_read_can_be_said(self):
        rows = "".join(f"{'FH'[i % 2]}|é{i}|{'oui' if i % 3 else 'non'}\n" for i in range(60))
        (self.folder / "d.txt").write_bytes(("Extraction du 3 mars\n\nsexe|nom|promu\n" + rows).encode("windows-1252"))
        self.run_mode("decisions", "d.txt", "--outcome", "promu", "--group", "sexe", "--separator", "|", "--encoding", "windows-1252", "--header-line", "3")
        self.assertEqual(sum(row["units"] for row in self.table("figures") if row["kind"] == "rate"), 60)
        self.assert_whole()

    def test_clear_errors(self):
        write(self.folder / "d.csv", [("id", "sex", "promoted"), (1, "F", "yes"), (2, "M", "maybe"), (3, "M", "no")])
        (self.folder / "empty.csv").write_text("")
        for arguments, words in (((), "which table"), (("d.csv",), "which column"), (("d.csv", "--group", "sexe"), "id, sex, promoted"),
                                 (("d.csv", "--group", "sex", "--outcome", "promoted"), "maybe"), (("empty.csv", "--group", "sex"), "empty.csv"),
                                 (("d.csv", "--group", "sex", "--alpha", "2"), "0.001")):
            told = self.run_program("disparity", "decisions", *arguments, "--case", "bad", code=None)
            self.assertIn(told.returncode, (1, 2), told.stderr)
            self.assertIn(words, told.stderr)
            self.assertEqual(len([line for line in told.stderr.splitlines() if line.startswith("contrechamp:")]), 1, told.stderr)

    def test_repeats_are_of_people(self):
        rng = random.Random(9)
        rows = [(person, "FM"[person % 2], "yes" if rng.random() < 0.3 else "no") for person in range(30) for _ in range(8)]
        write(self.folder / "d.csv", [("person", "sex", "warned"), *rows])
        self.run_mode("decisions", "d.csv", "--outcome", "warned=yes", "--group", "sex", "--person", "person")
        self.assertEqual({row["method"] for row in self.table("figures") if row["kind"] == "contrast"}, {"welch-permutation"})
        self.assertEqual({row["people"] for row in self.table("figures") if row["kind"] == "rate"}, {15})


class ScoresFacesCareers(Disparity):
    def test_scores(self):
        rng = random.Random(2)
        rows = []
        for i in range(1200):
            group = "FM"[i % 2]
            left = rng.random() < 0.3
            score = min(1, max(0, rng.gauss(0.45 if left else 0.3, 0.12) + (0.12 if group == "F" else 0)))
            rows.append((i, group, f"{score:.4f}".replace(".", ","), int(left)))
        write(self.folder / "s.csv", [("id", "sex", "risk", "left"), *rows], delimiter=";")
        self.run_mode("scores", "s.csv", "--score", "risk", "--outcome", "left", "--group", "sex", "--threshold", "0.45")
        verdicts = {row["measure"]: row["verdict"] for row in self.table("conclusions")}
        self.assertEqual(verdicts["false-positive-rate"], "robust")
        self.assertEqual(set(verdicts), {"flagged-rate", "false-positive-rate", "false-negative-rate", "auc"})
        self.assertEqual({row["curve"] for row in self.table("curves")}, {"roc", "calibration"})
        self.assert_whole()

    @kit.unittest.skipUnless(DATA.exists(), "shared data are not here")
    def test_pyeers_scores(self):
        folder = DATA / "pyeer"
        self.run_mode("faces", "--genuine-scores", folder / "exp1_true.txt", "--impostor-scores", folder / "exp1_false.txt")
        (eer,) = [row for row in self.table("figures") if row["measure"] == "eer"]
        self.assertAlmostEqual(eer["value"], 0.08096, 4)
        self.assertIn("det", {row["curve"] for row in self.table("curves")})

    def test_faces(self):
        rng = random.Random(8)
        rows = []
        for i in range(6000):
            group = "AB"[i % 2]
            same = i % 4 < 2
            score = rng.gauss(0.8 if same else (0.5 if group == "B" else 0.25), 0.1)
            first = rng.randrange(60)
            second = first if same else (first + rng.randrange(1, 59)) % 60
            rows.append((f"{score:.4f}", f"{group}{first}", f"{group}{second}", group))
        write(self.folder / "m.csv", [("score", "subject_a", "subject_b", "skin_type"), *rows])
        self.run_mode("faces", "m.csv", "--threshold", "0.6", "--group", "skin_type")
        row = [row for row in self.table("conclusions") if row["measure"] == "fmr"][0]
        self.assertIn(row["verdict"], ("robust", "evidence"), row)
        self.assertGreater(row["value"], 0.03)
        self.assertEqual({row["by"] for row in self.table("curves")}, {"skin_type"})
        self.assert_whole()

    def test_a_career_and_its_panel(self):
        rows = [("id", "year", "pay", "hired", "level", "union")]
        for person in range(9):
            for year in range(2012, 2021):
                rows.append((person, year, 2000 + (year - 2012) * (20 if person == 0 else 60 + person), 2011, "P1", "yes" if person == 0 else "no"))
        write(self.folder / "c.csv", rows)
        self.run_mode("career", "c.csv", "--person", "id", "--member", "0", "--date", "year", "--pay", "pay", "--entry", "hired", "--level", "level",
                      "--since", "2012-01")
        figures = {(row["statistic"], row["setting"]): row["value"] for row in self.table("figures")}
        gap = sum(2000 + 8 * (60 + person) for person in range(1, 9)) / 8 - 2160
        self.assertAlmostEqual(figures[("gap-to-mean", "2020")], gap, 2)
        self.assertAlmostEqual(figures[("damage-loss", "mean")], gap * figures[("damage-months", "mean")] / 2, -1)
        self.assertAlmostEqual(figures[("damage-total", "mean")], 1.3 * figures[("damage-loss", "mean")], -1)
        self.assertEqual(len(self.table("panel")), 9)
        report = (self.folder / "case/report.html").read_text()
        self.assertIn(f"2020: the person 2,160, the panel {gap + 2160:,.0f} in the mean", report)
        self.assertEqual(report.count("<svg class=\"fig\""), 1)
        self.assert_whole()

    def test_compressed(self):
        rows = [f"{i},{'FM'[i % 2]},{'yes' if i % 5 else 'no'}" for i in range(100)]
        (self.folder / "d.csv.gz").write_bytes(gzip.compress(("id,sex,kept\n" + "\n".join(rows) + "\n").encode()))
        self.run_mode("decisions", "d.csv.gz", "--outcome", "kept", "--group", "sex")
        self.assert_whole()


class Typing(Disparity):
    """What was typed is checked before a case is made: the answer names the option, what is there and what was meant."""

    def refused(self, *arguments, code=2):
        told = self.run_mode(*arguments, code=code)
        self.assertFalse((self.folder / "case").exists(), told.stderr)
        return told.stderr

    def excel(self, title=True):
        rows = ["Matricule;Sexe;Catégorie d’emploi;Ancienneté (années);Promu(e)"]
        rows += [f"{i};{('Homme', 'Femme')[i % 2]};{('Cadre', 'Employé')[i % 3 % 2]};{i % 7},5;{('Oui', 'Non')[i % 2 if i % 10 > 1 else 1 - i % 2]}" for i in range(200)]
        if title:
            rows[:0] = ["Extraction SIRH – promotions 2025;;;;", ""]
        (self.folder / "rh.csv").write_bytes("\r\n".join(rows).encode("cp1252"))

    def test_a_title_above_the_header_and_names_typed_without_accents(self):
        self.excel()
        told = self.run_mode("decisions", "rh.csv", "--outcome", "promu(e)", "--group", "SEXE", "--stratum", "categorie d'emploi", "--match",
                             "anciennete (annees)", "--reference", "sexe=Homme", "--lang", "fr")
        self.assertIn("--header-line 3  (deviné)", told.stderr)
        self.assertIn("--stratum 'Catégorie d’emploi'", told.stderr)
        report = (self.folder / "case/report.html").read_text()
        self.assertIn("appariement sur Ancienneté", report)
        self.assertNotIn("matched on", report)
        self.assertIn("Promu(e), Sexe\u00a0: Femme / Homme", report)
        rates = {row["group"]: row for row in self.table("figures") if row["kind"] == "rate"}
        self.assertEqual({group: row["units"] for group, row in rates.items()}, {"Homme": 100, "Femme": 100})
        self.assert_whole()

    def test_columns_and_groups_that_are_not_there(self):
        self.excel(title=False)
        common = ("decisions", "rh.csv", "--outcome", "promu(e)")
        self.assertIn("did you mean --outcome 'Promu(e)'?", self.refused("decisions", "rh.csv", "--outcome", "promu", "--group", "sexe"))
        self.assertIn("did you mean --group Sexe?", self.refused(*common, "--group", "sexx"))
        self.assertIn("did you mean “Femme”?", self.refused(*common, "--group", "sexe", "--reference", "sexe=femmes"))
        self.assertIn("did you mean “Femme”?", self.refused(*common, "--group", "sexe", "--hypothesis", "sexe:Femmes/Homme"))
        self.assertIn("add --group Matricule", self.refused(*common, "--group", "sexe", "--reference", "matricule=1"))
        self.assertIn("holds no numbers (--match)", self.refused(*common, "--group", "sexe", "--match", "Catégorie d’emploi"))

    def test_scores_and_thresholds(self):
        rows = [(i, "ab"[i % 2], i / 100000, i % 3 == 0) for i in range(30000)]  # the threshold is behind the first rows
        write(self.folder / "s.csv", [("id", "g", "score", "left", "word"), *[(*row, "x") for row in rows]])
        common = ("scores", "s.csv", "--outcome", "left", "--group", "g")
        self.assertIn("go from 0 to 0.29999", self.refused(*common, "--threshold", "80"))
        self.assertIn("holds no numbers (--score)", self.refused(*common, "--score", "word", "--threshold", "0.2"))
        self.run_mode(*common, "--threshold", "0.25")

    def test_a_career_that_is_not_there(self):
        write(self.folder / "c.csv", [("id", "year", "pay", "hired"), *[(f"p{i}", 2015 + k, 2000 + k, 2014) for i in range(7) for k in range(3)]])
        common = ("career", "c.csv", "--date", "year", "--entry", "hired")
        self.assertIn("did you mean “p1”", self.refused(*common, "--person", "id", "--member", "p11", "--pay", "pay"))
        self.assertIn("--pay or --coefficient", self.refused(*common, "--person", "id", "--member", "p1"))
        self.assertIn("no column “salary” (--pay)", self.refused(*common, "--person", "id", "--member", "p1", "--pay", "salary"))
        self.assertIn("this is no month", self.refused(*common, "--person", "id", "--member", "p1", "--pay", "pay", "--since", "yesterday"))

    def test_transcripts_of_two_hands(self):
        write(self.folder / "ref.csv", [("call_id", "agent", "transcript"), *[(f"Call_{i}.wav", f"A{i % 2}", "good morning") for i in range(8)]])
        write(self.folder / "odd.csv", [("no", "who", "transcript"), *[(i, f"A{i % 2}", "good morning") for i in range(8)]])
        write(self.folder / "agents.csv", [("agent", "site"), ("A0", "x"), ("A1", "y")])
        write(self.folder / "others.csv", [("agent", "site"), ("B0", "x"), ("B1", "y")])
        for name, spelt in (("same", "call_{}.WAV"), ("other", "call-{}")):
            lines = [json.dumps({"utterance": spelt.format(i), "text": "good morning"}) for i in range(8)]
            (self.folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
        common = ("transcripts", "--ref", "ref.csv", "--speakers", "agents.csv")
        self.assertIn("“call-0” here, “Call_0.wav” there", self.refused(*common, "--hyp", "other.jsonl"))
        self.assertIn("--map id=COLUMN", self.refused("transcripts", "--ref", "odd.csv", "--hyp", "same.jsonl", code=1))
        self.assertIn("nobody in this table speaks", self.refused("transcripts", "--ref", "ref.csv", "--hyp", "same.jsonl", "--speakers", "others.csv"))
        told = self.run_mode(*common, "--hyp", "same.jsonl")
        self.assertIn("--map id=call_id  (guessed)", told.stderr)
        self.assertIn("--language en  (guessed)", told.stderr)

    def test_one_file_of_scores(self):
        (self.folder / "g.txt").write_text("0.5\n")
        self.assertIn("--impostor-scores is missing", self.refused("faces", "--genuine-scores", "g.txt"))


if __name__ == "__main__":
    kit.main()
