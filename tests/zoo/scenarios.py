#!/usr/bin/python3
"""Every scenario of the zoo by name: SCENARIOS, start(machine, name), layers_for(names).

    with Machine(scenarios.layers_for(["x11vnc"])) as m:
        facts = scenarios.start(m, "x11vnc")      # {"pid": 133, "port": 5900}

They live in on_screen.py, on_system.py, on_paper.py, on_browser.py, on_quiet.py and on_secrets.py;
stage.py says what a scenario is. `scenarios.py` alone lists them.
"""
import importlib

from stage import SCENARIOS, all_needed, layers_for, people, start  # noqa: F401 (what tests use)

for _module in ("on_screen", "on_system", "on_paper", "on_browser", "on_quiet", "on_secrets"):
    importlib.import_module(_module)  # each registers its scenarios

if __name__ == "__main__":
    for _entry in SCENARIOS.values():
        print(f"{_entry.name:24} {_entry.layer or 'base':9} {_entry.function.__doc__.splitlines()[0]}")
