import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXECUTABLE_HEAD_BYTES, externalAgent, inspectExecutable } from './external-agent.ts';

interface Elf {
  readonly machine?: number;
  readonly type?: number;
  readonly bits?: 32 | 64;
  readonly bigEndian?: boolean;
  readonly interpreter?: string;
}

function elf({ machine = 62, type = 3, bits = 64, bigEndian = false, interpreter }: Elf = {}): Uint8Array {
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, bits === 64 ? 2 : 1, bigEndian ? 2 : 1, 1]);
  view.setUint16(16, type, !bigEndian);
  view.setUint16(18, machine, !bigEndian);
  if (interpreter !== undefined) {
    const name = new TextEncoder().encode(`${interpreter}\0`);
    view.setBigUint64(32, 64n, true);
    view.setUint16(54, 56, true);
    view.setUint16(56, 1, true);
    view.setUint32(64, 3, true);
    view.setBigUint64(64 + 8, 200n, true);
    view.setBigUint64(64 + 32, BigInt(name.length), true);
    bytes.set(name, 200);
  }
  return bytes;
}

const file = (head: Uint8Array, mode = 0o755) => ({ kind: 'file', mode, head }) as const;

describe('inspectExecutable', () => {
  it('takes an x86-64 program and says which dynamic linker it wants', () => {
    const head = elf({ interpreter: '/lib64/ld-linux-x86-64.so.2' });
    expect(inspectExecutable('./a', file(head))).toEqual({
      format: 'elf',
      interpreter: '/lib64/ld-linux-x86-64.so.2',
    });
  });

  it('takes a static program and a script', () => {
    expect(inspectExecutable('./a', file(elf({ type: 2 })))).toEqual({ format: 'elf' });
    const script = new TextEncoder().encode('#! /usr/bin/env python3\nprint()\n');
    expect(inspectExecutable('./a', file(script))).toEqual({ format: 'script', interpreter: '/usr/bin/env' });
  });

  it('reads a real program', () => {
    const head = readFileSync(process.execPath).subarray(0, EXECUTABLE_HEAD_BYTES);
    expect(inspectExecutable(process.execPath, file(head)).interpreter).toMatch(/ld-linux/);
  });

  it.each([
    ['does not exist', { kind: 'missing' }, 'agent-missing'],
    ['is a directory', { kind: 'directory' }, 'agent-is-directory'],
    ['is not a file', { kind: 'other' }, 'agent-not-a-file'],
    ['is not executable', file(elf(), 0o644), 'agent-not-executable'],
    [
      'is neither an ELF program nor a script',
      file(new TextEncoder().encode('hello')),
      'agent-not-a-program',
    ],
    ['is neither an ELF program nor a script', file(new Uint8Array()), 'agent-not-a-program'],
    ['is for AArch64 (64-bit, little-endian)', file(elf({ machine: 183 })), 'agent-wrong-architecture'],
    ['is for i386 (32-bit', file(elf({ machine: 3, bits: 32 })), 'agent-wrong-architecture'],
    [
      'is for s390 (64-bit, big-endian)',
      file(elf({ machine: 22, bigEndian: true })),
      'agent-wrong-architecture',
    ],
    ['is for BPF', file(elf({ machine: 247, type: 1 })), 'agent-wrong-architecture'],
    ['of type relocatable', file(elf({ type: 1 })), 'agent-not-a-program'],
  ] as const)('refuses what %s', (message, facts, code) => {
    expect(() => inspectExecutable('./a', facts)).toThrow(
      expect.objectContaining({
        ...{ kind: 'usage', code, message: expect.stringContaining(message) },
        hint: expect.stringMatching(/\S/),
      }),
    );
  });

  it('names what may have been meant', () => {
    const missing = { kind: 'missing', near: '/my dir/scx_simple' } as const;
    expect(() => inspectExecutable('./a', missing)).toThrow(
      expect.objectContaining({ hint: "Did you mean '/my dir/scx_simple'?" }),
    );
    const directory = { kind: 'directory', programs: ['/b/scx_a', '/b/scx_b'] } as const;
    expect(() => inspectExecutable('/b', directory)).toThrow(
      expect.objectContaining({ hint: 'There are programs in it: /b/scx_a, /b/scx_b' }),
    );
  });

  it('survives a program header table that lies', () => {
    const head = elf({ interpreter: '/x' });
    const view = new DataView(head.buffer);
    view.setBigUint64(64 + 8, 2n ** 63n, true);
    expect(inspectExecutable('./a', file(head))).toEqual({ format: 'elf' });
    view.setBigUint64(32, 2n ** 63n, true);
    expect(inspectExecutable('./a', file(head))).toEqual({ format: 'elf' });
  });
});

describe('externalAgent', () => {
  it('is ready with any scheduler and runs the file itself', () => {
    const agent = externalAgent('/home/me/scx_mine');
    expect(agent.name).toBe('scx_mine');
    expect(agent.argv).toEqual(['/home/me/scx_mine']);
    expect(agent.schedulerName).toBeUndefined();
    expect(agent.requires).toEqual(['sched-ext']);
  });
});
