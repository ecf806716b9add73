#define _GNU_SOURCE
#include "pair.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "run-threads.h"
#include "workload.h"

/* Sent instead of a time: the other side has ended. */
#define GOODBYE 0

static void send_time(struct pair_side *self, uint64_t time)
{
	if (write(self->to, &time, sizeof(time)) != sizeof(time))
		die(errno, "writing to a pipe");
}

static bool receive_time(struct pair_side *self)
{
	uint64_t sent;
	uint64_t now;
	int cpu;

	if (read(self->from, &sent, sizeof(sent)) != sizeof(sent))
		die(errno, "reading from a pipe");
	now = now_ns();
	if (sent == GOODBYE)
		return false;
	cpu = sched_getcpu();
	self->wakeups_on_cpu[cpu < MAX_CPUS ? cpu : MAX_CPUS - 1]++;
	record_latency(&self->latency, now > sent ? now - sent : 0);
	return true;
}

static void *ping(void *argument)
{
	struct pair_side *self = argument;
	uint64_t switches = thread_switches();

	do {
		send_time(self, now_ns());
	} while (receive_time(self) && !stopping);
	send_time(self, GOODBYE);
	self->switches = thread_switches() - switches;
	return NULL;
}

static void *pong(void *argument)
{
	struct pair_side *self = argument;
	uint64_t switches = thread_switches();

	while (receive_time(self))
		send_time(self, now_ns());
	self->switches = thread_switches() - switches;
	return NULL;
}

struct pair *start_pairs(unsigned count)
{
	struct pair *pairs = calloc(count, sizeof(*pairs));

	if (!pairs)
		die(ENOMEM, "starting threads");
	for (unsigned i = 0; i < count; i++) {
		int there[2], back[2];

		if (pipe2(there, O_CLOEXEC) != 0 || pipe2(back, O_CLOEXEC) != 0)
			die(errno, "making a pipe");
		pairs[i].ping.from = back[0];
		pairs[i].ping.to = there[1];
		pairs[i].pong.from = there[0];
		pairs[i].pong.to = back[1];
		pairs[i].ping_thread = start_thread("ping", ping, &pairs[i].ping);
		pairs[i].pong_thread = start_thread("pong", pong, &pairs[i].pong);
	}
	return pairs;
}

void stop_pairs(struct pair *pairs, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		join_thread(pairs[i].ping_thread);
		join_thread(pairs[i].pong_thread);
		close(pairs[i].ping.from);
		close(pairs[i].ping.to);
		close(pairs[i].pong.from);
		close(pairs[i].pong.to);
	}
}

void sum_pairs(const struct pair *pairs, unsigned count, struct latency *latency, uint64_t *switches)
{
	*switches = 0;
	for (unsigned i = 0; i < count; i++) {
		merge_latency(latency, &pairs[i].ping.latency);
		merge_latency(latency, &pairs[i].pong.latency);
		*switches += pairs[i].ping.switches + pairs[i].pong.switches;
	}
}
