import { describe, expect, it } from 'vitest';
import { parseWords } from './parse-words.ts';
import { testChoice } from './test-request.ts';

const choice = (...words: string[]) => testChoice(parseWords(['test', ...words]));

describe('the words of devbox test', () => {
  it('name a suite, and files by the / in them', () => {
    expect(choice('mine', './a.sh', 'b/*.sh')).toMatchObject({ suite: 'mine', files: ['a.sh', 'b/*.sh'] });
    expect(choice('./a.sh')).not.toHaveProperty('suite');
    expect(() => choice('one', 'two')).toThrow('cannot both be the suite');
  });

  it("name cases, not files, after the kernel's own tests", () => {
    expect(choice('kselftest:sched_ext', 'exit', 'hotplug')).toMatchObject({
      ...{ suite: 'kselftest:sched_ext', files: ['exit', 'hotplug'] },
    });
  });

  it('say only what was said', () => {
    expect(choice()).toEqual({ files: [], changed: false, repeat: 1 });
    const words = ['--agent', 'fifo', '--agent', 'cfs --latency 5ms', '--smp', '1,2', '--kernel', 'a,b'];
    expect(choice(...words, '--timeout', '2s', '--jobs', 'auto', '--shard', '1/4')).toEqual({
      ...{ files: [], changed: false, repeat: 1, agents: ['fifo', 'cfs --latency 5ms'], smp: ['1', '2'] },
      ...{ kernels: ['a', 'b'], timeoutMs: 2000, jobs: 'auto', shard: { index: 1, of: 4 } },
    });
  });
});
