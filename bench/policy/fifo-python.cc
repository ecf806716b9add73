/*
 * The runtime in C++ as a Python module: the policy is a Python object, called through pybind11.
 * play(events, capacity, cpus, batch, times, make_policy) gives decisions, a checksum of them, and seconds of CPU.
 */
#include "driver.h"

#include <algorithm>
#include <ctime>
#include <pybind11/pybind11.h>

namespace py = pybind11;

class PythonPolicy;
using PythonDriver = Driver<PythonPolicy>;

/** Calls the methods of a Python object; they are looked up once. */
class PythonPolicy {
    public:
	PythonPolicy(PythonDriver &driver, py::object make)
	{
		policy = make(py::cast(&driver, py::return_value_policy::reference));
		runnable = policy.attr("task_runnable");
		preempted = policy.attr("task_preempted");
		idle = policy.attr("cpu_idle");
		forgotten = policy.attr("forget");
	}
	void taskRunnable(int task)
	{
		runnable(task);
	}
	void taskPreempted(int task, int cpu)
	{
		preempted(task, cpu);
	}
	void cpuIdle(int cpu)
	{
		idle(cpu);
	}
	void forget(int task)
	{
		forgotten(task);
	}
	/* Its queues are Python's own: it takes out what it runs. */
	void isRun(int)
	{
	}

    private:
	py::object policy, runnable, preempted, idle, forgotten;
};

static py::tuple play(const char *path, int capacity, int cpus, int batch, int times, py::object make)
{
	std::vector<Event> events = readEvents(path);
	clock_t began = clock();
	PythonDriver driver(capacity, cpus, make);
	for (int pass = 0; pass < times; pass++)
		for (size_t at = 0; at < events.size(); at += batch)
			driver.handle(&events[at], std::min<size_t>(batch, events.size() - at));
	return py::make_tuple(driver.decided, driver.checksum, double(clock() - began) / CLOCKS_PER_SEC);
}

PYBIND11_MODULE(fifo_python, module)
{
	py::class_<PythonDriver>(module, "Driver")
		.def("allows", &PythonDriver::allows)
		.def("allowed_cpu", &PythonDriver::allowedCpu)
		.def("pick_idle", &PythonDriver::pickIdle)
		.def("run", &PythonDriver::run, py::arg("task"), py::arg("cpu"), py::arg("slice"), py::arg("flags") = 0)
		.def("cpu_count", [](const PythonDriver &driver, int task) { return driver.tasks[task].cpuCount; })
		.def("is_waiting", [](const PythonDriver &driver, int task) { return driver.tasks[task].state == WAITING; })
		.def("runnable_since", [](const PythonDriver &driver, int task) { return driver.tasks[task].runnableSince; })
		.def("pending", [](const PythonDriver &driver, int cpu) { return driver.cpus[cpu].pending; })
		.def_property_readonly("cpus", [](const PythonDriver &driver) { return driver.cpus.size(); });
	module.def("play", &play);
}
