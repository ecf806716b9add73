"""The policy fifo in Python: decides as src/agents/policies/fifo.ts, but for ties of equally long queues.

fifo.py EVENTS CAPACITY CPUS BATCH TIMES"""

import heapq
import sys
from collections import deque

import fifo_python

NONE = None
NO_CPU = -1
SLICE = 20e6


class Fifo:
    def __init__(self, driver):
        self.driver = driver
        self.cpus = driver.cpus
        self.movable = [deque() for _ in range(self.cpus)]
        self.pinned = [deque() for _ in range(self.cpus)]
        # (-length, CPU): the longest queue first; lengths may be out of date.
        self.longest = []
        self.other = 0
        self.where = {}

    def task_runnable(self, task):
        if not self.run_where_idle(task):
            self.place(task)

    def task_preempted(self, task, cpu):
        self.place(task)
        if self.driver.pending(cpu) == 0:
            self.cpu_idle(cpu)
        if self.driver.is_waiting(task) and self.run_where_idle(task):
            self.forget(task)

    def cpu_idle(self, cpu):
        task = self.next(cpu)
        if task is not NONE:
            self.driver.run(task, cpu, SLICE)

    def run_where_idle(self, task):
        cpu = self.driver.pick_idle(task)
        if cpu != NO_CPU:
            self.driver.run(task, cpu, SLICE)
        return cpu != NO_CPU

    def enter(self, queue, task):
        queue.append(task)
        self.where[task] = queue

    def forget(self, task):
        self.where[task].remove(task)

    def waiting(self, cpu):
        return len(self.movable[cpu]) + len(self.pinned[cpu])

    def place(self, task):
        driver = self.driver
        home = driver.allowed_cpu(task)
        if driver.cpu_count(task) == 1:
            self.enter(self.pinned[home], task)
            return
        self.other = 0 if self.other + 1 == self.cpus else self.other + 1
        other = self.other
        cpu = other if driver.allows(task, other) and self.waiting(other) < self.waiting(home) else home
        self.enter(self.movable[cpu], task)
        heapq.heappush(self.longest, (-len(self.movable[cpu]), cpu))

    def next(self, cpu):
        movable, pinned = self.movable[cpu], self.pinned[cpu]
        if not movable and not pinned:
            return self.steal(cpu)
        if movable and pinned:
            since = self.driver.runnable_since
            queue = pinned if since(pinned[0]) < since(movable[0]) else movable
        else:
            queue = movable or pinned
        return queue.popleft()

    def steal(self, thief):
        longest = self.longest
        while longest:
            length, cpu = longest[0]
            if not self.movable[cpu]:
                heapq.heappop(longest)
            elif -length != len(self.movable[cpu]):
                heapq.heapreplace(longest, (-len(self.movable[cpu]), cpu))
            else:
                break
        for _, cpu in longest:
            for task in self.movable[cpu]:
                if self.driver.allows(task, thief):
                    self.movable[cpu].remove(task)
                    return task
        return NONE


class OverridingFifo(Fifo, fifo_python.Scheduler):
    """The same with methods that override those of a C++ class; its tasks are objects."""

    def __init__(self, driver):
        fifo_python.Scheduler.__init__(self)
        Fifo.__init__(self, driver)


way, events, *numbers = sys.argv[1:]
play, make = {
    "methods": (fifo_python.play_methods, Fifo),
    "overrides": (fifo_python.play_overrides, OverridingFifo),
}[way]
print(*play(events, *map(int, numbers), make))
