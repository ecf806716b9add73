import { readFileSync } from 'node:fs';

/** A CPU whose timers are not served: its timer interrupt was lost, by the kernel or by what emulates the machine. */
export interface OverdueCpu {
  readonly cpu: number;
  /** How long ago its oldest timer should have run. */
  readonly lateMs: number;
  /** What the kernel says of the CPU's timers and of the device that is to interrupt it. */
  readonly evidence: readonly string[];
}

const TIMER = /^ #\d+: <\S+>, (\S+?),/;
const DUE = /^ # expires at .* to (-?\d+) nsecs\]$/;
const STATE =
  /^ *\.(expires_next|hres_active|nr_events|nr_retries|nr_hangs|max_hang_time|tick_stopped) *: (.*)$/;
const DEVICE = /^(Clock Event Device|\s(?:mode|next_event|event_handler)): *(.*)$/;

interface CpuLines {
  lateNs: number;
  readonly state: string[];
  readonly device: string[];
  late: string;
}

/** CPUs of /proc/timer_list (kernel/time/timer_list.c) with a timer that is overdue by more than `patienceMs`. */
export function overdueCpus(timerList: string, patienceMs: number): readonly OverdueCpu[] {
  const cpus = new Map<number, CpuLines>();
  let current: CpuLines | undefined;
  let timer = '';
  for (const line of timerList.split('\n')) {
    const number = /^(?:cpu|Per CPU device): +(\d+)$/.exec(line)?.[1];
    if (number !== undefined) {
      current = cpus.get(Number(number)) ?? { lateNs: 0, state: [], device: [], late: '' };
      cpus.set(Number(number), current);
    } else if (line.startsWith('Tick Device')) {
      current = undefined;
    }
    if (current === undefined) continue;
    timer = TIMER.exec(line)?.[1] ?? timer;
    const lateNs = -Number(DUE.exec(line)?.[1] ?? 0);
    if (lateNs > current.lateNs) Object.assign(current, { lateNs, late: timer });
    const [, name, value] = STATE.exec(line) ?? [];
    if (name !== undefined) current.state.push(`${name} ${value}`);
    const [, about, what] = DEVICE.exec(line) ?? [];
    if (about !== undefined) current.device.push(`${about.trim()} ${what}`);
  }
  const now = /^now at (\d+) nsecs$/m.exec(timerList)?.[1] ?? '?';
  return [...cpus].flatMap(([cpu, { lateNs, late, state, device }]) => {
    const lateMs = Math.round(lateNs / 1e6);
    if (lateMs <= patienceMs) return [];
    const evidence = [
      `CPU ${cpu}: ${late} is ${lateMs} ms late, at ${now} nsecs`,
      `CPU ${cpu}: ${state.join(', ')}`,
      `CPU ${cpu}: ${device.join(', ')}`,
    ];
    return [{ cpu, lateMs, evidence }];
  });
}

/** Empty where the kernel does not say. */
export function findOverdueCpus(patienceMs: number): readonly OverdueCpu[] {
  try {
    return overdueCpus(readFileSync('/proc/timer_list', 'utf8'), patienceMs);
  } catch {
    return [];
  }
}
