#!/usr/bin/python3
"""The files of --gexf and --graphml as others read them: graphology-gexf (Gephi Lite's reader; npm, tests/kit/graphology) and
networkx. Node by node and edge by edge they hold what the case's tables say. Names are hostile to XML."""
import collections
import csv
import datetime
import json
import re
import subprocess
import sys

import coordination_kit
import kit

try:
    import networkx
except ImportError:
    networkx = None

sys.path.insert(0, str(kit.ROOT / "bench"))
import npm  # noqa: E402

READER = kit.ROOT / "tests/kit/graphology"
HOSTILE = ['a<b>&"c"', "tab\there", "line\nfeed\r\n", " spaces ", "\x01control", "]]>", "&#0;", "\u202eright-to-left \U0001f600", "1e3", "true", "NaN"]
NODE, EDGE = ("label", "posts", "community", "first", "last"), ("layer", "window", "objects", "weight", "q", "first", "last")


def need_networkx():
    return kit.unittest.skipIf(networkx is None, "python3-networkx is not installed")


def clean(text):
    """Without what XML 1.0 cannot hold."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)


def said(attributes, names):
    """What is known of the attributes with these names, as one text; readers may make 1 of 1.0."""
    known = {name: attributes.get(name) for name in names if attributes.get(name) not in (None, "")}
    return json.dumps({name: float(value) if name in ("weight", "q") else value for name, value in known.items()})


@coordination_kit.need_simulate()
class Networks(coordination_kit.Shared):
    def make(self):
        truth = coordination_kit.world(self.folder, "--seed", 3, "--accounts", 300, "--days", 14, "--campaign", "ambassador:15")
        (self.planted,) = [group["accounts"] for group in truth if group["kind"] == "ambassador"]
        self.rename(dict(zip(self.planted, HOSTILE)))
        self.add_edge_from_elsewhere()
        self.run_program("coordination", "posts.jsonl", "--profiles", "profiles.csv", "--window", "60s,1h", "--case", "case", "--gexf", "net.gexf", "--graphml", "net.graphml", "--quiet")
        self.accounts = self.table("accounts")
        self.nodes = {clean(row["account"]): said(row | {"label": clean(row["name"] or row["account"])}, NODE) for row in self.accounts}
        self.rows = [row | {"window": {60: "1m", 3600: "1h"}[row["window"]]} for row in self.table("edges")] + list(self.ties_at_any_time())

    def rename(self, names):
        posts = [json.loads(line) for line in (self.folder / "posts.jsonl").read_text().splitlines()]
        posts = [post | {"author_id": names.get(post["author_id"], post["author_id"])} for post in posts]
        (self.folder / "posts.jsonl").write_text("".join(json.dumps(post) + "\n" for post in posts))
        with (self.folder / "profiles.csv").open(newline="") as file:
            profiles = [[names.get(row[0], row[0]), names.get(row[0], row[1]), *row[2:]] for row in csv.reader(file)]
        with (self.folder / "profiles.csv").open("w", newline="") as file:
            csv.writer(file).writerows(profiles)

    def add_edge_from_elsewhere(self):
        """docs/schema/coordination-edges.md: it has no q."""
        row = {"account_a": HOSTILE[0], "account_b": HOSTILE[2], "layer": "other <program>", "window": 60, "weight": 0.5, "objects": 3, "first": "2018-09-05T08:00:12Z", "last": "2018-09-06T09:10:00Z"}
        with (self.folder / "coordination-edges.csv").open("w", newline="") as file:
            csv.writer(file).writerows((row, row.values()))
        self.run_program("add", "coordination-edges.csv", "--case", "case", "--quiet")

    def ties_at_any_time(self):
        """What the pairs of posts with no window come to: as many objects as both share, by the posts of the less active."""
        posts = {row["account"]: row["posts"] for row in self.accounts}
        ties = collections.defaultdict(list)
        for row in self.table("evidence"):
            if row["window"] == 0:
                ties[(*sorted((row["account_a"], row["account_b"])), row["layer"])].append(row)
        for (a, b, layer), rows in ties.items():
            first = [datetime.datetime.fromisoformat(row["time_a"]).timestamp() for row in rows]
            times = first + [time + row["delta_s"] for time, row in zip(first, rows)]
            objects = len({row["object"] for row in rows})
            yield {"account_a": a, "account_b": b, "layer": layer, "window": "any time", "weight": min(1.0, objects / max(1, min(posts[a], posts[b]))), "objects": objects,
                   "first": coordination_kit.stamp(min(times)), "last": coordination_kit.stamp(max(times))}

    def compare(self, nodes, edges):
        """{id: attributes} and [(id, end, other end, attributes)], against the tables. Parallel edges stay apart."""
        self.assertEqual({node: said(attributes, NODE) for node, attributes in nodes.items()}, self.nodes)
        self.assertEqual(len({edge[0] for edge in edges}), len(edges))
        expected = collections.Counter((*sorted((clean(row["account_a"]), clean(row["account_b"]))), said(row, EDGE)) for row in self.rows)
        self.assertEqual(collections.Counter((*sorted(ends), said(attributes, EDGE)) for _, *ends, attributes in edges), expected)

    def test_there_is_something_to_compare(self):
        """Hostile names, several layers and windows between the same two, ties at any time, edges that nobody judged."""
        self.assertLessEqual(set(HOSTILE), {row["account"] for row in self.accounts})
        windows, layers = collections.defaultdict(set), collections.defaultdict(set)
        for row in self.rows:
            pair = frozenset((row["account_a"], row["account_b"]))
            windows[pair, row["layer"]].add(row["window"])
            layers[pair].add(row["layer"])
        self.assertTrue(any(len(found) > 1 for found in windows.values()))
        self.assertTrue(any(len(found) > 1 for found in layers.values()))
        self.assertTrue(any("any time" in found for found in windows.values()))
        self.assertIn((None, "other <program>"), {(row.get("q"), row["layer"]) for row in self.rows})

    def test_graphology_reads_the_gexf(self):
        try:
            modules = npm.install("graphology-gexf", READER, "test-npm-graphology")
        except npm.Unavailable as why:
            self.skipTest(str(why))
        ran = subprocess.run(["node", str(READER / "read.js"), str(modules), "net.gexf"], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        graph = json.loads(ran.stdout)
        self.assertEqual((graph["type"], graph["multi"]), ("undirected", True))
        self.compare(dict(graph["nodes"]), graph["edges"])
        # Gephi adds up parallel edges of one kind: no two of the same accounts are of one.
        kinds = collections.Counter((frozenset(ends), attributes["kind"]) for _, *ends, attributes in graph["edges"])
        self.assertEqual(set(kinds.values()), {1})

    @need_networkx()
    def test_networkx_reads_the_gexf(self):
        """networkx knows no GEXF 1.3 before its version 3.6 and still no times with hours, which Gephi does: both are renamed for it."""
        text = (self.folder / "net.gexf").read_text()
        for ours, theirs in ((' xmlns="http://gexf.net/1.3" version="1.3"', ' xmlns="http://www.gexf.net/1.2draft" version="1.2"'), (' timeformat="dateTime"', ' timeformat="date"')):
            self.assertEqual(text.count(ours), 1)
            text = text.replace(ours, theirs)
        (self.folder / "older.gexf").write_text(text)
        graph = networkx.read_gexf(self.folder / "older.gexf")
        self.assertTrue(graph.is_multigraph() and not graph.is_directed())
        self.compare(dict(graph.nodes(data=True)), [(key, a, b, attributes) for a, b, key, attributes in graph.edges(keys=True, data=True)])
        for attributes in [data for _, data in graph.nodes(data=True)] + [data for *_, data in graph.edges(data=True)]:
            self.assertEqual((attributes["start"], attributes["end"]), (attributes["first"], attributes["last"]))
            self.assertLessEqual(attributes["start"], attributes["end"])

    @need_networkx()
    def test_networkx_reads_the_graphml(self):
        graph = networkx.read_graphml(self.folder / "net.graphml")
        self.assertTrue(graph.is_multigraph() and not graph.is_directed())
        timed = lambda attributes: attributes | {"first": attributes["start"], "last": attributes["end"]}
        account = {node: attributes["account"] for node, attributes in graph.nodes(data=True)}
        self.compare({account[node]: timed(attributes) for node, attributes in graph.nodes(data=True)}, [(key, account[a], account[b], timed(attributes)) for a, b, key, attributes in graph.edges(keys=True, data=True)])


if __name__ == "__main__":
    kit.main()
