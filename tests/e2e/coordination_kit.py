"""What the tests of `contrechamp coordination` share: made-up worlds, posts written by hand, and tables read back."""
import csv
import io
import json
import os
import pathlib
import subprocess
import unittest

import kit

SIMULATE = kit.PROGRAM.parent / "simulate"
DATA = pathlib.Path(os.environ.get("SHARED_DATA") or kit.ROOT.parent / "shared/data") / "coordination"
MONDAY = 1535932800  # 2018-09-03, UTC


def need_simulate():
    return unittest.skipIf(not SIMULATE.exists(), "tests/simulator is not built")


def stamp(seconds):
    import datetime

    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def world(folder, *options):
    """posts.jsonl, profiles.csv and truth.json of a made-up world; the truth."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([str(SIMULATE), "--out", str(folder), *map(str, options)], check=True)
    return json.loads((folder / "truth.json").read_text())["campaigns"]


def write_posts(path, posts):
    """Posts as dictionaries of account, time (Unix seconds), text and perhaps links: JSON lines."""
    lines = []
    for number, post in enumerate(sorted(posts, key=lambda post: post["time"])):
        lines.append(json.dumps({"id": str(10_000 + number), "author_id": post["account"], "created_at": stamp(post["time"]), "text": post["text"],
                                 "entities": {"urls": [{"expanded_url": link} for link in post.get("links", [])]}}, ensure_ascii=False))
    path.write_text("\n".join(lines) + "\n")


def write_profiles(path, profiles):
    """Rows of id, username, name, description, created_at."""
    with path.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(("id", "username", "name", "description", "created_at"))
        rows.writerows(profiles)


class Coordination(kit.Sandbox):
    def table(self, name, case="case"):
        return [json.loads(line) for line in self.out("table", name, "--case", case, "--jsonl", "--quiet").splitlines()]

    def observations(self, kind, case="case"):
        return [item for item in self.lines("observations", "--case", case, "--json", "--quiet") if item["kind"] == "coordination." + kind]

    def findings(self, case="case"):
        """(findings, leads)"""
        both = self.lines("findings", "--case", case, "--json", "--quiet")
        return [item for item in both if not item.get("lead")], [item for item in both if item.get("lead")]

    def edges(self, *arguments, **more):
        """Rows of --edges -."""
        return list(csv.DictReader(io.StringIO(self.out("coordination", *arguments, "--edges", "-", "--quiet", **more))))


class Shared(Coordination):
    """A sandbox that all tests of a class look at, for what takes seconds to make. Subclasses define make(self)."""

    @classmethod
    def setUpClass(cls):
        cls.maker = cls("make")
        Coordination.setUp(cls.maker)
        try:
            cls.maker.make()
        except BaseException:
            cls.maker.remove()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.maker.remove()

    def setUp(self):
        self.__dict__.update({name: value for name, value in vars(self.maker).items() if not name.startswith("_")})
