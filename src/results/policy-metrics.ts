import { formatCount, formatMicroseconds } from './figures.ts';
import { isRecord, numbers } from './reports.ts';
import { tableLines } from './table.ts';

/** `{"type":"policy-metrics","latencyUs":{"p50":9.2,…,"samples":7},"waitUs":{…},"ranUs":{…},"turns":9,"perCpu":[…]}` */
export interface PolicyMetrics {
  /** Percentiles, µs, and `samples`: of wake-up latency, of every wait for a CPU, and of the length of turns. */
  readonly distributions: readonly (readonly [title: string, of: ReadonlyMap<string, number>])[];
  /** `turns`, and `fallbacks`: those that the kernel side gave by itself. */
  readonly counts: ReadonlyMap<string, number>;
  readonly cpus: readonly ReadonlyMap<string, number>[];
}

const MAX_CPUS = 1024;
const MAX_NUMBERS = 12;
const DISTRIBUTIONS = [
  ['latencyUs', 'wake-up latency'],
  ['waitUs', 'wait for a CPU'],
  ['ranUs', 'length of a turn'],
] as const;

/** From a report, which comes out of a guest and may be anything. */
export function policyMetrics(report: Readonly<Record<string, unknown>>): PolicyMetrics | undefined {
  if (report.type !== 'policy-metrics') return undefined;
  const rows = Array.isArray(report.perCpu) ? report.perCpu.slice(0, MAX_CPUS) : [];
  return {
    distributions: DISTRIBUTIONS.flatMap(([key, title]) => {
      const of = report[key];
      return isRecord(of) ? [[title, numbers(of, MAX_NUMBERS)] as const] : [];
    }),
    counts: numbers(report, MAX_NUMBERS),
    cpus: rows.flatMap((row: unknown) => (isRecord(row) ? [numbers(row, MAX_NUMBERS)] : [])),
  };
}

/** Percentiles on a line each, how many turns there were, then a row for each CPU. */
export function metricsLines({ distributions, counts, cpus }: PolicyMetrics): string[] {
  const turns = counts.get('turns');
  const fallbacks = counts.get('fallbacks') ?? 0;
  const byKernel =
    fallbacks > 0 ? `, ${formatCount(fallbacks)} of them given by the kernel side by itself` : '';
  const rows = [
    ...distributions.map(([title, of]) => [title, distributionText(of)]),
    ...(turns === undefined ? [] : [['turns', `${formatCount(turns)}${byKernel}`]]),
  ];
  return [...tableLines(rows, () => false), ...(cpus.length > 1 ? cpuTable(cpus) : [])];
}

function distributionText(of: ReadonlyMap<string, number>): string {
  const samples = of.get('samples') ?? 0;
  if (samples === 0) return 'never';
  const parts = [...of]
    .filter(([key]) => key !== 'samples')
    .map(([key, value]) => `${key === 'p999' ? 'p99.9' : key} ${formatMicroseconds(value)}`);
  return `${parts.join(', ')} (${formatCount(samples)} samples)`;
}

function cpuTable(cpus: PolicyMetrics['cpus']): string[] {
  const cell = (row: ReadonlyMap<string, number>, key: string, write: (value: number) => string) => {
    const value = row.get(key);
    return value === undefined ? '' : write(value);
  };
  const rows = cpus.map((row) => [
    cell(row, 'cpu', String),
    cell(row, 'turns', formatCount),
    cell(row, 'ranMs', (ms) => formatCount(Math.round(ms))),
    cell(row, 'samples', formatCount),
    ...['p50', 'p99', 'max'].map((key) => cell(row, key, formatMicroseconds)),
  ]);
  const heads = ['CPU', 'turns', 'ran ms', 'wake-ups', 'latency p50', 'p99', 'max'];
  return tableLines([heads, ...rows], (column) => column > 0);
}
