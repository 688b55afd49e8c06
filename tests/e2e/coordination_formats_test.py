#!/usr/bin/python3
"""Each format the verb reads, as a small file written by hand: two accounts that do the same within a minute, a third
that does not, and a row that cannot be used. What the file can say must come out as edges of the right behaviours."""
import csv
import gzip
import io
import json
import re
import subprocess

import coordination_kit
import kit

WORDS = "Working here is safe, well paid and simply great fun every single day"
OTHER = "What a lovely sunset over the harbour this evening, with friends and soup"
LINK = "https://tours.example.org/visit"
AT = ("2018-09-03T10:00:00Z", "2018-09-03T10:00:20Z", "2018-09-03T10:00:25Z")


def lines(*rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def delimited(header, *rows, delimiter=","):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def three(row):
    """The two that agree and the third, as row(number, account, time, text, link or None)."""
    return [row(1, "anna", AT[0], WORDS, LINK), row(2, "bert", AT[1], WORDS, LINK), row(3, "cora", AT[2], OTHER, None)]


def twitter_v1(number, account, time, text, link):
    clock = time[11:19]
    return {"id_str": str(number), "created_at": f"Mon Sep 03 {clock} +0000 2018", "full_text": text, "user": {"id_str": "9" + account, "screen_name": account, "name": account.title()},
            "entities": {"urls": [{"expanded_url": link}] if link else [], "hashtags": [{"text": "Work"}, {"text": "Fun"}] if link else []}}


def mastodon(number, account, time, text, link):
    return {"uri": f"https://m.example/{number}", "account": {"acct": account + "@m.example", "username": account, "display_name": account}, "created_at": time,
            "content": f'<p>{text}<br>see <a href="{LINK}">this</a></p>', "card": {"url": link} if link else None}


def activity(number, account, time, text, link):
    return {"type": "Create", "id": f"https://m.example/a/{number}", "actor": f"https://m.example/users/{account}", "published": time,
            "object": {"id": f"https://m.example/{number}", "type": "Note", "content": f"<p>{text}</p>", "tag": [{"type": "Hashtag", "name": "#work"}, {"type": "Hashtag", "name": "#fun"}] if link else []}}


def bluesky(number, account, time, text, link):
    return {"post": {"uri": f"at://{account}/{number}", "author": {"did": "did:plc:" + account, "handle": account + ".bsky.example"},
                     "record": {"text": text, "createdAt": time, "embed": {"external": {"uri": link}} if link else None}}}


def reddit(number, account, time, text, link):
    seconds = {AT[0]: 1535968800, AT[1]: 1535968820, AT[2]: 1535968825}[time]
    return {"kind": "t3", "data": {"name": f"t3_{number}", "author": account, "created_utc": seconds, "selftext": text, "title": "t", "url": link or f"https://r.example/{number}"}}


# Name, text of the file, options, layers in which the two agree, rows refused.
def formats():
    archive = [{"tweet": {"id_str": str(n), "full_text": text, "created_at": f"Mon Sep 03 {time[11:19]} +0000 2018", "entities": {"urls": []}}} for n, time, text in ((1, AT[0], WORDS), (2, AT[2], OTHER))]
    yield "v1.jsonl", lines(*three(twitter_v1)) + "{cut", (), {"same-text", "same-link", "same-domain", "same-hashtags"}, 1
    v2 = lambda n, a, t, text, link: {"id": str(n), "author_id": a, "created_at": t, "text": text, "entities": {"urls": [{"expanded_url": link}]} if link else {}}
    yield "v2.jsonl", lines(*three(v2), {"id": "4", "author_id": "dora", "created_at": "yesterday", "text": "x"}), (), {"same-text", "same-link", "same-domain"}, 1
    yield "v2.json", json.dumps(three(v2)), (), {"same-text", "same-link", "same-domain"}, 0
    yield "tweets.js", "window.YTD.tweets.part0 = " + json.dumps(archive, indent=1), ("--map", "account==anna"), set(), 0
    yield "mastodon.json", json.dumps(three(mastodon)), (), {"same-text", "same-link", "same-domain"}, 0
    yield "outbox.json", json.dumps({"@context": "https://www.w3.org/ns/activitystreams", "type": "OrderedCollection", "orderedItems": three(activity)}), (), {"same-text", "same-hashtags"}, 0
    yield "feed.json", json.dumps({"feed": three(bluesky)}), (), {"same-text", "same-link", "same-domain"}, 0
    yield "listing.json", json.dumps({"kind": "Listing", "data": {"children": three(reddit)}}), (), {"same-text", "same-link", "same-domain"}, 0
    yield "listing.jsonl", lines(*(row["data"] for row in three(reddit))), (), {"same-text", "same-link", "same-domain"}, 0
    rows = [(a, t.replace("T", " ").replace("Z", " UTC"), text, link or "", f"https://f.example/{n}") for n, a, t, text, link in three(lambda *all: all)]
    yield "crowdtangle.csv", delimited(("Page Name", "Post Created", "Message", "Link", "URL"), *rows), (), {"same-text", "same-link", "same-domain"}, 0
    rows = [(n, "7" + a, a, t, text, link or "") for n, a, t, text, link in three(lambda *all: all)]
    yield "mcl.csv", delimited(("id", "post_owner.id", "post_owner.name", "creation_time", "text", "link_attachment.link"), *rows), (), {"same-text", "same-link", "same-domain"}, 0
    yield "coortweet.csv", delimited(("object_id", "account_id", "content_id", "timestamp_share"), ("x", "anna", 1, 100_000_000_0), ("x", "bert", 2, 1_000_000_020), ("y", "cora", 3, 1_000_000_025), ("z", "", 4, 1_000_000_030)), (), {"same-object"}, 1
    toolkit = ("message_id", "user_id", "username", "repost_id", "reply_id", "message", "timestamp", "urls")
    rows = [(n, a, a, "", "", text, 1535968800 + 10 * n, link or "") for n, a, t, text, link in three(lambda *all: all)] + [(4, "anna", "anna", "77", "", "RT", 1535968900, ""), (5, "bert", "bert", "77", "", "RT", 1535968910, "")]
    yield "toolkit.csv", delimited(toolkit, *rows), (), {"same-text", "same-link", "same-domain", "same-repost"}, 0
    rows = [(n, a, t, text) for n, a, t, text, link in three(lambda *all: all)]
    yield "own.tsv", delimited(("nr", "author", "when", "content"), *rows, delimiter="\t"), ("--map", "id=nr,account=author,time=when,text=content"), {"same-text"}, 0
    yield "own.csv", delimited(("id", "account", "time", "text"), *rows, delimiter=";").replace("T10:00:", " 10:00:").replace("Z;", ";"), (), {"same-text"}, 0


class Formats(coordination_kit.Coordination):
    def test_each_format(self):
        for name, text, options, layers, refused in formats():
            with self.subTest(name):
                (self.folder / name).write_text(text)
                ran = self.run_program("coordination", name, *options, "--edges", "-", "--min", "1", "--window", "60s")
                edges = list(csv.DictReader(io.StringIO(ran.stdout)))
                # near-text holds the texts that are the same: it is no further behaviour.
                self.assertEqual({edge["layer"] for edge in edges} - {"near-text"}, layers, ran.stdout + ran.stderr)
                for edge in edges:
                    self.assertRegex(edge["account_a"], "anna")
                    self.assertRegex(edge["account_b"], "bert")
                (counts,) = re.findall(r"contrechamp: (\d+) posts of (\d+) accounts used, (\d+) rows refused", ran.stderr)
                accounts, rows = (1, 2) if name == "tweets.js" else (3, 5 if name == "toolkit.csv" else 3)
                self.assertEqual(tuple(map(int, counts)), (rows, accounts, refused), ran.stderr)

    def test_the_map_is_guessed_and_shown(self):
        (self.folder / "posts.csv").write_text(delimited(("uid", "stamp", "words", "colour"), ("anna", AT[0], WORDS, "red"), ("bert", AT[1], WORDS, "")))
        said = self.fails("coordination", "posts.csv")
        for column in ("uid", "stamp", "words", "colour"):
            self.assertIn(column, said)
        said = self.out("coordination", "posts.csv", "--map", "account=uid,time=stamp,text=words,application=colour", "--show-map")
        self.assertIn("posts.csv: posts, CSV (,) [mapped]", said)
        self.assertRegex(said, r"account = uid\n")
        self.assertRegex(said, r"application = colour +\(1/2\)\n")
        self.assertFalse(list(self.folder.glob("contrechamp-*")), "looking at the map makes no case")
        said = self.fails("coordination", "posts.csv", "--map", "account=uid,time=when,text=words")
        self.assertIn("when", said)
        self.assertIn("colour", said)
        self.assertIn("text", self.fails("coordination", "posts.csv", "--map", "wordz=words", code=2))

    def test_compressed_inputs_give_the_same(self):
        text = "".join(text for name, text, *_ in formats() if name == "v2.jsonl").encode()
        (self.folder / "p.jsonl").write_bytes(text)
        (self.folder / "p.jsonl.gz").write_bytes(gzip.compress(text[:300]) + gzip.compress(text[300:]))
        plain = self.edges("p.jsonl", "--min", "1")
        self.assertTrue(plain)
        self.assertEqual(self.edges("p.jsonl.gz", "--min", "1"), plain)
        (self.folder / "p.jsonl.gz").write_bytes(gzip.compress(text)[:-20])
        self.assertIn("p.jsonl.gz", self.fails("coordination", "p.jsonl.gz", "--edges", "-"))

    @kit.need("zstd")
    def test_zstandard(self):
        text = "".join(text for name, text, *_ in formats() if name == "v2.jsonl").encode()
        (self.folder / "p.jsonl").write_bytes(text)
        subprocess.run(["zstd", "-q", "p.jsonl"], cwd=self.folder, check=True)
        self.assertEqual(self.edges("p.jsonl.zst", "--min", "1"), self.edges("p.jsonl", "--min", "1"))

    def test_what_cannot_be_read_is_said_in_one_line(self):
        good = delimited(("id", "account", "time", "text"), (1, "anna", AT[0], WORDS), (2, "bert", AT[1], WORDS))
        (self.folder / "empty.csv").write_bytes(b"")
        (self.folder / "binary.csv").write_bytes(bytes(range(256)) * 40)
        (self.folder / "utf16.csv").write_bytes(good.encode("utf-16"))
        (self.folder / "mac.csv").write_bytes(good.replace("\n", "\r").encode())
        (self.folder / "pages.jsonl").write_text(json.dumps({"data": [{"id": "1", "text": "x"}], "meta": {}}) + "\n")
        (self.folder / "folder").mkdir()
        for name, words in (("missing.csv", ""), ("empty.csv", "empty"), ("binary.csv", ""), ("utf16.csv", "iconv"), ("mac.csv", "carriage"), ("pages.jsonl", "page"), ("folder", "")):
            with self.subTest(name):
                said = self.fails("coordination", name)
                self.assertIn(name, said)
                self.assertIn(words, said)
                french = self.fails("coordination", name, "--lang", "fr")
                self.assertNotEqual(french, said)
        self.assertFalse(list(self.folder.glob("contrechamp-*")), "no case is made of a file that is not read")
        # A header and no row, and rows of which none can be used: read, and said.
        (self.folder / "header.csv").write_text("id,account,time,text\n")
        ran = self.run_program("coordination", "header.csv", "--edges", "-")
        self.assertIn("0 posts of 0 accounts used, 0 rows refused", ran.stderr)


if __name__ == "__main__":
    kit.main()
