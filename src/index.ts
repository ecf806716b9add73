/**
 * What `import … from 'devbox'` gives: all that devbox does; its own command line has nothing else. Nothing here prints,
 * reads the terminal or keeps state, and whatever goes wrong that a user can cause is a `Failure`. Quick to load: a
 * configuration needs nothing of what boots guests.
 */
import type { DevboxEvent } from './core/event.ts';

export type { AgentManifest } from './agents/manifest.ts';
export type { SimulationResult } from './agents/simulator/simulate.ts';
export type { Workload } from './agents/workloads.ts';
export type { Garbage } from './app/collect-garbage.ts';
export type { DevboxConfig } from './app/config/config-schema.ts';
export { defineConfig } from './app/config/define-config.ts';
export type { Check } from './app/doctor/check.ts';
export type { KernelConfig } from './app/kernel/kernel-config.ts';
export type { KernelDescription, KernelListing, StoredKernel } from './app/kernel/list-kernels.ts';
export type { RemovedKernels } from './app/kernel/remove-kernels.ts';
export type { AgentDescription, AgentOptions, AgentWatch } from './app/library/agents.ts';
export type { BootOptions, Vm } from './app/library/boot.ts';
export type { EnterOptions, ExecOptions, ShellOptions } from './app/library/exec.ts';
export type { ExecRequest, ExecResult } from './app/library/exec-in-guest.ts';
export type { GuestOptions, Place } from './app/library/guest-options.ts';
export type { GarbageOptions, HostExamination, SetUpPlan } from './app/library/host.ts';
export type { KernelBuildOptions, KernelOptions } from './app/library/kernels.ts';
export type { Outcome, RunContext } from './app/library/perform.ts';
export type { ReportForm } from './app/library/report.ts';
export type { RunOptions, RunOutcome } from './app/library/run.ts';
export type { KeptGuest, ListedTest, SuiteOptions, SuiteOutcome } from './app/library/run-suite.ts';
export type { SimulationOptions } from './app/library/simulate.ts';
export type { WorkContext } from './app/library/work.ts';
export type { GuestListing } from './app/list-guests.ts';
export type { NewPolicy } from './app/new-policy/new-policy.ts';
export type { OpenRun } from './app/session/session.ts';
export type { TestChoice } from './app/suite/choose-tests.ts';
export type { UserTerminal } from './app/use-case.ts';
export type { PreparedKernel } from './build/kernel/prepare-kernel.ts';
export type { AgentFlag } from './core/agent-flag.ts';
export { Bug } from './core/bug.ts';
export type { DevboxEvent } from './core/event.ts';
export { Failure } from './core/failure.ts';
export type { KernelFinding } from './core/finding.ts';
export type { SubtestResult, SuiteResult, TestCell, TestResult } from './core/test-result.ts';
export type { Verdict, VerdictKind } from './core/verdict.ts';
export type { RunEntry } from './platform/record/read-record.ts';

/** Loads what a function needs when it is called first. */
const later =
  <Args extends unknown[], Result>(load: () => Promise<(...args: Args) => Promise<Result>>) =>
  async (...args: Args): Promise<Result> =>
    (await load())(...args);

const agents = () => import('./app/library/agents.ts');
const commands = () => import('./app/library/exec.ts');
const host = () => import('./app/library/host.ts');
const kernels = () => import('./app/library/kernels.ts');
const records = () => import('./app/library/records.ts');
const suites = () => import('./app/library/run-suite.ts');
const simulator = () => import('./app/library/simulate.ts');

// Guests. Each of these rejects with a `Failure` only when nothing was run, and leaves nothing running.

/**
 * Boots a guest, or clones one that has booted: `await using vm = await boot({ smp: 4 })`. Rejects with a `Failure` when it
 * does not come up.
 */
export const boot = later(async () => (await import('./app/library/boot.ts')).boot);

/** Boots a guest, runs a scheduler in it under load, and judges, as `devbox run` does. */
export const run = later(async () => (await import('./app/library/run.ts')).run);

/** Runs a suite of tests in guests, as `devbox test` does: a verdict for each test, and one for all. */
export const runSuite = later(async () => (await suites()).runSuite);

/** Boots a guest and runs one command in it, whose output is events, as `devbox exec` does. */
export const exec = later(async () => (await commands()).exec);

/** Boots a guest and runs a shell in it on a terminal, as `devbox shell` does. */
export const shell = later(async () => (await commands()).shell);

/** Runs a shell or a command in a guest that another devbox runs, as `--run` does; what it does is judged there. */
export const enter = later(async () => (await commands()).enter);

/** Guests of this user that are running now, oldest first. */
export const listGuests = later(async () => (await host()).listGuests);

// Suites of tests.

/** What `runSuite` would run. The kernel's own tests are compiled for that. */
export const listTests = later(async () => (await suites()).listTests);

/** The suites that have a name, and the kernel's own. */
export const listSuites = later(async () => (await import('./app/library/suites.ts')).listSuites);

/** The cases of the kernel's own tests that have been compiled on this machine. */
export const listKselftestCases = later(
  async () => (await import('./app/library/suites.ts')).listKselftestCases,
);

/** A result as JUnit, TAP, KTAP, JSON, a page for GitHub, or as people read it. */
export const formatReport = later(async () => (await import('./app/library/report.ts')).formatReport);

// Kernels.

/** Builds a kernel, or finds it in the store, and writes devbox.lock. */
export const buildKernel = later(async () => (await kernels()).buildKernel);

/** Fetches a named kernel that Debian ships built. */
export const fetchKernel = later(async () => (await kernels()).fetchKernel);

/** The named kernels; with `stored` (the default), also what is in the store, of them and beside them. */
export const listKernels = later(async () => (await kernels()).listKernels);

/** Reads a kernel as a run would get it. One that Debian ships is fetched when it is not here; nothing is compiled. */
export const describeKernel = later(async () => (await kernels()).describeKernel);

/** The resolved configuration of a kernel. One that would have to be compiled is only configured. */
export const kernelConfig = later(async () => (await kernels()).kernelConfig);

/** The options that differ between two kernels, by name. */
export const diffKernels = later(async () => (await kernels()).diffKernels);

/** Removes kernels from the store: all of a name, all of a release, or the one whose key begins so. */
export const removeKernels = later(async () => (await kernels()).removeKernels);

/** The fragments of configuration that have names. */
export const listFragments = later(async () => (await kernels()).listFragments);

// Schedulers and what puts load on them.

/** The schedulers that come with devbox. */
export const listAgents = later(async () => (await agents()).listAgents);

/** One of them, or what a policy's file says of itself. The file is imported, in a process of its own. */
export const describeAgent = later(async () => (await agents()).describeAgent);

/** The flags that an agent takes; undefined for a program, which may take anything. */
export const flagsOfAgent = later(async () => (await agents()).flagsOfAgent);

/** Tells when the file of an agent, or one that it imports, is saved, until it is disposed of. */
export const watchAgent = later(async () => (await agents()).watchAgent);

/** Writes a policy that works, its test, and what editors, tsc and Node need to know. */
export const newPolicy = later(async () => (await agents()).newPolicy);

/** The workloads that come with devbox. */
export const listWorkloads = later(async () => (await agents()).listWorkloads);

/** Simulates a policy in a process of its own, as `devbox sim` does. */
export const simulate = later(async () => (await simulator()).simulate);

/** The policies that have a name for it. */
export const listPolicies = later(async () => (await agents()).listPolicies);

/** The workloads that it knows. */
export const listSimulatorWorkloads = later(async () => (await simulator()).listSimulatorWorkloads);

// Records of runs.

/** Newest first. */
export const listRunIds = later(async () => (await records()).listRunIds);

/** Newest first, with how they ended. */
export const listRuns = later(async () => (await records()).listRuns);

/** A run by its id, by the beginning or end of one that only one run has, or `latest`. */
export const readRun = later(async () => (await records()).readRun);

/** What happened in a run, in order, with the bytes of its streams. `record`: its directory. */
export async function* readEvents(record: string): AsyncGenerator<DevboxEvent> {
  yield* (await records()).readEvents(record);
}

// The machine.

/** Looks at everything that runs need, in the order in which a person would mend it. */
export const examineHost = later(async () => (await host()).examineHost);

/** What the machine lacks, and how to install it. */
export const planSetUp = later(async () => (await host()).planSetUp);

/** Puts away what killed runs left, and makes the store smaller. */
export const collectGarbage = later(async () => (await host()).collectGarbage);
