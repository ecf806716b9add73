import { describe, expect, it } from 'vitest';
import { readLibbpfLog } from './libbpf-log.ts';

const LOG = `libbpf: prog 'fifo_init': BPF program load failed: Invalid argument
libbpf: prog 'fifo_init': -- BEGIN PROG LOAD LOG --
0: R1=ctx() R10=fp0
libbpf: not one of libbpf's own lines
processed 1 insns
-- END PROG LOAD LOG --
libbpf: failed to load object 'fifo.bpf.o'
`;

describe('readLibbpfLog', () => {
  it('takes the verifier log out whole, and the lines of libbpf without their prefix', () => {
    expect(readLibbpfLog(LOG)).toEqual({
      program: 'fifo_init',
      verifier: "0: R1=ctx() R10=fp0\nlibbpf: not one of libbpf's own lines\nprocessed 1 insns",
      messages: [
        "prog 'fifo_init': BPF program load failed: Invalid argument",
        "failed to load object 'fifo.bpf.o'",
      ],
    });
  });

  it('keeps what there is of a log that never ends', () => {
    expect(readLibbpfLog(LOG.slice(0, LOG.indexOf('-- END'))).verifier).toContain('processed 1 insns');
  });

  it('finds nothing in nothing', () => {
    expect(readLibbpfLog('')).toEqual({ verifier: '', messages: [] });
  });
});
