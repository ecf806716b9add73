import { describe, expect, it } from 'vitest';
import { Failure } from './failure.ts';
import type { FindingKind, KernelFinding } from './finding.ts';
import { type Evidence, judge, judgeExpecting } from './judge.ts';
import type { SchedulerExit } from './scheduler-exit.ts';

const finding = (kind: FindingKind, title = `a ${kind}`): KernelFinding => ({
  kind,
  title,
  lines: [title, 'more'],
  t: 1,
});
const workload = (code: number) => ({ name: 'demo', exit: { code }, stderr: ['last words'] });
const agent = (exit: { code?: number; signal?: string }, asked: boolean) => ({
  name: 'fifo',
  exit,
  asked,
  stderr: [],
});
const stall: SchedulerExit = {
  ...{ kind: 1026, kindName: 'error-stall', exitCode: '0', reason: 'runnable task stall' },
  ...{ message: 'cat[12] failed to run for 30.1s', dump: 'CPU 0\n\n  curr=idle' },
};
const kindOf = (evidence: Partial<Evidence>) => judge({ findings: [], ...evidence }).kind;

const starved = (share: number) => ({ share, why: `it waited ${share * 100} % for a CPU` });

describe('judge', () => {
  it('passes a run in which everything obeyed and the kernel was quiet', () => {
    expect(kindOf({ workload: workload(0), agent: agent({ code: 0 }, true) })).toBe('passed');
  });

  it('does not pass a workload that exits 0 on a kernel that warned', () => {
    const verdict = judge({ findings: [finding('warning')], workload: workload(0) });
    expect(verdict.kind).toBe('kernel-splat');
    expect(verdict.evidence).toContain('more');
  });

  it('says what to do about a guest that ran out of memory', () => {
    expect(judge({ findings: [finding('out-of-memory')], workload: workload(137) }).hint).toContain(
      '--memory',
    );
  });

  it.each([
    'Kernel panic - not syncing: Cannot create quota_unbound_wq',
    'Kernel panic - not syncing: System is deadlocked on memory',
    'Kernel panic - not syncing: memblock_alloc: Failed to allocate 4096 bytes',
  ])('says so as well when that makes the kernel panic: %s', (title) => {
    expect(judge({ findings: [finding('panic', title)] }).hint).toContain('--memory');
  });

  it('blames the workload for its exit code and quotes its last words', () => {
    const verdict = judge({ findings: [], workload: workload(3) });
    expect(verdict.kind).toBe('test-failed');
    expect(verdict.summary).toBe('demo exited with code 3.');
    expect(verdict.evidence).toEqual(['last words']);
  });

  it('puts a panic above everything else, whatever was noticed first', () => {
    const lost = new Failure({ kind: 'guest', code: 'guest-gone', message: 'gone' });
    expect(
      kindOf({ findings: [finding('warning'), finding('panic')], failure: lost, schedulerExit: stall }),
    ).toBe('kernel-panic');
  });

  it('puts an ejection above the agent that died of it and the stall reports that came with it', () => {
    const verdict = judge({
      findings: [finding('soft-lockup')],
      schedulerExit: stall,
      agent: agent({ code: 75 }, false),
      workload: workload(0),
    });
    expect(verdict.kind).toBe('scheduler-ejected');
    expect(verdict.summary).toContain('cat[12] failed to run for 30.1s');
    expect(verdict.evidence).toContain('  curr=idle');
  });

  it('knows an ejection from the console alone', () => {
    expect(kindOf({ findings: [finding('scheduler-ejected')] })).toBe('scheduler-ejected');
  });

  it('does not take an orderly unload for an ejection', () => {
    const unload: SchedulerExit = { ...stall, kind: 64, kindName: 'unregistered' };
    expect(kindOf({ schedulerExit: unload, workload: workload(0) })).toBe('passed');
  });

  it.each([
    [{ code: 0 }, true, 'passed'],
    [{ signal: 'SIGINT' }, true, 'passed'],
    [{ signal: 'SIGKILL' }, true, 'agent-failed'],
    [{ code: 1 }, true, 'agent-failed'],
    [{ code: 0 }, false, 'agent-failed'],
    [{ signal: 'SIGSEGV' }, false, 'agent-failed'],
  ] as const)('takes an agent that ended with %o (asked: %s) for %s', (exit, asked, expected) => {
    expect(kindOf({ agent: agent(exit, asked) })).toBe(expected);
  });

  it.each([
    ['guest', 'guest-hang', 'guest-hang'],
    ['guest', 'guest-protocol', 'infrastructure-failed'],
    ['guest', 'guest-gone', 'test-failed'],
    ['guest', 'workload-timeout', 'test-failed'],
    ['guest', 'kernel-panic', 'kernel-panic'],
    ['boot', 'boot-timeout', 'boot-failed'],
    ['agent', 'agent-not-ready', 'agent-failed'],
    ['build', 'compile-failed', 'infrastructure-failed'],
    ['cancelled', 'cancelled', 'cancelled'],
  ] as const)('takes a failure %s/%s for %s', (kind, code, expected) => {
    expect(kindOf({ failure: new Failure({ kind, code, message: 'x' }) })).toBe(expected);
  });

  it('lets cancelling win over what cancelling broke', () => {
    const failure = new Failure({ kind: 'cancelled', code: 'cancelled', message: 'Cancelled.' });
    expect(kindOf({ failure, agent: agent({ signal: 'SIGKILL' }, true), workload: workload(1) })).toBe(
      'cancelled',
    );
  });

  it('lets an agent that ended wrongly say why, and not one that did as it was asked', () => {
    const error = {
      code: 'policy-failed',
      message: 'a.ts:3:5: It throws.',
      evidence: ['at a.ts:3:5'],
      hint: 'Do.',
    };
    const failed = { ...agent({ code: 69 }, true), error };
    expect(judge({ findings: [], agent: failed, workload: workload(1) })).toMatchObject({
      ...{ kind: 'agent-failed', summary: 'a.ts:3:5: It throws.', evidence: ['at a.ts:3:5'], hint: 'Do.' },
    });
    expect(kindOf({ agent: { ...agent({ code: 0 }, true), error } })).toBe('passed');
  });

  it('takes a kernel that no longer runs timers, as an agent tells it, for a guest that hangs', () => {
    const error = { code: 'timers-lost', message: 'Late.', evidence: [] };
    expect(kindOf({ agent: { ...agent({ code: 69 }, false), error } })).toBe('guest-hang');
  });

  it('fails an agent that leaves its scheduler loaded', () => {
    expect(kindOf({ leftLoaded: 'fifo', agent: agent({ code: 0 }, true), workload: workload(0) })).toBe(
      'agent-failed',
    );
  });

  it('names the program that left a scheduler loaded when there is no agent', () => {
    const { name } = workload(0);
    const { summary } = judge({ findings: [], leftLoaded: 'minimal', workload: workload(0) });
    expect(summary).toBe(`The scheduler minimal was still loaded after ${name} had ended.`);
  });

  it.each(['guest-hang', 'boot-timeout', 'workload-timeout'])(
    'calls a %s on a starved host inconclusive',
    (code) => {
      const failure = new Failure({ kind: 'guest', code, message: 'Too late.' });
      const verdict = judge({ findings: [], failure, starvation: starved(0.8) });
      expect(verdict.kind).toBe('inconclusive');
      expect(verdict.summary).toContain('waited 80 % for a CPU');
      expect(kindOf({ failure, starvation: starved(0.2) })).not.toBe('inconclusive');
    },
  );

  it('does not excuse what a slow host cannot cause', () => {
    expect(kindOf({ workload: workload(1), starvation: starved(0.9) })).toBe('test-failed');
    expect(kindOf({ findings: [finding('warning')], starvation: starved(0.9) })).toBe('kernel-splat');
    expect(kindOf({ findings: [finding('panic')], starvation: starved(0.9) })).toBe('kernel-panic');
    expect(kindOf({ workload: workload(0), starvation: starved(0.9) })).toBe('passed');
  });

  it('takes a failure that was demanded for what it is, however slow the host was', () => {
    const failure = new Failure({ kind: 'guest', code: 'guest-hang', message: 'Too late.' });
    const evidence = { findings: [], failure, starvation: starved(0.8) };
    expect(judgeExpecting(evidence, 'guest-hang').kind).toBe('guest-hang');
    expect(judgeExpecting(evidence, 'kernel-panic').kind).toBe('inconclusive');
    expect(judgeExpecting(evidence).kind).toBe('inconclusive');
  });

  it.each(['policy-stuck', 'timers-lost'])(
    'calls an agent that ended for %s on a starved host inconclusive',
    (code) => {
      const error = { code, message: 'Too late.', evidence: [] };
      const late = { ...agent({ code: 69 }, false), error };
      expect(kindOf({ agent: late, starvation: starved(0.8) })).toBe('inconclusive');
      expect(kindOf({ agent: late, starvation: starved(0.2) })).not.toBe('inconclusive');
    },
  );

  it('calls a watchdog ejection on a starved host inconclusive', () => {
    expect(kindOf({ schedulerExit: stall, starvation: starved(0.9) })).toBe('inconclusive');
  });
});
