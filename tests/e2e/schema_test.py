#!/usr/bin/python3
"""Every JSON the program prints keeps to docs/schema, on a small case, on real and hostile exhibits, on this machine."""
import copy
import hashlib
import json

import kit

ANALYSED = ("observations", "findings", "coverage")
CELLS = {"text": str, "integer": int, "boolean": bool, "real": (int, float)}


@kit.need_jsonschema()
class Schema(kit.Sandbox):
    def fits(self, schema, values, where):
        values = list(values)
        validator = self.validators.setdefault(schema, kit.validator(schema)) if schema in self.validators else kit.validator(schema)
        self.validators[schema] = validator
        for value in values:
            wrong = [f"{where}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in validator.iter_errors(value)]
            self.assertEqual(wrong, [], json.dumps(value)[:1500])
        return values

    def setUp(self):
        super().setUp()
        self.validators = {}

    def check_case(self, case="case"):
        """All that can be printed of an analysed case. Returns what was, by name."""
        said = {}
        for verb in (*ANALYSED, "exhibits"):
            said[verb] = self.fits(verb[:-1] if verb.endswith("s") else verb, self.lines(verb, "--case", case, "--json"), verb)
        said["custody"] = self.fits("custody-entry", self.lines("case", "show", "--case", case, "--json"), "case show")
        said["verify"] = self.fits("verify", self.lines("verify", "--case", case, "--json", "--quiet", code=None), "verify")
        self.out("report", "--case", case, "-o", "report.json", "--quiet")
        text = (self.folder / "report.json").read_text()
        self.assertTrue(text.endswith("}\n"))
        (said["report"],) = self.fits("report", [json.loads(text)], "report.json")
        self.check_ids(said)
        self.check_tables(case)
        return said

    def check_ids(self, said):
        """An id is the digest of all the rest; what refers to something refers to what is there."""
        for what in ANALYSED:
            for item in said[what]:
                rest = {name: value for name, value in item.items() if name != "id"}
                canonical = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
                self.assertEqual(hashlib.sha256(canonical.encode()).hexdigest(), item["id"])
            self.assertEqual(said["report"][what], said[what])
        self.assertEqual(said["report"]["exhibits"], said["exhibits"])
        sizes = {e["sha256"]: e["size"] for e in said["exhibits"]}
        for item in said["observations"] + said["coverage"]:
            where = item["locator"]
            self.assertLessEqual(where["offset"] + where["length"], sizes[where["exhibit"]])
        observed = {o["id"] for o in said["observations"]}
        for finding in said["findings"]:
            self.assertLessEqual(set(finding["observations"]), observed)
        for observation in said["observations"]:
            self.assertLessEqual(set(observation.get("from", [])), observed)
        covered = {c["id"] for c in said["coverage"]}
        for gap in said["report"]["gaps"]:
            self.assertLessEqual(set(gap["coverage"]), covered)
        findings = {f["id"] for f in said["findings"]}
        for group in said["report"]["summary"]["groups"]:
            for capability in group["capabilities"]:
                self.assertLessEqual(set(capability["findings"]), findings)
                self.assertEqual("strength" in capability, bool(capability["findings"]))

    def check_tables(self, case):
        for table in self.fits("table", self.lines("table", "--json"), "table"):
            types = {column["name"]: column["type"] for column in table["columns"]}
            for row in self.lines("table", table["table"], "--case", case, "--jsonl"):
                self.assertEqual(set(row), {*types, "exhibit", "offset", "length"}, table["table"])
                for name, type_name in types.items():
                    value = row[name]
                    right = value is None or (isinstance(value, CELLS[type_name]) and (type_name == "boolean" or not isinstance(value, bool)))
                    self.assertTrue(right, f"{table['table']}.{name} is {value!r}, not {type_name}")

    def test_a_small_case(self):
        printed = self.lines("add", self.write_evidence(), "--case", "case", "--json", "--note", "agreed")
        self.fits("exhibit", printed, "add")
        self.run_program("analyze", "--case", "case", "--quiet")
        said = self.check_case()
        self.assertTrue(all(said.values()))
        self.assertEqual({v["check"] for v in said["verify"]}, set(self.schema("verify")["properties"]["check"]["enum"]))

    def test_before_any_analysis(self):
        self.run_program("case", "new", "case")
        self.fits("custody-entry", self.lines("case", "show", "--case", "case", "--json"), "case show")
        self.fits("verify", self.lines("verify", "--case", "case", "--json"), "verify")

    @kit.need("openssl")
    def test_every_action_of_the_log(self):
        case = self.make_case()
        self.run_program("scan", "--case", "case", "--quiet")
        self.shell('"$1" make tsa', kit.TSA)
        query = self.out("case", "timestamp", "--request", "--case", "case", "--quiet").strip()
        self.shell('"$1" answer tsa "$2" answer.tsr', kit.TSA, query)
        self.run_program("case", "timestamp", "--import", "answer.tsr", "--case", "case", "--quiet")
        # A run cut off while it wrote a line.
        with (case / "custody.jsonl").open("a") as log:
            log.write('{"action":"exh')
        (case / "tmp").mkdir()
        self.fits("verify", self.lines("verify", "--case", "case", "--json", "--quiet", code=None), "verify")
        self.run_program("analyze", "--case", "case", "--quiet")
        entries = self.fits("custody-entry", self.lines("case", "show", "--case", "case", "--json"), "case show")
        actions = {choice["properties"]["action"]["const"] for choice in self.schema("custody-entry")["oneOf"]}
        self.assertEqual({entry["action"] for entry in entries}, actions)

    def test_exhibits_of_every_kind_and_hostile_ones(self):
        """The analyzers' golden inputs: one of each kind we read, cut, damaged, with every type in every place."""
        golden = sorted(kit.ROOT.glob("src/analyze/*/golden/*.in"))
        self.assertGreater(len(golden), 30)
        self.fits("exhibit", self.lines("add", *golden, "--case", "case", "--json"), "add")
        self.run_program("analyze", "--case", "case", "--quiet")
        said = self.check_case()
        self.assert_whole()
        for name in ("present", "absent", "not-recorded", "unreadable"):
            self.assertIn(name, {c["state"] for c in said["coverage"]})
        self.assertLessEqual({"product", "program", "extension", "certificate"}, {o["subject"]["kind"] for o in said["observations"]})

    def test_this_machine(self):
        (report,) = self.fits("report", [json.loads(self.out("scan", "--case", "case", "--json", "--quiet", "--note", "agreed"))], "scan --json")
        said = self.check_case()
        self.assertEqual(sum(e["collector"].startswith("linux/") for e in said["exhibits"]), 17)
        self.assertEqual(said["report"]["findings"], report["findings"])

    def schema(self, name):
        return json.loads((kit.SCHEMAS / f"{name}.schema.json").read_text())


@kit.need_jsonschema()
class Knowledge(kit.Sandbox):
    def test_products(self):
        validator = kit.validator("product")
        for product in self.lines("knowledge", "list", "--json"):
            self.assertEqual([error.message for error in validator.iter_errors(product)], [])

    def test_closed_lists_are_the_knowledges(self):
        shared = json.loads((kit.SCHEMAS / "common.schema.json").read_text())["$defs"]
        known = json.loads(self.out("knowledge", "bundle"))
        self.assertEqual(set(shared["class"]["enum"]), {one["id"] for one in known["classes"]})
        self.assertLessEqual({rule["about"] for rule in known["rules"]}, set(shared["subject"]["properties"]["kind"]["enum"]))


@kit.need_jsonschema()
class Tight(kit.Sandbox):
    """A schema that lets everything through checks nothing."""

    def objects(self, schema, where=""):
        if isinstance(schema, dict):
            if schema.get("type") == "object":
                yield where, schema
            for name, inner in schema.items():
                yield from self.objects(inner, f"{where}/{name}")
        elif isinstance(schema, list):
            for number, inner in enumerate(schema):
                yield from self.objects(inner, f"{where}/{number}")

    def test_schemas_are_schemas_and_closed(self):
        import jsonschema

        for path in sorted(kit.SCHEMAS.glob("*.schema.json")):
            schema = json.loads(path.read_text())
            jsonschema.Draft202012Validator.check_schema(schema)
            self.assertTrue(schema["$id"].endswith("/1/" + path.name), path.name)
            for where, inner in self.objects(schema):
                closed = inner.get("additionalProperties", inner.get("unevaluatedProperties"))
                self.assertTrue(closed is False or isinstance(closed, dict), f"{path.name}{where} is open")
                known = set(inner.get("properties", {}))
                if closed is False and known:
                    # What only some kinds of an object have is asked for where that kind is described.
                    self.assertLessEqual(set(inner.get("required", [])), known, f"{path.name}{where}")

    def test_what_is_wrong_is_refused(self):
        self.make_case()
        (finding, *_) = self.lines("findings", "--case", "case", "--json")
        (observation, *_) = self.lines("observations", "--case", "case", "--json")
        coverage = next(c for c in self.lines("coverage", "--case", "case", "--json") if c["state"] == "unreadable")
        entry = self.lines("case", "show", "--case", "case", "--json")[1]

        def put(item, path, value):
            item = copy.deepcopy(item)
            *way, last = path.split(".")
            inner = item
            for step in way:
                inner = inner[step]
            if value is None:
                del inner[last]
            else:
                inner[last] = value
            return item

        wrong = [
            ("finding", finding, "surprise", 1), ("finding", finding, "strength", "strong"), ("finding", finding, "observations", []),
            ("finding", finding, "statement.fr", None), ("finding", finding, "statement.de", "x"), ("finding", finding, "innocent", []),
            ("finding", finding, "subject.kind", "person"), ("finding", finding, "id", "ABC"),
            ("observation", observation, "basis", "guessed"), ("observation", observation, "basis", "derived"), ("observation", observation, "from", ["0" * 64]),
            ("observation", observation, "locator.offset", -1), ("observation", observation, "locator", None), ("observation", observation, "fields.deep", {"a": 1}),
            ("coverage", coverage, "reason", None), ("coverage", coverage, "state", "absent"), ("coverage", coverage, "state", "maybe"),
            ("custody-entry", entry, "exhibit", None), ("custody-entry", entry, "exhibit.size", -1), ("custody-entry", entry, "summary", {}),
            ("custody-entry", entry, "time", "2026-11-23 10:15"), ("exhibit", entry["exhibit"], "note", ""), ("exhibit", entry["exhibit"], "collector", "somebody"),
        ]
        for name, item, path, value in wrong:
            validator = kit.validator(name)
            self.assertTrue(validator.is_valid(item), name)
            self.assertFalse(validator.is_valid(put(item, path, value)), f"{name}: {path} = {value}")


if __name__ == "__main__":
    kit.main()
