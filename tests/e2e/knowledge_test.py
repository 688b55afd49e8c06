#!/usr/bin/python3
"""contrechamp knowledge: what is built in is well-formed and sourced; a folder of one's own is checked; lists come in
and go out."""
import json
import os
import re

import kit

PRODUCT = """id: shelly
name: Shelly
vendor: Nobody
class: monitoring
category: test
updated: 2026-11-23
sources: {s: {ref: made up, kind: own-observation, licence: facts, date: 2026-11-23}}
capabilities: [{id: command-logging, status: documented, confidence: high, sources: [s]}]
indicators:
  - {type: package, value: shelly, manager: dpkg, confidence: high, sources: [s]}
  - {type: path, value: /usr/lib/libshelly.so, platforms: [linux], confidence: high, sources: [s]}
"""

# Other people's lists, in their own form; the rows are made up here.
LOLRMM = """Name: Remote Thing
Category: RMM
Description: Made up for a test
Author: nobody
Created: 2024-01-02
LastModified: 2024-05-06
Details:
  Website: https://remote-thing.example
  PEMetadata:
    - Filename: RemoteThing.exe
      OriginalFileName: RT.exe
      Description: x
  Privileges: user
  Free: ''
  Verification: ''
  SupportedOS: [Windows, MacOS]
  Capabilities: []
  Vulnerabilities: []
  InstallationPaths:
    - C:\\Program Files\\Remote Thing\\*
    - '*.exe'
Artifacts:
  Disk: []
  EventLog: []
  Registry:
    - {Path: 'HKLM\\SOFTWARE\\RemoteThing', Description: x}
  Network:
    - {Description: relays, Domains: ['relay.remote-thing.example', 'user_managed', '10.0.0.1:443'], Ports: [443]}
  Other: []
Detections: []
References: [https://example.org]
Acknowledgement: []
"""
STALKERWARE = """- name: Quiet Phone
  names: [Quiet Phone Pro]
  type: stalkerware
  packages: [com.quiet.phone]
  certificates: [0123456789ABCDEF0123456789ABCDEF01234567]
  websites: [quiet-phone.example]
  distribution: [get.quiet-phone.example, 192.0.2.9]
  c2:
    ips: [192.0.2.7]
    domains: [c2.quiet-phone.example]
- name: Nothing Known
  type: stalkerware
  certificates: [AA]
"""


class BuiltIn(kit.Sandbox):
    def test_is_the_folder_of_this_repository(self):
        """The program carries knowledge/: checked as built in and as it lies there, it is the same and has no defect."""
        said = self.out("knowledge", "check")
        self.assertEqual(self.out("knowledge", "check", kit.ROOT / "knowledge"), said)
        counts = re.fullmatch(r"(\d+) products, (\d+) indicators, (\d+) capabilities, (\d+) rules, (\d+) tests: 0 problem\(s\)\n", said)
        products, indicators, capabilities, rules, tests = map(int, counts.groups())
        self.assertGreaterEqual(products, 150)
        self.assertGreaterEqual(capabilities, 30)
        self.assertGreaterEqual(tests, rules)
        self.assertEqual(products, len(self.lines("knowledge", "list", "--json")))
        self.assertEqual(indicators, sum(product["indicators"] for product in self.lines("knowledge", "list", "--json")))
        self.assertIn(f"{products} produits", self.out("knowledge", "check", "--lang", "fr"))

    def test_list_and_show(self):
        products = self.lines("knowledge", "list", "--json")
        shown = self.out("knowledge", "list").splitlines()
        self.assertEqual([line.split()[0] for line in shown], [product["id"] for product in products])
        self.assertEqual([product["id"] for product in products], sorted(product["id"] for product in products))
        self.assertIn("Prise en main à distance", self.out("knowledge", "list", "--lang", "fr"))
        for identifier in ("veyon", "snoopy"):
            product = json.loads(self.out("knowledge", "show", identifier))
            self.assertEqual(product["id"], identifier)
            # Each mark and capability names sources that are there, with licence and date.
            for row in product["indicators"] + product["capabilities"]:
                self.assertTrue(row["sources"])
                for source in row["sources"]:
                    self.assertTrue(product["sources"][source]["licence"])
                    self.assertTrue(product["sources"][source]["date"])
        self.assertIn("knowledge list", self.fails("knowledge", "show", "nobody"))

    def test_attribution_is_up_to_date(self):
        """Regenerate it with: contrechamp knowledge attribution > knowledge/ATTRIBUTION.md"""
        self.assertEqual(self.out("knowledge", "attribution"), (kit.ROOT / "knowledge/ATTRIBUTION.md").read_text())

    def test_attribution_names_every_source(self):
        text = self.out("knowledge", "attribution")
        bundle = json.loads(self.out("knowledge", "bundle"))
        for product in bundle["products"]:
            for source in product["sources"].values():
                self.assertRegex(text, rf"(?m)^- {re.escape(source['ref'])}:.* {re.escape(product['id'])}( |$)")
                self.assertIn(f"\n## {source['licence']}\n", text)


class Own(kit.Sandbox):
    def put(self, text, name="shelly"):
        folder = self.folder / "mine/products"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.yaml").write_text(text)

    def test_a_good_one(self):
        self.put(PRODUCT)
        before = len(self.lines("knowledge", "list", "--json"))
        self.assertIn("0 problem(s)", self.out("knowledge", "check", "mine"))
        self.assertEqual(len(self.lines("knowledge", "list", "--json", "--knowledge", "mine")), before + 1)
        self.assertEqual(json.loads(self.out("knowledge", "show", "shelly", "--knowledge", "mine"))["vendor"], "Nobody")
        self.assertIn("\n- made up: shelly\n", self.out("knowledge", "attribution", "--knowledge", "mine"))

    def test_it_is_used_by_analyze_and_kept_with_the_case(self):
        self.put(PRODUCT)
        (self.folder / "packages.jsonl").write_text(kit.records("linux-packages", [{"is": "package", "manager": "dpkg", "package": "shelly", "version": "1", "scope": "system"}]))
        (self.folder / "logging.jsonl").write_text(kit.records("linux-logging", [{"is": "preload", "library": "/usr/lib/libshelly.so", "package": "shelly", "programs": 3, "of": 3, "source": {"path": "/etc/ld.so.preload", "line": 1}}]))
        self.run_program("add", "packages.jsonl", "logging.jsonl", "--case", "case", "--quiet")
        self.run_program("analyze", "--case", "case", "--quiet")
        self.assertEqual([f for f in self.lines("findings", "--case", "case", "--json") if f.get("product") == "shelly"], [])
        self.run_program("analyze", "--case", "case", "--quiet", "--knowledge", "mine")
        named = [f["lead"] for f in self.lines("findings", "--case", "case", "--json") if f.get("product") == "shelly"]
        self.assertIn(False, named)
        (self.folder / "mine/products/shelly.yaml").unlink()
        self.assert_whole()
        self.assertEqual(sum(e["type"] == "contrechamp/knowledge" for e in self.lines("exhibits", "--case", "case", "--json")), 2)

    def test_bad_ones_are_named(self):
        """One change each; the file and what is wrong are said, in both languages, and nothing uses the folder."""
        changes = [
            ("sources: [s]}\n  - {type: path", "sources: []}\n  - {type: path"), ("confidence: high, sources: [s]}]", "confidence: high, sources: [t]}]"),
            ("licence: facts, ", ""), ("class: monitoring", "class: watching"), ("command-logging", "mind-reading"), ("manager: dpkg, ", ""),
            ("value: /usr/lib/libshelly.so", "value: '/*', match: glob"), ("type: path", "type: smell"), ("id: shelly", "id: other"), ("vendor: Nobody\n", ""),
            ("status: documented", "status: rumoured"), ("type: path, value: /usr/lib/libshelly.so, platforms: [linux]", "type: domain, value: shelly.example"),
            ("  - {type: path", "  - {type: package, value: shelly, manager: dpkg, confidence: high, sources: [s]}\n  - {type: path"), ("updated: 2026-11-23", "updated: yesterday"),
            ("name: Shelly", "name: [oops"),
        ]
        for old, new in changes:
            self.assertIn(old, PRODUCT)
            self.put(PRODUCT.replace(old, new, 1))
            for lang in ("en", "fr"):
                ran = self.run_program("knowledge", "check", "mine", "--lang", lang, code=None)
                self.assertEqual(ran.returncode, 1, f"{old!r} -> {new!r}")
                self.assertIn("shelly.yaml", ran.stdout + ran.stderr, f"{old!r} -> {new!r}")
            self.assertIn("shelly.yaml", self.fails("knowledge", "list", "--knowledge", "mine"))

    def test_a_rule_that_fails_its_own_test(self):
        rules = self.folder / "mine/rules"
        rules.mkdir(parents=True)
        text = (kit.ROOT / "knowledge/rules/added-authority.yaml").read_text().replace("id: added-authority", "id: mine")
        (rules / "mine.yaml").write_text(text)
        self.out("knowledge", "check", "mine")
        (rules / "mine.yaml").write_text(text.replace("strength: granted, capabilities: [tls-interception]}]", "strength: observed}]"))
        said = self.out("knowledge", "check", "mine", code=1)
        self.assertIn("mine.yaml: an authority in the system store", said)
        self.assertIn("got 1 findings, not those expected", said)
        (rules / "mine.yaml").write_text(text.replace("  fr: ", "  de: ", 1))
        self.assertIn("mine.yaml", self.out("knowledge", "check", "mine", code=1))

    def test_what_is_no_folder(self):
        self.assertIn("missing", self.fails("knowledge", "check", "missing"))
        self.assertIn("missing", self.fails("knowledge", "list", "--knowledge", "missing"))


class Lists(kit.Sandbox):
    def test_export_as_stix(self):
        self.out("knowledge", "export", "-o", "out.stix2")
        text = (self.folder / "out.stix2").read_text()
        self.assertEqual(self.out("knowledge", "export"), text)
        objects = {item["id"]: item for item in json.loads(text)["objects"]}
        self.assertEqual(len(objects), len(json.loads(text)["objects"]))
        patterns = [item for item in objects.values() if item["type"] == "indicator"]
        self.assertGreater(len(patterns), 300)
        # The forms MVT reads (mvt/common/indicators.py), and two of our own that it passes over.
        for item in patterns:
            self.assertRegex(item["pattern"], r"^\[(domain-name:value|process:name|file:path|file:name|app:id|windows-registry-key:key|x-contrechamp-(extension:id|package:name))='[^\n]+'\]$")
            self.assertEqual(item["pattern_type"], "stix")
        for item in objects.values():
            if item["type"] == "relationship":
                self.assertIn(item["source_ref"], objects)
                self.assertIn(item["target_ref"], objects)
        self.assertIn("missing/x", self.fails("knowledge", "export", "-o", "missing/x"))

    def test_import_lolrmm(self):
        (self.folder / "yaml").mkdir()
        (self.folder / "yaml/remote_thing.yaml").write_text(LOLRMM)
        (self.folder / "yaml/anydesk.yaml").write_text(LOLRMM.replace("Remote Thing", "AnyDesk").replace("remote-thing", "anydesk"))
        (self.folder / "yaml/broken.yaml").write_text("Name: [")
        said = self.out("knowledge", "import", "lolrmm", "yaml", "-o", "imported")
        self.assertIn("1 products written", said)
        self.assertIn("anydesk", said.lower(), "known already")
        self.assertIn("broken.yaml", said)
        self.assertIn("*.exe", said, "would fit anything")
        self.assertIn("10.0.0.1: addresses change hands", said)
        self.assertIn("0 problem(s)", self.out("knowledge", "check", "imported"))
        (product,) = (self.folder / "imported/products").iterdir()
        shown = json.loads(self.out("knowledge", "show", product.stem, "--knowledge", "imported"))
        self.assertIn("RemoteThing.exe", {row["value"] for row in shown["indicators"]})
        self.assertEqual({source["licence"] for source in shown["sources"].values()}, {"Apache-2.0"})
        self.assertIn("## Apache-2.0", self.out("knowledge", "attribution", "--knowledge", "imported"))
        # Again gives the same bytes.
        before = product.read_bytes()
        self.out("knowledge", "import", "lolrmm", "yaml/remote_thing.yaml", "-o", "imported")
        self.assertEqual(product.read_bytes(), before)

    def test_import_stalkerware(self):
        (self.folder / "ioc.yaml").write_text(STALKERWARE)
        said = self.out("knowledge", "import", "stalkerware", "ioc.yaml", "-o", "imported", "--lang", "fr")
        self.assertIn("1 produits écrits", said)
        for address in ("192.0.2.7", "192.0.2.9"):
            self.assertIn(address + ": les adresses changent de mains", said)
        self.assertIn("0 problem(s)", self.out("knowledge", "check", "imported"))
        (product,) = (self.folder / "imported/products").iterdir()
        shown = json.loads(self.out("knowledge", "show", product.stem, "--knowledge", "imported"))
        roles = {row["value"]: row.get("role") for row in shown["indicators"] if row["type"] == "domain"}
        self.assertEqual(roles, {"quiet-phone.example": "vendor-site", "get.quiet-phone.example": "download", "c2.quiet-phone.example": "agent-endpoint"})
        self.assertEqual({source["licence"] for source in shown["sources"].values()}, {"CC-BY-4.0"})
        exported = self.out("knowledge", "export", "--knowledge", "imported")
        self.assertIn("[app:id='com.quiet.phone']", exported)
        self.assertIn("[domain-name:value='c2.quiet-phone.example']", exported)

    def test_hostile_lists(self):
        (self.folder / "ioc.yaml").write_text('- {name: "Evil\\e[31m\\u202e", type: stalkerware, packages: ["com.evil; rm -rf \\e[2J"]}\n- {name: "../../../escape", type: stalkerware, packages: [com.escape.it]}\n')
        said = self.out("knowledge", "import", "stalkerware", "ioc.yaml", "-o", "imported")
        self.assertNotIn("\033", said)
        for path in self.folder.rglob("*escape*"):
            self.assertEqual(path.parent, self.folder / "imported/products")
        for words in (["list"], ["list", "--json"], ["attribution"]):
            ran = self.run_program("knowledge", *words, "--knowledge", "imported")
            self.assertNotRegex(ran.stdout, "[\033\u202e]")

    def test_what_cannot_be_imported(self):
        self.assertIn("missing", self.fails("knowledge", "import", "lolrmm", "missing", "-o", "x"))
        (self.folder / "text").write_text("just words")
        self.assertIn("text", self.fails("knowledge", "import", "stalkerware", "text", "-o", "x"))
        (self.folder / "ioc.yaml").write_text(STALKERWARE)
        (self.folder / "file").write_text("in the way")
        self.assertIn("file/x", self.fails("knowledge", "import", "stalkerware", "ioc.yaml", "-o", "file/x"))
        self.assertIn("lolrmm or stalkerware", self.fails("knowledge", "import", "homebrew", "ioc.yaml", "-o", "x", code=2))
        self.assertFalse((self.folder / "x").exists())


if __name__ == "__main__":
    kit.main()
