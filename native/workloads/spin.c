#include <inttypes.h>
#include <stdlib.h>

#include "options.h"
#include "report.h"
#include "run-threads.h"
#include "spinner.h"
#include "workload.h"

static void report_spin(const struct spinner *spinners, unsigned count, double wall_ms)
{
	uint64_t total = 0, least = UINT64_MAX, most = 0, switches = 0, migrations = 0;

	for (unsigned i = 0; i < count; i++) {
		total += spinners[i].cpu_ns;
		switches += spinners[i].switches;
		migrations += spinners[i].migrations;
		if (spinners[i].cpu_ns < least)
			least = spinners[i].cpu_ns;
		if (spinners[i].cpu_ns > most)
			most = spinners[i].cpu_ns;
	}
	text("%u threads on %u CPUs for %.0f ms\n", count, cpu_count(), wall_ms);
	text("CPU time of a thread: least %.1f ms, mean %.1f ms, most %.1f ms\n", (double)least / 1e6,
	     (double)total / count / 1e6, (double)most / 1e6);
	text("%" PRIu64 " context switches, %" PRIu64 " migrations\n", switches, migrations);

	begin_report();
	add_number("durationMs", wall_ms);
	add_count("threads", count);
	begin_object("threadCpuMs");
	add_number("min", (double)least / 1e6);
	add_number("mean", (double)total / count / 1e6);
	add_number("max", (double)most / 1e6);
	end_object();
	add_count("contextSwitches", switches);
	add_count("migrations", migrations);
	begin_array("perCpu");
	for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++) {
		uint64_t ns = 0;

		for (unsigned i = 0; i < count; i++)
			ns += spinners[i].on_cpu_ns[cpu];
		if (ns == 0)
			continue;
		begin_element();
		add_count("cpu", cpu);
		add_number("spinMs", (double)ns / 1e6);
		end_object();
	}
	end_array();
	end_report();
}

int run_spin(int argc, char **argv)
{
	struct option_spec options[] = {
		{ "duration", OPTION_DURATION, "how long", MILLISECOND, 86400 * SECOND, SECOND },
		{ "threads", OPTION_COUNT, "how many", 1, 10000, 2 * cpu_count() },
	};
	struct spinner *spinners;
	unsigned count;
	uint64_t start;

	parse_options(argc, argv, OPTIONS(options));
	count = (unsigned)options[1].value;
	start = now_ns();
	spinners = start_spinners(count);
	sleep_ns(options[0].value);
	stopping = true;
	stop_spinners(spinners, count);
	report_spin(spinners, count, (double)(now_ns() - start) / 1e6);
	free(spinners);
	return 0;
}
