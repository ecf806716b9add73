import { randomBytes } from 'node:crypto';

/** `20261120-101530-a1b2`: sorts by time (UTC), tells runs of one second apart. */
export function newRunId(now: Date, random: Uint8Array = randomBytes(2)): string {
  const [date = '', time = ''] = now.toISOString().replaceAll(/[-:]/g, '').split('T');
  return `${date}-${time.slice(0, 6)}-${Buffer.from(random).toString('hex')}`;
}
