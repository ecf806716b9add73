import { randomInt } from 'node:crypto';

const SALTS = 64;

/**
 * `20261120-101530-a1b2`: date and time (UTC), then the milliseconds and six random bits in hexadecimal. So ids sort by
 * time, and two runs of one moment are told apart.
 */
export function newRunId(now: Date, salt: number = randomInt(SALTS)): string {
  const [date = '', time = ''] = now.toISOString().replaceAll(/[-:]/g, '').split('T');
  const rest = now.getUTCMilliseconds() * SALTS + salt;
  return `${date}-${time.slice(0, 6)}-${rest.toString(16).padStart(4, '0')}`;
}
