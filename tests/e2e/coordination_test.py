#!/usr/bin/python3
"""contrechamp coordination on a made-up world of 2,000 accounts in which fifteen are a company's ambassadors
(tests/simulator): found, shown to the byte, and nobody named who need not be."""
import collections
import csv
import html
import io
import json
import re
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree as xml

import coordination_kit
import kit

UNWANTED = re.compile(r"\b(bots?|fakes?|inauthentic|faux comptes?|robots?)\b", re.I)


@coordination_kit.need_simulate()
class Ambassadors(coordination_kit.Shared):
    def make(self):
        truth = coordination_kit.world(self.folder, "--seed", 3, "--accounts", 2000, "--days", 30, "--campaign", "ambassador:15")
        (self.planted,) = [set(group["accounts"]) for group in truth if group["kind"] == "ambassador"]
        self.coordinated = set().union(*(group["accounts"] for group in truth))
        self.posts = {post["id"]: post for post in map(json.loads, (self.folder / "posts.jsonl").read_text().splitlines())}
        self.profiles = {row["id"]: row for row in csv.DictReader(io.StringIO((self.folder / "profiles.csv").read_text()))}
        ran = self.run_program("coordination", "posts.jsonl", "--profiles", "profiles.csv", "--case", "case", "--gexf", "net.gexf", "--graphml", "net.graphml")
        self.said, self.progress = ran.stdout, ran.stderr
        self.accounts = self.table("accounts")
        self.communities = self.table("communities")
        (self.found,) = [group for group in self.communities if group["tier"] <= 2]
        self.texts = {name: (self.folder / "case/data/exhibits" / name).read_bytes() for name in {exhibit["sha256"] for exhibit in self.lines("exhibits", "--case", "case", "--json", "--quiet")}}

    def members(self, community):
        return {row["account"] for row in self.accounts if row["community"] == community["community"]}

    def test_its_accounts_are_the_planted_ones(self):
        self.assertEqual(self.members(self.found), self.planted)
        self.assertEqual(self.found["accounts"], 15)
        findings, leads = self.findings()
        (finding,) = findings
        self.assertEqual(finding["subject"]["key"], self.found["community"])
        self.assertEqual(finding["strength"], "observed")
        self.assertIn("15 accounts act together more than chance explains", finding["statement"]["en"])
        self.assertIn("15 comptes agissent ensemble plus que le hasard ne l’explique", finding["statement"]["fr"])

    def test_its_template_has_slots(self):
        (bio,) = [row for row in self.table("templates") if row["of"] == "bio" and row["community"] == self.found["community"]]
        self.assertEqual(bio["members"], 15)
        self.assertGreaterEqual(bio["pattern"].count("{}"), 3)
        self.assertLess(bio["log10_p"], -10)
        values = {row["account"]: json.loads(row["values"]) for row in self.table("template_members") if row["template"] == bio["template"]}
        self.assertEqual(set(values), self.planted)
        for account, slots in values.items():
            for slot in slots:
                self.assertIn(slot, self.profiles[account]["description"])

    def test_evidence_is_the_bytes_it_names(self):
        rows = [row for row in self.table("evidence") if row["account_a"] in self.planted and row["account_b"] in self.planted]
        self.assertGreater(len(rows), 20)
        stamp = lambda post: time.strptime(post["created_at"], "%Y-%m-%dT%H:%M:%S.000Z")
        for row in rows:
            a = json.loads(self.texts[row["exhibit"]][row["offset"] : row["offset"] + row["length"]])
            b = json.loads(self.texts[row["exhibit_b"]][row["offset_b"] : row["offset_b"] + row["length_b"]])
            self.assertEqual((a["id"], a["author_id"]), (row["post_a"], row["account_a"]))
            self.assertEqual((b["id"], b["author_id"]), (row["post_b"], row["account_b"]))
            self.assertEqual(a, self.posts[a["id"]])
            self.assertEqual(time.mktime(stamp(b)) - time.mktime(stamp(a)), row["delta_s"])
            if row["window"]:
                self.assertLessEqual(abs(row["delta_s"]), row["window"])
            links = lambda post: {url["expanded_url"].split("?")[0].rstrip("/") for url in post.get("entities", {}).get("urls", [])}
            if row["layer"] == "same-text":
                words = lambda post: re.sub(r"https?://\S+|\W+", " ", post["text"]).split()
                self.assertEqual([word.lower() for word in words(a)], [word.lower() for word in words(b)])
            if row["layer"] == "same-link":
                self.assertTrue(links(a) & links(b), row)
            if row["layer"] == "same-hashtags":
                self.assertEqual(a["entities"]["hashtags"], b["entities"]["hashtags"])

    def test_rows_in_are_rows_used_and_rows_refused(self):
        (rows,) = [row for row in self.lines("coverage", "--case", "case", "--json", "--quiet") if row["check"] == "export-rows" and row["state"] == "present"]
        self.assertEqual(rows["fields"]["rows"], len(self.posts) + len(self.profiles))
        self.assertEqual(self.table("refused"), [])

    def test_progress_shows_how_the_files_are_read(self):
        self.assertIn("posts.jsonl: posts, JSON lines [twitter-v2]", self.progress)
        self.assertIn("text = ", self.progress)
        self.assertIn("profiles.csv: profiles, CSV (,)", self.progress)

    def test_explain_walks_to_the_bytes(self):
        (finding,) = self.findings()[0]
        said = self.out("explain", finding["id"][:12], "--case", "case").splitlines()
        repeated = 0
        for number, line in enumerate(said):
            if not line.lstrip().startswith("$ xxd "):
                continue
            shown = self.shell(line.lstrip()[2:]).stdout.splitlines()
            below = [row.strip() for row in said[number + 1 :]][: min(len(shown), 16)]
            self.assertEqual(below, [row.strip() for row in shown[: len(below)]])
            self.assertTrue(below)
            repeated += 1
        self.assertGreaterEqual(repeated, len(finding["observations"]))
        for observation in self.observations("shared"):
            row = self.texts[observation["locator"]["exhibit"]][observation["locator"]["offset"] :][: observation["locator"]["length"]]
            self.assertIn(json.loads(row)["id"], self.posts)

    def test_verify_derives_it_again_and_sees_a_change(self):
        self.assertEqual(self.differing("case"), set())
        shutil.copytree(self.folder / "case", self.folder / "altered")
        posts = max((self.folder / "altered/data/exhibits").iterdir(), key=lambda path: path.stat().st_size)
        posts.chmod(0o600)
        text = posts.read_bytes()
        posts.write_bytes(text.replace(b"great", b"grave", 1) if b"great" in text else text[:-4] + b"xx}\n")
        self.assertTrue(self.differing("altered"))

    def test_the_same_again(self):
        self.run_program("coordination", "posts.jsonl", "--profiles", "profiles.csv", "--case", "again", "--quiet")
        for name in ("accounts", "edges", "evidence", "communities", "templates", "layers"):
            self.assertEqual(self.out("table", name, "--case", "again", "--jsonl"), self.out("table", name, "--case", "case", "--jsonl"), name)

    # Everything a person might pass on, by its name.
    def documents(self, case, *formats):
        for language in ("en", "fr"):
            for ending in formats or ("html", "json", "csv", "stix"):
                name = f"out-{case}-{language}.{ending}" if ending != "stix" else f"out-{case}-{language}.stix.json"
                self.run_program("report", "--case", case, "--lang", language, "-o", name, "--quiet")
                yield name, (self.folder / name).read_text()

    def test_nobody_is_named(self):
        handles = {row["username"] for row in self.profiles.values()}
        names = {self.profiles[account]["name"] for account in self.planted}
        posts = {post["id"] for post in self.posts.values() if post["author_id"] in self.planted}
        for name, text in self.documents("case"):
            self.assertNotRegex(html.unescape(text), "They say so openly|Ils le disent ouvertement", name)
            words = set(re.findall(r"\w+", text))
            self.assertEqual(words & set(self.profiles), set(), f"{name}: account ids")
            self.assertEqual(words & handles, set(), f"{name}: handles")
            self.assertEqual(words & posts, set(), f"{name}: ids of posts lead to who wrote them")
            self.assertEqual([one for one in names if one in html.unescape(text)], [], f"{name}: display names")
            self.assertNotRegex(text, UNWANTED, name)
        for text in (self.said, self.out("report", "--case", "case", "-o", "-", code=None)):
            self.assertNotRegex(text, UNWANTED)
            self.assertEqual(set(re.findall(r"\w+", text)) & (handles | set(self.profiles)), set())

    def test_whom_the_person_lists_is_named_and_measured(self):
        ordinary = sorted(set(self.profiles) - self.coordinated)[:300]
        (self.folder / "ordinary.txt").write_text("# known to us\n" + "\r\n".join(ordinary) + "\n")
        named, *rest = sorted(self.planted)
        handle = self.profiles[named]["username"]
        ran = self.run_program("coordination", "posts.jsonl", "--profiles", "profiles.csv", "--case", "listed", "--public", handle, "--ordinary", "ordinary.txt", "--disclosed", ",".join(sorted(self.planted)))
        self.assertIn("--public: 1/1 listed accounts are in the posts", ran.stderr)
        self.assertIn("--ordinary: 300/300", ran.stderr)
        self.assertIn("--disclosed: 15/15", ran.stderr)
        (about,) = [item for item in self.observations("community", "listed") if item["fields"]["tier"] <= 2]
        self.assertRegex(about["fields"]["false_flag"], r"^0/300 \(≤ 0\.99 %\)$")
        self.assertIs(about["fields"]["disclosed"], True)
        (about,) = [item for item in self.observations("community") if item["fields"]["tier"] <= 2]
        self.assertEqual(about["fields"]["false_flag"], "unknown")
        self.assertIs(about["fields"]["disclosed"], False)
        others = {self.profiles[account]["username"] for account in rest}
        for name, text in self.documents("listed", "html"):
            words = set(re.findall(r"\w+", text))
            self.assertIn(handle, words)
            self.assertEqual(words & others, set())
            self.assertIn("300", words)
            self.assertRegex(html.unescape(text), "They say so openly" if "-en" in name else "Ils le disent ouvertement")

    def test_the_network_opens_elsewhere(self):
        space = "{http://gexf.net/1.3}"
        root = xml.parse(self.folder / "net.gexf").getroot()
        if not root.tag.startswith(space):
            space = root.tag[: root.tag.index("}") + 1]
        nodes, edges = list(root.iter(space + "node")), list(root.iter(space + "edge"))
        titles = {item.get("title") for item in root.iter(space + "attribute")}
        self.assertLessEqual({"layer"}, titles)
        self.assertLessEqual(self.planted, {node.get("label") for node in nodes} | {value.get("value") for value in root.iter(space + "attvalue")} | {node.get("id") for node in nodes})
        self.assertTrue(edges)
        for edge in edges:
            self.assertGreater(float(edge.get("weight")), 0)
        ids = {node.get("id") for node in nodes}
        self.assertTrue(all(edge.get("source") in ids and edge.get("target") in ids for edge in edges))
        self.assertTrue(any(item.get("start") for item in nodes + edges))
        # The ambassadors, who do the same at different times, are tied as well.
        number = {node.get("id"): node for node in nodes}
        planted = {node for node in number if number[node].get("label") in {self.profiles[account]["username"] for account in self.planted} or node in self.planted}
        self.assertEqual(len(planted), 15)
        self.assertEqual(planted - {end for edge in edges if edge.get("source") in planted and edge.get("target") in planted for end in (edge.get("source"), edge.get("target"))}, set())
        space = "{http://graphml.graphdrawing.org/xmlns}"
        graph = xml.parse(self.folder / "net.graphml").getroot()
        self.assertEqual(len(list(graph.iter(space + "node"))), len(nodes))
        keys = {key.get("attr.name") for key in graph.iter(space + "key")}
        self.assertLessEqual({"layer", "weight"}, keys)
        self.assertEqual(len(nodes), len(self.accounts))

    def test_igraph_reads_it(self):
        try:
            import igraph
        except ImportError:
            self.skipTest("python3-igraph is not installed")
        graph = igraph.Graph.Read_GraphML(str(self.folder / "net.graphml"))
        self.assertEqual(graph.vcount(), len(self.accounts))
        self.assertIn("weight", graph.es.attributes())

    @kit.need_jsonschema()
    def test_json_is_what_the_schema_says(self):
        text = self.out("coordination", "posts.jsonl", "--profiles", "profiles.csv", "--case", "as-json", "--json", "--quiet")
        self.assertEqual([error.message for error in kit.validator("report").iter_errors(json.loads(text))], [])

    @kit.need("zstd", "zstdcat", "zcat")
    def test_compressed_exhibits(self):
        subprocess.run("gzip -k posts.jsonl && zstd -q posts.jsonl && zstd -q profiles.csv", shell=True, cwd=self.folder, check=True)
        plain = [sorted(self.members(group)) for group in self.communities]
        for ending, profiles, cat in (("gz", "profiles.csv", "zcat"), ("zst", "profiles.csv.zst", "zstdcat")):
            self.run_program("coordination", "posts.jsonl." + ending, "--profiles", profiles, "--case", ending, "--quiet")
            members = collections.defaultdict(list)
            for row in self.table("accounts", ending):
                members[row["community"]].append(row["account"])
            self.assertEqual(sorted(sorted(members[group["community"]]) for group in self.table("communities", ending)), sorted(plain))
            shared = self.observations("shared", ending)[0]
            said = self.out("explain", shared["id"], "--case", ending).splitlines()
            (command,) = [line.strip()[2:] for line in said if line.strip().startswith("$ ")]
            self.assertRegex(command, rf"^{cat} \S+ \| tail -c \+\d+ \| head -c \d+ \| xxd -o \d+$")
            shown = [line.strip() for line in self.shell(command).stdout.splitlines()]
            below = [line.strip() for line in said[said.index(next(line for line in said if command in line)) + 1 :]]
            self.assertEqual(below[: min(16, len(shown))], shown[:16])
            row = json.loads(self.shell(command.split(" | xxd")[0]).stdout)
            self.assertEqual(row, self.posts[row["id"]])
            self.assertEqual(self.differing(ending), set())

    def test_interrupted(self):
        begun = self.start("coordination", "posts.jsonl", "--profiles", "profiles.csv", "--case", "cut", stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        log = self.folder / "cut/custody.jsonl"
        for _ in range(2000):
            if log.exists() and log.read_text().count("exhibit-added") >= 2:
                break
            time.sleep(0.01)
        begun.send_signal(signal.SIGINT)
        self.assertEqual(begun.wait(), -signal.SIGINT)
        self.assertEqual(self.differing("cut"), set())
        ran = self.run_program("coordination", "posts.jsonl", "--profiles", "profiles.csv", "--case", "cut")
        self.assertEqual({row["account"] for row in self.table("accounts", "cut") if row["community"] == self.found["community"]}, self.planted)
        self.assertEqual(self.differing("cut"), set())


if __name__ == "__main__":
    kit.main()
