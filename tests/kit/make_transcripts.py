#!/usr/bin/env python3
"""Made-up transcripts of any size, the same for the same seed: a reference and what a recogniser made of it, in NIST's
trn format, of speakers of two groups that are recognised differently well.

    make_transcripts.py FOLDER [--utterances 100000] [--words 20] [--speakers 500] [--seed 1] [--alternatives 0.0]

Words follow Zipf's law over 20 000 made-up ones. Writes FOLDER/ref.trn, FOLDER/hyp.trn and FOLDER/speakers.csv."""

import argparse
import itertools
import pathlib
import random


def vocabulary(size):
    sounds = [c + v for c in "bcdfglmnprstv" for v in ("a", "e", "i", "o", "ou")]
    words = ("".join(parts) for length in (1, 2, 3, 4) for parts in itertools.product(sounds, repeat=length))
    return list(itertools.islice(words, size))


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=pathlib.Path)
    asked.add_argument("--utterances", type=int, default=100_000)
    asked.add_argument("--words", type=int, default=20)
    asked.add_argument("--speakers", type=int, default=500)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--alternatives", type=float, default=0.0, help="share of words written { as / alternatives }")
    args = asked.parse_args()
    dice = random.Random(args.seed)
    words = vocabulary(20_000)
    weights = list(itertools.accumulate(1 / (rank + 2) for rank in range(len(words))))
    wrong = {s: min(0.6, max(0.01, dice.gauss(0.12 if s % 2 else 0.18, 0.07))) for s in range(args.speakers)}
    args.folder.mkdir(parents=True, exist_ok=True)
    with open(args.folder / "speakers.csv", "w") as table:
        table.write("speaker,group\n" + "".join(f"p{s},{'ab'[s % 2]}\n" for s in range(args.speakers)))
    with open(args.folder / "ref.trn", "w") as ref, open(args.folder / "hyp.trn", "w") as hyp:
        for u in range(args.utterances):
            speaker = u % args.speakers
            said = dice.choices(words, cum_weights=weights, k=args.words)
            heard = []
            for word in said:
                luck = dice.random() / wrong[speaker]
                if luck >= 1:
                    heard.append(word)
                elif luck < 0.6:
                    heard.append(dice.choices(words, cum_weights=weights)[0])
                elif luck < 0.8:
                    heard += [word, dice.choices(words, cum_weights=weights)[0]]
            if args.alternatives:
                said = [f"{{ {w} / {dice.choice(words)} / @ }}" if dice.random() < args.alternatives else w for w in said]
            ref.write(f"{' '.join(said)} (p{speaker}-{u})\n")
            hyp.write(f"{' '.join(heard)} (p{speaker}-{u})\n")


if __name__ == "__main__":
    main()
