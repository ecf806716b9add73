"""Stands in for a kernel's scripts/kconfig/conf: conf.py TARGET KCONFIG-FILE."""

import io
import sys

import kconfiglib


class Kconfig(kconfiglib.Kconfig):
    def _open(self, filename, mode):
        file = super()._open(filename, mode)
        if mode != "r":
            return file
        with file:
            text = file.read()
        # Newer words than kconfiglib's, as this tree has them.
        text = text.replace("\ttransitional\n", "").replace("\tfuture\n", "").replace("depends on HEAT if PROGRAMS", "depends on HEAT || !PROGRAMS")
        return io.StringIO(text)

    def set_all(self, value):
        for sym in self.unique_defined_syms:
            if sym.orig_type in (kconfiglib.BOOL, kconfiglib.TRISTATE) and sym.choice is None:
                sym.set_value(value)


target, path = sys.argv[1:]
kconf = Kconfig(path, warn=False)
if target == "olddefconfig":
    kconf.load_config()
if target == "tinyconfig":
    kconf.set_all(0)
if target != "listnewconfig":
    kconf.write_config()
