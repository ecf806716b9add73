import type { AgentStats, WorkloadFigures } from './reports.ts';
import { tableLines } from './table.ts';

/** A row for each CPU, then the sums. */
export function dispatchTable({ cpus }: AgentStats): string[] {
  const names = [...new Set(cpus.flatMap(({ counters }) => [...counters.keys()]))];
  const totals = new Map(
    names.map((name) => [name, sum(cpus.map(({ counters }) => counters.get(name) ?? 0))]),
  );
  const row = (label: string, counters: ReadonlyMap<string, number>) => [
    label,
    ...names.map((name) => counterText(name, counters.get(name))),
  ];
  return tableLines(
    [
      ['CPU', ...names.map(counterTitle)],
      ...cpus.map(({ cpu, counters }) => row(String(cpu), counters)),
      ...(cpus.length > 1 ? [row('all', totals)] : []),
    ],
    (column) => column > 0,
  );
}

/** What a workload measured: percentiles on a line each, then counts. */
export function figureLines({ values, distributions }: WorkloadFigures): string[] {
  const rows = [
    ...[...distributions].map(([name, of]) => [title(name), distributionText(name, of)]),
    ...[...values].map(([name, value]) => [title(name), valueText(name, value)]),
  ];
  return tableLines(rows, () => false);
}

function distributionText(name: string, of: ReadonlyMap<string, number>): string {
  const samples = of.get('samples');
  const parts = [...of]
    .filter(([key]) => key !== 'samples')
    .map(([key, value]) => `${key} ${valueText(name, value)}`);
  return `${parts.join(', ')}${samples === undefined ? '' : ` (${formatCount(samples)} samples)`}`;
}

/** The end of the name is the unit. */
function valueText(name: string, value: number): string {
  if (name.endsWith('Us')) return formatMicroseconds(value);
  if (name.endsWith('Ms')) return formatMicroseconds(value * 1000);
  return formatCount(value);
}

/** `wakeupLatencyUs` → `wakeup latency`. */
function title(name: string): string {
  return words(name.replace(/(?:Us|Ms|Ns)$/, ''));
}

function words(name: string): string {
  return name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

/** `12,345` and `1.25`: the same on every machine, whatever its locale. */
export function formatCount(value: number): string {
  const [whole = '', fraction] = (Number.isInteger(value) ? String(value) : value.toFixed(2)).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

export function formatMicroseconds(us: number): string {
  const [value, unit] = us < 1000 ? [us, 'µs'] : us < 1e6 ? [us / 1000, 'ms'] : [us / 1e6, 's'];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** `enqueuedLocal` → `enqueued local`, `runNs` → `run ms`. */
function counterTitle(name: string): string {
  return words(name.replace(/Ns$/, 'Ms'));
}

function counterText(name: string, value: number | undefined): string {
  if (value === undefined) return '';
  return formatCount(name.endsWith('Ns') ? Math.round(value / 1e6) : value);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
