import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { listAgents } from '../src/agents/catalog.ts';
import { projectRoot } from '../src/platform/paths.ts';
import { command, print } from './measure.ts';

const devbox = join(projectRoot, 'devbox');
const SMP = '4';
const SECONDS = 60;
/** For the run; the guest's own limits are those of the policy. */
const TIMEOUT = '5m';

/** A load fails when one of its processes fails, or is still there when it is over. */
const LOADS: Readonly<Record<string, string>> = {
  hackbench: [
    `end=$(($(date +%s) + ${SECONDS})); rounds=0`,
    'while [ "$(date +%s)" -lt $end ]; do hackbench -g 4 -l 100 > /dev/null || exit 1; rounds=$((rounds + 1)); done',
    'echo "$rounds rounds"',
    '! pgrep -a hackbench',
  ].join('; '),
  'stress-ng': [
    `stress-ng --cpu 4 --switch 2 --futex 2 --fork 2 --yield 2 --pipe 2 --timer 1 --timeout ${SECONDS}s --metrics-brief || exit 1`,
    '! pgrep -a stress-ng',
  ].join('; '),
};

interface Row {
  readonly agent: string;
  readonly load: string;
  readonly verdict: string;
  /** What the workload was given to do and never ended: it is over, exit code 0, and nothing of it is left. */
  readonly lost: string;
  /** Tasks that the kernel side ran by itself, for the ring to the policy was full. */
  readonly overflows: number | undefined;
  readonly stale: number | undefined;
  /** ms; from runnable to running. */
  readonly longestWait: number | undefined;
  readonly turns: number | undefined;
  /** ms; of the policy's thread. */
  readonly longestPause: number | undefined;
}

/** A minute of hackbench and a minute of stress-ng under each scheduler: nobody is ejected, nothing is lost. */
export async function benchEndurance(_rounds: number, words: readonly string[]): Promise<void> {
  const agents = words.length > 0 ? words : listAgents().map(({ name }) => name);
  const dir = mkdtempSync(join(tmpdir(), 'devbox-bench-'));
  try {
    print(
      line([
        'scheduler',
        'load',
        'verdict',
        'lost',
        'overflows',
        'stale',
        'turns',
        'longest wait',
        'longest pause',
      ]),
    );
    for (const agent of agents) {
      for (const load of Object.keys(LOADS)) {
        const row = await endure(join(dir, `${agent.replaceAll('/', '_')}-${load}`), agent, load);
        print(rowText(row));
        if (row.verdict !== 'passed') process.exitCode = 1;
      }
    }
  } finally {
    if (process.exitCode) print(`The records of the runs are in ${dir}`);
    else rmSync(dir, { recursive: true });
  }
}

async function endure(dir: string, agent: string, load: string): Promise<Row> {
  mkdirSync(dir);
  const words = ['--smp', SMP, '--timeout', TIMEOUT, '--quiet', '--workload', LOADS[load] ?? ''];
  const isFile = agent.includes('/');
  const file = isFile ? ['--share', dirname(resolve(agent)), resolve(agent)] : [agent];
  const failed = await command([devbox, 'run', ...words, ...file], { cwd: dir }).catch(
    (error: Error) => error,
  );
  const record = join(dir, '.devbox/runs/latest');
  const { verdict } = JSON.parse(readFileSync(join(record, 'result.json'), 'utf8'));
  const lines = readFileSync(join(record, 'events.ndjson'), 'utf8').trim().split('\n');
  const events = lines.map((text) => JSON.parse(text));
  const last = (type: string) => events.findLast(({ report }) => report?.type === type)?.report;
  const totals = last('agent-stats')?.totals;
  const metrics = last('policy-metrics');
  if (failed) print(verdict.summary);
  return {
    ...{ agent, load, verdict: verdict.kind, lost: failed ? '?' : 'nothing' },
    ...{ overflows: totals?.unsent, stale: totals?.stale, turns: metrics?.turns ?? totals?.dispatched },
    longestWait: metrics && metrics.waitUs.max / 1000,
    longestPause: last('policy-garbage')?.longestMs,
  };
}

function rowText({
  agent,
  load,
  verdict,
  lost,
  overflows,
  stale,
  turns,
  longestWait,
  longestPause,
}: Row): string {
  const ms = (value: number | undefined) => (value === undefined ? '-' : `${value.toFixed(1)} ms`);
  const counts = [overflows, stale, turns].map((value) => String(value ?? '-'));
  return line([agent, load, verdict, lost, ...counts, ms(longestWait), ms(longestPause)]);
}

function line(cells: readonly string[]): string {
  const widths = [18, 10, 18, 8, 10, 8, 10, 13, 13];
  return cells
    .map((cell, at) => cell.padEnd(widths[at] ?? 0))
    .join(' ')
    .trimEnd();
}
