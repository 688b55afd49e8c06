#!/usr/bin/python3
"""Innocent explanations, tested: what ordinary people do alike, among 400 ordinary accounts of a made-up world, and what the
verb makes of it. A false accusation is worse than a miss."""
import random
import shutil

import coordination_kit
import kit

WEEKS = 28
DAY = 86400


class World:
    """Posts and profiles to which a scenario adds its own."""

    def __init__(self, base, seed=1):
        self.random = random.Random(seed)
        self.base, self.posts, self.profiles, self.made = base, [], [], []

    def account(self, name, bio="", display=None):
        number = f"9{len(self.made):04d}"
        self.made.append(number)
        self.profiles.append((number, name, display or name.title(), bio, coordination_kit.stamp(coordination_kit.MONDAY - self.random.randrange(900) * DAY)))
        return number

    def post(self, account, time, text, *links):
        self.posts.append({"account": account, "time": coordination_kit.MONDAY + int(time), "text": text, "links": list(links)})

    def any_time(self, days=WEEKS):
        """Some time at which people are awake."""
        return self.random.randrange(days) * DAY + self.random.randrange(7 * 3600, 23 * 3600)

    def chatter(self, account, posts=20):
        """What people write besides, of their own."""
        words = self.base.words
        for _ in range(posts):
            self.post(account, self.any_time(), " ".join(self.random.choices(words, k=self.random.randrange(8, 25))))


@coordination_kit.need_simulate()
class Innocent(coordination_kit.Shared):
    def make(self):
        coordination_kit.world(self.folder / "base", "--seed", 5, "--accounts", 400, "--days", WEEKS)
        self.base_posts = (self.folder / "base/posts.jsonl").read_text()
        self.base_profiles = (self.folder / "base/profiles.csv").read_text()
        rng = random.Random(9)
        syllables = "ka lo mi ren tus vel dor an shi per gon fla est ir um".split()
        self.words = ["".join(rng.choices(syllables, k=rng.randrange(2, 4))) for _ in range(3000)]

    def judge(self, name, world, *options):
        """(findings, leads, communities of the scenario's accounts), each with only what concerns them."""
        folder = self.folder / name
        folder.mkdir()
        coordination_kit.write_posts(folder / "own.jsonl", world.posts)
        (folder / "posts.jsonl").write_text(self.base_posts + (folder / "own.jsonl").read_text())
        coordination_kit.write_profiles(folder / "own.csv", world.profiles)
        (folder / "profiles.csv").write_text(self.base_profiles + "".join((folder / "own.csv").read_text().splitlines(keepends=True)[1:]))
        case = folder / "case"
        self.run_program("coordination", folder / "posts.jsonl", "--profiles", folder / "profiles.csv", "--case", case, "--quiet", *options)
        self.addCleanup(shutil.rmtree, folder)
        ours = {row["community"] for row in self.table("accounts", case) if row["account"] in world.made and row["community"]}
        communities = [row for row in self.table("communities", case) if row["community"] in ours]
        about = lambda items: [item for item in items if item["subject"]["key"] in ours]
        findings, leads = self.findings(case)
        # Of the ordinary 400 nobody is accused, whatever stands beside them.
        self.assertEqual([item for item in findings if item["subject"]["key"] not in ours], [])
        return about(findings), about(leads), communities

    def campaign(self, world, size=15, disclosed="", days=WEEKS):
        """Templated bios, one page linked, messages of one shape."""
        roles, hobbies = ("Picker", "Stower", "Packer", "Trainer"), ("hiking", "karaoke", "dogs", "baking", "chess", "films", "tea")
        pick = world.random.choice
        for number in range(size):
            bio = f"{pick(roles)} @ {pick(('LEJ', 'BFI', 'ORY', 'DUS'))}{number}. Norvane for {pick(range(1, 9))} years. likes {pick(hobbies)} and {pick(hobbies)}{disclosed}"
            account = world.account(f"norvane_{number}", bio, f"{pick(('Ann', 'Bob', 'Cy', 'Di'))} {number} - Norvane Ambassador")
            world.chatter(account, 4)
        for round_ in range(12):
            at = world.any_time(days)
            for account in world.made:
                if world.random.random() < 0.8:
                    world.post(account, at + world.random.randrange(300), f"I have {pick(('loved', 'enjoyed'))} my {pick(range(2, 9))} years at Norvane: the pay is {pick(('good', 'great', 'fair'))}, my team is {pick(('kind', 'fun'))}. Come and take tour {round_}!", "https://norvane.example/tours")

    def test_disclosed_staff(self):
        world = World(self)
        self.campaign(world)
        findings, _, (community, *_) = self.judge("disclosed", world, "--disclosed", ",".join(world.made))
        (finding,) = findings
        self.assertLessEqual(community["tier"], 2)
        said = self.out("report", "--case", self.folder / "disclosed/case", "-o", self.folder / "disclosed/report.html", "--quiet")
        text = (self.folder / "disclosed/report.html").read_text()
        self.assertIn("They say so openly", text, said)
        told = [item for item in self.observations("community", self.folder / "disclosed/case") if item["subject"]["key"] == finding["subject"]["key"]]
        self.assertTrue(told[0]["fields"]["disclosed"])

    def test_parody_copies_the_look_only(self):
        """Eight parodies made over months, each of its own humour, at its own hours: the bios match, nothing else does."""
        world = World(self)
        roles = ("Picker", "Stower", "Packer", "Trainer")
        for number in range(8):
            bio = f"{world.random.choice(roles)} @ XX{number}. Norvane for {number + 1} years. likes {world.random.choice(self.words)} and {world.random.choice(self.words)}"
            world.chatter(world.account(f"parody_{number}", bio), 25)
        findings, leads, communities = self.judge("parody", world)
        self.assertEqual(findings, [])
        self.assertLessEqual(len(leads), 1)
        for lead in leads:
            self.assertIn("parod", str(lead))

    def test_boilerplate_of_an_app(self):
        world = World(self)
        for number in range(60):
            account = world.account(f"photo_{number}")
            world.chatter(account, 15)
            for _ in range(6):
                place = world.random.choice(("Riverside Park", "Main Station", "Old Harbour", "Café Central"))
                world.post(account, world.any_time(), f"Just posted a photo @ {place}", f"https://photos.example/p/{world.random.randrange(10**9)}")
        findings, *_ = self.judge("app", world)
        self.assertEqual(findings, [])

    def test_greetings(self):
        world = World(self)
        for number in range(80):
            account = world.account(f"friend_{number}")
            world.chatter(account, 15)
            for day in world.random.sample(range(WEEKS), 10):
                world.post(account, day * DAY + 7 * 3600 + world.random.randrange(3600), world.random.choice(("Good morning everybody, have a lovely day!", "Bonjour à tous et bonne journée !", "Good morning everyone, happy Monday")))
        findings, *_ = self.judge("greetings", world)
        self.assertEqual(findings, [])

    def test_prefilled_petition(self):
        """The same words and the same link by 200 people over ten days: each signed once."""
        world = World(self)
        for number in range(200):
            account = world.account(f"signer_{number}")
            world.chatter(account, 12)
            world.post(account, world.any_time(10), "I have just signed: keep the night trains running! Sign as well", "https://petition.example/night-trains")
        findings, *_ = self.judge("petition", world)
        self.assertEqual(findings, [])

    def test_newsroom_feed(self):
        """Four accounts of one newsroom post each story in the same minute: a lead at most."""
        world = World(self)
        desks = [world.account(f"gazette_{number}", "News from the Gazette") for number in range(4)]
        for story in range(120):
            at, words = world.any_time(), " ".join(world.random.choices(self.words, k=9))
            for desk in desks:
                world.post(desk, at + world.random.randrange(30), f"{words}", f"https://gazette.example/{story}")
        findings, leads, communities = self.judge("newsroom", world)
        self.assertEqual(findings, [])
        self.assertTrue(leads, "it is found, and only a lead")
        self.assertTrue(all(community["tier"] == 3 for community in communities))
        self.assertIn("newsrooms", str(leads).lower())

    def test_a_unions_own_campaign_matches(self):
        """It matches the rules, as it must; whoever reads the finding is told that unions do this."""
        world = World(self)
        members = [world.account(f"member_{number}", f"Shop steward at depot {number}. Proud member of Local {100 + number}, here for {number + 2} years") for number in range(20)]
        for account in members:
            world.chatter(account, 8)
        for call in range(10):
            at = world.any_time()
            for account in members:
                if world.random.random() < 0.7:
                    world.post(account, at + world.random.randrange(600), f"Fair pay now, number {call}: stand with the drivers of every depot on Friday, share this with your shift", "https://union.example/friday")
        findings, leads, _ = self.judge("union", world)
        self.assertTrue(findings + leads)
        for item in findings + leads:
            self.assertIn("Unions, campaigns and petitions ask their members", str(item))
            self.assertIn("Syndicats, campagnes et pétitions", str(item))


if __name__ == "__main__":
    kit.main()
