import type { GuestVitals } from '../../vm/channel/guest-channel.ts';

/** What a guest writes lies in its memory: / and /tmp may have half of it each. */
const FULL = 0.4;

/** Whether a test has left so much on the guest's disk that the next one may not find room. */
export function isFull({ memoryKiB, filesKiB }: GuestVitals): boolean {
  return filesKiB > FULL * memoryKiB;
}
