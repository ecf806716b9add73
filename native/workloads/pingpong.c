#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "options.h"
#include "pair.h"
#include "report.h"
#include "run-threads.h"
#include "workload.h"

int run_pingpong(int argc, char **argv)
{
	struct option_spec options[] = {
		{ "duration", OPTION_DURATION, "how long", MILLISECOND, 86400 * SECOND, SECOND },
		{ "threads", OPTION_COUNT, "how many, two to a pair", 2, 10000, 2 },
	};
	static struct latency latency;
	uint64_t switches, start;
	unsigned pairs_count;
	struct pair *pairs;
	double wall_ms;

	parse_options(argc, argv, OPTIONS(options));
	if (options[1].value % 2 != 0) {
		fprintf(stderr, "pingpong: --threads takes an even number, not %" PRIu64 ".\n", options[1].value);
		return EXIT_BAD_USAGE;
	}
	pairs_count = (unsigned)options[1].value / 2;
	start = now_ns();
	pairs = start_pairs(pairs_count);
	sleep_ns(options[0].value);
	stopping = true;
	stop_pairs(pairs, pairs_count);
	wall_ms = (double)(now_ns() - start) / 1e6;
	sum_pairs(pairs, pairs_count, &latency, &switches);
	free(pairs);

	text("%u pairs on %u CPUs for %.0f ms\n", pairs_count, cpu_count(), wall_ms);
	print_latency("wake-up latency:", &latency);
	text("%" PRIu64 " context switches\n", switches);
	begin_report();
	add_number("durationMs", wall_ms);
	add_count("pairs", pairs_count);
	report_latency("wakeupLatencyUs", &latency);
	add_count("contextSwitches", switches);
	end_report();
	return 0;
}
