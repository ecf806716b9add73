import { describe, expect, it } from 'vitest';
import { asksForRestart, cString, schedulerExit } from './exit-record.ts';

const bytes = (text: string, size: number) => {
  const buffer = new Uint8Array(size);
  buffer.set(new TextEncoder().encode(text));
  return buffer;
};

describe('schedulerExit', () => {
  it('reads the record that the BPF side left', () => {
    const record = {
      kind: 1026,
      exit_code: -(2n ** 63n),
      reason: bytes('runnable task stall', 128),
      message: bytes('victim[174] failed to run for 2.664s', 1024),
    };
    expect(schedulerExit(record, bytes('CPU states\n', 64))).toEqual({
      kind: 1026,
      kindName: 'error-stall',
      exitCode: '-9223372036854775808',
      reason: 'runnable task stall',
      message: 'victim[174] failed to run for 2.664s',
      dump: 'CPU states\n',
    });
  });

  it('takes any byte in a task name, and a text without end', () => {
    expect(cString(Uint8Array.of(0x61, 0xff, 0x62))).toBe('a\uFFFDb');
  });
});

describe('asksForRestart', () => {
  const exit = { kindName: 'unregistered-by-kernel', reason: '', message: '', dump: '' } as const;

  it('is so when the kernel says so after CPU hotplug', () => {
    expect(asksForRestart({ ...exit, kind: 66, exitCode: String((1n << 48n) | (1n << 32n)) })).toBe(true);
    expect(asksForRestart({ ...exit, kind: 66, exitCode: '0' })).toBe(false);
  });

  it('is never so after an error', () => {
    expect(asksForRestart({ ...exit, kind: 1024, exitCode: String(1n << 48n) })).toBe(false);
  });
});
