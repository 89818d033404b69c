# SPDX-License-Identifier: Apache-2.0
"""A call that goes on beside the test."""

import threading


class Later:
    def __init__(self, function, *arguments):
        self.result = None
        self.thread = threading.Thread(target=self._run, args=(function, *arguments))
        self.thread.start()

    def _run(self, function, *arguments):
        self.result = function(*arguments)

    def wait(self):
        self.thread.join()
        return self.result
