#!/usr/bin/python3
"""contrechamp report: the same case as HTML, PDF, JSON, CSV and STIX 2.1; hostile evidence comes out inert."""
import csv
import html.parser
import io
import json
import os
import re
import subprocess

import kit

HOSTILE = "\033[2J\u009b31m\u202e<script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>\"'&{{subject}}=cmd|' /C calc'!A0"
# What acts on a display instead of showing.
ACTING = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"


class Page(html.parser.HTMLParser):
    """What a browser would make of a page: elements, addresses, identifiers, text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.addresses, self.ids, self.handlers, self.text, self.styles = [], [], [], [], [], []
        self.language = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        for name, value in attributes:
            if name in ("href", "src", "srcset", "action", "data", "poster", "xlink:href", "formaction", "ping", "background"):
                self.addresses.append(value)
            if name == "id":
                self.ids.append(value)
            if name.startswith("on"):
                self.handlers.append(name)
            if name == "style":
                self.styles.append(value)
            if (tag, name) == ("html", "lang"):
                self.language = value

    def handle_data(self, data):
        (self.styles if self.elements and self.elements[-1] == "style" else self.text).append(data)


class Reports(kit.Sandbox):
    def report(self, name, *options, case="case", **more):
        said = self.out("report", "--case", case, "-o", name, "--quiet", *options, **more)
        self.assertEqual(said, name + "\n")
        return (self.folder / name).read_bytes()

    def page(self, *options, case="case"):
        return Page(self.report("report.html", *options, case=case).decode())


class Html(Reports):
    def setUp(self):
        super().setUp()
        self.make_case()

    def test_says_everything_in_both_languages(self):
        findings = self.lines("findings", "--case", "case", "--json")
        for lang in ("en", "fr"):
            page = self.page("--lang", lang)
            self.assertEqual(page.language, lang)
            text = re.sub(r"\s+", " ", "".join(page.text))
            for finding in findings:
                for sentence in (finding["statement"], finding["question"], *finding["innocent"]):
                    self.assertIn(re.sub(r"\s+", " ", sentence[lang]), text)
                self.assertIn(finding["id"][:12], text)
            for exhibit in self.lines("exhibits", "--case", "case", "--json"):
                self.assertIn(exhibit["sha256"], text)
            self.assertIn("agreed by the works council", text)
            head = self.out("case", "show", "--case", "case").splitlines()[1].split()[1]
            self.assertIn(head, text)
        self.assertEqual(self.report("a.html", "--lang", "fr"), self.report("b.html", env={"LC_ALL": "fr_FR.UTF-8"}))

    def test_what_could_not_be_looked_at_comes_first(self):
        for lang, gap in (("en", "Only root may read /etc/sudoers"), ("fr", "Seul root peut lire /etc/sudoers")):
            text = "".join(self.page("--lang", lang).text)
            (finding, *_) = self.lines("findings", "--case", "case", "--json")
            self.assertIn(gap, text)
            self.assertLess(text.index(gap), text.index(finding["statement"][lang]))

    def test_no_script_and_nothing_from_elsewhere(self):
        page = self.page()
        for element in ("script", "iframe", "object", "embed", "link", "base", "form", "input", "img", "video", "audio"):
            self.assertNotIn(element, page.elements)
        self.assertEqual(page.handlers, [])
        # Links lead to places in the page itself, which exist once each.
        self.assertTrue(page.addresses)
        for address in page.addresses:
            self.assertIn(address[1:], page.ids)
            self.assertEqual(address[0], "#")
        self.assertEqual(len(page.ids), len(set(page.ids)))
        for style in page.styles:
            self.assertNotRegex(style, r"url\(|@import|expression")
        self.assertIn("default-src 'none'", (self.folder / "report.html").read_text())

    def test_the_same_case_gives_the_same_bytes(self):
        for name in ("html", "json", "csv", "stix.json"):
            self.assertEqual(self.report("one." + name), self.report("two." + name), name)

    def test_changes_nothing_in_the_case(self):
        before = self.shell("cd case && find . -type f -exec sha256sum {} +").stdout
        self.report("report.html")
        self.assertEqual(self.shell("cd case && find . -type f -exec sha256sum {} +").stdout, before)


class Tables(Reports):
    def test_csv(self):
        self.make_case()
        for lang in ("en", "fr"):
            rows = list(csv.DictReader(io.StringIO(self.report("report.csv", "--lang", lang).decode(), newline="")))
            said = {(finding["id"], capability["id"], capability["status"], finding["statement"][lang]) for finding in self.lines("findings", "--case", "case", "--json") for capability in finding["capabilities"]}
            self.assertEqual({(row["id"], row["capability"], row["capability_status"], row["statement"]) for row in rows}, said)

    def test_stix(self):
        self.make_case()
        bundle = json.loads(self.report("report.stix.json"))
        self.assertEqual(bundle["type"], "bundle")
        identifiers = [item["id"] for item in bundle["objects"]]
        self.assertEqual(len(identifiers), len(set(identifiers)))
        uuid = r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
        for item in bundle["objects"]:
            self.assertRegex(item["id"], rf"^{item['type']}--{uuid}$")
            self.assertEqual(item["spec_version"], "2.1")
            for reference in [*item.get("object_refs", []), *([item["created_by_ref"]] if "created_by_ref" in item else [])]:
                self.assertIn(reference, identifiers)
            if item["type"] == "observed-data":
                self.assertTrue(item["object_refs"])
        notes = "\n".join(item["content"] for item in bundle["objects"] if item["type"] == "note")
        for finding in self.lines("findings", "--case", "case", "--json"):
            self.assertIn(finding["statement"]["fr"], notes)
            for reason in finding["innocent"]:
                self.assertIn(reason["en"], notes)
        self.assertIn("Only root may read /etc/sudoers", notes, "gaps are there too")
        # What was found is not judged: tools, one a product, held together by one report.
        kinds = [item["type"] for item in bundle["objects"]]
        self.assertNotIn("malware", kinds)
        self.assertEqual([item["name"] for item in bundle["objects"] if item["type"] == "tool"], ["Snoopy Logger"])
        (report,) = (item for item in bundle["objects"] if item["type"] == "report")
        self.assertEqual(set(report["object_refs"]), set(identifiers) - {report["id"]})

    def test_stix_leads_are_marked(self):
        (self.folder / "x11.jsonl").write_text(kit.records("linux-processes", [{"is": "process", "pid": 9, "started": "2026-11-23T09:00:00Z", "user": "self", "name": "ffmpeg", "exe": "/usr/bin/ffmpeg", "literals": ["x11grab"]}]))
        self.run_program("add", "x11.jsonl", "--case", "lead", "--quiet")
        self.run_program("analyze", "--case", "lead", "--quiet")
        (lead,) = self.lines("findings", "--case", "lead", "--json")
        self.assertTrue(lead["lead"])
        self.assertIn("was not seen", lead["statement"]["en"])
        objects = json.loads(self.report("lead.stix.json", case="lead"))["objects"]
        (note,) = (item for item in objects if "lead" in item.get("labels", []))
        self.assertIn(lead["statement"]["fr"], note["content"])
        self.assertEqual(note["confidence"], 15)
        self.assertFalse({"observed-data", "tool"} & {item["type"] for item in objects}, "nothing to be taken for a thing seen")


class Hostile(Reports):
    def setUp(self):
        super().setUp()
        process = {"pid": 7, "started": "2026-11-23T09:00:00Z", "user": "self", "name": HOSTILE, "exe": "/opt/" + HOSTILE}
        evidence = {
            "x11.jsonl": kit.records("linux-x11", [{"is": "client", "display": HOSTILE, "process": process, "resources": {"RecordContext": 1}}]),
            "browsers.jsonl": kit.records("linux-browsers", [{"is": "extension", "browser": HOSTILE, "profile": HOSTILE, "extension": "a" * 32, "name": HOSTILE, "version": HOSTILE, "came": "policy", "enabled": True, "permissions": ["desktopCapture", HOSTILE], "all_sites": True, "sites": 1}]),
            "logging.jsonl": kit.records("linux-logging", [{"is": "coverage", "check": "sudo-logging", "state": "unreadable", "reason": "root-only-file", "fields": {"path": HOSTILE}}]),
        }
        folder = self.folder / "hostile" / "‮\033[31m<b>"
        folder.mkdir(parents=True)
        for name, text in evidence.items():
            (folder / name).write_text(text)
        self.run_program("add", "hostile", "--case", "case", "--quiet", "--note", HOSTILE)
        self.run_program("analyze", "--case", "case", "--quiet")
        self.assertGreaterEqual(len(self.lines("findings", "--case", "case", "--json")), 2)

    def test_html(self):
        for lang in ("en", "fr"):
            page = self.page("--lang", lang)
            self.assertFalse({"script", "img"} & set(page.elements))
            self.assertEqual(page.handlers, [])
            self.assertTrue(all(address.startswith("#") for address in page.addresses))
            text = "".join(page.text)
            self.assertIn("<script>alert(1)</script>", text, "shown as what it is")
            self.assertIn("{{subject}}", text, "no template of ours")
            raw = (self.folder / "report.html").read_text()
            self.assertNotRegex(raw, ACTING)
            self.assertNotIn("<script", raw)
            self.assertNotIn("<img", raw)

    def test_csv_is_safe_in_a_spreadsheet(self):
        text = self.report("report.csv").decode()
        self.assertNotRegex(text, ACTING.replace("\x0b-\x1f", "\x0b\x0c\x0e-\x1f"))
        for row in csv.reader(io.StringIO(text, newline="")):
            for cell in row:
                self.assertNotRegex(cell, r"^[=+@\t\r]|^-[^0-9]")

    def test_json_and_stix_are_exact_and_inert(self):
        for name in ("report.json", "report.stix.json"):
            text = self.report(name).decode()
            self.assertNotRegex(text, ACTING)
            json.loads(text)
        labels = {o["subject"]["label"] for o in json.loads((self.folder / "report.json").read_text())["observations"]}
        self.assertIn(HOSTILE, labels)
        for item in json.loads((self.folder / "report.stix.json").read_text())["objects"]:
            for value in item.values():
                if isinstance(value, str):
                    self.assertNotRegex(value.replace("\n", ""), ACTING)

    def test_terminal(self):
        for verb in (["scan", "--quiet"], ["findings"], ["observations"], ["coverage"], ["exhibits"], ["case", "show"], ["verify"]):
            for lang in ("en", "fr"):
                said = self.run_program(*verb, "--case", "case", "--lang", lang, text=False).stdout.decode()
                self.assertNotRegex(said.replace("\n", ""), ACTING, verb)
        (finding, *_) = self.lines("findings", "--case", "case", "--json")
        self.assertNotRegex(self.out("explain", finding["id"], "--case", "case").replace("\n", ""), ACTING)

    def test_json_on_a_terminal(self):
        for verb in (["findings"], ["observations"], ["coverage"], ["exhibits"], ["case", "show"]):
            said = self.run_program(*verb, "--case", "case", "--json", text=False).stdout.decode()
            self.assertNotRegex(said.replace("\n", ""), ACTING, verb)
            # Read as JSON it is the evidence, letter for letter.
            self.assertTrue(any(HOSTILE in text for line in said.splitlines() for text in self.strings(json.loads(line))), verb)

    def strings(self, value):
        if isinstance(value, str):
            yield value
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from self.strings(inner)

    @kit.need("weasyprint", "pdftotext", "strace")
    def test_pdf_fetches_nothing(self):
        ran = subprocess.run(["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=connect", "-o", "trace", kit.PROGRAM, "report", "--case", "case", "-o", "report.pdf", "--quiet"], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=kit.TIMEOUT)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertNotRegex((self.folder / "trace").read_text(), "AF_INET")
        self.assertIn("alert(1)", self.shell("pdftotext report.pdf -").stdout)


@kit.need("weasyprint", "pdfdetach", "pdftotext", "pdfinfo")
class Pdf(Reports):
    def test_the_same_bytes_twice_with_the_evidence_inside(self):
        self.make_case()
        first = self.report("one.pdf", "--lang", "fr")
        self.assertEqual(self.report("two.pdf", "--lang", "fr", env={"SOURCE_DATE_EPOCH": "1", "TZ": "Pacific/Auckland"}), first)
        self.shell("pdfdetach -save 1 -o evidence.json one.pdf")
        self.assertEqual((self.folder / "evidence.json").read_bytes(), self.report("report.json"))
        self.assertIn("1 embedded files", self.shell("pdfdetach -list one.pdf").stdout)
        text = re.sub(r"\s+", " ", self.shell("pdftotext one.pdf -").stdout)
        self.assertIn("Seul root peut lire /etc/sudoers", text)
        self.assertIn("Snoopy Logger", text)
        about = self.shell("pdfinfo one.pdf").stdout
        self.assertRegex(about, r"Tagged: +yes")
        self.assertRegex(about, r"JavaScript: +no")
        self.assertFalse([path for path in self.folder.glob("contrechamp-*")], "scratch folders are gone")

    def test_without_weasyprint_it_says_what_to_do(self):
        self.make_case()
        said = self.fails("report", "--case", "case", "-o", "report.pdf", env={"PATH": "/nonexistent"})
        self.assertIn("apt install weasyprint", said)
        self.assertFalse((self.folder / "report.pdf").exists())


class Output(Reports):
    def setUp(self):
        super().setUp()
        self.make_case()

    def test_kind_by_ending(self):
        for name in ("report", "report.txt", "report.HTML.gz", "pdf"):
            self.assertIn(".stix.json", self.fails("report", "--case", "case", "-o", name, code=2))
            self.assertFalse((self.folder / name).exists())

    def test_where_nothing_can_be_written(self):
        (self.folder / "folder.html").mkdir()
        (self.folder / "file").write_text("")
        for name in ("missing/report.html", "folder.html", "file/report.html", "/proc/report.json", "/dev/full/x.csv"):
            self.assertIn(name, self.fails("report", "--case", "case", "-o", name))
        self.assertEqual(sorted(path.name for path in (self.folder / "folder.html").iterdir()), [])

    @kit.need_root("a full file system is made")
    def test_a_full_disk_keeps_the_old_report(self):
        mounted = self.folder / "small"
        mounted.mkdir()
        script = 'mount -t tmpfs -o size=64k tmpfs "$1" && echo old >"$1/report.html" && head -c 100000 /dev/zero >"$1/fill" 2>/dev/null; "$2" report --case case -o "$1/report.html" --quiet; code=$?; cat "$1/report.html"; ls -A "$1"; exit $code'
        ran = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", mounted, kit.PROGRAM], cwd=self.folder, env=self.env, capture_output=True, text=True)
        if "unshare" in ran.stderr or "mount" in ran.stderr:
            self.skipTest("mounting is not allowed here")
        self.assertEqual(ran.returncode, 1, ran.stderr)
        self.assertIn("report.html", ran.stderr)
        self.assertEqual(ran.stdout.split(), ["old", "fill", "report.html"])

    def test_over_an_older_one_and_through_odd_names(self):
        (self.folder / "report.html").write_text("old")
        self.assertNotEqual(self.report("report.html"), b"old")
        self.report("l'été -x.html")
        os.mkdir(self.folder / "sub dir")
        self.report("sub dir/a.json")

    def test_a_case_that_was_not_analysed(self):
        self.run_program("case", "new", "empty", "--quiet")
        self.assertIn("contrechamp analyze --case empty", self.fails("report", "--case", "empty", "-o", "report.html"))
        self.assertFalse((self.folder / "report.html").exists())

    def test_a_case_with_nothing_found(self):
        (self.folder / "quiet.jsonl").write_text(kit.records("linux-x11", [{"is": "looked", "check": "x11-clients", "fields": {"display": ":0", "clients": 0}}]))
        self.run_program("add", "quiet.jsonl", "--case", "quiet", "--quiet")
        self.run_program("analyze", "--case", "quiet", "--quiet")
        page = self.page(case="quiet")
        self.assertTrue(page.text)
        self.assertEqual(json.loads(self.report("q.json", case="quiet"))["summary"]["findings"], 0)
        self.assertEqual(len(self.report("q.csv", case="quiet").splitlines()), 1)


if __name__ == "__main__":
    kit.main()
