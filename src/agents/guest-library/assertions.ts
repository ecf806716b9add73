import { AssertionError } from 'node:assert';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runWorkload } from './load.ts';

/** CPU time that a thread, by its id, has had so far, nanoseconds: of a process its first thread. */
export function cpuTime(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);
}

/**
 * Watches processes that always want to run: each must get CPU time in every stretch of `withinMs`, for `forMs` in all.
 * Throws a TimingError that names the one that did not.
 */
export async function assertNoStarvation(
  pids: readonly number[],
  { withinMs = 1000, forMs = 5000 }: { withinMs?: number; forMs?: number } = {},
): Promise<void> {
  const until = performance.now() + forMs;
  let before = pids.map(cpuTime);
  while (performance.now() < until) {
    await sleep(withinMs);
    const now = pids.map(cpuTime);
    const starved = pids.filter((_, index) => now[index] === before[index]);
    if (starved.length > 0) failInTime(`process ${starved.join(', ')} got no CPU time for ${withinMs} ms`);
    before = now;
  }
}

/**
 * Watches processes that always want to run, for `forMs`: the CPU time of each, divided by its weight, may differ from the
 * mean by `tolerance` (0.2 is a fifth) at most.
 */
export async function assertFairness(
  pids: readonly number[],
  {
    tolerance = 0.2,
    forMs = 3000,
    weights = pids.map(() => 1),
  }: { tolerance?: number; forMs?: number; weights?: readonly number[] } = {},
): Promise<void> {
  const before = pids.map(cpuTime);
  await sleep(forMs);
  const shares = pids.map((pid, index) => (cpuTime(pid) - (before[index] as number)) / (weights[index] ?? 1));
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const off = shares.map((share) => Math.abs(share / mean - 1));
  const worst = off.indexOf(Math.max(...off));
  if ((off[worst] ?? 0) <= tolerance) return;
  const ms = (ns: number) => (ns / 1e6).toFixed(0);
  failInTime(
    `process ${pids[worst]} had ${ms(shares[worst] as number)} ms, ${Math.round((off[worst] as number) * 100)} % off the mean of ${ms(mean)} ms; ` +
      `${Math.round(tolerance * 100)} % is allowed (all: ${shares.map(ms).join(', ')})`,
  );
}

/** Measures how long pairs of threads take to wake each other; a percentile of that must be below a limit. */
export function assertLatencyUnder(
  limitUs: number,
  {
    percentile = 'p99',
    durationMs = 1000,
  }: { percentile?: 'p50' | 'p90' | 'p99' | 'max'; durationMs?: number } = {},
): void {
  const result = runWorkload('pingpong', '--duration', `${durationMs}ms`);
  const measured = (result.wakeupLatencyUs as Record<string, number> | undefined)?.[percentile];
  if (measured === undefined) fail(`the workload pingpong measured no ${percentile}`);
  if (measured > limitUs)
    failInTime(`wake-up latency: ${percentile} is ${measured} µs, more than ${limitUs} µs`);
}

/**
 * Something took too long, or got too little time. On a host that starved the guest meanwhile a test that fails by nothing else is
 * `inconclusive`: for assertions of your own that a slow host may break.
 */
export class TimingError extends AssertionError {
  override readonly name = 'TimingError';

  constructor(message: string) {
    super({ message });
  }
}

function failInTime(message: string): never {
  throw new TimingError(message);
}

function fail(message: string): never {
  throw new AssertionError({ message });
}
