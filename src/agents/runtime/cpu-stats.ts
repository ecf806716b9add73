import type { CStruct, CValue } from './addon.ts';

/** A scheduler's counters by name, `enqueued_global` as `enqueuedGlobal`. Those that end in `Ns` are nanoseconds. */
type Counters = Readonly<Record<string, number>>;

export interface CpuStats {
  readonly perCpu: readonly ({ readonly cpu: number } & Counters)[];
  readonly totals: Counters;
}

/** From a per-CPU map whose value is a struct of u64. CPUs on which nothing ever happened are left out. */
export function cpuStats(values: readonly CValue[]): CpuStats {
  const totals: Record<string, number> = {};
  const perCpu: ({ cpu: number } & Counters)[] = [];
  values.forEach((value, cpu) => {
    const counters = Object.entries(value as CStruct).map(
      ([name, count]) => [camelCase(name), Number(count)] as const,
    );
    for (const [name, count] of counters) totals[name] = (totals[name] ?? 0) + count;
    if (counters.some(([, count]) => count > 0)) perCpu.push({ ...Object.fromEntries(counters), cpu });
  });
  return { perCpu, totals };
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** A table for people: one line for each CPU, then the sums. Times in milliseconds. */
export function cpuStatsTable({ perCpu, totals }: CpuStats): string {
  const names = Object.keys(totals);
  const shown = (name: string, value = 0) => (name.endsWith('Ns') ? (value / 1e6).toFixed(1) : String(value));
  const rows = [
    ['cpu', ...names.map((name) => name.replace(/Ns$/, 'Ms'))],
    ...perCpu.map((row) => [String(row.cpu), ...names.map((name) => shown(name, row[name]))]),
    ['all', ...names.map((name) => shown(name, totals[name]))],
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  '))
    .join('\n');
}
