import type { GuestChannel } from './channel/guest-channel.ts';

/** When the guest's clock was read: somewhere between two times of ours. Milliseconds. */
export interface ClockReading {
  readonly guest: number;
  readonly before: number;
  readonly after: number;
}

/** What the guest's clock may be off, and a tick of /proc/uptime. */
const TOLERANCE = 0.05;
const TICK_MS = 10;

export async function readClock(
  channel: Pick<GuestChannel, 'readFile'>,
  signal: AbortSignal,
): Promise<ClockReading> {
  const before = performance.now();
  const uptime = Buffer.from(await channel.readFile('/proc/uptime', { signal })).toString();
  return { guest: Number.parseFloat(uptime) * 1000, before, after: performance.now() };
}

/**
 * How fast a guest's clock went between two readings, when that is certainly not as fast as ours: a kernel that measures
 * its clock on a busy host can be wrong many times over. Undefined when the clock may be right.
 */
export function wrongRate(first: ClockReading, second: ClockReading): number | undefined {
  const passed = second.guest - first.guest;
  const least = second.before - first.after;
  const most = second.after - first.before;
  const isWrong = passed > most * (1 + TOLERANCE) + TICK_MS || passed < least * (1 - TOLERANCE) - TICK_MS;
  return isWrong || Number.isNaN(passed) ? passed / ((least + most) / 2) : undefined;
}
