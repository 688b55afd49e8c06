#!/usr/bin/python3
"""--shard and --merge: whatever the number of parts, together they give the edges of one run, byte for byte."""
import csv
import io
import json
import subprocess

import kit

SIMULATE = kit.PROGRAM.parent / "simulate"
HEADER = ("id", "author", "text", "created_at", "url", "retweet_of")


class Shards(kit.Sandbox):
    def simulated(self):
        if not SIMULATE.exists():
            raise kit.unittest.SkipTest("simulate is not built")
        (self.folder / "world").mkdir()
        subprocess.run([SIMULATE, "--out", self.folder / "world", "--seed", "7", "--accounts", "400", "--days", "8", "--campaign", "ambassador:8", "--campaign", "paraphrase:8",
                        "--campaign", "linkfarm:8", "--campaign", "repost-ring:8", "--campaign", "hashtag:8", "--campaign", "copypasta:8"], check=True, capture_output=True)
        return self.folder / "world/posts.jsonl"

    def shards(self, posts, count, *options, prefix="run"):
        names = [f"{prefix}-{i}-{count}" for i in range(1, count + 1)]
        for i, name in enumerate(names, 1):
            self.run_program("coordination", posts, "--shard", f"{i}/{count}", "--run", name, *options)
        return names

    def test_together_they_are_one_run(self):
        posts = self.simulated()
        for options in ((), ("--min", "1", "--window", "1s,10s,2h,1d", "--layer", "near-text", "--layer", "same-repost"), ("--min", "3", "--window", "5m", "--all-pairs")):
            whole = self.run_program("coordination", posts, "--no-chance", "--edges", "whole.csv", *options)
            expected = (self.folder / "whole.csv").read_bytes()
            layers = {row["layer"] for row in csv.DictReader(io.StringIO(expected.decode()))}
            self.assertGreater(len(layers), 1, whole.stderr)
            for count in (1, 2, 5):
                names = self.shards(posts, count, *options)
                # In any order, and through stdout.
                self.run_program("coordination", "--merge", *names[::-1], "--edges", "merged.csv")
                self.assertEqual((self.folder / "merged.csv").read_bytes(), expected, (count, options))
                if count == 5:
                    sizes = [(self.folder / name).read_bytes().count(b"meeting,") for name in names]
                    self.assertTrue(all(sizes), sizes)
                    self.assertEqual(self.run_program("coordination", "--merge", *names, text=False).stdout, expected)

    def write(self, name, rows):
        with (self.folder / name).open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(rows)
        return name

    def small(self, name="posts.csv", more=()):
        # Names that a CSV for people would change: the run file must not.
        return self.write(name, [(str(n), who, f"these are the very same words {n // 2}", f"2024-05-0{1 + n // 4}T10:00:0{n % 2}Z", "https://site.example/page", "")
                                 for n, who in enumerate(["=a,\"b\"", "line\nbreak"] * 6)] + list(more))

    def test_names_are_kept_to_the_byte(self):
        posts = self.small()
        self.run_program("coordination", posts, "--no-chance", "--edges", "whole.csv")
        names = self.shards(posts, 3)
        self.assertEqual(self.run_program("coordination", "--merge", *names, text=False).stdout, (self.folder / "whole.csv").read_bytes())
        rows = [row for name in names for row in csv.reader(io.StringIO((self.folder / name).read_bytes().split(b"\n", 1)[1].decode(), newline=""))]
        self.assertEqual({row[4] for row in rows if row[0] == "account"}, {"=a,\"b\"", "line\nbreak"})
        meetings = [row for row in rows if row[0] == "meeting"]
        self.assertTrue(meetings)
        self.assertTrue(all(len(row) == 12 for row in meetings))
        # Places point at the row of the post that is named.
        text = (self.folder / posts).read_bytes()
        for row in meetings:
            for post, place in ((row[5], row[7]), (row[6], row[8])):
                file, offset = map(int, place.split(":"))
                self.assertEqual(file, 0)
                self.assertTrue(text[offset:].startswith(post.encode() + b","))

    def test_what_does_not_belong_together_is_refused(self):
        posts = self.small()
        names = self.shards(posts, 3)
        refused = lambda *runs, **more: self.fails("coordination", "--merge", *runs, "--edges", "merged.csv", **more)
        self.assertIn("missing: 2", refused(names[0], names[2]))
        self.assertIn("shard 2 is there twice", refused(*names, names[1]))
        self.assertIn('differ in "of"', refused(names[0], *self.shards(posts, 2)))
        other = self.small("other.csv", [("99", "c", "words", "2024-05-01T10:00:00Z", "", "")])
        self.assertIn('differ in "inputs"', refused(*names[:2], *self.shards(other, 3, prefix="other")[2:]))
        self.assertIn('differ in "windows"', refused(*names[:2], *self.shards(posts, 3, "--window", "10s", prefix="near")[2:]))
        self.assertIn('differ in "fewest_objects"', refused(*names[:2], *self.shards(posts, 3, "--min", "3", prefix="more")[2:]))
        first = (self.folder / names[0]).read_bytes()
        header = json.loads(first.split(b"\n", 1)[0])
        (self.folder / "newer").write_bytes(json.dumps({**header, "program": "contrechamp 9"}).encode() + b"\n" + first.split(b"\n", 1)[1])
        self.assertIn('differ in "program"', refused("newer", *names[1:]))
        self.assertIn("no run file", refused(posts, *names[1:]))
        refused(code=2)
        self.assertFalse((self.folder / "merged.csv").exists())
        self.assertFalse((self.folder / "merged.csv.part").exists())
        self.assertIn("ne vont pas ensemble", refused("newer", *names[1:], "--lang", "fr"))

    def test_every_cut_is_noticed(self):
        names = self.shards(self.small(), 2)
        whole = (self.folder / names[1]).read_bytes()
        for size in range(0, len(whole) - 1, max(1, len(whole) // 40)):
            (self.folder / "cut").write_bytes(whole[:size])
            self.fails("coordination", "--merge", names[0], "cut", "--edges", "merged.csv")

    def test_no_shard(self):
        posts = self.small()
        for bad in ("0/5", "6/5", "1", "1/", "/5", "1/5x", "1/99999", "-1/5", ""):
            self.fails("coordination", posts, "--shard", bad, "--run", "run", code=2)
        self.fails("coordination", posts, "--shard", "1/5", code=2)
        self.fails("coordination", posts, "--run", "run", code=2)
        self.assertFalse((self.folder / "run").exists())


if __name__ == "__main__":
    kit.main()
