import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../src/platform/paths.ts';
import { command, print, report, sampleOf } from './measure.ts';

const devbox = join(projectRoot, 'devbox');
const WORKLOAD = 'pingpong:--duration=8s';
const SMP = '2';

interface Figures {
  /** µs */
  readonly p50: number;
  /** ms; undefined for an agent that collects no garbage. */
  readonly longestPause: number | undefined;
  readonly heapGrowth: number | undefined;
}

/** From a wake-up to the first instruction, by a policy in TypeScript and by a native program over the same relay. Target: at most twice. */
export async function benchRelay(rounds: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'devbox-bench-'));
  try {
    const ours: Figures[] = [];
    const native: Figures[] = [];
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await measure(join(dir, `ts-${round}`), 'round-robin'));
      native.push(await measure(join(dir, `native-${round}`), 'fifo-native'));
    }
    report('TypeScript, median wake-up latency', sampleOf(ours.map(({ p50 }) => p50)), ' µs');
    report('native, median wake-up latency', sampleOf(native.map(({ p50 }) => p50)), ' µs');
    const ratios = ours.map(({ p50 }, index) => p50 / (native[index]?.p50 ?? Number.NaN));
    report('TypeScript / native', sampleOf(ratios), '×');
    report('longest collection of garbage', sampleOf(ours.map((each) => each.longestPause ?? 0)), ' ms');
    report('heap grew by', sampleOf(ours.map((each) => (each.heapGrowth ?? 0) / 1024)), ' KiB');
  } finally {
    rmSync(dir, { recursive: true });
  }
}

async function measure(dir: string, agent: string): Promise<Figures> {
  mkdirSync(dir);
  await command([devbox, 'run', '--smp', SMP, '--quiet', '--workload', WORKLOAD, agent], { cwd: dir });
  const lines = readFileSync(join(dir, '.devbox/runs/latest/events.ndjson'), 'utf8').trim().split('\n');
  const reports = lines.map((line) => JSON.parse(line)).flatMap(({ report: told }) => told ?? []);
  const last = (type: string) => reports.findLast((each) => each.type === type);
  const garbage = last('policy-garbage');
  const { first = 0, last: end = 0 } = garbage?.heapBytes ?? {};
  const p50 = last('workload-result')?.wakeupLatencyUs?.p50;
  if (p50 === undefined) print(`${agent} gave no latency`);
  return {
    p50: p50 ?? Number.NaN,
    longestPause: garbage?.longestMs,
    heapGrowth: first > 0 ? end - first : undefined,
  };
}
