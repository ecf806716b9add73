import type { MetricsSummary, PercentileSummary } from './metrics.ts';

const COLUMNS = ['p50', 'p90', 'p99', 'p999', 'max', 'mean'] as const;
const NAME_WIDTH = 16;
const WIDTH = 10;

/** For people: one line for each kind of time, without a newline at the end. */
export function metricsText(summary: MetricsSummary): string {
  const { latencyUs, waitUs, ranUs, turns, fallbacks } = summary;
  const heads = ['p50', 'p90', 'p99', 'p99.9', 'max', 'mean', 'samples'];
  return [
    ''.padEnd(NAME_WIDTH) + heads.map((head) => head.padStart(WIDTH)).join(''),
    line('wake-up latency', latencyUs),
    line('wait of a turn', waitUs),
    line('length of a turn', ranUs),
    `${turns} turns on ${summary.perCpu.length} CPUs${fallbacks > 0 ? `, ${fallbacks} of them given by the kernel side itself` : ''}`,
  ].join('\n');
}

function line(name: string, summary: PercentileSummary): string {
  const times = COLUMNS.map((column) => time(summary[column]).padStart(WIDTH)).join('');
  return `${name.padEnd(NAME_WIDTH)}${times}${String(summary.samples).padStart(WIDTH)}`;
}

/** Three digits and a unit: `0.85us`, `12.3ms`, `1.20s`. */
function time(us: number): string {
  if (us === 0) return '0';
  const [value, unit] = us < 1000 ? [us, 'us'] : us < 1e6 ? [us / 1000, 'ms'] : [us / 1e6, 's'];
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)}${unit}`;
}
