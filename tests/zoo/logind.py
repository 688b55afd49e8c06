#!/usr/bin/python3
"""A stand-in for systemd-logind with one graphical session, for veyon-service, which asks it which
sessions to serve. (The real one wants systemd as process 1 and writable cgroups.)
Use: logind.py USER UID LEADER-PID DISPLAY
"""
import sys
import time

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

user, uid, leader, display = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
PATH = "/org/freedesktop/login1/session/c1"
SEAT = "/org/freedesktop/login1/seat/seat0"
MANAGER = "org.freedesktop.login1.Manager"
USER_PATH = dbus.ObjectPath(f"/org/freedesktop/login1/user/_{uid}")
SESSION = {
    "Id": "c1", "Name": user, "Type": "x11", "Class": "user", "State": "active", "Active": True,
    "Remote": False, "Display": display, "Desktop": "openbox", "Service": "lightdm",
    "Leader": dbus.UInt32(leader), "VTNr": dbus.UInt32(7), "TTY": "", "LockedHint": False,
    # an hour old: veyon-service waits for sessions younger than some seconds
    "Timestamp": dbus.UInt64((time.time() - 3600) * 1e6),
    "User": dbus.Struct((dbus.UInt32(uid), USER_PATH), signature="uo"),
    "Seat": dbus.Struct(("seat0", dbus.ObjectPath(SEAT)), signature="so")}


class Properties(dbus.service.Object):
    def __init__(self, path, properties):
        super().__init__(bus, path)
        self.properties = properties

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="ss", out_signature="v")
    def Get(self, interface, name):
        return self.properties[name]

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="s", out_signature="a{sv}")
    def GetAll(self, interface):
        return dbus.Dictionary(self.properties, signature="sv")


class Manager(dbus.service.Object):
    @dbus.service.method(MANAGER, out_signature="a(susso)")
    def ListSessions(self):
        return [("c1", dbus.UInt32(uid), user, "seat0", dbus.ObjectPath(PATH))]

    @dbus.service.method(MANAGER, in_signature="s", out_signature="o")
    def GetSession(self, name):
        return dbus.ObjectPath(PATH)

    @dbus.service.method(MANAGER, in_signature="u", out_signature="o")
    def GetSessionByPID(self, pid):
        return dbus.ObjectPath(PATH)

    @dbus.service.method(MANAGER, in_signature="ssss", out_signature="h")
    def Inhibit(self, what, who, why, mode):
        return dbus.types.UnixFd(open("/dev/null"))


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SystemBus()
name = dbus.service.BusName("org.freedesktop.login1", bus)
objects = (Manager(bus, "/org/freedesktop/login1"), Properties(PATH, SESSION),
           Properties(USER_PATH, {"Name": user, "UID": dbus.UInt32(uid), "State": "active"}))
GLib.MainLoop().run()
