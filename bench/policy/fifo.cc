/*
 * The policy fifo in C++: the same decisions as src/agents/policies/fifo.ts, so that both can be timed.
 * fifo EVENTS CAPACITY CPUS BATCH TIMES prints decisions, a checksum of them, and seconds of CPU.
 */
#include "driver.h"

#include <algorithm>
#include <ctime>

struct Queue {
	int head = NONE, tail = NONE, length = 0;
};

class Fifo {
    public:
	Fifo(Driver<Fifo> &driver, double slice)
		: d(driver), slice(slice), movable(driver.cpus.size()), pinned(driver.cpus.size()), links(driver.tasks.size()),
		  where(driver.cpus.size(), NONE), key(driver.cpus.size()), order(driver.cpus.size())
	{
	}

	void taskRunnable(int task)
	{
		if (!runWhereIdle(task))
			place(task);
	}

	void taskPreempted(int task, int cpu)
	{
		place(task);
		if (d.cpus[cpu].pending == 0)
			cpuIdle(cpu);
		if (d.tasks[task].state == WAITING)
			runWhereIdle(task);
	}

	void cpuIdle(int cpu)
	{
		int task = next(cpu);
		if (task != NONE)
			d.run(task, cpu, slice);
	}

	void isRun(int task)
	{
		forget(task);
	}

	/** Takes a task out of the queue that it is in. */
	void forget(int task)
	{
		Link &it = links[task];
		if (!it.in)
			return;
		Queue &queue = *it.in;
		if (it.previous == NONE)
			queue.head = it.next;
		else
			links[it.previous].next = it.next;
		if (it.next == NONE)
			queue.tail = it.previous;
		else
			links[it.next].previous = it.previous;
		it.in = nullptr;
		queue.length--;
	}

    private:
	struct Link {
		Queue *in = nullptr;
		int next = NONE, previous = NONE;
	};

	Driver<Fifo> &d;
	double slice;
	std::vector<Queue> movable, pinned;
	std::vector<Link> links;
	/* A heap of CPUs by length of their queues, and where each is in it. */
	std::vector<int> heap;
	std::vector<int> where, key;
	std::vector<uint64_t> order;
	uint64_t pushed = 0;
	int other = 0;

	void push(Queue &queue, int task)
	{
		links[task] = { &queue, NONE, queue.tail };
		if (queue.tail == NONE)
			queue.head = task;
		else
			links[queue.tail].next = task;
		queue.tail = task;
		queue.length++;
	}

	bool runWhereIdle(int task)
	{
		int cpu = d.pickIdle(task);
		if (cpu != NONE)
			d.run(task, cpu, slice);
		return cpu != NONE;
	}

	int waiting(int cpu) const
	{
		return movable[cpu].length + pinned[cpu].length;
	}

	void place(int task)
	{
		int home = d.allowedCpu(task);
		if (d.tasks[task].cpuCount == 1)
			return push(pinned[home], task);
		other = other + 1 == (int)d.cpus.size() ? 0 : other + 1;
		int cpu = d.allows(task, other) && waiting(other) < waiting(home) ? other : home;
		push(movable[cpu], task);
		heapPush(cpu, -movable[cpu].length);
	}

	int next(int cpu)
	{
		int a = movable[cpu].head, b = pinned[cpu].head;
		if (a == NONE && b == NONE)
			return steal(cpu);
		if (a == NONE || b == NONE)
			return a == NONE ? b : a;
		return d.tasks[b].runnableSince < d.tasks[a].runnableSince ? b : a;
	}

	int steal(int thief)
	{
		while (!heap.empty()) {
			int cpu = heap[0];
			if (movable[cpu].length == 0)
				heapRemove(cpu);
			else if (key[cpu] != -movable[cpu].length)
				heapPush(cpu, -movable[cpu].length);
			else
				break;
		}
		for (int cpu : heap)
			for (int task = movable[cpu].head; task != NONE; task = links[task].next)
				if (d.allows(task, thief))
					return task;
		return NONE;
	}

	bool before(int a, int b) const
	{
		return key[a] < key[b] || (key[a] == key[b] && order[a] < order[b]);
	}

	void heapPush(int cpu, int newKey)
	{
		key[cpu] = newKey;
		if (where[cpu] == NONE) {
			order[cpu] = ++pushed;
			heap.push_back(cpu);
			up(cpu, heap.size() - 1);
		} else
			settle(cpu, where[cpu]);
	}

	void heapRemove(int cpu)
	{
		int hole = where[cpu], last = heap.back();
		where[cpu] = NONE;
		heap.pop_back();
		if (last != cpu)
			settle(last, hole);
	}

	void settle(int cpu, int at)
	{
		if (at > 0 && before(cpu, heap[(at - 1) / 2]))
			up(cpu, at);
		else
			down(cpu, at);
	}

	void up(int cpu, int at)
	{
		for (; at > 0 && before(cpu, heap[(at - 1) / 2]); at = (at - 1) / 2) {
			heap[at] = heap[(at - 1) / 2];
			where[heap[at]] = at;
		}
		heap[at] = cpu;
		where[cpu] = at;
	}

	void down(int cpu, int at)
	{
		for (;;) {
			int below = 2 * at + 1;
			if (below >= (int)heap.size())
				break;
			if (below + 1 < (int)heap.size() && before(heap[below + 1], heap[below]))
				below++;
			if (!before(heap[below], cpu))
				break;
			heap[at] = heap[below];
			where[heap[at]] = at;
			at = below;
		}
		heap[at] = cpu;
		where[cpu] = at;
	}
};

int main(int argc, char **argv)
{
	if (argc != 6)
		return 64;
	std::vector<Event> events = readEvents(argv[1]);
	int capacity = atoi(argv[2]), cpus = atoi(argv[3]), batch = atoi(argv[4]), times = atoi(argv[5]);
	clock_t began = clock();
	Driver<Fifo> driver(capacity, cpus, 20e6);
	for (int pass = 0; pass < times; pass++)
		for (size_t at = 0; at < events.size(); at += batch)
			driver.handle(&events[at], std::min<size_t>(batch, events.size() - at));
	printf("%lu %d %.6f\n", (unsigned long)driver.decided, driver.checksum, double(clock() - began) / CLOCKS_PER_SEC);
	return 0;
}
