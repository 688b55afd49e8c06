#!/usr/bin/python3
"""The SQL script of the coordination join, run on a real DuckDB (npm; bench/duckdb), against a brute-force computation of
what docs/schema/coordination-edges.md says. Skipped where the registry cannot be reached."""
import collections
import csv
import datetime
import io
import lzma
import math
import os
import pathlib
import random
import re
import statistics
import subprocess
import sys

import kit

sys.path.insert(0, str(kit.ROOT / "bench/duckdb"))
import engine  # noqa: E402

DATA = pathlib.Path(os.environ.get("SHARED_DATA") or kit.ROOT.parent / "shared/data") / "coordination"
WRITER = kit.PROGRAM.parent / "tests/write_plan"
PAGE = kit.ROOT / "docs/schema/coordination-edges.md"
COLUMNS = ("object_id", "account_id", "content_id", "timestamp_share")


def pairs_of(rows, window):
    """Every pair of posts of two accounts on one object within the window: (a, b, object, post_a, post_b, time_a, delta)."""
    by_object = collections.defaultdict(set)
    for thing, account, post, time in rows:
        by_object[thing].add((time, account, post))
    for thing, posts in by_object.items():
        posts = sorted(posts)
        for i, (time, account, post) in enumerate(posts):
            for later, other, answer in posts[i + 1:]:
                if later - time > window:
                    break
                if other == account:
                    continue
                if account.encode() < other.encode():
                    yield account, other, thing, post, answer, time, later - time
                else:
                    yield other, account, thing, answer, post, later, time - later


def edges_of(rows, window, fewest):
    """{(a, b): the documented columns}, from the definitions alone."""
    rows = set(rows)
    objects_of, accounts_of, found = (collections.defaultdict(set) for _ in range(3))
    for thing, account, _, _ in rows:
        objects_of[account].add(thing)
        accounts_of[thing].add(account)
    for a, b, *rest in pairs_of(rows, window):
        found[a, b].add(tuple(rest))
    stamp = lambda t: datetime.datetime.fromtimestamp(t, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    edges = {}
    for (a, b), pairs in found.items():
        things = {pair[0] for pair in pairs}
        if len(things) < fewest:
            continue
        deltas = [abs(pair[4]) for pair in pairs]
        starts = [pair[3] + min(pair[4], 0) for pair in pairs]
        ends = [pair[3] + max(pair[4], 0) for pair in pairs]
        of_a, of_b = len({pair[1] for pair in pairs}), len({pair[2] for pair in pairs})
        edges[a, b] = {
            "weight": len(things) / min(len(objects_of[a]), len(objects_of[b])), "objects": len(things), "mean_delta_s": sum(deltas) / len(deltas),
            "symmetry": min(of_a, of_b) / max(of_a, of_b), "median_delta_s": statistics.median(deltas),
            "rare_weight": sum(1 / math.log2(1 + len(accounts_of[thing])) for thing in things), "occasions": len({start // 3600 for start in starts}),
            "posts_a": of_a, "posts_b": of_b, "share_a": len(things) / len(objects_of[a]), "share_b": len(things) / len(objects_of[b]),
            "first": stamp(min(starts)), "last": stamp(max(ends))}
    return edges


class Plan(kit.Sandbox):
    @classmethod
    def setUpClass(cls):
        if not WRITER.exists():
            raise kit.unittest.SkipTest(f"{WRITER} is not built")
        try:
            engine.install()
        except engine.Unavailable as why:
            raise kit.unittest.SkipTest(str(why))

    def plan(self, *settings):
        ran = subprocess.run([WRITER, *settings], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout

    def run_plan(self, *settings, folder="."):
        """(rows, used, edges as text)."""
        statements = engine.run(self.plan(*settings), self.folder)
        rows, used = next(map(int, statement["rows"][0]) for statement in statements if statement["rows"] and len(statement["rows"][0]) == 2)
        return rows, used, (self.folder / folder / "coordination-edges.csv").read_bytes().decode()

    def write(self, name, rows, columns=COLUMNS, delimiter=","):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="") as file:
            writer = csv.writer(file, delimiter=delimiter, quotechar='"', lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)

    def compare(self, text, expected, window, layer="same-object"):
        """Pair by pair, every column."""
        got = {(row["account_a"], row["account_b"]): row for row in csv.DictReader(io.StringIO(text, newline=""))}
        self.assertEqual(set(got), set(expected))
        for pair, columns in expected.items():
            row = got[pair]
            self.assertEqual((row["layer"], row["window"]), (layer, str(window)))
            for name, value in columns.items():
                if isinstance(value, str):
                    self.assertEqual(row[name], value, (pair, name))
                else:
                    self.assertAlmostEqual(float(row[name]), value, 7, (pair, name))

    def russian(self):
        with lzma.open(DATA / "russian_coord_tweets.csv.xz", "rt") as file:
            text = file.read()
        (self.folder / "russian.csv").write_text(text)
        return [(row["object_id"], row["account_id"], row["content_id"], int(row["timestamp_share"])) for row in csv.DictReader(text.splitlines())]

    @kit.unittest.skipUnless(DATA.exists(), "shared data are not here")
    def test_russian_data(self):
        rows = self.russian()
        for window, fewest, shards, between in ((10, 1, 1, "csv"), (10, 2, 8, "parquet"), (60, 2, 5, "csv"), (0, 1, 3, "csv")):
            with self.subTest(window=window):
                read, used, text = self.run_plan("file=russian.csv", f"window={window}", f"fewest={fewest}", f"shards={shards}", f"between={between}")
                self.assertEqual((read, used), (len(rows), len(rows)))
                expected = edges_of(rows, window, fewest)
                self.assertTrue(expected)
                self.compare(text, expected, window)

    @kit.unittest.skipUnless(DATA.exists(), "shared data are not here")
    def test_the_pairs_are_coortweets(self):
        """CooRTweet's own edges at 10 s (accounts with two posts and more) are among ours with the same time between."""
        self.russian()
        _, _, text = self.run_plan("file=russian.csv", "window=10", "fewest=1", "shards=2")
        ours = {(row["account_a"], row["account_b"]): row for row in csv.DictReader(text.splitlines())}
        with (DATA / "coortweet_russian_w10.csv").open() as file:
            theirs = list(csv.DictReader(file))
        self.assertGreater(len(theirs), 400)
        for edge in theirs:
            row = ours[tuple(sorted((edge["from"], edge["to"])))]
            self.assertAlmostEqual(float(row["mean_delta_s"]), float(edge["avg_time_delta"]), 6, edge)

    @kit.unittest.skipUnless(DATA.exists(), "shared data are not here")
    def test_the_program_says_the_same(self):
        """Two engines, one definition: every column of every edge. The program's sides are in an order of its own."""
        if " coordination " not in self.out("--help"):
            self.skipTest("this program has no verb coordination")
        self.russian()
        for window, fewest in ((10, 1), (60, 2)):
            _, _, text = self.run_plan("file=russian.csv", f"window={window}", f"fewest={fewest}", "shards=3")
            self.run_program("coordination", "russian.csv", "--edges", "own.csv", "--window", f"{window}s", "--min", fewest, "--all-pairs", "--quiet")
            theirs = list(csv.DictReader(io.StringIO(text)))
            with (self.folder / "own.csv").open() as file:
                own = {frozenset((row["account_a"], row["account_b"])): row for row in csv.DictReader(file)}
            self.assertEqual(set(own), {frozenset((row["account_a"], row["account_b"])) for row in theirs})
            for row in theirs:
                mine = own[frozenset((row["account_a"], row["account_b"]))]
                if mine["account_a"] != row["account_a"]:
                    turned = {"account_a": "account_b", "posts_a": "posts_b", "share_a": "share_b"}
                    turned |= {value: key for key, value in turned.items()}
                    mine = {turned.get(name, name): value for name, value in mine.items()}
                for name, value in row.items():
                    if name in ("layer", "account_a", "account_b", "first", "last"):
                        self.assertEqual(mine[name], value, (row, name))
                    else:
                        self.assertAlmostEqual(float(mine[name]) / float(value) if float(value) else float(mine[name]) + 1, 1, 5, (row, name))

    def test_shards_merge_exactly(self):
        self.made_up()
        texts = {self.run_plan("file=made-up.csv", "window=30", "fewest=1", f"shards={n}", f"between={between}")[2] for n in (1, 2, 7, 40) for between in ("csv", "parquet")}
        self.assertEqual(len(texts), 1)

    def made_up(self):
        """Two hundred posts of twelve accounts, around midnight and around the edges of buckets; rows that say the same twice."""
        random.seed(7)
        rows = [(f"o{random.randrange(9)}", f"é{random.randrange(12)}", f"p{i}", 1_600_000_000 // 86400 * 86400 + random.randrange(-300, 300)) for i in range(200)]
        rows += rows[:20]
        self.write("made-up.csv", rows)
        return rows

    def test_made_up(self):
        rows = self.made_up()
        for window in (0, 1, 29, 30, 31, 700):
            _, _, text = self.run_plan("file=made-up.csv", f"window={window}", "fewest=1", "shards=3")
            self.compare(text, edges_of(rows, window, 1), window)

    def test_rows_that_say_nothing_are_counted_and_left_out(self):
        good = [("o", "a", "1", 1_600_000_000), ("o", "b", "2", 1_600_000_004)]
        bad = [("", "c", "3", 1_600_000_000), ("o", "", "4", 1_600_000_000), ("o", "d", "", 1_600_000_000), ("o", "e", "5", ""), ("o", "f", "6", "yesterday"),
               ("o", "g", "7", 12), ("o", "h", "8", 99_999_999_999), ("o", "i", "9", "inf"), ("o", "j", "10", "nan"), ("o", "k", "11", "1e300")]
        self.write("rows.csv", good + bad)
        read, used, text = self.run_plan("file=rows.csv", "window=10", "fewest=1")
        self.assertEqual((read, used), (12, 2))
        self.compare(text, edges_of(good, 10, 1), 10)

    def test_times_in_other_forms(self):
        base = 1_600_000_000
        expected = edges_of([("o", "a", "1", base), ("o", "b", "2", base + 4)], 10, 1)
        stamp = lambda t, zone: datetime.datetime.fromtimestamp(t, datetime.timezone(datetime.timedelta(hours=zone))).isoformat()
        forms = {"milliseconds": (base * 1000 + 999, base * 1000 + 4001), "timestamp": (stamp(base, 0).replace("+00:00", "Z"), stamp(base + 4, 2)),
                 "seconds": (f"{base}.7", base + 4)}
        for form, (first, second) in forms.items():
            with self.subTest(form=form):
                self.write("rows.csv", [("o", "a", "1", first), ("o", "b", "2", second)])
                _, _, text = self.run_plan("file=rows.csv", "window=10", "fewest=1", f"time_as={form}")
                self.compare(text, expected, 10)
        self.write("rows.csv", [("o", "a", "1", "2020-09-13 12:26:40"), ("o", "b", "2", "2020-09-13 12:26:44.9")])
        _, _, text = self.run_plan("file=rows.csv", "window=10", "fewest=1", "time_as=timestamp")
        self.compare(text, expected, 10)

    def test_hostile_names(self):
        rows = [("o'); DROP TABLE x; --", 'a",\n"b', "1", 1_600_000_000), ("o'); DROP TABLE x; --", "c\\'\r\n", "2", 1_600_000_004), ("#x{rows}", "NULL", "3", 1_600_000_000), ("#x{rows}", "=1", "4", 1_600_000_001)]
        columns = ('o"; --', "select", "{rows}", "time\nof 'it'")
        mapped = [f"{key}={name}" for key, name in zip(("object", "account", "post", "time"), columns)]
        for name in ("it's.csv", "a*b?[c].csv", "new\n; DROP TABLE x;\n--line.csv", "back\\slash.csv", "k=v/{shard}.csv", "http:/host/x.csv", "-- é {window}.csv", "[a].csv"):
            with self.subTest(name=name):
                self.write(name, rows, columns)
                folder = "out's {shard} *"
                (self.folder / folder).mkdir(exist_ok=True)
                read, used, text = self.run_plan(f"file={name}", f"folder={folder}", "window=10", "fewest=1", "layer=it's \\ {rows}", *mapped, folder=folder)
                self.assertEqual((read, used), (4, 4))
                self.compare(text, edges_of(rows, 10, 1), 10, "it's \\ {rows}")

    def test_several_files_and_another_delimiter(self):
        rows = self.made_up()
        self.write("one.tsv", rows[:90], delimiter="\t")
        # The other file has its columns in another order, and one more.
        self.write("two.tsv", [(f"{i}\u00e9", time, post, account, thing) for i, (thing, account, post, time) in enumerate(rows[90:])], ("more", *reversed(COLUMNS)), "\t")
        _, used, text = self.run_plan("file=one.tsv", "file=two.tsv", "delimiter=\t", "window=30", "fewest=2", "shards=4")
        self.assertEqual(used, len(rows))
        self.compare(text, edges_of(rows, 30, 2), 30)

    def test_columns_named_like_ours(self):
        rows = self.made_up()
        for names in (("account", "object", "t", "post"), ("t", "post", "object", "account"), ("bucket", "x", "source", "sharers")):
            self.write("rows.csv", rows, names)
            _, used, text = self.run_plan("file=rows.csv", "window=30", "fewest=1", *(f"{key}={name}" for key, name in zip(("object", "account", "post", "time"), names)))
            self.assertEqual(used, len(rows))
            self.compare(text, edges_of(rows, 30, 1), 30)

    def test_parquet(self):
        rows = self.made_up()
        engine.run("COPY (SELECT * FROM read_csv('made-up.csv')) TO 'made-up.parquet' (FORMAT parquet)", self.folder)
        _, _, text = self.run_plan("file=made-up.parquet", "input=parquet", "between=parquet", "window=30", "fewest=2")
        self.compare(text, edges_of(rows, 30, 2), 30)

    def test_evidence_of_the_shards(self):
        rows = self.made_up()
        self.run_plan("file=made-up.csv", "window=30", "fewest=2", "shards=4")
        got = []
        for path in self.folder.glob("edges_*.csv"):
            with path.open() as file:
                got += [(r["account_a"], r["account_b"], r["object"], r["post_a"], r["post_b"], int(r["time_a"]), int(r["delta_s"])) for r in csv.DictReader(file)]
        self.assertEqual(sorted(got), sorted(set(pairs_of(rows, 30))))

    def test_the_page_names_the_columns_in_order(self):
        self.made_up()
        _, _, text = self.run_plan("file=made-up.csv", "window=30", "shards=2")
        page = PAGE.read_text()
        described = re.findall(r"^\| `([a-z_]+)` \|", page.split("## The shards’ files", 1)[0], re.M)
        self.assertEqual(text.splitlines()[0].split(","), described)
        evidence = (self.folder / "edges_0.csv").read_text().splitlines()[0].split(",")
        self.assertEqual(evidence, re.findall(r"^\| `([a-z_]+)` \|", page.split("### edges_K", 1)[1].split("### accounts_K", 1)[0], re.M))


if __name__ == "__main__":
    kit.main()
