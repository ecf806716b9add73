import { randomBytes } from 'node:crypto';
import type { GuestChannel } from './channel/guest-channel.ts';
import { CONSOLE_MARK, type ConsoleLog } from './console-log.ts';
import { scaleTimeout, type VmSpec } from './spec.ts';

const FLUSH_MS = 1000;

export interface FlushedVm {
  readonly spec: Pick<VmSpec, 'accel'>;
  readonly channel: Pick<GuestChannel, 'writeFile'>;
  readonly console: Pick<ConsoleLog, 'waitForMark'>;
}

/**
 * Waits until everything the kernel has printed so far has reached us: writes a mark to the kernel's log and waits for
 * it to come out of the console, behind whatever was before it. False for a guest that cannot do that; it is not waited
 * for long.
 */
export async function flushConsole(vm: FlushedVm): Promise<boolean> {
  const maxMs = scaleTimeout(FLUSH_MS, vm.spec.accel);
  const mark = randomBytes(8).toString('hex');
  const seen = vm.console.waitForMark(mark, maxMs);
  try {
    // Level 4: printed at any console log level a user is likely to set.
    const line = Buffer.from(`<4>${CONSOLE_MARK}${mark}\n`);
    await vm.channel.writeFile('/dev/kmsg', line, { signal: AbortSignal.timeout(maxMs) });
  } catch {
    return false; // No mark, no proof that the console is complete; what did arrive still counts.
  }
  return seen;
}
