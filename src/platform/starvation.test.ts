import { describe, expect, it } from 'vitest';
import { type HostPressure, parseHostPressure, readHostPressure } from './host-pressure.ts';
import { starvation } from './starvation.ts';

const calm: HostPressure = { busy: 1000, stolen: 10, waitedForMemory: 0, waitedForDisk: 0, at: 0 };
const later = (change: Partial<HostPressure>): HostPressure => ({ ...calm, busy: 1500, at: 5000, ...change });
const fed = { ran: 4e9, waited: 1e9 };

describe('starvation', () => {
  it('is the share of its time that a process waited for a CPU', () => {
    const source = { delay: { ran: 1e9, waited: 3e9 }, before: calm, now: later({}) };
    expect(starvation(source)).toEqual({
      share: 0.75,
      why: 'of the time in which the guest wanted to run it waited 75 % for a CPU',
    });
    expect(starvation({ ...source, delay: { ran: 4e9, waited: 0 } }).share).toBe(0);
  });

  it.each([
    [{ stolen: 2010 }, 0.8, 'the hypervisor under it gave 80 % to others'],
    [{ waitedForMemory: 4500 }, 0.9, 'for 90 % of the time everything on this machine waited for memory'],
    [{ waitedForDisk: 3500 }, 0.7, 'for 70 % of the time everything on this machine waited for a disk'],
  ])('is what else kept it from running when that is more: %j', (change, share, why) => {
    const found = starvation({ delay: fed, before: calm, now: later(change) });
    expect(found.share).toBe(share);
    expect(found.why).toContain(why);
  });

  it('says nothing of what hardly wanted to run, nor of a process that is gone', () => {
    const now = later({ at: 100, waitedForMemory: 90 });
    expect(starvation({ delay: { ran: 1000, waited: 100e6 }, before: calm, now }).share).toBe(0);
    expect(starvation({ delay: undefined, before: calm, now: later({}) }).share).toBe(0);
  });
});

describe("the host's pressure", () => {
  it('is read as the kernel writes it', () => {
    const stat = 'cpu  100 20 30 4000 50 6 7 88 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n';
    const psi = (total: number) =>
      `some avg10=1.00 avg60=0.00 avg300=0.00 total=9\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=${total}\n`;
    expect(parseHostPressure({ stat, memory: psi(5000), io: psi(7000), at: 1 })).toEqual({
      ...{ busy: 163, stolen: 88, waitedForMemory: 5, waitedForDisk: 7, at: 1 },
    });
  });

  it('is none where the kernel does not count it', () => {
    expect(parseHostPressure({ stat: '', memory: '', io: '', at: 1 })).toMatchObject({
      ...{ busy: 0, stolen: 0, waitedForMemory: 0, waitedForDisk: 0 },
    });
  });

  it('is that of this machine', () => {
    expect(readHostPressure().busy).toBeGreaterThan(0);
  });
});
