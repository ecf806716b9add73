import type { GuestChannel } from '../../vm/channel/guest-channel.ts';
import { readText } from '../run/sched-ext-state.ts';

/** What a guest writes lies in its memory: / and /tmp may have half of it each. */
const FULL = 0.4;

/** Whether a test has left so much on the guest's disk that the next one may not find room. Rejects when the guest no longer answers. */
export async function isFull(
  channel: Pick<GuestChannel, 'readFile' | 'onUevent'>,
  signal: AbortSignal,
): Promise<boolean> {
  const text = (await readText(channel, '/proc/meminfo', signal)) ?? '';
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0);
  return kib('Shmem') > FULL * kib('MemTotal');
}
