/* The default load of `devbox run`: more spinning threads than CPUs, and beside them pairs that want to run at once. */
#include <inttypes.h>
#include <stdlib.h>

#include "options.h"
#include "pair.h"
#include "report.h"
#include "run-threads.h"
#include "spinner.h"
#include "workload.h"

struct on_cpu {
	uint64_t spin_ns;
	uint64_t wakeups;
};

static struct on_cpu on_cpu(unsigned cpu, const struct spinner *spinners, unsigned spinners_count,
			    const struct pair *pairs, unsigned pairs_count)
{
	struct on_cpu sum = { 0, 0 };

	for (unsigned i = 0; i < spinners_count; i++)
		sum.spin_ns += spinners[i].on_cpu_ns[cpu];
	for (unsigned i = 0; i < pairs_count; i++)
		sum.wakeups += pairs[i].ping.wakeups_on_cpu[cpu] + pairs[i].pong.wakeups_on_cpu[cpu];
	return sum;
}

int run_demo(int argc, char **argv)
{
	unsigned cpus = cpu_count();
	struct option_spec options[] = {
		{ "duration", OPTION_DURATION, "how long", MILLISECOND, 86400 * SECOND, SECOND },
		{ "threads", OPTION_COUNT, "how many spinning threads", 0, 10000, cpus + (cpus + 1) / 2 },
		{ "pairs", OPTION_COUNT, "how many pairs that wake each other", 1, 5000, (cpus + 1) / 2 },
	};
	static struct latency latency;
	unsigned spinners_count, pairs_count;
	uint64_t start, switches_before, switches, pair_switches;
	struct spinner *spinners;
	struct pair *pairs;
	double wall_ms;

	parse_options(argc, argv, OPTIONS(options));
	spinners_count = (unsigned)options[1].value;
	pairs_count = (unsigned)options[2].value;
	switches_before = system_switches();
	start = now_ns();
	spinners = start_spinners(spinners_count);
	pairs = start_pairs(pairs_count);
	sleep_ns(options[0].value);
	stopping = true;
	stop_pairs(pairs, pairs_count);
	stop_spinners(spinners, spinners_count);
	wall_ms = (double)(now_ns() - start) / 1e6;
	switches = system_switches() - switches_before;
	sum_pairs(pairs, pairs_count, &latency, &pair_switches);

	text("%u spinning threads and %u pairs on %u CPUs for %.0f ms\n", spinners_count, pairs_count, cpus, wall_ms);
	print_latency("wake-up latency:", &latency);
	text("%" PRIu64 " context switches in the whole system\n", switches);
	begin_report();
	add_number("durationMs", wall_ms);
	add_count("spinners", spinners_count);
	add_count("pairs", pairs_count);
	report_latency("wakeupLatencyUs", &latency);
	add_count("contextSwitches", switches);
	begin_array("perCpu");
	for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++) {
		struct on_cpu sum = on_cpu(cpu, spinners, spinners_count, pairs, pairs_count);

		if (sum.spin_ns == 0 && sum.wakeups == 0)
			continue;
		text("CPU %u: %.0f ms of spinning, %" PRIu64 " wake-ups\n", cpu, (double)sum.spin_ns / 1e6, sum.wakeups);
		begin_element();
		add_count("cpu", cpu);
		add_number("spinMs", (double)sum.spin_ns / 1e6);
		add_count("wakeups", sum.wakeups);
		end_object();
	}
	end_array();
	end_report();
	free(spinners);
	free(pairs);
	return 0;
}
