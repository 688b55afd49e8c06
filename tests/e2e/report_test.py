#!/usr/bin/python3
"""contrechamp report: the same case as HTML, PDF, JSON, CSV and STIX 2.1; hostile evidence comes out inert."""
import csv
import html.parser
import io
import json
import os
import pathlib
import re
import subprocess
import time

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


class Wording(Reports):
    def text(self, *options, case="case"):
        return re.sub(r"[ \n]+", " ", "".join(self.page(*options, case=case).text))

    def test_files_received_are_not_called_this_computer(self):
        self.make_case()
        self.assertIn("From files received; no computer was looked at", self.text())
        french = self.text("--lang", "fr")
        self.assertIn("D’après des fichiers remis\u00a0; aucun ordinateur examiné", french)
        self.assertIn("peuvent contenir des données personnelles", french)
        self.assertNotIn("surveille cet ordinateur", french)

    def test_counts_are_the_same_everywhere(self):
        self.run_program("scan", "--case", "case", "--quiet")
        said = self.out("scan", "--case", "case", "--quiet")
        summary = json.loads(self.report("report.json"))["summary"]
        findings = self.lines("findings", "--case", "case", "--json")
        self.assertEqual(summary["findings"], sum(not f["lead"] and not f["managed"] for f in findings))
        self.assertEqual(summary["managed"], sum(not f["lead"] and f["managed"] for f in findings))
        self.assertEqual(summary["leads"], sum(f["lead"] for f in findings))
        headline = said.strip().splitlines()[1]
        self.assertIn(f"{summary['gaps']} thing", headline)
        if summary["findings"]:
            self.assertTrue(headline.startswith(f"{summary['findings']} finding"), headline)
        self.assertIn(headline, self.text())

    def test_sections_are_numbered_without_holes(self):
        self.make_case()
        for lang in ("en", "fr"):
            numbers = re.findall(r"<h2 [^>]*>(\d+)\.", self.report("n.html", "--lang", lang).decode())
            self.assertEqual(numbers, [str(i + 1) for i in range(len(numbers))])

    def test_tables_have_captions_and_heads_with_scope(self):
        self.make_case()
        raw = self.report("report.html").decode()
        self.assertEqual(raw.count("<table"), raw.count("<caption"))
        self.assertNotRegex(raw, "<th>")

    def test_one_card_a_product(self):
        self.make_case()
        raw = self.report("report.html").decode()
        findings = self.lines("findings", "--case", "case", "--json")
        snoopy = [f for f in findings if f.get("product") == "snoopy"]
        self.assertEqual(len(snoopy), 2)
        self.assertEqual(raw.count("<article"), len(findings) - 1)
        # What it does comes first.
        self.assertLess(raw.index(snoopy[1]["statement"]["en"][:30]) if snoopy[1]["subject"]["kind"] != "product" else raw.index(snoopy[0]["statement"]["en"][:30]),
                        raw.index("Its maker documents"))
        for finding in findings:
            self.assertIn(f'id="f-{finding["id"][:12]}"', raw)

    def test_french_words_for_values(self):
        self.run_program("scan", "--case", "case", "--quiet")
        french = self.text("--lang", "fr")
        self.assertIn("cet ordinateur\u00a0: programmes en marche", french)
        self.assertNotIn("this computer: ", french)
        # No line breaks before French signs; evidence is left as it is.
        self.assertNotRegex(self.report("f.html", "--lang", "fr").decode().split("</style>")[1].split('id="looked"')[0], r"[a-zé»] [;:?!»]( |<)")


class Tables(Reports):
    def test_csv(self):
        self.make_case()
        for lang in ("en", "fr"):
            rows = list(csv.DictReader(io.StringIO(self.report("report.csv", "--lang", lang).decode(), newline="")))
            said = {(finding["id"], capability["id"], capability["status"], finding["statement"][lang]) for finding in self.lines("findings", "--case", "case", "--json") for capability in finding["capabilities"]}
            self.assertEqual({(row["id"], row["capability"], row["capability_status"], row["statement"]) for row in rows}, said)
            for row in rows:
                (finding,) = (f for f in self.lines("findings", "--case", "case", "--json") if f["id"] == row["id"])
                self.assertEqual(row["question"], finding["question"][lang])
                for reason in finding["innocent"]:
                    self.assertIn(reason[lang], row["innocent"])

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

    def test_many_files_that_cannot_be_read_are_one_line_and_take_no_time(self):
        folder = self.folder / "many"
        folder.mkdir()
        for i in range(40):
            (folder / f"a-rather-long-name-{i:02}.txt").write_text(f"file {i}")
        self.run_program("add", folder, "--case", "much", "--quiet")
        self.run_program("analyze", "--case", "much", "--quiet")
        (gap,) = json.loads(self.report("many.json", case="much"))["gaps"]
        self.assertTrue(gap["why"]["en"].startswith("40 exhibits are of a kind this version cannot analyse: a-rather-long-name-00.txt, "))
        self.assertIn("(+35)", gap["why"]["en"])
        self.assertEqual(len(gap["coverage"]), 40)
        started = time.monotonic()
        self.report("many.pdf", case="much")
        self.assertLess(time.monotonic() - started, 20)
        text = self.shell("pdftotext many.pdf -").stdout
        for i in range(40):
            self.assertGreaterEqual(text.count(f"name-{i:02}.txt"), 2, "in the coverage and among the exhibits")

    @kit.need("pdftohtml")
    def test_a_wide_matrix_stays_on_the_page(self):
        golden = sorted(kit.ROOT.glob("src/analyze/host/golden/*.in"))
        self.run_program("add", *golden, "--case", "wide", "--quiet")
        self.run_program("analyze", "--case", "wide", "--quiet")
        columns = self.report("wide.html", case="wide").decode().split('class="matrix"')[1].split("</thead>")[0].count('scope="col"')
        self.assertGreater(columns, 9)
        self.report("wide.pdf", case="wide")
        self.shell("pdftohtml -xml -i -q wide.pdf wide")
        for width, page in re.findall(r'<page [^>]*width="(\d+)"[^>]*>(.*?)</page>', (self.folder / "wide.xml").read_text(), re.S):
            for left, wide in re.findall(r'<text [^>]*left="(\d+)" width="(\d+)"', page):
                self.assertLessEqual(int(left) + int(wide), int(width))

    def test_it_ends_with_the_program(self):
        self.make_case()
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "weasyprint").write_text("#!/bin/sh\necho $$ >\"$TMPDIR/pid\"\nexec sleep 60\n")
        (tools / "weasyprint").chmod(0o700)
        process = self.start("report", "--case", "case", "-o", "report.pdf", env={"PATH": f"{tools}:{os.environ['PATH']}"}, stderr=subprocess.DEVNULL)
        pid = self.folder / "pid"
        while not pid.exists() or not pid.read_text().strip():
            time.sleep(0.01)
        child = pathlib.Path("/proc", pid.read_text().strip())
        process.kill()
        process.wait()
        for _ in range(500):
            if not child.exists() or child.joinpath("stat").read_text().split()[2] == "Z":
                break
            time.sleep(0.01)
        else:
            self.fail("WeasyPrint goes on")

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
