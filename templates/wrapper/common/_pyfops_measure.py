# SPDX-License-Identifier: Apache-2.0
"""What one call used: peak memory, processor time, duration. Linux, standard library only, Python 3.9 syntax."""

import os
import threading
import time

_SAMPLE_SECONDS = 0.005


def _status_kb(pid, field):
    """A field of /proc/<pid>/status in KB; 0 when the process is gone."""
    try:
        with open("/proc/%s/status" % pid) as status:
            for line in status:
                if line.startswith(field):
                    return int(line.split()[1])
    except (OSError, ValueError, IndexError):
        pass
    return 0


def _children_of(pid):
    found = []
    try:
        for task in os.listdir("/proc/%s/task" % pid):
            with open("/proc/%s/task/%s/children" % (pid, task)) as children:
                found.extend(children.read().split())
    except OSError:
        pass
    return found


def _descendants_kb(pid):
    total = 0
    pending = _children_of(pid)
    while pending:
        child = pending.pop()
        total += _status_kb(child, "VmRSS:")
        pending.extend(_children_of(child))
    return total


def _reset_peak():
    """Sets VmHWM back to the current size; False where the platform does not allow it."""
    try:
        with open("/proc/self/clear_refs", "w") as clear_refs:
            clear_refs.write("5")
        return True
    except OSError:
        return False


class Measurement:
    """Begins with its construction. getrusage's ru_maxrss is not used: a child inherits its parent's value."""

    def __init__(self):
        self._reset = _reset_peak()
        self._children_peak = 0
        self._total_peak = 0
        self._stop = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        self._sampler.start()
        self._times = os.times()
        self._start = time.perf_counter()

    def _sample(self):
        while not self._stop.wait(_SAMPLE_SECONDS):
            children = _descendants_kb("self")
            if children:
                self._children_peak = max(self._children_peak, children)
                self._total_peak = max(self._total_peak, children + _status_kb("self", "VmRSS:"))

    def finish(self):
        duration = time.perf_counter() - self._start
        times = os.times()
        self._stop.set()
        self._sampler.join()
        used = sum(times[:4]) - sum(self._times[:4])
        own = _status_kb("self", "VmHWM:")
        return {
            "duration_ms": round(duration * 1000, 3),
            "cpu_ms": round(used * 1000, 3),
            "peak_rss_kb": max(own, self._total_peak),
            "peak_children_kb": self._children_peak,
            "peak_reset": self._reset,
        }
