#!/usr/bin/python3
"""The documents say what the program does: generated ones are up to date, lists are whole, examples work."""
import json
import re
import subprocess

import kit

DOCS = kit.ROOT / "docs"


def read(name):
    return (DOCS / name).read_text()


def words(text):
    """What stands between back quotes."""
    return set(re.findall(r"`([^`\n]+)`", text))


class Documents(kit.Sandbox):
    def test_generated_documents_are_up_to_date(self):
        ran = subprocess.run([kit.ROOT / "tests/regen-docs", "--check"], env={**self.env, "CONTRECHAMP": str(kit.PROGRAM)}, capture_output=True, text=True)
        self.assertEqual((ran.returncode, ran.stdout), (0, ""), ran.stderr)

    def test_the_contract_names_all_of_it(self):
        text = read("schema/README.md")
        verbs = re.findall(r"^  (\S+)  ", re.search(r"\nVerbs:\n((?:  .*\n)+)", self.out("--help"))[1], re.M)
        for verb in verbs:
            inner = re.search(r"\nVerbs:\n((?:  .*\n)+)", self.out(verb, "--help"))
            for name in [f"{verb} {word}" for word in re.findall(r"^  (\S+)  ", inner[1], re.M)] if inner else [verb]:
                self.assertRegex(text, rf"`{name}[ `]")
        for path in (DOCS / "schema").iterdir():
            if path.name != "README.md":
                self.assertIn(f"]({path.name})", text)
        # What is said of environment variables is what the sources ask for.
        asked = set()
        for path in [*(kit.ROOT / "src/cli").glob("*.cpp"), *(kit.ROOT / "src/evidence").glob("*.cpp"), kit.ROOT / "src/base/text.cpp", *(kit.ROOT / "src/report").glob("*.cpp")]:
            asked |= set(re.findall(r'getenv\("([A-Z_]+)"\)', path.read_text()))
        for name in asked - {"HOME", "TERM", "XDG_CONFIG_HOME"}:
            self.assertIn(f"`{name}`", text)

    def test_case(self):
        case = self.make_case()
        text = read("schema/case.md")
        self.shell('"$1" make tsa', kit.TSA)
        query = self.out("case", "timestamp", "--request", "--case", "case", "--quiet").strip()
        self.shell('"$1" answer tsa "$2" answer.tsr', kit.TSA, query)
        self.run_program("case", "timestamp", "--import", "answer.tsr", "--case", "case", "--quiet")
        self.run_program("scan", "--case", "case", "--quiet")
        for path in case.rglob("*"):
            name = re.sub(r"keys/[0-9A-F]{16}", "keys/KEYID", re.sub(r"[0-9a-f]{64}", "SHA256", re.sub(r"/\d+\.ts", "/N.ts", str(path.relative_to(case)))))
            self.assertIn(name.replace("timestamps/N.tsr", "N.tsr"), text)
        schema = json.loads(read("schema/custody-entry.schema.json"))
        self.assertEqual(set(re.findall(r"^\| `([a-z-]+)` \|", text, re.M)), {choice["properties"]["action"]["const"] for choice in schema["oneOf"]})
        modes = {path.stat().st_mode & 0o777 for path in (case / "data/exhibits").iterdir()}
        self.assertEqual(modes, {0o400})

    def test_the_example_of_a_rule_is_one(self):
        text = read("schema/rules.md")
        example = re.search(r"^```yaml\n(.*?)^```", text, re.M | re.S)[1]
        (self.folder / "mine/rules").mkdir(parents=True)
        (self.folder / "mine/rules/example.yaml").write_text(example.replace("id: x11-records-input", "id: example"))
        self.assertIn("0 problem(s)", self.out("knowledge", "check", "mine"))
        known = words(text)
        for rule in json.loads(self.out("knowledge", "bundle"))["rules"]:
            self.assertLessEqual(set(rule) - {"tests"}, known)
            for test in rule["tests"]:
                for expected in test["expect"]:
                    self.assertLessEqual(set(expected), known, rule["id"])

    def test_members_of_products(self):
        text = read("schema/knowledge.md")
        for product in json.loads(self.out("knowledge", "bundle"))["products"]:
            for item in [product, *product["indicators"], *product["capabilities"], *product["sources"].values()]:
                for name in item:
                    self.assertRegex(text, rf"\b{name}\b", product["id"])


class Exhibits(kit.Sandbox):
    def setUp(self):
        super().setUp()
        self.text = read("schema/exhibits.md")

    def described(self):
        """{(file, record): members} as the document says."""
        objects = {}
        for row in re.search(r"### Objects inside records\n(.*?)\n###", self.text, re.S)[1].splitlines():
            if row.startswith("| `") or row.startswith("| a command"):
                names, members = row.strip("| ").split(" | ", 1)
                for name in words(names) if names.startswith("`") else {"command"}:
                    objects[name] = words(members)
        records = {}
        for file, body in re.findall(r"^### ((?:linux|coordination|disparity)-[a-z0-9-]+)\n(.*?)(?=^###|\Z)", self.text, re.M | re.S):
            for kind, members in re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", body, re.M):
                names = words(members)
                if members.startswith("a command's"):
                    names |= objects["command"]
                if members.startswith("those of `process`"):
                    names |= objects["process"]
                records[file, kind] = names
        common = re.search(r"### Records of every file\n(.*?)\n###", self.text, re.S)[1]
        for kind, members in re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", common, re.M):
            for file in {file for file, _ in records}:
                records[file, kind] = words(members)
        return records, objects

    def check(self, text, where):
        records, objects = self.described()
        header, *lines = map(json.loads, text.splitlines())
        for name in header:
            self.assertIn(f"`{name}`", self.text, where)
        for line in lines:
            key = header["contrechamp"], line.pop("is")
            self.assertIn(key, records, where)
            plain = {name.removesuffix("_hex") for name in line}
            self.assertLessEqual(plain, records[key], f"{where}: {key}")
            for name, value in line.items():
                if name in objects and isinstance(value, dict):
                    self.assertLessEqual({inner.removesuffix("_hex") for inner in value}, objects[name], f"{where}: {key} {name}")
                if name == "programs" and isinstance(value, list):
                    for command in value:
                        self.assertLessEqual(set(command), objects["command"], where)

    def test_of_this_machine(self):
        self.run_program("scan", "--case", "case", "--quiet")
        for exhibit in self.lines("exhibits", "--case", "case", "--json"):
            if exhibit["type"].startswith("contrechamp/linux-"):
                self.check((self.folder / "case/data/exhibits" / exhibit["sha256"]).read_text(), exhibit["type"])

    def test_of_the_golden_tests(self):
        checked = 0
        for path in sorted(kit.ROOT.glob("src/analyze/host/golden/*.in")):
            text = path.read_bytes()
            # Those that are as our collectors write them: whole, and of records we have.
            if re.search(r"hostile|damaged|cut|other-|after|before|end|many|no-|header|unknown|same", path.name) or not text.startswith(b'{"'):
                continue
            if b'"contrechamp":"linux-' in text.split(b"\n")[0]:
                self.check(text.decode(), path.name)
                checked += 1
        self.assertGreater(checked, 10)
        checked = 0
        for path in sorted(kit.ROOT.glob("src/analyze/[cd]*/golden/*.in")):
            if not re.search(r"bad|broken|cut-off|other-version|unknown|computed-edges", path.name):
                self.check(path.read_text(), path.name)
                checked += 1
        self.assertGreater(checked, 20)

    def test_every_collector_record_and_kind_is_there(self):
        records, _ = self.described()
        written = set()
        for path in (kit.ROOT / "src/collect/linux").glob("*.cpp"):
            written |= set(re.findall(r'out\.add\(\s*"([a-z-]+)"', path.read_text()))
        for path in (kit.ROOT / "src/analyze").glob("*/request.cpp"):
            written |= set(re.findall(r'writer\.add\(\s*"([a-z-]+)"', path.read_text()))
        self.assertEqual(written, {kind for _, kind in records} - {"looked", "coverage", "end"})
        self.run_program("scan", "--case", "case", "--quiet")
        collected = {e["collector"].replace("/", "-") for e in self.lines("exhibits", "--case", "case", "--json") if e["collector"].startswith("linux/")}
        self.assertEqual({file for file, _ in records} - {"coordination-request", "disparity-request"}, collected)
        recognised = (kit.ROOT / "src/formats/recognise.cpp").read_text()
        kinds = set(re.findall(r'"(?:sv, )?"?([a-z0-9]+(?:-[a-z0-9]+)+|sqlite|pcap|pcapng|gvdb|gzip|zstd|xz|zip|pdf)"\}?[;,}]', recognised))
        self.assertGreater(len(kinds), 15)
        for kind in kinds:
            self.assertIn(f"`{kind}`", self.text)


if __name__ == "__main__":
    kit.main()
