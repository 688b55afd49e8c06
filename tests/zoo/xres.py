#!/usr/bin/python3
"""Lists the X server's clients through the X-Resource extension: one JSON line each, with the pid
the server knows, the client's base id, and how many resources of each type it holds.

An independent witness for the scenarios (the program under test has its own reader), and the
source of the tables in README.md. Needs python3-xlib; any user that may connect may ask.
"""
import json
import sys

from Xlib.display import Display
from Xlib.ext import res


def clients(name=None):
    display = Display(name)
    display.res_query_version(1, 2)
    own = display.display.info.resource_id_base
    pids = {}
    answer = display.res_query_client_ids([{"client": 0, "mask": res.LocalClientPIDMask}])
    for item in answer.ids:
        pids[item.spec["client"] & ~display.display.info.resource_id_mask] = item.value[0]
    for client in display.res_query_clients().clients:
        if client.resource_base == own:
            continue
        types = display.res_query_client_resources(client.resource_base).types
        yield {"pid": pids.get(client.resource_base), "base": hex(client.resource_base),
               "types": {display.get_atom_name(t.resource_type): t.count for t in types}}


if __name__ == "__main__":
    for row in clients(sys.argv[1] if len(sys.argv) > 1 else None):
        print(json.dumps(row))
