import { describe, expect, it } from 'vitest';
import { parseSmp } from './smp.ts';

describe('--smp', () => {
  it('takes a number of vCPUs: that many cores of one socket', () => {
    expect(parseSmp('4')).toEqual({ cpus: 4, sockets: 1, cores: 4, threads: 1 });
  });

  it('takes a topology, in any order, what is left out being 1', () => {
    expect(parseSmp('threads=2,sockets=2,cores=3')).toEqual({ cpus: 12, sockets: 2, cores: 3, threads: 2 });
    expect(parseSmp('cores=3')).toEqual({ cpus: 3, sockets: 1, cores: 3, threads: 1 });
  });

  it.each([
    ['0', '"0" is not a number of vCPUs between 1 and 255'],
    ['x', '"x" is not a number'],
    ['-1', '"-1" is not a number'],
    ['1.5', '"1.5" is not a number'],
    ['1e2', '"1e2" is not a number'],
    ['256', 'asks for 256 vCPUs'],
    ['sockets=16,cores=16', 'asks for 256 vCPUs'],
    ['sockets=0', '"0" is not a number'],
    ['sockets=', '"" is not a number'],
    ['socket=2', 'unknown key "socket". Did you mean "sockets"?'],
    ['cores=2,cores=2', '"cores" is given twice'],
    ['cores=2,', 'unknown key ""'],
  ])('refuses %j', (text, message) => {
    expect(() => parseSmp(text)).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringContaining(message) }),
    );
  });
});
