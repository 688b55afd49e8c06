#!/usr/bin/env python3
"""The house rules that a compiler does not hold: floors, lengths, words, links, one hand for all code."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

ROOT = pathlib.Path(os.environ.get("PROJECT_ROOT") or pathlib.Path(__file__).resolve().parents[2])

# What each floor may include besides itself (docs/architecture.md). Rooms of src/analyze are floors of their own.
BELOW = {
    "base": set(),
    "evidence": {"base"},
    "knowledge": {"base"},
    "formats": {"base"},
    "collect": {"base", "formats", "knowledge"},
    "analyze": {"base", "evidence", "knowledge", "formats"},
    "conclude": {"base", "evidence", "knowledge", "analyze"},
    "report": {"base", "evidence", "knowledge", "analyze", "conclude"},
    "cli": {"base", "evidence", "knowledge", "formats", "collect", "analyze", "conclude", "report"},
}
# Rooms whose inside a floor may use: `contrechamp coordination` also computes without a case (edges, --compat, --plan), and so does
# `contrechamp disparity` (counts).
OPEN_ROOMS = {("cli", "coordination"), ("cli", "disparity")}
# What is larger than memory goes to files without a name, and is read and paired side by side; the answer depends on neither.
TOUCH_THE_MACHINE = {
    "src/analyze/coordination/coordination.cpp": {"thread"}, "src/analyze/disparity/disparity.cpp": {"thread"},
    "src/analyze/disparity/transcripts_align.cpp": {"thread"}, "src/analyze/disparity/resampling.cpp": {"thread"},
    "src/analyze/coordination/dictionary.h": {"sys/mman.h"}, "src/analyze/coordination/spool.h": {"fcntl.h", "unistd.h"},
    "src/formats/compressed.cpp": {"fcntl.h", "unistd.h"},
}
LONGEST = 600
# Long by nature: what others wrote, and what programs made.
LONG_BY_NATURE = {"LICENSE", "knowledge/ATTRIBUTION.md", "src/analyze/host/golden/knowledge.json"}
STRING = r'"(?:[^"\\\n]|\\.)*"'


def tracked():
    """Every file that is, or would be, committed."""
    out = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True)
    if out.returncode == 0:
        names = out.stdout.decode().split("\0")
        return [name for name in names if name and (ROOT / name).is_file()]
    # A source package has no repository.
    return [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file() and not path.relative_to(ROOT).parts[0].startswith(("build", "."))]


FILES = tracked()


def text_of(name):
    """A file's text; nothing for what is no text."""
    try:
        text = (ROOT / name).read_text()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def head_of(name):
    with (ROOT / name).open("rb") as file:
        return file.read(40)


def is_data(name):
    """Inputs of tests and fuzzers, made by programs or to be hostile."""
    return "/corpus/" in name or "/golden/" in name or name.startswith("fuzz/crashes/") and not name.endswith(".md") or "/dictionaries/" in name


def sources(*folders, kinds=(".cpp", ".h")):
    return [name for name in FILES if name.startswith(folders) and name.endswith(kinds) and not is_data(name)]


def ids_of(file, part):
    """The ids under one top-level key of a knowledge file, without a YAML reader."""
    text = (ROOT / "knowledge" / file).read_text()
    body = re.search(rf"^{part}:\n((?:[ #].*\n|\n)*)", text, re.M).group(1)
    return re.findall(r"^  - \{?(?:id|name): ([\w.<>-]+)", body, re.M)


def without_comments(text):
    return re.sub(rf"({STRING})|//[^\n]*", lambda found: found.group(1) or "", text)


def calls(text, name):
    """The arguments of each call of `name`, split at the commas between them."""
    for found in re.finditer(rf"\b{name}\(", text):
        depth, arguments, start, at = 1, [], found.end(), found.end()
        while depth and at < len(text):
            if text[at] == '"':
                at = re.compile(STRING).match(text, at).end()
                continue
            depth += text[at] in "([{"
            depth -= text[at] in ")]}"
            if depth == 0 or (depth == 1 and text[at] == ","):
                arguments.append(text[start:at].strip())
                start = at + 1
            at += 1
        yield arguments


def literals(expression):
    """String literals that an expression may come to: not what it only compares with or looks up."""
    return [text[1:-1] for text in re.findall(STRING, re.sub(rf'[!=]=\s*(?:std::string_view\()?{STRING}|\[{STRING}\]', "", expression))]


class Floors(unittest.TestCase):
    def test_includes_never_go_up_or_sideways(self):
        wrong = []
        for name in sources("src/"):
            parts = name.split("/")[1:]
            floor, room = parts[0], parts[1] if parts[0] == "analyze" and len(parts) > 2 else None
            self.assertIn(floor, BELOW, f"{name}: a floor that docs/architecture.md does not know")
            for target in re.findall(r'^#include "([^"]+)"', text_of(name), re.M):
                to = target.split("/")
                if to[0] == floor:
                    # Another analyzer's room; and from outside, the room of any.
                    other = to[1] if floor == "analyze" and len(to) > 2 else None
                    if other and other != room:
                        wrong.append(f"{name} includes {target}, another room")
                elif to[0] not in BELOW[floor]:
                    wrong.append(f"{name} includes {target}, which does not stand below it")
                elif to[0] == "analyze" and len(to) > 2 and (floor, to[1]) not in OPEN_ROOMS:
                    wrong.append(f"{name} includes {target}, the inside of a room")
        self.assertEqual(wrong, [])

    def test_the_map_names_every_floor(self):
        floors = {name.split("/")[1] for name in sources("src/")}
        self.assertEqual(floors, set(BELOW))
        page = text_of("docs/architecture.md")
        for floor in floors:
            self.assertIn(f"`src/{floor}", page)

    def test_formats_and_analyzers_know_no_clock_and_no_machine(self):
        """A parser sees bytes; an analyzer is pure."""
        forbidden = re.compile(r"#include <(?:fstream|chrono|random|thread|sys/\w+\.h|unistd\.h|fcntl\.h)>|\b(?:getenv|fopen|open_regular|read_file|system_clock|std::time|now)\(")
        wrong = {(name, found.group().removeprefix("#include <").rstrip(">")) for name in sources("src/formats/", "src/analyze/") for found in forbidden.finditer(without_comments(text_of(name)))}
        self.assertEqual(wrong, {(name, header) for name, headers in TOUCH_THE_MACHINE.items() for header in headers})


class Files(unittest.TestCase):
    def test_none_is_too_long(self):
        long = [f"{name}: {text.count(chr(10))} lines" for name in FILES if name not in LONG_BY_NATURE and not is_data(name) and (text := text_of(name)) and text.count("\n") > LONGEST]
        self.assertEqual(long, [])

    def test_scripts_can_be_run(self):
        wrong = []
        for name in FILES:
            if is_data(name):
                continue
            head = head_of(name)[:2]
            runs = os.access(ROOT / name, os.X_OK)
            if head == b"#!" and not runs:
                wrong.append(f"{name} begins with #! and is not executable")
            if head != b"#!" and runs:
                wrong.append(f"{name} is executable and does not say by what")
        self.assertEqual(wrong, [])

    def test_tests_are_run(self):
        """ctest takes e2e/*_test.py: each must be a script."""
        for name in FILES:
            if name.startswith("tests/e2e/") and name.endswith("_test.py"):
                self.assertTrue(os.access(ROOT / name, os.X_OK), name)

    def test_nothing_is_left_to_do(self):
        mark = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
        left = [f"{name}: {found.group()}" for name in FILES if not is_data(name) and (text := text_of(name)) for found in mark.finditer(text)]
        self.assertEqual(left, [])

    def test_every_header_says_what_it_is(self):
        """Not the private ones that only list what other floors need; every one."""
        wrong = [name for name in sources("src/", "tests/", "fuzz/", kinds=(".h",)) if not text_of(name).startswith("//")]
        self.assertEqual(wrong, [])
        wrong = [name for name in sources("src/", kinds=(".h",)) if "#pragma once" not in text_of(name)]
        self.assertEqual(wrong, [])

    def test_packages_say_what_for(self):
        for number, line in enumerate(text_of("packages.txt").splitlines(), 1):
            if line and not line.startswith("#"):
                self.assertRegex(line, r"^(?:build|run|test|bench|fuzz) [a-z0-9][a-z0-9.+-]+$", f"packages.txt:{number}")

    def test_links_in_pages_lead_somewhere(self):
        wrong = []
        for name in FILES:
            if not name.endswith(".md") or is_data(name):
                continue
            text = re.sub(r"```.*?```|`[^`\n]*`", "", text_of(name), flags=re.S)
            for target in re.findall(r"\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)", text, re.M):
                target = (target[0] or target[1]).split("#")[0]
                if not target or re.match(r"[a-z]+:", target):
                    continue
                if not ((ROOT / name).parent / target).exists():
                    wrong.append(f"{name}: {target}")
        self.assertEqual(wrong, [])

    def test_paths_named_in_pages_exist(self):
        """`src/formats/recognise.h` in a page or comment is a promise too."""
        path = re.compile(r"`((?:src|docs|tests|knowledge|fuzz|bench|packaging|cmake)/[\w./-]*\w\.(?:md|h|cpp|py|yaml|def|json|txt|cmake|mustache))`")
        wrong = [f"{name}: {target}" for name in FILES if name.endswith(".md") and not is_data(name) for target in path.findall(text_of(name)) if not re.search(r"\b(?:ID|NAME|TYPE|FLOOR)\b", target) and not (ROOT / target).exists()]
        self.assertEqual(wrong, [])


class Words(unittest.TestCase):
    """What src emits is explained in knowledge/, in both languages, and nothing there is left over."""

    @classmethod
    def setUpClass(cls):
        cls.analyzers = "\n".join(without_comments(text_of(name)) for name in sources("src/analyze/", "src/conclude/"))
        cls.collectors = "\n".join(without_comments(text_of(name)) for name in sources("src/collect/"))

    def test_kinds(self):
        emitted = set()
        for name in ("observe", "Observation"):
            for arguments in calls(self.analyzers, name):
                for text in literals(" ".join(arguments[1:2])):
                    emitted.add(text)
        # Devices are a table; marks name their channel.
        emitted.update(re.findall(r'"(device\.[a-z-]+)"', self.analyzers))
        emitted.update("product." + channel for channel in re.findall(r'\{\s*"([a-z-]+)", *(?:true|false|specific), *(?:true|false|fingerprint),', self.analyzers))
        emitted.update(re.findall(r'Observation \w+\{\s*"",\s*"([a-z.-]+)"', self.analyzers))
        emitted.update(re.findall(r'"(product\.group)"', self.analyzers))
        emitted.update(re.findall(r'"(disparity\.[a-z-]+)"', self.analyzers))
        emitted.discard("product.")
        emitted = {kind for kind in emitted if "." in kind}
        explained = ids_of("words.yaml", "kinds")
        self.assertGreater(len(emitted), 40)
        self.assertEqual(sorted(emitted - set(explained)), [], "emitted, and explained nowhere")
        self.assertEqual(sorted(set(explained) - emitted), [], "explained, and emitted nowhere")
        self.assertEqual(len(explained), len(set(explained)))

    def test_checks(self):
        run = without_comments(text_of("src/collect/linux/run.cpp"))
        promised = set(literals(run[run.index("kProcessChecks"):run.index("kCollectors = {")])) | {"exhibits"}
        # An analyzer without a collector says itself what it looked for: a call, or a row of its table of layers.
        promised |= {text for arguments in calls(self.analyzers, "put") for text in literals(arguments[0]) if len(arguments) > 1 and "CoverageState" in arguments[1]}
        promised |= set(re.findall(r'\{"([a-z-]+)", \{Layer::', self.analyzers))
        promised |= set(re.findall(r'case Mode::\w+: return "(disparity-[a-z]+)"', self.analyzers))
        explained = set(ids_of("checks.yaml", "checks"))
        self.assertEqual(promised, explained, "the checks of collectors and analyzers, and knowledge/checks.yaml")
        # Observations come under a check that exists.
        used = {text for arguments in calls(self.analyzers, "observe") for text in literals(arguments[0])}
        used |= {text for arguments in calls(self.analyzers, r"context\.marks") for text in literals(arguments[0])}
        used |= {text for arguments in calls(self.collectors, r"(?:out|part)\.(?:looked|not_looked)") for text in literals(arguments[0])}
        used.discard("")
        self.assertGreater(len(used), 20)
        self.assertEqual(sorted(used - explained), [])

    def test_reasons(self):
        used = set()
        for arguments in calls(self.collectors, "not_looked"):
            used.update(literals(" ".join(arguments[2:3])))
        for arguments in calls(self.collectors, "refused"):
            used.update(literals(" ".join(arguments[1:2])))
        for arguments in calls(self.collectors, "report"):
            used.update(literals(" ".join(arguments[2:3])))
        for arguments in calls(self.analyzers, "cover_exhibit"):
            used.update(literals(" ".join(arguments[2:3])))
        for arguments in calls(self.analyzers, "put"):
            if "CoverageState" in " ".join(arguments[1:2]):
                used.update(literals(" ".join(arguments[2:3])))
        for arguments in calls(self.analyzers, "gap"):
            used.update(literals(" ".join(arguments[1:2])))
        for found in re.findall(r"(?:failure|reason) = ([^;]+);", self.collectors + self.analyzers):
            used.update(literals(found))
        used.discard("")
        explained = ids_of("checks.yaml", "reasons")
        self.assertGreater(len(used), 20)
        self.assertEqual(sorted(used - set(explained)), [], "given, and explained nowhere")
        self.assertEqual(sorted(set(explained) - used), [], "explained, and given nowhere")

    def test_origins_have_words(self):
        """The English one is what collectors store; reports show it in the reader's language."""
        run = without_comments(text_of("src/collect/linux/run.cpp"))
        stored = {f"collector/linux/{name}": en for name, en in re.findall(r'Collector\{"([^"]+)",\s*"([^"]+)"', run)}
        self.assertGreater(len(stored), 10)
        words = dict(re.findall(r'- \{id: "(collector/linux/[^"]+)", name: \{en: "([^"]+)"', text_of("knowledge/words.yaml")))
        self.assertEqual(words, stored)

    def test_placeholders_are_filled_in_both_languages(self):
        for line in text_of("knowledge/checks.yaml").splitlines() + text_of("knowledge/words.yaml").splitlines():
            found = re.search(r"\{en: (.*), fr: (.*)\}", line)
            if found and "{" in line.split("en:", 1)[1]:
                without = [set(re.findall(r"\{(\w+)\}", part)) for part in found.groups()]
                without = [{name.removesuffix("_en").removesuffix("_fr") for name in names} for names in without]
                self.assertEqual(*without, line)

    def test_sentences_are_translated(self):
        """Pairs {"English …", "French …"} in src, and {en: …, fr: …} in knowledge: a sentence differs."""
        pair = re.compile(rf"\{{\s*((?:{STRING}\s*)+),\s*((?:{STRING}\s*)+)\}}")
        wrong, pairs = [], 0
        for name in sources("src/"):
            for en, fr in pair.findall(without_comments(text_of(name))):
                en, fr = ("".join(literals(side)) for side in (en, fr))
                if " " not in en.strip() or not re.search(r"[a-z]{3}", en):
                    continue
                pairs += 1
                if en.strip() == fr.strip() or not fr.strip():
                    wrong.append(f"{name}: {en}")
        self.assertGreater(pairs, 100)
        for name in FILES:
            if not name.startswith("knowledge/") or not name.endswith(".yaml"):
                continue
            for en, fr in re.findall(r"\{en: (\"[^\"]*\"|[^,}]*), fr: (\"[^\"]*\"|[^}]*)\}", text_of(name)):
                if en.count(" ") >= 3 and en.strip('" ') == fr.strip('" '):
                    wrong.append(f"{name}: {en}")
        self.assertEqual(wrong, [])


class OneHand(unittest.TestCase):
    def test_clang_format(self):
        program = next((name for name in ("clang-format-14", "clang-format") if shutil.which(name)), None)
        version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout if program else ""
        if " 14." not in version:
            self.skipTest("clang-format 14 is not installed")
        out = subprocess.run([program, "--dry-run", "-Werror", *sources("src/", "tests/", "fuzz/", "bench/")], cwd=ROOT, capture_output=True, text=True)
        lines = sorted({line.split(":")[0] for line in out.stderr.splitlines() if "error:" in line})
        self.assertEqual(lines, [], f"{program} -i FILE")
        self.assertEqual(out.returncode, 0, out.stderr[:2000])

    def test_python_compiles(self):
        for name in FILES:
            head = head_of(name)
            if name.endswith(".py") or (head.startswith(b"#!") and b"python" in head):
                compile(text_of(name), name, "exec")

    def test_shell_parses(self):
        for name in FILES:
            head = head_of(name)
            if head.startswith(b"#!") and head.split(b"\n")[0].rstrip().endswith(b"sh"):
                shell = "bash" if b"bash" in head else "sh"
                out = subprocess.run([shell, "-n", ROOT / name], capture_output=True, text=True)
                self.assertEqual(out.returncode, 0, out.stderr)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main(verbosity=1)
