#!/usr/bin/python3
"""What `contrechamp disparity` must not say: no accusation that the data cannot bear, no silence where it could not look, no name."""
import csv
import json
import random

import kit

WORDS = "the call was long and I told them that my badge did not open the door".split()


def write(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


class Care(kit.Sandbox):
    def judge(self, mode, *arguments, case="case"):
        told = self.run_program("disparity", mode, *arguments, "--case", case, "--permutations", "999", "--replicates", "99")
        self.assert_whole(case)
        return told.stdout

    def table(self, name, case="case"):
        return [json.loads(line) for line in self.out("table", name, "--case", case, "--jsonl", "--quiet").splitlines()]

    def gaps(self, case="case"):
        return {row["reason"]: row.get("fields", {}) for row in self.lines("coverage", "--case", case, "--json", "--quiet") if row.get("reason")}

    def found(self, case="case"):
        return [item["rule"] for item in self.lines("findings", "--case", case, "--json", "--quiet")]

    def talk(self, speakers, lines=20, own=lambda group, rng: rng.gauss(0.2, 0.1), name="{s}-{line:03}"):
        """ref.csv, heard.csv (id, text) and utterances.csv; people of a group have rates of their own."""
        rng = random.Random(3)
        reference, heard, table = [("id", "text")], [("id", "text")], [("id", "sex")]
        for group, people in speakers.items():
            for number in range(people):
                rate = min(0.8, max(0.02, own(group, rng)))
                for line in range(lines):
                    words = [rng.choice(WORDS) for _ in range(10)]
                    utterance = name.format(s=f"{group}{number}", line=line)
                    reference.append((utterance, " ".join(words)))
                    heard.append((utterance, " ".join(word for word in words if rng.random() > rate)))
                    table.append((utterance, group))
        for path, rows in (("ref.csv", reference), ("heard.csv", heard), ("utterances.csv", table)):
            write(self.folder / path, rows)

    def test_utterances_are_not_people(self):
        self.talk({"f": 6, "m": 6}, lines=60)
        told = self.judge("transcripts", "--ref", "ref.csv", "--hyp", "heard.csv", "--speakers", "utterances.csv")
        (row,) = self.table("conclusions")
        self.assertEqual((row["verdict"], row["reason"]), ("insufficient", "people-unknown"))
        self.assertEqual(self.found(), [])
        self.assertEqual(self.gaps()["speakers-unknown"], {"utterances": 720, "of": 720})
        self.assertIn("nothing tells which rows are of one person", told)
        rates = [row for row in self.table("figures") if row["kind"] == "rate"]
        self.assertEqual({(row["people"], row["note"]) for row in rates}, {(0, "people-unknown")})
        # Whoever says that each is somebody else is believed.
        self.judge("transcripts", "--ref", "ref.csv", "--hyp", "heard.csv", "--speakers", "utterances.csv", "--map", "speaker=id", case="said")
        (row,) = self.table("conclusions", "said")
        self.assertNotEqual(row["verdict"], "insufficient")

    def test_comparisons_of_faces_are_not_people(self):
        rng = random.Random(1)
        rows = [("score", "genuine", "skin_type")]
        for i in range(2000):
            rows.append((f"{rng.gauss(0.8 if i % 2 else 0.3, 0.1 if i % 4 < 2 else 0.3):.4f}", "yes" if i % 2 else "no", "AB"[i % 4 // 2]))
        write(self.folder / "m.csv", rows)
        self.judge("faces", "m.csv", "--threshold", "0.6", "--group", "skin_type")
        self.assertEqual({(row["verdict"], row["reason"]) for row in self.table("conclusions")}, {("insufficient", "people-unknown")})
        self.assertEqual(self.found(), [])
        shown = [row for row in self.table("figures") if row["statistic"] == "difference" and row["setting"] == "at 0.6"]
        self.assertEqual({(row["kind"], row["people"]) for row in shown}, {("detail", 0)})
        self.assertEqual(len(shown), 2)

    def test_people_who_come_back_are_compared_within_the_strata(self):
        """Within grades everybody is judged alike, F are mostly in the grade where few are promoted."""
        rng = random.Random(2)
        rows = [("employee", "sex", "grade", "promoted")]
        for number in range(160):
            group = "FM"[number % 2]
            grade = "low" if rng.random() < (0.8 if group == "F" else 0.2) else "high"
            for _ in range(4):
                rows.append((number, group, grade, "yes" if rng.random() < (0.1 if grade == "low" else 0.6) else "no"))
        write(self.folder / "d.csv", rows)
        told = self.judge("decisions", "d.csv", "--outcome", "promoted", "--group", "sex", "--stratum", "grade", "--person", "employee")
        (row,) = self.table("conclusions")
        self.assertEqual(row["verdict"], "compatible", row)
        self.assertEqual(self.found(), [])
        self.assertIn("Difference within strata", told)
        (main,) = [row for row in self.table("figures") if row["kind"] == "contrast"]
        self.assertEqual((main["setting"], main["method"]), ("within-strata, people", "mantel-haenszel, people"))
        self.assertLess(abs(main["value"]), 0.1)
        crude = {row["setting"]: row["value"] for row in self.table("figures") if row["kind"] == "setting"}
        self.assertGreater(abs(crude["people, pooled"]), 0.15)
        # A difference within grades is found.
        head, *body = rows
        write(self.folder / "e.csv", [head, *[(*row[:3], "no" if row[1] == "F" and rng.random() < 0.8 else row[3]) for row in body]])
        self.judge("decisions", "e.csv", "--outcome", "promoted", "--group", "sex", "--stratum", "grade", "--person", "employee", case="planted")
        self.assertEqual(self.found("planted"), ["unequal-judgement"])

    def test_one_decision_makes_no_finding(self):
        """2 of 20 and 9 of 20: Fisher's p is .031; had one decision been the other way, .082. Mid-p and z say the same as Fisher."""
        write(self.folder / "d.csv", [("nr", "sex", "promoted"), *[(i, "FM"[i // 20], "yes" if i < 2 or 20 <= i < 29 else "no") for i in range(40)]])
        self.judge("decisions", "d.csv", "--outcome", "promoted", "--group", "sex")
        p = {row["setting"]: row["p"] for row in self.table("figures") if row["kind"] in ("contrast", "setting")}
        self.assertAlmostEqual(p["all-rows"], 0.0310, 3)
        self.assertAlmostEqual(p["one-decision-otherwise"], 0.0824, 3)
        self.assertEqual(self.found(), ["unequal-judgement-unsettled"])

    def test_where_nothing_could_be_seen_nothing_is_compatible(self):
        rng = random.Random(4)
        write(self.folder / "s.csv", [("nr", "sex", "score", "left"), *[(i, "FM"[i % 2], rng.randint(1, 10), rng.randint(0, 1)) for i in range(200)]])
        self.judge("scores", "s.csv", "--score", "score", "--outcome", "left", "--group", "sex", "--threshold", "1")
        verdicts = {row["measure"]: (row["verdict"], row["reason"]) for row in self.table("conclusions")}
        for measure in ("flagged-rate", "false-positive-rate", "false-negative-rate"):
            self.assertEqual(verdicts[measure], ("insufficient", "no-variation"))
        self.judge("scores", "s.csv", "--score", "score", "--outcome", "left", "--group", "sex", case="bare")
        self.assertIn("no-threshold", self.gaps("bare"))
        # Scores of one to ten: 6.5 and 7 flag the same people, and are not two settings.
        self.judge("scores", "s.csv", "--score", "score", "--outcome", "left", "--group", "sex", "--threshold", "6.5", case="tied")
        flagged = {row["setting"]: row["value"] for row in self.table("figures", "tied") if row["measure"] == "flagged-rate" and row["kind"] in ("contrast", "setting") and "person" not in row["setting"]}
        self.assertEqual(len(set(flagged.values())), len(flagged), flagged)

    def test_a_transcript_without_groups_says_so(self):
        self.talk({"f": 2})
        self.judge("transcripts", "--ref", "ref.csv", "--hyp", "heard.csv", "--map", "speaker=id")
        self.assertIn("no-groups", self.gaps())

    def test_who_is_in_two_groups_is_in_none(self):
        rng = random.Random(5)
        rows = [(f"p{i % 60}", "FM"[i % 2] if i % 60 > 2 else rng.choice("FM"), rng.randint(1, 10), rng.randint(0, 1)) for i in range(600)]
        write(self.folder / "s.csv", [("employee", "sex", "score", "left"), *rows])
        self.judge("scores", "s.csv", "--score", "score", "--outcome", "left", "--group", "sex", "--threshold", "6")
        self.assertEqual(self.gaps()["people-in-two-groups"], {"people": 3})
        rates = [row for row in self.table("figures") if row["kind"] == "rate" and row["measure"] == "flagged-rate"]
        self.assertEqual((sum(row["people"] for row in rates), sum(row["units"] for row in rates)), (57, 570))

    def test_a_speaker_given_two_groups_is_of_none(self):
        self.talk({"f": 6, "m": 6})
        write(self.folder / "speakers.csv", [("speaker", "sex"), *[(f"{g}{i}", g) for g in "fm" for i in range(6)], ("f0", "m")])
        self.rename_to_trn()
        self.judge("transcripts", "--ref", "ref.trn", "--hyp", "heard.trn", "--speakers", "speakers.csv")
        rates = {row["group"]: row["people"] for row in self.table("figures") if row["kind"] == "rate"}
        self.assertEqual(rates, {"f": 5, "m": 6})
        self.assertEqual(self.gaps()["groups-left-out"]["why"], "missing-group")

    def rename_to_trn(self):
        for name in ("ref", "heard"):
            with (self.folder / f"{name}.csv").open() as file:
                rows = list(csv.reader(file))[1:]
            (self.folder / f"{name}.trn").write_text("".join(f"{text} ({utterance})\n" for utterance, text in rows))

    def test_nobody_is_named(self):
        self.talk({"f": 6, "m": 6})
        self.rename_to_trn()
        write(self.folder / "speakers.csv", [("speaker", "name", "email", "sex"), *[(f"{g}{i}", f"Jeanne Dupont {g}{i}", f"jd{g}{i}@x.org", g) for g in "fm" for i in range(6)]])
        told = self.judge("transcripts", "--ref", "ref.trn", "--hyp", "heard.trn", "--speakers", "speakers.csv")
        self.assertEqual({row["by"] for row in self.table("conclusions")}, {"sex"})
        told += (self.folder / "case/report.html").read_text()
        self.assertNotIn("Dupont", told)
        self.assertNotIn("@x.org", told)
        # Not even when asked for.
        told = self.judge("transcripts", "--ref", "ref.trn", "--hyp", "heard.trn", "--speakers", "speakers.csv", "--group", "name", case="asked")
        told += (self.folder / "asked/report.html").read_text() + self.out("coverage", "--case", "asked", "--json", "--quiet")
        self.assertNotIn("Dupont", told)
        self.assertEqual(self.gaps("asked")["no-group-of-five"], {"column": "name", "groups": 12})
        rows = [("nr", "who", "promoted"), *[(i, f"Jeanne Dupont {i}", "yes" if i % 2 else "no") for i in range(40)]]
        write(self.folder / "d.csv", rows)
        told = self.judge("decisions", "d.csv", "--outcome", "promoted", "--group", "who", case="decided")
        self.assertNotIn("Dupont", told + (self.folder / "decided/report.html").read_text())

    def test_rows_that_lack_a_stratum_are_said(self):
        rows = [(i, "FM"[i % 2], "AB"[i % 3 % 2] if i % 5 else "", "yes" if i % 7 < 3 else "no") for i in range(200)]
        write(self.folder / "d.csv", [("nr", "sex", "grade", "promoted"), *rows])
        self.judge("decisions", "d.csv", "--outcome", "promoted", "--group", "sex", "--stratum", "grade")
        self.assertEqual({key: self.gaps()["groups-left-out"][key] for key in ("people", "why")}, {"people": 40, "why": "missing-stratum"})

    def test_each_file_of_scores_has_its_own_rows(self):
        (self.folder / "g.txt").write_text("0.9\n0.8\n0.95\n")
        (self.folder / "i.txt").write_text("0.1\n0.2\nwhat\n0.3\n")
        self.judge("faces", "--genuine-scores", "g.txt", "--impostor-scores", "i.txt")
        (row,) = self.table("refused_rows")
        self.assertEqual((row["file"], row["line"]), ("i.txt", 3))
        self.assertEqual((self.folder / "i.txt").read_bytes()[row["offset"]:row["offset"] + row["length"]].strip(), b"what")

    def test_settings_in_french(self):
        rng = random.Random(6)
        rows = [(i, "FM"[i % 2], rng.randint(1, 30), "oui" if rng.random() < (0.2 if i % 2 else 0.6) else "non") for i in range(300)]
        write(self.folder / "d.csv", [("nr", "sexe", "ancienneté", "promu"), *rows])
        self.run_program("disparity", "decisions", "d.csv", "--outcome", "promu", "--group", "sexe", "--match", "ancienneté", "--case", "case", "--lang", "fr")
        report = (self.folder / "case/report.html").read_text()
        self.assertIn("appariement sur ancienneté", report)
        self.assertNotIn("matched on", report)


if __name__ == "__main__":
    kit.main()
