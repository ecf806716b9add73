import { describe, expect, test } from 'vitest';
import { overdueFailure, stuckFailure, threadFailure, unansweredText, unsentText } from './policy-report.ts';

const place = "the policy's thread 7: state R, CPU 1";
const frames = [{ file: '/home/me/mine.ts', line: 9, column: 7 }];

describe('a policy that does not come back', () => {
  test('loops, with its place', () => {
    const { code, message, evidence, hint } = stuckFailure({
      ...{ policy: 'mine', stallMs: 2000, frames, place, heapMb: 12, heapLimitMb: 256 },
    });
    expect(code).toBe('policy-stuck');
    expect(evidence).toEqual(['at /home/me/mine.ts:9:7', place]);
    expect(message).toBe(
      '/home/me/mine.ts:9:7: The policy mine did not come back within 2000 ms; tasks went back to the kernel.',
    );
    expect(hint).toContain('--stall');
  });

  test('is out of memory when its heap is nearly full: it is the collector that takes the time', () => {
    const { code, message, hint } = stuckFailure({
      ...{ policy: 'mine', stallMs: 2000, frames: [], place, heapMb: 250.4, heapLimitMb: 256 },
    });
    expect(code).toBe('policy-out-of-memory');
    expect(message).toContain('within 2000 ms, with 250 of 256 MB of memory used up;');
    expect(hint).toContain('Forget tasks');
  });

  test('is only stuck when it does not even say how full its heap is', () => {
    const about = { policy: 'mine', stallMs: 2000, frames, place, heapMb: Number.NaN, heapLimitMb: 256 };
    expect(stuckFailure(about).code).toBe('policy-stuck');
  });
});

test('a policy that the kernel does not wake is not to blame', () => {
  const late = { cpu: 1, lateMs: 9800, evidence: ['CPU 1: tick_nohz_handler is 9800 ms late'] };
  expect(overdueFailure('mine', 10_000, [late])).toMatchObject({
    code: 'timers-lost',
    message:
      "The guest's timers do not run: those of CPU 1 are 9800 ms late. The policy mine was not woken for 10000 ms.",
    evidence: late.evidence,
  });
});

test('a thread that ended for want of memory says how much it had', () => {
  const error = Object.assign(new Error('no'), { code: 'ERR_WORKER_OUT_OF_MEMORY' });
  expect(threadFailure('mine', error, 256)).toMatchObject({
    code: 'policy-out-of-memory',
    message: 'mine: the policy used up its memory, 256 MB.',
  });
});

test('tells how often the policy was not asked, and by which flags it would be', () => {
  expect(unsentText(0)).toBe('');
  expect(unsentText(1)).toContain('not asked once:');
  expect(unsentText(78)).toMatch(/not asked 78 times: .*--ring N.*--max-tasks/);
});

test('tells how many turns were given while the policy did not answer', () => {
  expect(unansweredText(0)).toBe('');
  expect(unansweredText(1)).toContain('gave one turn without it');
  expect(unansweredText(12)).toContain('gave 12 turns without it');
});
