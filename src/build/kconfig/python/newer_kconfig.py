"""kconfiglib for trees that are newer than it: what Linux has added to the language is put in words that it knows."""

import io
import re

from kconfiglib import Kconfig

CONFIG = re.compile(r"^[ \t]*(?:menu)?config[ \t]+(\w+)")
TRANSITIONAL = re.compile(r"^[ \t]*transitional[ \t]*(?:#.*)?$")
# A line and what its end continues on the next.
DEPENDS = re.compile(r"^([ \t]*depends[ \t]+on[ \t]+)((?:\\\n|[^#\n])*)", re.MULTILINE)
IF = re.compile(r"[ \t]if[ \t(]")


class NewerKconfig(Kconfig):
    """`transitional` holds the names of the symbols that are kept only to hand their value on (since Linux 6.18)."""

    def __init__(self, filename):
        self.transitional = set()
        super().__init__(filename, warn=False)

    def _open(self, filename, mode):
        file = super()._open(filename, mode)
        if mode != "r" or "Kconfig" not in filename:
            return file
        with file:
            text = file.read()
        if "transitional" in text:
            text = self._without_transitional(text)
        return io.StringIO(DEPENDS.sub(conditional, text))

    def _without_transitional(self, text):
        name, lines = None, []
        for line in text.split("\n"):
            config = CONFIG.match(line)
            if config:
                name = config[1]
            if name is not None and TRANSITIONAL.match(line):
                self.transitional.add(name)
                line = ""
            lines.append(line)
        return "\n".join(lines)


def conditional(match):
    """`depends on A if B` (since Linux 7.0) is `depends on A || !B`."""
    found = list(IF.finditer(match[2]))
    if not found:
        return match[0]
    needed, condition = match[2][: found[-1].start()], match[2][found[-1].start() + 3 :]
    return f"{match[1]}({needed}) || !({condition.rstrip()})"
