#!/usr/bin/python3
"""contrechamp coordination without a case (--edges, --compat, --plan), and every way of calling it wrongly."""
import csv
import io
import json
import lzma
import gzip
import os
import pathlib
import re
import subprocess
import unittest

import coordination_kit
import kit

RUSSIAN = coordination_kit.DATA / "russian_coord_tweets.csv.xz"
POSTS = "id,account,time,text\n1,anna,2018-09-03T10:00:00Z,the same words here again\n2,bert,2018-09-03T10:00:09Z,the same words here again\n3,cora,2018-09-03T11:00:00Z,other words of somebody else\n"


class Edges(coordination_kit.Coordination):
    def setUp(self):
        super().setUp()
        (self.folder / "posts.csv").write_text(POSTS)

    @unittest.skipIf(not RUSSIAN.exists(), "the shared data is not there")
    def test_coortweet_is_reproduced(self):
        (self.folder / "r.csv").write_bytes(lzma.open(RUSSIAN).read())
        rows = lambda text: {tuple(sorted((row["from"], row["to"]))): row for row in csv.DictReader(io.StringIO(text))}
        golden = rows((coordination_kit.DATA / "coortweet_russian_w10.csv").read_text())
        ours = rows(self.out("coordination", "r.csv", "--compat", "coortweet", "--window", "10s", "--quiet"))
        self.assertEqual(set(ours), set(golden))
        for pair, row in golden.items():
            for column, value in row.items():
                if column not in ("from", "to"):
                    self.assertAlmostEqual(float(ours[pair][column]), float(value), places=9, msg=f"{pair} {column}")
        # The same pairs, by our own definitions: a pair shares a thing within 10 s.
        pairs = {tuple(sorted((row["account_a"], row["account_b"]))) for row in self.edges("r.csv", "--window", "10s", "--min", "1", "--no-chance", "--all-pairs")}
        self.assertLessEqual({tuple(sorted(pair)) for pair in golden}, pairs)
        # Its rows share one thing each and there is nothing else to agree: leads at most.
        self.run_program("coordination", "r.csv", "--case", "case", "--quiet")
        self.assertEqual(self.findings()[0], [])
        self.assert_whole()

    def test_toolkit_runs(self):
        head = "message_id,user_id,username,repost_id,reply_id,message,timestamp,urls\n"
        (self.folder / "t.csv").write_text(head + "1,a,a,,,Same  Words,1000000000,\n2,b,b,,,same words,1000000030,\n3,c,c,,,same words,1000000100,\n")
        said = self.out("coordination", "t.csv", "--compat", "toolkit", "--window", "60s", "--quiet")
        self.assertEqual(said, "network,user_1,user_2,weight\nco_similar_tweet,a,a,1\nco_similar_tweet,a,b,1\nco_similar_tweet,b,a,1\nco_similar_tweet,b,b,1\nco_similar_tweet,c,c,1\nco_tweet,a,a,1\nco_tweet,a,b,1\nco_tweet,b,a,1\nco_tweet,b,b,1\nco_tweet,c,c,1\n")
        self.assertIn("no such tool", self.fails("coordination", "t.csv", "--compat", "coornet", code=2))
        self.assertIn("one window", self.fails("coordination", "t.csv", "--compat", "toolkit", "--window", "60s,1h", code=2))

    def test_edges_and_evidence(self):
        ran = self.run_program("coordination", "posts.csv", "--edges", "e.csv", "--evidence", "v.csv", "--min", "1")
        self.assertEqual(ran.stdout, "")
        self.assertIn("3 posts of 3 accounts used, 0 rows refused", ran.stderr)
        edges = list(csv.DictReader(io.StringIO((self.folder / "e.csv").read_text())))
        self.assertEqual({(row["account_a"], row["account_b"], row["layer"], row["window"]) for row in edges}, {("anna", "bert", layer, window) for layer in ("same-text", "near-text") for window in ("60", "3600")})
        evidence = list(csv.DictReader(io.StringIO((self.folder / "v.csv").read_text())))
        self.assertEqual(len(evidence), len(edges))
        text = POSTS.encode()
        for row in evidence:
            self.assertEqual((row["post_a"], row["post_b"], row["delta_s"]), ("1", "2", "9"))
            self.assertTrue(text[int(row["offset_a"]) :].startswith(b"1,anna,"))
            self.assertTrue(text[int(row["offset_b"]) :].startswith(b"2,bert,"))
        self.assertEqual(self.out("coordination", "posts.csv", "--edges", "-", "--min", "1", "--quiet"), (self.folder / "e.csv").read_bytes().decode().replace("\r\n", "\n"))
        only = self.edges("posts.csv", "--min", "1", "--layer", "same-text", "--window", "5s,10s")
        self.assertEqual([(row["layer"], row["window"]) for row in only], [("same-text", "10")])
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["e.csv", "home", "posts.csv", "v.csv"])

    def test_plan(self):
        said = self.out("coordination", "posts.csv", "--plan", "sql", "--map", "object=text,account=account,id=id,time=time", "--time-as", "timestamp")
        for word in ("posts.csv", "coordination-edges.csv", "CREATE"):
            self.assertIn(word, said)
        self.assertNotEqual(said, self.out("coordination", "posts.csv", "--plan", "sql", "--dialect", "clickhouse"))
        for option, value in (("--dialect", "oracle"), ("--time-as", "days"), ("--shards", "many"), ("--shards", "0"), ("--plan", "spark")):
            with self.subTest(option):
                arguments = {"--plan": "sql", option: value}
                self.fails("coordination", "posts.csv", *(word for pair in arguments.items() for word in pair), code=2)

    def test_misuse_is_said_before_the_work(self):
        huge = self.folder / "huge.csv"
        huge.write_text(POSTS)
        for arguments, words in (
            (("--window", "fast"), "fast"), (("--window", "60s,"), ""), (("--window", "1s,2s,3s,4s,5s"), "four"), (("--window", "0s"), "a second or more"), (("--window", "-5s"), ""), (("--window", "99999999999d"), ""),
            (("--min", "0"), "1 to 9999"), (("--min", "two"), "two"), (("--fdr", "2"), "0.001 to 0.5"), (("--fdr", "nan"), "nan"), (("--fdr", ""), ""), (("--null", "dice"), "shift or bicm"),
            (("--edges", "-", "--memory", "4"), "4G"), (("--edges", "-", "--memory", "lots"), "lots"), (("--edges", "-", "--memory", "0G"), "0G"), (("--edges", "-", "--layer", "same-mind"), "same-text"),
            (("--public", "nobody.txt"), "nobody.txt"), (("--ordinary", "lists/known"), "lists/known"), (("--edges", "-", "--evidence", "-"), "two files"), (("--edges", "posts.csv"), "overwrite"), (("--gexf", "posts.csv"), "overwrite"),
            (("--gexf", "none/net.gexf"), "none"), (("--memory", "4G"), "--edges"), (("--evidence", "v.csv"), "--edges"), (("--layer", "same-text"), "--edges"), (("--shards", "4"), "--plan"),
            (("--edges", "-", "--gexf", "net.gexf"), "--gexf"), (("--edges", "-", "--json"), "--json"), (("--edges", "-", "--public", "anna"), "--public"), (("--compat", "coortweet", "--case", "x"), "--case"),
        ):
            with self.subTest(" ".join(arguments)):
                said = self.fails("coordination", "posts.csv", *arguments, code=2)
                self.assertIn(words, said)
                self.assertNotEqual(self.fails("coordination", "posts.csv", *arguments, "--lang", "fr", code=2), said)
        self.assertIn("which posts?", self.fails("coordination", code=2))
        self.assertEqual((self.folder / "posts.csv").read_text(), POSTS)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["home", "huge.csv", "posts.csv"])

    def test_where_nothing_can_be_written(self):
        self.assertIn("none/e.csv", self.fails("coordination", "posts.csv", "--edges", "none/e.csv"))
        with open("/dev/full", "w") as full:
            ran = self.run_program("coordination", "posts.csv", "--edges", "-", "--quiet", code=1, capture_output=False, stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertIn("no space left", ran.stderr)

    @kit.need_root("mounts a small file system")
    @coordination_kit.need_simulate()
    def test_full_disk(self):
        small = self.folder / "small"
        small.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)], capture_output=True).returncode:
            self.skipTest("mounting is not allowed here")
        self.addCleanup(subprocess.run, ["umount", str(small)])
        subprocess.run([str(coordination_kit.SIMULATE), "rows", "--rows", "200000", "--out", str(self.folder / "rows.csv")], check=True)
        said = self.fails("coordination", "rows.csv", "--edges", "small/e.csv", "--min", "1")
        self.assertIn("small/e.csv", said)
        self.assertRegex(said, "no space left")
        self.assertEqual(list(small.iterdir()), [])
        # The scratch files of a small --memory on a full disk: said as well, and nothing is left there.
        said = self.fails("coordination", "rows.csv", "--edges", "e.csv", "--memory", "2M", env={"TMPDIR": str(small)})
        self.assertRegex(said, "no space left")
        self.assertFalse((self.folder / "e.csv").exists() or (self.folder / "e.csv.part").exists())
        self.assertEqual(list(small.iterdir()), [])

    @kit.need_root("mounts a small file system")
    def test_a_full_disk_says_nothing_about_the_evidence(self):
        """What is compressed is opened beside the case: no room for that is an error, and no conclusion that the export is damaged."""
        small = self.folder / "small"
        small.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)], capture_output=True).returncode:
            self.skipTest("mounting is not allowed here")
        self.addCleanup(subprocess.run, ["umount", str(small)])
        rows = "".join(f"{n},account{n % 40},Ceci est le message numero {n} de la semaine,{1700000000 + n}\n" for n in range(4000))
        (self.folder / "p.csv.gz").write_bytes(gzip.compress(("id,user,text,time\n" + rows).encode()))
        self.run_program("coordination", "p.csv.gz", "--case", "c")
        before = (self.folder / "c/custody.jsonl").read_bytes()
        self.assertRegex(self.fails("analyze", "--case", "c", env={"TMPDIR": str(small)}), "no space left")
        self.assertNotIn("damaged", self.out("coverage", "--case", "c"))
        self.assertEqual((self.folder / "c/custody.jsonl").read_bytes(), before)
        self.assertEqual(list(small.iterdir()), [])

    @coordination_kit.need_simulate()
    def test_little_memory_gives_the_same_bytes(self):
        rows = int(os.environ.get("CONTRECHAMP_ROWS", "500000"))
        subprocess.run([str(coordination_kit.SIMULATE), "rows", "--rows", str(rows), "--out", str(self.folder / "rows.csv")], check=True)
        for options in (["--no-chance"], []):
            for memory in ("16M", "4G"):
                self.run_program("coordination", "rows.csv", "--edges", memory + ".csv", "--memory", memory, *options, "--quiet")
            little, much = ((self.folder / name).read_bytes() for name in ("16M.csv", "4G.csv"))
            self.assertGreater(much.count(b"\n"), 100)
            self.assertTrue(little == much)
        self.assertNotIn(b",,", much)  # every edge was judged


if __name__ == "__main__":
    kit.main()
