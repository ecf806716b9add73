import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../src/platform/paths.ts';
import { command, print, report, sampleOf } from './measure.ts';
import { scratchDirectory } from './scratch.ts';

const devbox = join(projectRoot, 'devbox');
const CPUS = ['2', '4'];
const SHORT = 'pingpong: --duration 8s';
const MINUTE = 'pingpong: --duration 60s';

interface Garbage {
  readonly collections: number;
  readonly longestMs: number;
  /** Bytes: median of the seconds. */
  readonly heapBytes?: { readonly perSecond: number };
}

interface Figures {
  /** µs */
  readonly p50: number;
  readonly decisions: number;
  /** Of an agent in JavaScript. */
  readonly garbage?: Garbage;
}

/**
 * From a wake-up to the first instruction, by fifo in TypeScript and by a native program that places tasks in the same way over
 * the same relay (target: at most twice); and what a minute of it leaves to collect (target: nothing).
 */
export async function benchRelay(rounds: number): Promise<void> {
  using scratch = scratchDirectory();
  const dir = scratch.path;
  for (const smp of CPUS) await compareOn(smp, dir, rounds);
  reportMinute(await measure(join(dir, 'minute'), { agent: 'fifo', smp: '2', workload: MINUTE }));
}

async function compareOn(smp: string, dir: string, rounds: number): Promise<void> {
  const ours: number[] = [];
  const native: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const run = (agent: string) =>
      measure(join(dir, `${agent}-${smp}-${round}`), { agent, smp, workload: SHORT });
    ours.push((await run('fifo')).p50);
    native.push((await run('fifo-native')).p50);
  }
  const ratios = ours.map((each, index) => each / (native[index] ?? Number.NaN));
  report(`${smp} vCPUs: TypeScript, median wake-up latency`, sampleOf(ours), ' µs');
  report(`${smp} vCPUs: native, median wake-up latency`, sampleOf(native), ' µs');
  report(`${smp} vCPUs: TypeScript / native`, sampleOf(ratios), '×');
}

function reportMinute({ decisions, garbage }: Figures): void {
  const { collections = Number.NaN, longestMs = Number.NaN, heapBytes } = garbage ?? {};
  const line = (name: string, value: string) => print(`${name.padEnd(56)} ${value}`);
  line('a minute: decisions', String(decisions));
  line('a minute: collections of garbage', `${collections}, the longest ${longestMs.toFixed(1)} ms`);
  line('a minute: the heap grows in a second by', `${heapBytes?.perSecond ?? '?'} bytes (median)`);
}

interface Run {
  readonly agent: string;
  readonly smp: string;
  readonly workload: string;
}

async function measure(dir: string, { agent, smp, workload }: Run): Promise<Figures> {
  mkdirSync(dir);
  await command([devbox, 'run', '--smp', smp, '--quiet', '--workload', workload, agent], { cwd: dir });
  const lines = readFileSync(join(dir, '.devbox/runs/latest/events.ndjson'), 'utf8').trim().split('\n');
  const reports = lines.map((line) => JSON.parse(line)).flatMap(({ report: told }) => told ?? []);
  const last = (type: string) => reports.findLast((each) => each.type === type);
  const p50 = last('workload-result')?.wakeupLatencyUs?.p50;
  if (p50 === undefined) print(`${agent} gave no latency`);
  const garbage: Garbage | undefined = last('policy-garbage');
  return {
    p50: p50 ?? Number.NaN,
    decisions: last('agent-stats')?.totals?.decided ?? 0,
    ...(garbage !== undefined && { garbage }),
  };
}
