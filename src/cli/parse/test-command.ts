import type { CommandSpec, FlagSpec } from './table.ts';

/** Forms in which results can be written. */
export const REPORTERS = ['pretty', 'junit', 'tap', 'ktap', 'json', 'github'] as const;
export type ReporterName = (typeof REPORTERS)[number];

/** `devbox test`; `common` are flags that it shares with other commands that boot guests. */
export function testCommand(common: readonly FlagSpec[]): CommandSpec {
  return {
    name: 'test',
    summary: 'Run suites of tests inside guests; one verdict for each test',
    details: [
      'SUITE is one of devbox.config; without one: the suite called `default`, or the only one. A word with a / or a * in it is a file: files of the suite that is named before it, or, without one, a suite of their own.',
      'A test is an executable or a script (exit code 0; TAP or KTAP on its output is taken apart; 4 means skipped), a C file, which is compiled first, or TypeScript for node:test. It may say in a comment what it needs: `devbox-test: expect=scheduler-ejected timeout=5m agent=stall`.',
      "kselftest:sched_ext is the kernel tree's own suite of sched_ext, compiled for each kernel; words after it are cases: `devbox test kselftest:sched_ext exit`. A scheduler that the kernel throws out in it is the business of the case.",
      'Tests share a guest as long as it is well. A test that exits with 0 on a kernel that complained meanwhile has not passed.',
    ],
    examples: [
      ['devbox test', 'the default suite'],
      ['devbox test integration --kernel scx,scx-6.12 --smp 1,2,4', 'everywhere'],
      ['devbox test ./tests/affinity.sh --agent fifo', 'one file, under a scheduler'],
      ['devbox test kselftest:sched_ext --kernel scx-6.12', "the kernel's own tests"],
      ['devbox test --reporter junit:report.xml --reporter github', 'for CI'],
    ],
    args: [{ label: 'SUITE|FILE', required: false, repeatable: true, completion: 'suite-or-file' }],
    flags: [
      {
        name: 'kernel',
        value: { label: 'KERNEL[,…]', completion: 'kernel' },
        summary: 'Kernels to test on, instead of those of the suite',
      },
      {
        name: 'smp',
        value: { label: 'N[,…]|TOPOLOGY' },
        repeatable: true,
        summary: 'vCPUs to test with, instead of those of the suite: 1,2,4',
      },
      {
        name: 'agent',
        value: { label: 'WORDS', completion: 'agent-or-path' },
        repeatable: true,
        summary: "A scheduler to test under, with its flags, instead of the suite's; none for none",
      },
      { name: 'grep', value: { label: 'REGEXP' }, summary: 'Only files whose name matches' },
      { name: 'changed', summary: 'Only files that git says are new or changed' },
      { name: 'shard', value: { label: 'I/N' }, summary: 'Only the I-th of N parts' },
      { name: 'repeat', value: { label: 'N' }, summary: 'Run each test N times' },
      {
        name: 'retries',
        value: { label: 'N' },
        summary: 'Try a test that failed again; one that passes then is flaky',
      },
      { name: 'bail', summary: 'Stop at the first test that fails' },
      {
        name: 'keep',
        summary: 'Keep the guest of the first test that fails, for `devbox shell --run`, until Ctrl-C',
      },
      { name: 'list', summary: 'Show what would be run, and run nothing' },
      {
        name: 'jobs',
        short: 'j',
        value: { label: 'N|auto' },
        summary: 'Guests side by side (default: as many as CPUs and memory allow)',
      },
      {
        name: 'timeout',
        value: { label: 'TIME' },
        summary: 'For each test (default 60s, longer when emulated)',
      },
      {
        name: 'reporter',
        value: { label: 'FORM[:FILE]' },
        repeatable: true,
        summary: `Write the results as ${REPORTERS.join(', ')}: to a file, or instead of the usual output`,
      },
      ...common,
    ],
  };
}
