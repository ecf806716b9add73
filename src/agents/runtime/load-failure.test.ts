import { describe, expect, it } from 'vitest';
import type { NativeError } from './addon.ts';
import { attachFailure, loadFailure } from './load-failure.ts';

function nativeError(code: string, log = ''): NativeError {
  return Object.assign(new Error(`loading fifo: ${code}`), { code, errno: 22, log });
}

function verifierSays(...lines: string[]): string {
  return [
    "libbpf: prog 'fifo_init': -- BEGIN PROG LOAD LOG --",
    ...lines,
    '-- END PROG LOAD LOG --',
    "libbpf: failed to load object 'fifo.bpf.o'",
  ].join('\n');
}

describe('loadFailure', () => {
  it.each([
    ["libbpf: extern (func ksym) 'scx_bpf_kick_cpu': not found in kernel or module BTFs", 'scx_bpf_kick_cpu'],
    [verifierSays("kfunc 'scx_bpf_consume' is referenced but wasn't resolved"), 'scx_bpf_consume'],
    [verifierSays('cannot find function scx_bpf_create_dsq_impl in BTF'), 'scx_bpf_create_dsq'],
  ])('names the kernel function that is missing: %s', (log, kfunc) => {
    const failure = loadFailure('devbox_fifo', nativeError('EINVAL', log));
    expect(failure.code).toBe('missing-kfunc');
    expect(failure.message).toContain(`needs the kernel function ${kfunc}, which`);
  });

  it('tells a kernel function with other arguments from a missing one', () => {
    const log = "libbpf: extern (func ksym) 'scx_bpf_x': func_proto [12] incompatible with vmlinux [34]";
    expect(loadFailure('s', nativeError('EINVAL', log)).code).toBe('incompatible-kfunc');
  });

  it('keeps the verifier log whole and shows its last 20 lines', () => {
    const lines = Array.from({ length: 1000 }, (_, i) => `${i}: (85) call something`);
    const failure = loadFailure('devbox_fifo', nativeError('EACCES', verifierSays(...lines)));
    expect(failure.code).toBe('verifier-rejected');
    expect(failure.message).toBe("The kernel's verifier rejected devbox_fifo in fifo_init (EACCES).");
    expect(failure.verifierLog).toBe(lines.join('\n'));
    expect(failure.evidence).toEqual(lines.slice(-20));
  });

  it('says that root is needed', () => {
    expect(loadFailure('s', nativeError('EPERM')).code).toBe('not-permitted');
  });
});

describe('attachFailure', () => {
  it('names the scheduler that is in the way', () => {
    const failure = attachFailure('devbox_fifo', nativeError('EBUSY'), 'simple');
    expect(failure.code).toBe('scheduler-busy');
    expect(failure.message).toBe('The scheduler simple is loaded already: devbox_fifo has to wait.');
  });

  it('points at the console for the rest', () => {
    expect(attachFailure('s', nativeError('EINVAL'), undefined).hint).toContain('console');
  });
});
