/* Threads that leave the scheduling class under test and come back: departed, departed-many, departed-race. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "options.h"
#include "report.h"
#include "run-threads.h"
#include "scheduling-class.h"
#include "workload.h"

static struct class_moves moves;
static atomic_uint returned;

/* Moves itself: runs and sleeps on either side of the border. */
static void *depart_and_return(void *argument)
{
	(void)argument;
	move_to_class(0, moves.inside);
	spin_ns(MILLISECOND);
	move_to_class(0, moves.outside);
	spin_ns(MILLISECOND / 10);
	sleep_ns(MILLISECOND);
	move_to_class(0, moves.inside);
	spin_ns(MILLISECOND);
	sleep_ns(MILLISECOND);
	atomic_fetch_add(&returned, 1);
	return NULL;
}

static int run_departures(const char *name, unsigned count)
{
	pthread_t *threads = calloc(count, sizeof(*threads));
	uint64_t start = now_ns();
	double wall_ms;

	if (!threads)
		die(ENOMEM, "starting threads");
	moves = find_class_moves();
	for (unsigned i = 0; i < count; i++)
		threads[i] = start_thread(name, depart_and_return, NULL);
	for (unsigned i = 0; i < count; i++)
		join_thread(threads[i]);
	wall_ms = (double)(now_ns() - start) / 1e6;
	free(threads);

	text("%s: %u of %u threads went from %s to %s and came back, in %.1f ms\n", name, returned, count,
	     moves.inside_name, moves.outside_name, wall_ms);
	begin_report();
	add_number("durationMs", wall_ms);
	add_count("threads", count);
	add_count("returned", returned);
	end_report();
	return returned == count ? 0 : EXIT_CHECK_FAILED;
}

int run_departed(int argc, char **argv)
{
	parse_options(argc, argv, NULL, 0);
	return run_departures(argv[0], 1);
}

int run_departed_many(int argc, char **argv)
{
	struct option_spec options[] = {
		{ "threads", OPTION_COUNT, "how many", 1, 30000, 100 },
	};

	parse_options(argc, argv, OPTIONS(options));
	return run_departures(argv[0], (unsigned)options[0].value);
}

struct racer {
	pthread_t thread;
	_Atomic pid_t tid;
	/* Rounds of work done: it must go on growing after the last move. */
	atomic_ullong progress;
};

/* Runs and sleeps in steps of uneven length, so that the moves meet it in every state. */
static void *race(void *argument)
{
	struct racer *self = argument;
	unsigned seed = (unsigned)(uintptr_t)self;

	self->tid = gettid();
	while (!stopping) {
		spin_ns((uint64_t)(rand_r(&seed) % 50) * 1000);
		if (rand_r(&seed) % 2)
			sched_yield();
		else
			sleep_ns((uint64_t)(rand_r(&seed) % 200) * 1000);
		self->progress++;
	}
	return NULL;
}

/* Out of the class, to some CPU, and back, without asking the thread what it is doing. */
static uint64_t move_all(const struct racer *racers, unsigned count, unsigned *seed)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	for (unsigned i = 0; i < count; i++) {
		cpu_set_t one, all;

		CPU_ZERO(&one);
		CPU_SET((unsigned)((unsigned)rand_r(seed) % (unsigned)cpus), &one);
		if (sched_getaffinity(racers[i].tid, sizeof(all), &all) != 0)
			die(errno, "sched_getaffinity");
		move_to_class(racers[i].tid, moves.outside);
		/* A CPU outside this process's own set is refused: then it stays where it is. */
		if (sched_setaffinity(racers[i].tid, sizeof(one), &one) != 0 && errno != EINVAL)
			die(errno, "sched_setaffinity");
		move_to_class(racers[i].tid, moves.inside);
		if (sched_setaffinity(racers[i].tid, sizeof(all), &all) != 0)
			die(errno, "sched_setaffinity");
	}
	return count;
}

/* How many still work: each is given time until it has done one more round, ten seconds for all together. */
static unsigned count_alive(struct racer *racers, unsigned count)
{
	uint64_t end = now_ns() + 10 * SECOND;
	unsigned alive = 0;

	for (unsigned i = 0; i < count; i++) {
		uint64_t before = racers[i].progress;

		while (racers[i].progress == before && now_ns() < end)
			sleep_ns(MILLISECOND);
		alive += racers[i].progress != before;
	}
	return alive;
}

int run_departed_race(int argc, char **argv)
{
	struct option_spec options[] = {
		{ "threads", OPTION_COUNT, "how many", 1, 10000, 20 },
		{ "rounds", OPTION_COUNT, "how often each is moved", 1, 1000000, 30 },
	};
	uint64_t start, moved = 0;
	struct racer *racers;
	unsigned count, alive, seed = 1;
	double wall_ms;

	parse_options(argc, argv, OPTIONS(options));
	count = (unsigned)options[0].value;
	racers = calloc(count, sizeof(*racers));
	if (!racers)
		die(ENOMEM, "starting threads");
	moves = find_class_moves();
	start = now_ns();
	for (unsigned i = 0; i < count; i++)
		racers[i].thread = start_thread(argv[0], race, &racers[i]);
	for (unsigned i = 0; i < count; i++)
		while (racers[i].tid == 0)
			sched_yield();
	for (uint64_t round = 0; round < options[1].value; round++)
		moved += move_all(racers, count, &seed);
	alive = count_alive(racers, count);
	wall_ms = (double)(now_ns() - start) / 1e6;

	text("departed-race: %" PRIu64 " moves from %s to %s and back, %u of %u threads still work, in %.1f ms\n", moved,
	     moves.inside_name, moves.outside_name, alive, count, wall_ms);
	begin_report();
	add_number("durationMs", wall_ms);
	add_count("threads", count);
	add_count("moves", moved);
	add_count("alive", alive);
	end_report();
	if (alive < count) {
		/* Some will never end: do not wait for them. */
		return EXIT_CHECK_FAILED;
	}
	stopping = true;
	for (unsigned i = 0; i < count; i++)
		join_thread(racers[i].thread);
	free(racers);
	return 0;
}
