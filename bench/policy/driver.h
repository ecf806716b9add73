/*
 * The runtime of policies in C++, for comparison: the same tables, checks and records as src/agents/runtime/policy-driver.ts, with
 * a policy that is compiled in (fifo.cc) or called through pybind11 (fifo-python.cc).
 */
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

struct Event {
	uint64_t time;
	uint32_t kind, task, sequence;
	int32_t cpu;
	uint32_t pid, weight;
	uint64_t ran, waited, runtime;
	uint32_t flags, tgid;
};

struct Decision {
	uint32_t task, sequence;
	int32_t cpu;
	uint32_t flags;
	uint64_t slice, unused;
};

enum Kind { NEW = 1, RUNNABLE, PREEMPTED, YIELDED, BLOCKED, DEPARTED, DEAD };
enum State : uint8_t { ABSENT, ASLEEP, WAITING, SENT };

constexpr int NONE = -1;
constexpr int MASK_WORDS = 8;
constexpr int ROOM = 256;
constexpr int KEPT = 64;

struct Task {
	State state = ABSENT;
	uint32_t sequence = 0, pid = 0, tgid = 0, weight = 0;
	int cpu = 0, cpuCount = 0;
	double runtime = 0, ran = 0, runnableSince = 0;
	/* Among those that were sent to the same CPU. */
	int sentTo = NONE, next = NONE, previous = NONE;
	uint32_t mask[MASK_WORDS] = {};
};

struct Cpu {
	int pending = 0, last = NONE;
};

struct Recent {
	double time;
	int task, pid, cpu;
	double slice;
	uint32_t flags;
};

template <class Policy> class Driver {
    public:
	std::vector<Task> tasks;
	std::vector<Cpu> cpus;
	std::vector<uint32_t> live;
	double now = 0;
	uint64_t decided = 0;
	int32_t checksum = 0;

	template <class... Args>
	Driver(int capacity, int cpuCount, Args &&...args)
		: tasks(capacity), cpus(cpuCount), live(capacity * MASK_WORDS, ~0u), idle(MASK_WORDS), idleCount(cpuCount),
		  policy(*this, args...)
	{
		for (int cpu = 0; cpu < cpuCount; cpu++)
			idle[cpu >> 5] |= 1u << (cpu & 31);
	}

	void handle(const Event *events, size_t count)
	{
		if (!started)
			for (int cpu = 0; cpu < (int)cpus.size(); cpu++)
				policy.cpuIdle(cpu);
		started = true;
		for (size_t at = 0; at < count; at++)
			one(events[at]);
		flush();
	}

	bool allows(int task, int cpu) const
	{
		return tasks[task].mask[cpu >> 5] >> (cpu & 31) & 1;
	}

	int allowedCpu(int task) const
	{
		static const uint32_t all[MASK_WORDS] = { ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u };
		return nextIn(task, all);
	}

	int pickIdle(int task) const
	{
		return idleCount == 0 ? NONE : nextIn(task, idle.data());
	}

	void run(int task, int cpu, double slice, uint32_t flags = 0)
	{
		if (task < 0 || task >= (int)tasks.size() || tasks[task].state != WAITING || cpu >= (int)cpus.size() ||
		    (cpu >= 0 && !allows(task, cpu)) || !(slice > 0) || (flags & ~3u)) {
			fprintf(stderr, "a decision that cannot be: task %d, CPU %d\n", task, cpu);
			abort();
		}
		Task &it = tasks[task];
		policy.isRun(task);
		it.state = SENT;
		if (cpu >= 0)
			add(task, cpu);
		decisions[made] = { (uint32_t)task, it.sequence, cpu, flags, (uint64_t)slice, 0 };
		recent[recentAt++ & (KEPT - 1)] = { now, task, (int)it.pid, cpu, slice, flags };
		if (++made == ROOM)
			flush();
	}

    private:
	std::vector<uint32_t> idle;
	int idleCount;
	bool started = false;
	Decision decisions[ROOM];
	int made = 0;
	Recent recent[KEPT];
	unsigned recentAt = 0;
	Policy policy;

	int nextIn(int task, const uint32_t *bits) const
	{
		int from = tasks[task].cpu;
		for (int step = 0; step <= MASK_WORDS; step++) {
			int index = ((from >> 5) + step) % MASK_WORDS;
			uint32_t both = tasks[task].mask[index] & bits[index];
			if (step == 0)
				both &= ~0u << (from & 31);
			if (both)
				return index * 32 + __builtin_ctz(both);
		}
		return NONE;
	}

	void add(int task, int cpu)
	{
		Cpu &to = cpus[cpu];
		Task &it = tasks[task];
		it.sentTo = cpu;
		it.previous = to.last;
		it.next = NONE;
		if (to.last != NONE)
			tasks[to.last].next = task;
		to.last = task;
		if (to.pending++ == 0) {
			idle[cpu >> 5] ^= 1u << (cpu & 31);
			idleCount--;
		}
	}

	int remove(int task)
	{
		Task &it = tasks[task];
		int cpu = it.sentTo;
		if (cpu == NONE)
			return NONE;
		if (it.next == NONE)
			cpus[cpu].last = it.previous;
		else
			tasks[it.next].previous = it.previous;
		if (it.previous != NONE)
			tasks[it.previous].next = it.next;
		it.sentTo = NONE;
		if (--cpus[cpu].pending == 0) {
			idle[cpu >> 5] ^= 1u << (cpu & 31);
			idleCount++;
		}
		return cpu;
	}

	void flush()
	{
		decided += made;
		uint32_t sum = checksum;
		for (int at = 0; at < made; at++)
			sum = sum * 31 + decisions[at].task * 64 + decisions[at].cpu;
		checksum = sum;
		made = 0;
	}

	void one(const Event &event)
	{
		if (event.task >= tasks.size() || event.cpu < 0 || event.cpu >= (int)cpus.size() || event.kind < NEW ||
		    event.kind > DEAD) {
			fprintf(stderr, "an event that cannot be\n");
			abort();
		}
		if (event.time > now)
			now = event.time;
		int task = event.task;
		Task &it = tasks[task];
		bool absent = it.state == ABSENT;
		if (!absent && (event.kind == NEW || it.pid != event.pid)) {
			gone(task);
			absent = true;
		}
		if (absent) {
			if (event.kind >= DEPARTED)
				return;
			it.pid = event.pid;
			it.runnableSince = now;
			it.ran = 0;
			it.state = ASLEEP;
			it.cpuCount = 0;
			for (int word = 0; word < MASK_WORDS; word++) {
				int left = (int)cpus.size() - word * 32;
				uint32_t known = left <= 0 ? 0 : left >= 32 ? ~0u : (1u << left) - 1;
				it.mask[word] = live[task * MASK_WORDS + word] & known;
				it.cpuCount += __builtin_popcount(it.mask[word]);
			}
		}
		it.tgid = event.tgid;
		it.weight = event.weight;
		it.cpu = event.cpu;
		it.runtime = event.runtime;
		switch (event.kind) {
		case RUNNABLE:
		case PREEMPTED:
		case YIELDED: {
			it.sequence = event.sequence;
			if (event.kind != RUNNABLE)
				it.ran = event.ran;
			if (it.state == WAITING)
				return;
			int sentTo = it.state == SENT ? remove(task) : NONE;
			it.state = WAITING;
			it.runnableSince = now;
			if (event.kind == RUNNABLE)
				policy.taskRunnable(task);
			else
				policy.taskPreempted(task, event.cpu);
			if (sentTo != NONE && cpus[sentTo].pending == 0)
				policy.cpuIdle(sentTo);
			return;
		}
		case BLOCKED: {
			it.ran = event.ran;
			if (it.state == ASLEEP)
				return;
			if (it.state == WAITING)
				policy.forget(task);
			int sentTo = it.state == SENT ? remove(task) : NONE;
			it.state = ASLEEP;
			if (sentTo != NONE && cpus[sentTo].pending == 0)
				policy.cpuIdle(sentTo);
			return;
		}
		case DEPARTED:
		case DEAD:
			gone(task);
		}
	}

	void gone(int task)
	{
		Task &it = tasks[task];
		if (it.state == WAITING)
			policy.forget(task);
		int sentTo = it.state == SENT ? remove(task) : NONE;
		it.state = ABSENT;
		if (sentTo != NONE && cpus[sentTo].pending == 0)
			policy.cpuIdle(sentTo);
	}
};

/** Reads a recording: events, one behind another. */
inline std::vector<Event> readEvents(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file) {
		perror(path);
		exit(1);
	}
	fseek(file, 0, SEEK_END);
	std::vector<Event> events(ftell(file) / sizeof(Event));
	rewind(file);
	if (fread(events.data(), sizeof(Event), events.size(), file) != events.size())
		exit(1);
	fclose(file);
	return events;
}
