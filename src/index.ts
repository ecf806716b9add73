/** What `import … from 'devbox'` gives. Quick to load: a configuration needs nothing of what boots guests. */
import type { BootOptions, Vm } from './app/library/boot.ts';
import type { RunOptions, RunOutcome } from './app/library/run.ts';
import type { SuiteOptions, SuiteOutcome } from './app/library/run-suite.ts';

export type { DevboxConfig } from './app/config/config-schema.ts';
export { defineConfig } from './app/config/define-config.ts';
export type { BootOptions, Vm } from './app/library/boot.ts';
export type { ExecRequest, ExecResult } from './app/library/exec-in-guest.ts';
export type { RunOptions, RunOutcome } from './app/library/run.ts';
export type { SuiteOptions, SuiteOutcome } from './app/library/run-suite.ts';
export type { DevboxEvent } from './core/event.ts';
export { Failure } from './core/failure.ts';
export type { KernelFinding } from './core/finding.ts';
export type { SubtestResult, TestCell, TestResult } from './core/test-result.ts';
export type { Verdict, VerdictKind } from './core/verdict.ts';

/**
 * Boots a guest, or clones one that has booted: `await using vm = await boot({ smp: 4 })`. Rejects with a `Failure` when it
 * does not come up; nothing is left running then. Nothing is printed.
 */
export async function boot(options: BootOptions = {}): Promise<Vm> {
  return (await import('./app/library/boot.ts')).boot(options);
}

/**
 * Boots a guest, runs a scheduler in it under load, and judges, as `devbox run` does. Rejects with a `Failure` only when
 * nothing was run. Nothing is printed.
 */
export async function run(options: RunOptions): Promise<RunOutcome> {
  return (await import('./app/library/run.ts')).run(options);
}

/**
 * Runs a suite of tests in guests, as `devbox test` does: a verdict for each test, and one for all. Rejects with a `Failure`
 * only when nothing was run. Nothing is printed.
 */
export async function runSuite(options: SuiteOptions = {}): Promise<SuiteOutcome> {
  return (await import('./app/library/run-suite.ts')).runSuite(options);
}
