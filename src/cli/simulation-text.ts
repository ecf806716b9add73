import { escapeForTerminal } from '../core/escape-bytes.ts';
import { formatDuration } from '../core/units.ts';
import type { SimulationResult } from '../index.ts';
import { formatCount, formatMicroseconds } from '../results/figures.ts';
import { metricsLines, policyMetrics } from '../results/policy-metrics.ts';
import { tableLines } from '../results/table.ts';
import { timelineChart } from '../results/timeline-chart.ts';

const NS_PER_MS = 1e6;
const COLUMNS = 80;
const SHOWN_CPUS = 32;
const SHOWN_LETTERS = 12;

export interface SimulationLabels {
  readonly name: string;
  readonly workload: string;
  /** How much of the beginning to draw, ns. */
  readonly timelineNs: number;
}

/** What came of a simulation, for people. */
export function simulationText(result: SimulationResult, labels: SimulationLabels): string {
  const { cpus, durationNs, seed, metrics } = result;
  const perCpu = cpus <= SHOWN_CPUS ? metrics.perCpu : [];
  const measured = policyMetrics({ type: 'policy-metrics', ...metrics, perCpu });
  const heading = `${labels.name} on ${cpus} simulated CPUs, ${labels.workload}, seed ${seed}, ${formatDuration(durationNs / NS_PER_MS)}`;
  const lines = [
    heading,
    ...indented(tableLines(figures(result), () => false)),
    '',
    'Measured',
    ...indented(measured ? metricsLines(measured) : []),
    ...timelineLines(result, labels.timelineNs),
  ];
  return `${lines.map(escapeForTerminal).join('\n')}\n`;
}

function figures(result: SimulationResult): [string, string][] {
  const { jain, jainWeighted, deadlines, decisions, staleDecisions, tasksCreated, tasksAlive } = result;
  const late = staleDecisions > 0 ? `, ${formatCount(staleDecisions)} of them too late` : '';
  return [
    ['utilisation', `${(result.utilisation * 100).toFixed(1)} %`],
    ['context switches', formatCount(result.contextSwitches)],
    ['migrations', formatCount(result.migrations)],
    ['preemptions', formatCount(result.preemptions)],
    ['fairness', `${jain.toFixed(3)} (Jain), by weight ${jainWeighted.toFixed(3)}`],
    ...(deadlines
      ? [
          ['deadlines', `${formatCount(deadlines.met)} met, ${formatCount(deadlines.missed)} missed`] as [
            string,
            string,
          ],
        ]
      : []),
    ['longest wait', formatMicroseconds(result.longestWaitNs / 1000)],
    ['tasks', `${formatCount(tasksCreated)} came, ${formatCount(tasksAlive)} are left`],
    ['decisions', `${formatCount(decisions)}${late}`],
  ];
}

function timelineLines(result: SimulationResult, timelineNs: number): string[] {
  const last = result.timeline.at(-1);
  if (last === undefined || timelineNs === 0) return [];
  // What was left out begins about where the last one that was kept ended.
  const to = Math.min(timelineNs, result.durationNs, result.timelineLeftOut > 0 ? last.end : timelineNs);
  const cpus = Math.min(result.cpus, SHOWN_CPUS);
  const { rows, letters } = timelineChart(result.timeline, { cpus, width: COLUMNS, to });
  const width = String(cpus - 1).length;
  const shown = [...letters].slice(0, SHOWN_LETTERS).map(([letter, pid]) => `${letter} ${pid}`);
  const more = letters.size > SHOWN_LETTERS ? ', …' : '';
  return [
    '',
    `The first ${formatMicroseconds(to / 1000)}; a column is ${formatMicroseconds(to / COLUMNS / 1000)}`,
    ...indented(rows.map((row, cpu) => `CPU ${String(cpu).padStart(width)}  ${row}`)),
    ...(cpus < result.cpus ? [`  … ${result.cpus - cpus} CPUs more`] : []),
    `  threads: ${shown.join(', ')}${more}; . idle`,
  ];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
