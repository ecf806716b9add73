import { describe, expect, it } from 'vitest';
import type { AgentFlag } from '../core/agent-flag.ts';
import { ERROR_FLAGS, FIFO_BPF_FLAGS, RELAY_FLAGS, STALL_FLAGS } from './agent-flags.ts';
import { parseFlags } from './flag.ts';

describe('parseFlags', () => {
  it('gives every flag its default', () => {
    const flags = parseFlags('fifo-bpf', FIFO_BPF_FLAGS, []);
    expect([flags.ms('slice'), flags.ms('watchdog'), flags.ms('stats')]).toEqual([20, 30_000, 0]);
  });

  it('takes a value behind a blank or an equals sign, the last one when given twice', () => {
    const flags = parseFlags('fifo-bpf', FIFO_BPF_FLAGS, ['--slice', '1s', '--slice=500us', '--watchdog=5s']);
    expect([flags.ms('slice'), flags.ms('watchdog')]).toEqual([0.5, 5000]);
  });

  it('reads counts and texts', () => {
    const flags = parseFlags('stall', STALL_FLAGS, ['--after', '10', '--comm=a=b']);
    expect([flags.count('after'), flags.text('comm')]).toEqual([10, 'a=b']);
  });

  it.each([
    [['--slise', '3ms'], 'The agent fifo-bpf has no flag --slise. Did you mean "--slice"?'],
    [['--slice', '3x'], '--slice takes a time from 10us to 10s, such as 20ms, not "3x".'],
    [['--slice', '1us'], 'not "1us"'],
    [['--watchdog', '31s'], '--watchdog takes a time from 100ms to 30s'],
    [['--slice'], '--slice needs a value: --slice DURATION.'],
    [['20ms'], 'The agent fifo-bpf takes no argument "20ms".'],
  ])('refuses %j', (argv, message) => {
    expect(() => parseFlags('fifo-bpf', FIFO_BPF_FLAGS, argv)).toThrow(message);
  });

  it('takes one of the choices of a flag, and names the one that was meant', () => {
    expect(parseFlags('fifo-bpf', RELAY_FLAGS, []).text('mode')).toBe('full');
    expect(parseFlags('fifo-bpf', RELAY_FLAGS, ['--mode=full']).text('mode')).toBe('full');
    expect(() => parseFlags('fifo-bpf', RELAY_FLAGS, ['--mode', 'ful'])).toThrow(
      '--mode takes one of partial, full, not "ful". Did you mean "full"?',
    );
  });

  it('refuses a count that is none and a task name that the kernel would cut', () => {
    expect(() => parseFlags('error', ERROR_FLAGS, ['--after', '-1'])).toThrow('not "-1"');
    expect(() => parseFlags('error', ERROR_FLAGS, ['--comm', 'sixteen-bytes-xx'])).toThrow(
      'at most 15 bytes',
    );
  });

  it('reads one of some words, an endless time and a negative count where they are allowed', () => {
    const about = { placeholder: 'X', summary: 'What' };
    const flags: readonly AgentFlag[] = [
      { ...about, name: 'order', kind: 'choice', choices: ['fair', 'fast'], defaultText: 'fair' },
      {
        ...about,
        name: 'slice',
        kind: 'duration',
        minMs: 1,
        maxMs: 5,
        infinite: true,
        defaultText: 'infinite',
      },
      { ...about, name: 'cpu', kind: 'count', min: -1, max: 3, defaultText: '-1' },
    ];
    const values = parseFlags('mine', flags, []);
    expect([values.text('order'), values.ms('slice'), values.count('cpu')]).toEqual([
      'fair',
      Number.POSITIVE_INFINITY,
      -1,
    ]);
    expect(parseFlags('mine', flags, ['--order', 'fast']).text('order')).toBe('fast');
    expect(() => parseFlags('mine', flags, ['--order', 'fats'])).toThrow(
      '--order takes one of fair, fast, not "fats". Did you mean "fast"?',
    );
    expect(() => parseFlags('mine', flags, ['--slice', 'ever'])).toThrow('or infinite, such as');
    expect(() => parseFlags('mine', flags, ['--cpu', '-2'])).toThrow('from -1 to 3, not "-2"');
  });
});
