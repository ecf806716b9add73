import { describe, expect, it } from 'vitest';
import { suiteOfFiles } from '../../app/test/suite.ts';
import { parseWords } from './parse-words.ts';
import { overrideSuite } from './test-request.ts';

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
