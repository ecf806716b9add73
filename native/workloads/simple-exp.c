/*
 * Small experiments with threads of one scheduling class, in the manner of those that ghOSt's user space comes with:
 * simple, many, busy. Each checks that every thread ran to its end.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "options.h"
#include "report.h"
#include "run-threads.h"
#include "workload.h"

struct experiment {
	/* What each thread does. */
	void (*work)(const struct experiment *self);
	uint64_t ns;
	unsigned threads;
	atomic_uint finished;
	atomic_ullong switches;
};

static void *body(void *argument)
{
	struct experiment *self = argument;
	uint64_t switches = thread_switches();

	self->work(self);
	atomic_fetch_add(&self->switches, thread_switches() - switches);
	atomic_fetch_add(&self->finished, 1);
	return NULL;
}

/* Runs, sleeps once, runs again. */
static void sleep_once(const struct experiment *self)
{
	sleep_ns(self->ns);
}

static void compute(const struct experiment *self)
{
	spin_ns(self->ns);
}

static int run_experiment(struct experiment *it, const char *name)
{
	pthread_t *threads = calloc(it->threads, sizeof(*threads));
	uint64_t start = now_ns();
	double wall_ms;

	if (!threads)
		die(ENOMEM, "starting threads");
	for (unsigned i = 0; i < it->threads; i++)
		threads[i] = start_thread(name, body, it);
	for (unsigned i = 0; i < it->threads; i++)
		join_thread(threads[i]);
	wall_ms = (double)(now_ns() - start) / 1e6;
	free(threads);

	text("%s: %u of %u threads finished in %.1f ms, %llu context switches\n", name, it->finished, it->threads,
	     wall_ms, it->switches);
	begin_report();
	add_number("durationMs", wall_ms);
	add_count("threads", it->threads);
	add_count("finished", it->finished);
	add_count("contextSwitches", it->switches);
	end_report();
	return it->finished == it->threads ? 0 : EXIT_CHECK_FAILED;
}

int run_simple(int argc, char **argv)
{
	struct experiment it = { .work = sleep_once, .ns = 10 * MILLISECOND, .threads = 1 };

	parse_options(argc, argv, NULL, 0);
	return run_experiment(&it, argv[0]);
}

int run_many(int argc, char **argv)
{
	struct option_spec options[] = {
		{ "threads", OPTION_COUNT, "how many", 1, 30000, 1000 },
	};
	struct experiment it = { .work = sleep_once, .ns = 10 * MILLISECOND };

	parse_options(argc, argv, OPTIONS(options));
	it.threads = (unsigned)options[0].value;
	return run_experiment(&it, argv[0]);
}

int run_busy(int argc, char **argv)
{
	struct option_spec options[] = {
		{ "threads", OPTION_COUNT, "how many", 1, 30000, 100 },
		{ "duration", OPTION_DURATION, "how long each computes", 1000, 3600 * SECOND, 10 * MILLISECOND },
	};
	struct experiment it = { .work = compute };

	parse_options(argc, argv, OPTIONS(options));
	it.threads = (unsigned)options[0].value;
	it.ns = options[1].value;
	return run_experiment(&it, argv[0]);
}
