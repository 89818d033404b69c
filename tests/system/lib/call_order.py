# SPDX-License-Identifier: Apache-2.0
"""Read by gdb, attached to a program: prints the source files of $CALL_ORDER_FILES (a regular expression)
in the order in which their functions are first called beneath a function of $CALL_ORDER_UNDER.

"tracing" is printed once all is in place; SIGSTOP ends it, and the program goes on.
"""

import os
import re

import gdb

FILES, UNDER = os.environ["CALL_ORDER_FILES"], os.environ["CALL_ORDER_UNDER"]
met, points = [], {}


def file_of(frame):
    table = frame.find_sal().symtab
    return table.fullname() if table else ""


def is_beneath(frame):
    while frame is not None:
        if file_of(frame).endswith(UNDER):
            return True
        frame = frame.older()
    return False


class Point(gdb.Breakpoint):
    def __init__(self, file, function):
        super().__init__(f"-source {file} -function {function}", internal=True)
        self.file = file

    def stop(self):
        """Never stops; a file's points are done with at the first that counts."""
        if self.file not in met and is_beneath(gdb.newest_frame()):
            met.append(self.file)
            for point in points[self.file]:
                point.enabled = False
        return False


def set_points():
    file = None
    for line in gdb.execute("info functions -q -n .", to_string=True).splitlines():
        function = re.match(r"\d+:\t.*?\b(\w+)\(", line)
        if line.startswith("File "):
            file = line[len("File ") :].rstrip(":")
        elif function and re.search(FILES, file):
            points.setdefault(file, []).append(Point(file, function[1]))


gdb.execute("set pagination off")
set_points()
print("tracing", flush=True)
gdb.execute("continue", to_string=True)
print("\n".join(f"met {file}" for file in met), flush=True)
