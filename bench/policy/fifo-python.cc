/*
 * The runtime in C++ as a Python module: the policy is Python, called through pybind11. Two ways:
 * play_methods(events, capacity, cpus, batch, times, make): bound methods that were looked up once, tasks as numbers: as lean as it gets;
 * play_overrides(...): methods that override those of a C++ class, tasks as objects, as bindings of a scheduler commonly are.
 * Both give decisions, a checksum of them, and seconds of CPU.
 */
#include "driver.h"

#include <algorithm>
#include <ctime>
#include <pybind11/pybind11.h>

namespace py = pybind11;

class Methods;
class Overrides;

/** Calls the methods of a Python object; they are looked up once. */
class Methods {
    public:
	Methods(Driver<Methods> &driver, py::object make)
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

/** What a policy in Python derives from. */
class Scheduler {
    public:
	virtual ~Scheduler() = default;
	virtual void taskRunnable(Task *task) = 0;
	virtual void taskPreempted(Task *task, int cpu) = 0;
	virtual void cpuIdle(int cpu) = 0;
	virtual void forget(Task *task) = 0;
};

class PyScheduler : public Scheduler {
    public:
	using Scheduler::Scheduler;
	void taskRunnable(Task *task) override
	{
		PYBIND11_OVERRIDE_PURE_NAME(void, Scheduler, "task_runnable", taskRunnable, task);
	}
	void taskPreempted(Task *task, int cpu) override
	{
		PYBIND11_OVERRIDE_PURE_NAME(void, Scheduler, "task_preempted", taskPreempted, task, cpu);
	}
	void cpuIdle(int cpu) override
	{
		PYBIND11_OVERRIDE_PURE_NAME(void, Scheduler, "cpu_idle", cpuIdle, cpu);
	}
	void forget(Task *task) override
	{
		PYBIND11_OVERRIDE_PURE_NAME(void, Scheduler, "forget", forget, task);
	}
};

class Overrides {
    public:
	Overrides(Driver<Overrides> &driver, py::object make) : driver(driver)
	{
		policy = make(py::cast(&driver, py::return_value_policy::reference));
		scheduler = policy.cast<Scheduler *>();
	}
	void taskRunnable(int task)
	{
		scheduler->taskRunnable(&driver.tasks[task]);
	}
	void taskPreempted(int task, int cpu)
	{
		scheduler->taskPreempted(&driver.tasks[task], cpu);
	}
	void cpuIdle(int cpu)
	{
		scheduler->cpuIdle(cpu);
	}
	void forget(int task)
	{
		scheduler->forget(&driver.tasks[task]);
	}
	void isRun(int)
	{
	}

    private:
	Driver<Overrides> &driver;
	py::object policy;
	Scheduler *scheduler;
};

template <class Policy>
static py::tuple play(const char *path, int capacity, int cpus, int batch, int times, py::object make)
{
	std::vector<Event> events = readEvents(path);
	clock_t began = clock();
	Driver<Policy> driver(capacity, cpus, make);
	for (int pass = 0; pass < times; pass++)
		for (size_t at = 0; at < events.size(); at += batch)
			driver.handle(&events[at], std::min<size_t>(batch, events.size() - at));
	return py::make_tuple(driver.decided, driver.checksum, double(clock() - began) / CLOCKS_PER_SEC);
}

template <class D> static int number(const D &driver, const Task *task)
{
	return task - driver.tasks.data();
}

PYBIND11_MODULE(fifo_python, module)
{
	using M = Driver<Methods>;
	py::class_<M>(module, "NumberDriver")
		.def("allows", &M::allows)
		.def("allowed_cpu", &M::allowedCpu)
		.def("pick_idle", &M::pickIdle)
		.def("run", &M::run, py::arg("task"), py::arg("cpu"), py::arg("slice"), py::arg("flags") = 0)
		.def("cpu_count", [](const M &driver, int task) { return driver.tasks[task].cpuCount; })
		.def("is_waiting", [](const M &driver, int task) { return driver.tasks[task].state == WAITING; })
		.def("runnable_since", [](const M &driver, int task) { return driver.tasks[task].runnableSince; })
		.def("pending", [](const M &driver, int cpu) { return driver.cpus[cpu].pending; })
		.def_property_readonly("cpus", [](const M &driver) { return driver.cpus.size(); });
	module.def("play_methods", &play<Methods>);

	using O = Driver<Overrides>;
	py::class_<Task>(module, "Task");
	py::class_<Scheduler, PyScheduler>(module, "Scheduler").def(py::init<>());
	py::class_<O>(module, "TaskDriver")
		.def("allows", [](const O &driver, const Task *task, int cpu) { return driver.allows(number(driver, task), cpu); })
		.def("allowed_cpu", [](const O &driver, const Task *task) { return driver.allowedCpu(number(driver, task)); })
		.def("pick_idle", [](const O &driver, const Task *task) { return driver.pickIdle(number(driver, task)); })
		.def("run", [](O &driver, const Task *task, int cpu, double slice) { driver.run(number(driver, task), cpu, slice); })
		.def("cpu_count", [](const O &, const Task *task) { return task->cpuCount; })
		.def("is_waiting", [](const O &, const Task *task) { return task->state == WAITING; })
		.def("runnable_since", [](const O &, const Task *task) { return task->runnableSince; })
		.def("pending", [](const O &driver, int cpu) { return driver.cpus[cpu].pending; })
		.def_property_readonly("cpus", [](const O &driver) { return driver.cpus.size(); });
	module.def("play_overrides", &play<Overrides>);
}
