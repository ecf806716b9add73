import { describe, expect, it } from 'vitest';
import { candidates } from './candidates.ts';

const values = (...words: string[]) => candidates(words).fixed.map(({ value }) => value);

describe('completion', () => {
  it('offers the commands, but not hidden ones', () => {
    expect(values('')).toContain('run');
    expect(values('')).not.toContain('__complete');
  });

  it('offers subcommands', () => {
    expect(values('runs', '')).toEqual(['list', 'show', 'replay']);
  });

  it('offers the flags of the command that are not there yet, and repeatable ones again', () => {
    const flags = values('run', '--smp', '4', '--share', '.', '--');
    expect(flags).toContain('--memory');
    expect(flags).toContain('--share');
    expect(flags).not.toContain('--smp');
  });

  it('offers the choices of a flag, behind a blank and behind an equals sign', () => {
    expect(values('run', '--accel', '')).toEqual(['auto', 'kvm', 'tcg']);
    expect(candidates(['run', '--accel=k'])).toMatchObject({
      prefix: '--accel=',
      fixed: expect.arrayContaining([{ value: 'kvm', summary: '' }]),
    });
  });

  it.each([
    [['run', ''], 'agent-or-path'],
    [['run', '--json', ''], 'agent-or-path'],
    [['run', 'fifo', ''], 'none'],
    [['run', 'fifo', '--', ''], 'agent-flag'],
    [['exec', '--', ''], 'file'],
    [['run', '--share', ''], 'directory'],
    [['run', '--share='], 'directory'],
    [['test', ''], 'suite-or-file'],
    [['test', 'kselftest:sched_ext', ''], 'kselftest-case'],
    [['test', 'kselftest:sched_ext', 'exit', ''], 'kselftest-case'],
    [['run', '--workload', ''], 'workload'],
    [['run', '--smp', ''], 'none'],
    [['agent', 'show', ''], 'agent-or-path'],
    [['kernel', 'show', ''], 'kernel'],
    [['runs', 'replay', ''], 'run'],
    [['help', 'run', ''], 'command'],
  ])('asks the machine what it knows for %j: %s', (words, dynamic) => {
    expect(candidates(words).dynamic).toBe(dynamic);
  });

  it('gives nothing, and does not fail, behind mistakes', () => {
    expect(candidates(['rnu', '--what', 'x', ''])).toMatchObject({ dynamic: 'none' });
    expect(candidates([])).toBeDefined();
  });
});
