#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "latency.h"
#include "options.h"
#include "report.h"
#include "run-threads.h"
#include "workload.h"

struct forker {
	pthread_t thread;
	/* From fork() to the child's having been reaped. */
	struct latency lifetime;
	/* Refused for want of memory or pids. */
	uint64_t refused;
};

static void *fork_on(void *argument)
{
	struct forker *self = argument;

	while (!stopping) {
		uint64_t start = now_ns();
		pid_t child = fork();

		if (child == 0)
			_exit(0);
		if (child < 0 && (errno == EAGAIN || errno == ENOMEM)) {
			self->refused++;
			sleep_ns(MILLISECOND);
			continue;
		}
		if (child < 0)
			die(errno, "fork");
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
		record_latency(&self->lifetime, now_ns() - start);
	}
	return NULL;
}

int run_forkstorm(int argc, char **argv)
{
	struct option_spec options[] = {
		{ "duration", OPTION_DURATION, "how long", MILLISECOND, 86400 * SECOND, SECOND },
		{ "threads", OPTION_COUNT, "how many threads fork", 1, 10000, cpu_count() },
	};
	static struct latency lifetime;
	uint64_t start, switches, refused = 0;
	struct forker *forkers;
	unsigned count;
	double wall_ms;

	parse_options(argc, argv, OPTIONS(options));
	count = (unsigned)options[1].value;
	forkers = calloc(count, sizeof(*forkers));
	if (!forkers)
		die(ENOMEM, "starting threads");
	switches = system_switches();
	start = now_ns();
	for (unsigned i = 0; i < count; i++)
		forkers[i].thread = start_thread("forkstorm", fork_on, &forkers[i]);
	sleep_ns(options[0].value);
	stopping = true;
	for (unsigned i = 0; i < count; i++) {
		join_thread(forkers[i].thread);
		merge_latency(&lifetime, &forkers[i].lifetime);
		refused += forkers[i].refused;
	}
	wall_ms = (double)(now_ns() - start) / 1e6;
	switches = system_switches() - switches;
	free(forkers);

	text("%" PRIu64 " processes in %.0f ms from %u threads, %" PRIu64 " refused\n", lifetime.count, wall_ms, count,
	     refused);
	print_latency("from fork to reaped:", &lifetime);
	text("%" PRIu64 " context switches in the whole system\n", switches);
	begin_report();
	add_number("durationMs", wall_ms);
	add_count("threads", count);
	add_count("forks", lifetime.count);
	add_count("forksRefused", refused);
	report_latency("forkToReapedUs", &lifetime);
	add_count("contextSwitches", switches);
	end_report();
	return 0;
}
