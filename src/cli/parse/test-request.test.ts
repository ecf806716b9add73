import { describe, expect, it } from 'vitest';
import { suiteOfFiles } from '../../app/test/suite.ts';
import { parseWords } from './parse-words.ts';
import { overrideSuite, testWords } from './test-request.ts';

const agents = (...words: string[]) =>
  overrideSuite({ ...suiteOfFiles(['*'], '/'), agents: [['edf']] }, parseWords(['test', ...words])).agents;

describe('--agent of devbox test', () => {
  it('stands instead of the agents of the suite, as often as it is given', () => {
    expect(agents()).toEqual([['edf']]);
    expect(agents('--agent', 'none')).toEqual([[]]);
    expect(agents('--agent', 'fifo', '--agent', 'cfs --latency 5ms')).toEqual([
      ...[['fifo'], ['cfs', '--latency', '5ms']],
    ]);
  });
});

describe("the kernel's own tests", () => {
  const words = (...rest: string[]) => parseWords(['test', 'kselftest:sched_ext', ...rest]);
  const suite = { ...suiteOfFiles([], '/'), name: 'kselftest:sched_ext', selftests: 'sched_ext' } as const;

  it('are followed by names of cases, not by files', () => {
    expect(testWords(words('exit', 'hotplug'))).toEqual({
      suite: 'kselftest:sched_ext',
      files: ['exit', 'hotplug'],
    });
  });

  it('load schedulers themselves, so --agent is refused, but for none; and so is --changed', () => {
    expect(() => overrideSuite(suite, words('--agent', 'fifo'))).toThrow('loads schedulers of its own');
    expect(overrideSuite(suite, words('--agent', 'none')).agents).toEqual([[]]);
    expect(() => overrideSuite(suite, words('--changed'))).toThrow('no suite of files');
  });
});
