#!/usr/bin/python3
"""The SQL script of the coordination join in both dialects, run on a real DuckDB and a real ClickHouse (npm; bench/duckdb,
bench/chdb), against a brute-force computation of what docs/schema/coordination-edges.md says, against each other, and back into a
case. What an engine is needed for is skipped where the registry cannot be reached."""
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

sys.path[:0] = [str(kit.ROOT / "bench/duckdb"), str(kit.ROOT / "bench/chdb")]
import chdb_engine  # noqa: E402
import engine as duckdb_engine  # noqa: E402
import npm  # noqa: E402

DATA = pathlib.Path(os.environ.get("SHARED_DATA") or kit.ROOT.parent / "shared/data") / "coordination"
WRITER = kit.PROGRAM.parent / "tests/write_plan"
PAGE = kit.ROOT / "docs/schema/coordination-edges.md"
COLUMNS = ("object_id", "account_id", "content_id", "timestamp_share")
TEXTS = ("account_a", "account_b", "layer", "first", "last")
need_data = kit.unittest.skipUnless(DATA.exists(), "shared data are not here")


def documented():
    """The columns of coordination-edges.csv, in the page's order."""
    return re.findall(r"^\| `([a-z_]+)` \|", PAGE.read_text().split("## The shards’ files", 1)[0], re.M)


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


class Engine:
    """One dialect and the engine that runs it."""

    def __init__(self, dialect, module):
        self.dialect, self.module = dialect, module

    def need(self):
        if not WRITER.exists():
            raise kit.unittest.SkipTest(f"{WRITER} is not built")
        try:
            self.module.install()
        except npm.Unavailable as why:
            raise kit.unittest.SkipTest(str(why)) from why

    def rows(self, script, folder, **more):
        """What the statements give, row by row."""
        if self.module is chdb_engine:
            return chdb_engine.run(script, folder, **more)
        return [row for statement in duckdb_engine.run(script, folder, **more) for row in statement["rows"]]


DUCKDB, CLICKHOUSE = Engine("duckdb", duckdb_engine), Engine("clickhouse", chdb_engine)


class Plans(kit.Sandbox):
    engine = DUCKDB

    def plan(self, *settings, engine=None):
        ran = subprocess.run([WRITER, f"dialect={(engine or self.engine).dialect}", *settings], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout

    def run_plan(self, *settings, folder=".", engine=None, **more):
        """(rows, used, edges as text)."""
        engine = engine or self.engine
        got = engine.rows(self.plan(*settings, engine=engine), self.folder, **more)
        rows, used = next(map(int, row) for row in got if len(row) == 2)
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

    def made_up(self):
        """Two hundred posts of twelve accounts, around midnight and around the edges of buckets; rows that say the same twice."""
        random.seed(7)
        rows = [(f"o{random.randrange(9)}", f"é{random.randrange(12)}", f"p{i}", 1_600_000_000 // 86400 * 86400 + random.randrange(-300, 300)) for i in range(200)]
        rows += rows[:20]
        self.write("made-up.csv", rows)
        return rows

    def russian(self):
        with lzma.open(DATA / "russian_coord_tweets.csv.xz", "rt") as file:
            text = file.read()
        (self.folder / "russian.csv").write_text(text)
        return [(row["object_id"], row["account_id"], row["content_id"], int(row["timestamp_share"])) for row in csv.DictReader(text.splitlines())]

    def parts(self, script):
        """(settings, shards, merge) of a script, for machines of their own."""
        head, *shards = script.split("\n-- shard ")
        shards[-1], merge = shards[-1].split("\n-- merge")
        return "".join(re.findall(r"^SET [^;]*;\n", head, re.M)), ["-- shard " + part for part in shards], "-- merge" + merge


class Cases:
    """What both engines must give."""

    @classmethod
    def setUpClass(cls):
        cls.engine.need()

    @need_data
    def test_russian_data(self):
        rows = self.russian()
        for window, fewest, shards, between in ((10, 1, 1, "csv"), (10, 2, 8, "parquet"), (60, 2, 5, "csv"), (0, 1, 3, "csv")):
            with self.subTest(window=window):
                read, used, text = self.run_plan("file=russian.csv", f"window={window}", f"fewest={fewest}", f"shards={shards}", f"between={between}")
                self.assertEqual((read, used), (len(rows), len(rows)))
                expected = edges_of(rows, window, fewest)
                self.assertTrue(expected)
                self.compare(text, expected, window)

    @need_data
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

    @need_data
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
        texts = {self.run_plan("file=made-up.csv", "window=30", "fewest=1", f"shards={n}", f"between={between}")[2] for n, between in ((1, "csv"), (2, "parquet"), (7, "csv"), (40, "parquet"))}
        self.assertEqual(len(texts), 1)

    def test_shards_on_other_machines(self):
        """Each with a fresh engine that sees only the settings; the merge asks for the files of all."""
        rows = self.made_up()
        settings, shards, merge = self.parts(self.plan("file=made-up.csv", "window=30", "fewest=1", "shards=3"))
        for shard in shards:
            self.engine.rows(settings + shard, self.folder)
        self.engine.rows(settings + merge, self.folder)
        self.compare((self.folder / "coordination-edges.csv").read_bytes().decode(), edges_of(rows, 30, 1), 30)
        for name in ("edges_1.csv", "accounts_2.csv"):
            (self.folder / name).rename(self.folder / "elsewhere")
            with self.assertRaises(RuntimeError):
                self.engine.rows(settings + merge, self.folder)
            (self.folder / "elsewhere").rename(self.folder / name)

    def test_made_up(self):
        rows = self.made_up()
        for window in (0, 29, 30, 31, 700):
            _, _, text = self.run_plan("file=made-up.csv", f"window={window}", "fewest=1", "shards=3")
            self.compare(text, edges_of(rows, window, 1), window)

    def test_rows_that_say_nothing_are_counted_and_left_out(self):
        good = [("o", "a", "1", 1_600_000_000), ("o", "b", "2", 1_600_000_004), ("o", "c", "3", " 1600000005 "), ("o", "d", "4", "1.600000006e9")]
        bad = [("", "c", "3", 1_600_000_000), ("o", "", "4", 1_600_000_000), ("o", "d", "", 1_600_000_000), ("o", "e", "5", ""), ("o", "f", "6", "yesterday"),
               ("o", "g", "7", 12), ("o", "h", "8", 99_999_999_999), ("o", "i", "9", "inf"), ("o", "j", "10", "nan"), ("o", "k", "11", "1e300"), ("o", "l", "12", "0x5F5E1000")]
        self.write("rows.csv", good + bad)
        read, used, text = self.run_plan("file=rows.csv", "window=10", "fewest=1")
        self.assertEqual((read, used), (len(good + bad), len(good)))
        self.compare(text, edges_of([(*row[:3], int(float(row[3]))) for row in good], 10, 1), 10)

    def test_no_rows(self):
        """A header alone, and rows of which none is used: no edges, and a file that says so."""
        for rows in ((), [("", "a", "1", 1_600_000_000)]):
            self.write("rows.csv", rows)
            read, used, text = self.run_plan("file=rows.csv", "window=10", "fewest=1", "shards=2", f"between={'parquet' if rows else 'csv'}")
            self.assertEqual((read, used), (len(rows), 0))
            (header,) = csv.reader(text.splitlines())
            self.assertEqual(header, documented())

    def test_a_column_that_is_not_there(self):
        """An error, not a file without edges."""
        self.made_up()
        with self.assertRaises(RuntimeError):
            self.run_plan("file=made-up.csv", "account=user", "window=10")

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

    def test_timestamps(self):
        """Whatever the machine's time zone, a time without one is UTC; what is no time by ISO 8601 is none, and stops nothing."""
        times = {"2020-09-13 12:26:40": 0, "2020-09-13 12:26:44.9": 4, "2020-09-13T12:26:45.123456789Z": 5, "2020-09-13T18:11:46+05:45": 6, "2020-09-13 12:26:47 UTC": 7,
                 "2020-09-13T09:26:48-0300": 8, " 2020-09-13 12:26:49 ": 9, "2020/09/13 14:26:40+02": 0, "2020-9-13 12:26": -40,
                 "1600000000": None, "13/09/2020": None, "2020": None, "12:26:40": None, "2020-09-13 25:00:00": None, "2020-02-30 10:00:00": None, "2020-13-01": None,
                 "1960-01-01 00:00:00": None, "2240-01-01 00:00:00": None, "9999-01-01 00:00:00": None, "1989-12-31T23:59:59Z": None, "2100-01-01 00:00:00": None}
        self.write("rows.csv", [("o", f"a{i}", f"p{i}", time) for i, time in enumerate(times)])
        read, used, text = self.run_plan("file=rows.csv", "window=3600", "fewest=1", "time_as=timestamp", zone="Asia/Kathmandu")
        good = [("o", f"a{i}", f"p{i}", 1_600_000_000 + after) for i, after in enumerate(times.values()) if after is not None]
        self.assertEqual((read, used), (len(times), len(good)))
        self.compare(text, edges_of(good, 3600, 1), 3600)

    def test_names_are_bytes(self):
        """Sorted by UTF-8, nothing trimmed, folded or taken for a mark; in every column."""
        names = [" a ", "a", "A", "é", "e\u0301", "\uff5a", "\U0001f600", "\uffee", "\\N", "\\", "NULL", "null", "'x", "x'", 'q"q', "l\nl", "r\r\nr", "c,c", "t\tt", "\u2028", "#x", "0", "00", "1e1", "true", "-", "\u00a0"]
        rows = [(thing, name, f"{name}{i}", 1_600_000_000 + i % 7) for thing in names[::3] for i, name in enumerate(names)]
        self.write("rows.csv", rows)
        for between in ("csv", "parquet"):
            read, used, text = self.run_plan("file=rows.csv", "window=3", "fewest=2", "shards=3", f"between={between}")
            self.assertEqual((read, used), (len(rows), len(rows)))
            self.compare(text, edges_of(rows, 3, 2), 3)
            pairs = [(row["account_a"].encode(), row["account_b"].encode()) for row in csv.DictReader(io.StringIO(text, newline=""))]
            self.assertEqual(pairs, sorted(pairs))

    def test_hostile_names(self):
        rows = [("o'); DROP TABLE x; --", 'a",\n"b', "1", 1_600_000_000), ("o'); DROP TABLE x; --", "c\\'\r\n", "2", 1_600_000_004), ("#x{rows}", "NULL", "3", 1_600_000_000), ("#x{rows}", "=1", "4", 1_600_000_001)]
        columns = ('o"; --', "select", "{rows}", "time\nof 'it'")
        mapped = [f"{key}={name}" for key, name in zip(("object", "account", "post", "time"), columns)]
        for name in self.hostile_files:
            with self.subTest(name=name):
                self.write(name, rows, columns)
                (self.folder / self.hostile_folder).mkdir(exist_ok=True)
                read, used, text = self.run_plan(f"file={name}", f"folder={self.hostile_folder}", "window=10", "fewest=1", "layer=it's \\ {rows}", *mapped, folder=self.hostile_folder)
                self.assertEqual((read, used), (4, 4))
                self.compare(text, edges_of(rows, 10, 1), 10, "it's \\ {rows}")

    def test_folders_named_like_columns(self):
        rows = self.made_up()
        self.write("account_id=nobody/timestamp_share=0/rows.csv", rows)
        _, used, text = self.run_plan("file=account_id=nobody/timestamp_share=0/rows.csv", "window=30", "fewest=1")
        self.assertEqual(used, len(rows))
        self.compare(text, edges_of(rows, 30, 1), 30)

    def test_several_files_and_another_delimiter(self):
        rows = self.made_up()
        for delimiter in "\t|;":
            self.write("one.tsv", rows[:90], delimiter=delimiter)
            # The other file has its columns in another order, and one more.
            self.write("two.tsv", [(f"{i}\u00e9", time, post, account, thing) for i, (thing, account, post, time) in enumerate(rows[90:])], ("more", *reversed(COLUMNS)), delimiter)
            _, used, text = self.run_plan("file=one.tsv", "file=two.tsv", f"delimiter={delimiter}", "window=30", "fewest=2", "shards=4")
            self.assertEqual(used, len(rows))
            self.compare(text, edges_of(rows, 30, 2), 30)

    def test_hundreds_of_files(self):
        rows = self.made_up()
        (self.folder / "many").mkdir()
        names = [f"many/{i}{'x' * 200}.csv" for i in range(300)]
        for i, name in enumerate(names):
            self.write(name, rows[i:i + 1])
        _, used, text = self.run_plan(*(f"file={name}" for name in names), "window=30", "fewest=1", "shards=1")
        self.assertEqual(used, len(rows))
        self.compare(text, edges_of(rows, 30, 1), 30)

    def test_thousands_of_shards(self):
        """More names than an engine may take for one query by itself. The files of all but one are made here."""
        self.made_up()
        _, _, text = self.run_plan("file=made-up.csv", "window=30", "fewest=1", "shards=1")
        settings, _, merge = self.parts(self.plan("file=made-up.csv", "window=30", "fewest=1", "shards=4096"))
        for name in ("edges", "accounts"):
            header = (self.folder / f"{name}_0.csv").read_text().splitlines()[0] + "\n"
            for shard in range(1, 4096):
                (self.folder / f"{name}_{shard}.csv").write_text(header)
        self.engine.rows(settings + merge, self.folder)
        self.assertEqual((self.folder / "coordination-edges.csv").read_bytes().decode(), text)

    def test_columns_named_like_ours(self):
        rows = self.made_up()
        for names in (("account", "object", "t", "post"), ("t", "post", "object", "account"), ("bucket", "x", "source", "sharers"), ("_file", "_path", "_size", "_time")):
            self.write("rows.csv", rows, names)
            _, used, text = self.run_plan("file=rows.csv", "window=30", "fewest=1", *(f"{key}={name}" for key, name in zip(("object", "account", "post", "time"), names)))
            self.assertEqual(used, len(rows))
            self.compare(text, edges_of(rows, 30, 1), 30)

    def test_files_as_others_leave_them(self):
        """A byte order mark, lines that end with CR LF, columns that nothing needs (two of one name), an empty line at the end."""
        rows = self.made_up()
        lines = ["\ufeffmore,object_id,account_id,more,content_id,timestamp_share"] + [f"\"a,\"\"b\"\"\",{thing},{account},,{post},{time}" for thing, account, post, time in rows] + ["", ""]
        (self.folder / "rows.csv").write_bytes("\r\n".join(lines).encode())
        read, used, text = self.run_plan("file=rows.csv", "window=30", "fewest=1")
        self.assertEqual((read, used), (len(rows), len(rows)))
        self.compare(text, edges_of(rows, 30, 1), 30)

    def test_parquet(self):
        """Files of two makers and of other types than text, their columns in another order: names that are numbers, times that are dates."""
        rows = [(int(thing[1:]), int(account[1:]), post, time) for thing, account, post, time in self.made_up()]
        self.write("numbers.csv", rows)
        DUCKDB.need()
        DUCKDB.rows("""SET TimeZone = 'UTC';
            COPY (SELECT object_id, account_id, content_id, timestamp_share FROM read_csv('numbers.csv')) TO 'duck.parquet' (FORMAT parquet);
            COPY (SELECT make_timestamp(timestamp_share * 1000000) AS t, account_id, content_id, object_id FROM read_csv('numbers.csv')) TO 'times.parquet' (FORMAT parquet)""", self.folder)
        both = self.engine is CLICKHOUSE
        if both:
            CLICKHOUSE.rows("""INSERT INTO FUNCTION file('./house.parquet', 'Parquet', 'timestamp_share Int64, object_id UInt32, account_id String, content_id Nullable(String)')
            SELECT timestamp_share, object_id, account_id, content_id FROM file('./numbers.csv', 'CSVWithNames')""", self.folder)
        text_rows = [(str(thing), str(account), post, time) for thing, account, post, time in rows]
        for files, more in ((("duck", "house")[: 1 + both], ()), (("times",), ("time=t", "time_as=timestamp"))):
            with self.subTest(files=files):
                _, used, text = self.run_plan(*(f"file={name}.parquet" for name in files), *more, "input=parquet", "between=parquet", "window=30", "fewest=2", zone="Asia/Kathmandu")
                self.assertEqual(used, len(rows) * len(files))
                self.compare(text, edges_of(text_rows, 30, 2), 30)

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
        self.assertEqual(next(csv.reader(text.splitlines())), documented())
        with (self.folder / "edges_0.csv").open() as file:
            evidence = next(csv.reader(file))
        self.assertEqual(evidence, re.findall(r"^\| `([a-z_]+)` \|", PAGE.read_text().split("### edges_K", 1)[1].split("### accounts_K", 1)[0], re.M))

    def test_back_into_a_case(self):
        """The file is an exhibit, its rows are those of the table `edges`, each shown by its bytes, and the case verifies."""
        if " coordination " not in self.out("--help"):
            self.skipTest("this program has no verb coordination")
        rows = self.made_up() + [("o1", 'say "hé",\nyou', "x1", 1_600_000_000), ("o1", "wörld", "x2", 1_600_000_003)]
        self.write("rows.csv", rows)
        _, _, text = self.run_plan("file=rows.csv", "window=30", "fewest=1")
        for verb in ("add", "analyze"):
            self.run_program(*(("add", "coordination-edges.csv", "--case", "case") if verb == "add" else ("analyze", "--case", "case")), "--quiet")
        (exhibit,) = [item for item in self.lines("exhibits", "--case", "case", "--json", "--quiet") if item["type"] == "coordination-edges"]
        table = self.lines("table", "edges", "--case", "case", "--jsonl", "--quiet")
        bytes_of = (self.folder / "case/data/exhibits" / exhibit["sha256"]).read_bytes()
        self.assertEqual(bytes_of, text.encode())
        expected = {(row["account_a"], row["account_b"]): row for row in csv.DictReader(io.StringIO(text, newline=""))}
        self.assertIn(('say "hé",\nyou', "wörld"), expected)
        self.assertEqual({(row["account_a"], row["account_b"]) for row in table}, set(expected))
        self.assertEqual(len(table), len(expected))
        for row in table:
            for name, value in expected[row["account_a"], row["account_b"]].items():
                self.assertEqual(row[name], value if isinstance(row[name], str) else float(value), (row, name))
        self.assert_whole()


class OnDuckDB(Cases, Plans):
    engine = DUCKDB
    hostile_files = ("it's.csv", "a*b?[c].csv", "new\n; DROP TABLE x;\n--line.csv", "back\\slash.csv", "k=v/{shard}.csv", "http:/host/x.csv", "-- é {window}.csv", "[a].csv")
    hostile_folder = "out's {shard} *"


class OnClickHouse(Cases, Plans):
    engine = CLICKHOUSE
    hostile_files = ("it's.csv", "a[b]$.csv", "new\n; DROP TABLE x;\n--line.csv", "back\\slash.csv", "a.zip::k=v.csv", "http:/host/x.csv", "-- é.csv", "s3:/x.csv.d/x")
    hostile_folder = "out's \\ [s] (a|b)+.^$ :: é\n--"

    def test_a_column_that_one_file_lacks(self):
        """DuckDB counts its rows among those that are not used; here it is an error."""
        self.made_up()
        self.write("other.csv", [("o", "a", "1")], COLUMNS[:3])
        with self.assertRaisesRegex(RuntimeError, "there is no column timestamp_share"):
            self.run_plan("file=made-up.csv", "file=other.csv", "window=10")

    def test_bytes_that_are_no_text(self):
        """DuckDB refuses them; here they are names like others."""
        rows = [(b"o\xff", b"a\x00", b"\xc3", 1_600_000_000), (b"o\xff", b"\xed\xa0\x80", b"\xfe", 1_600_000_004), (b"o", b"a\x00", b"3", 1_600_000_000)]
        (self.folder / "rows.csv").write_bytes(",".join(COLUMNS).encode() + b"\n" + b"".join(b"%s,%s,%s,%d\n" % row for row in rows))
        self.engine.rows(self.plan("file=rows.csv", "window=10", "fewest=1", "shards=2"), self.folder)
        (line,) = (self.folder / "coordination-edges.csv").read_bytes().splitlines()[1:]
        self.assertTrue(line.startswith(b'"a\x00","\xed\xa0\x80","same-object",10,1,1,4,'), line)


class BothEngines(Plans):
    """Pair by pair, and to the last bit of every number."""

    @classmethod
    def setUpClass(cls):
        for engine in (DUCKDB, CLICKHOUSE):
            engine.need()

    def same(self, *settings):
        texts = [self.run_plan(*settings, engine=engine) for engine in (DUCKDB, CLICKHOUSE)]
        self.assertEqual(texts[0][:2], texts[1][:2])
        duck, house = ([[cell if name in TEXTS else float(cell) for name, cell in row.items()] for row in csv.DictReader(io.StringIO(text, newline=""))] for *_, text in texts)
        self.assertGreater(len(duck), 20)
        self.assertEqual(duck, house)

    @need_data
    def test_russian_data(self):
        self.russian()
        for window, shards in ((10, 4), (3600, 2)):
            self.same("file=russian.csv", f"window={window}", "fewest=1", f"shards={shards}")

    def test_made_up(self):
        self.made_up()
        self.same("file=made-up.csv", "window=700", "fewest=1", "shards=5", "between=parquet")


if __name__ == "__main__":
    kit.main()
