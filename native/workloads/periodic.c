/*
 * Threads that have something to do every so often: `deadline`, where each job has to be done before the next, and
 * `classes`, where some threads matter more than the rest. Both tell the policy by hints.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "hints.h"
#include "latency.h"
#include "options.h"
#include "report.h"
#include "run-threads.h"
#include "spinner.h"
#include "workload.h"

struct periodic {
	pthread_t thread;
	struct devbox_hint *hints;
	uint64_t period_ns, work_ns;
	int qos;
	/* From the time at which a job could begin to its end. */
	struct latency response;
	uint64_t missed;
};

/* Uses the CPU for this long; time spent waiting does not count. */
static void compute_ns(uint64_t ns)
{
	uint64_t end = thread_cpu_ns() + ns;

	while (thread_cpu_ns() < end)
		;
}

static void *do_jobs(void *argument)
{
	struct periodic *self = argument;
	uint64_t release = now_ns();

	while (!atomic_load(&stopping)) {
		uint64_t now, deadline = release + self->period_ns;

		devbox_hint_set(self->hints, deadline, self->qos);
		now = now_ns();
		if (now < release)
			sleep_ns(release - now);
		compute_ns(self->work_ns);
		now = now_ns();
		record_latency(&self->response, now - release);
		self->missed += now > deadline;
		/* A job that took too long takes no time from those that follow. */
		release = now > deadline ? now : deadline;
	}
	return NULL;
}

static struct periodic *start_periodic(unsigned count)
{
	struct periodic *threads = calloc(count, sizeof(*threads));
	struct devbox_hint *hints = devbox_hints_open();

	if (!threads)
		die(ENOMEM, "starting threads");
	for (unsigned i = 0; i < count; i++)
		threads[i].hints = hints;
	return threads;
}

/* Adds up what they did. */
static uint64_t stop_periodic(struct periodic *threads, unsigned count, struct latency *response)
{
	uint64_t missed = 0;

	for (unsigned i = 0; i < count; i++) {
		join_thread(threads[i].thread);
		merge_latency(response, &threads[i].response);
		missed += threads[i].missed;
	}
	free(threads);
	return missed;
}

int run_deadline(int argc, char **argv)
{
	unsigned cpus = cpu_count(), count;
	struct option_spec options[] = {
		{ "duration", OPTION_DURATION, "how long", MILLISECOND, 86400 * SECOND, SECOND },
		{ "threads", OPTION_COUNT, "how many", 1, 10000, 3 * cpus },
		{ "period", OPTION_DURATION, "the shortest; others are twice and four times as long", MILLISECOND, 10 * SECOND,
		  20 * MILLISECOND },
		{ "load", OPTION_COUNT, "percent of all CPUs that the jobs need", 1, 200, 60 },
	};
	static struct latency response;
	struct periodic *threads;
	uint64_t missed;

	parse_options(argc, argv, OPTIONS(options));
	count = (unsigned)options[1].value;
	threads = start_periodic(count);
	for (unsigned i = 0; i < count; i++) {
		threads[i].period_ns = options[2].value << (i % 3);
		threads[i].work_ns = threads[i].period_ns * cpus * options[3].value / 100 / count;
		threads[i].thread = start_thread("deadline", do_jobs, &threads[i]);
	}
	sleep_ns(options[0].value);
	stopping = true;
	missed = stop_periodic(threads, count, &response);

	text("%u threads on %u CPUs: %" PRIu64 " jobs, %" PRIu64 " of them too late\n", count, cpus, response.count, missed);
	print_latency("response time:", &response);
	begin_report();
	add_count("threads", count);
	add_count("jobs", response.count);
	add_count("missed", missed);
	report_latency("responseTimeUs", &response);
	end_report();
	return 0;
}

int run_classes(int argc, char **argv)
{
	unsigned cpus = cpu_count(), count;
	struct option_spec options[] = {
		{ "duration", OPTION_DURATION, "how long", MILLISECOND, 86400 * SECOND, SECOND },
		{ "threads", OPTION_COUNT, "how many that matter", 1, 10000, cpus },
		{ "spinners", OPTION_COUNT, "how many that compute and matter less", 0, 10000, 2 * cpus },
		{ "period", OPTION_DURATION, "of a thread that matters", MILLISECOND, 10 * SECOND, 5 * MILLISECOND },
		{ "work", OPTION_DURATION, "what it computes every time", 1000, SECOND, 200000 },
	};
	static struct latency response;
	struct spinner *spinners;
	struct periodic *threads;

	parse_options(argc, argv, OPTIONS(options));
	count = (unsigned)options[1].value;
	spinners = start_spinners((unsigned)options[2].value);
	threads = start_periodic(count);
	for (unsigned i = 0; i < count; i++) {
		threads[i].period_ns = options[3].value;
		threads[i].work_ns = options[4].value;
		threads[i].qos = 1;
		threads[i].thread = start_thread("request", do_jobs, &threads[i]);
	}
	sleep_ns(options[0].value);
	stopping = true;
	stop_periodic(threads, count, &response);
	stop_spinners(spinners, (unsigned)options[2].value);
	free(spinners);

	text("%u threads that matter beside %" PRIu64 " that compute, on %u CPUs\n", count, options[2].value, cpus);
	print_latency("response time:", &response);
	begin_report();
	add_count("threads", count);
	add_count("spinners", options[2].value);
	report_latency("responseTimeUs", &response);
	end_report();
	return 0;
}
