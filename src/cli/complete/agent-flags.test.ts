import { describe, expect, it } from 'vitest';
import { RELAY_FLAGS } from '../../agents/agent-flags.ts';
import { agentFlags, flagCandidates } from './agent-flags.ts';

const values = (words: readonly string[], last: string) =>
  flagCandidates(RELAY_FLAGS, words, last).map(({ value }) => value);

describe('completion of the flags of an agent', () => {
  it('offers the flags that were not given yet', () => {
    expect(values([], '--')).toContain('--mode');
    expect(values(['--mode=full', '--ring', '8'], '')).not.toEqual(
      expect.arrayContaining(['--mode', '--ring']),
    );
  });

  it('offers what a flag may be, behind a blank and behind an equals sign', () => {
    expect(values(['--mode'], '')).toEqual(['partial', 'full']);
    expect(values([], '--mode=f')).toEqual(['--mode=partial', '--mode=full']);
    expect(values(['--ring'], '')).toEqual([]);
  });

  it('knows the flags of an agent by its name, and nothing of a program or of a name that there is not', async () => {
    const { names, files } = await agentFlags({ name: 'stall', words: [], isSimulated: false }, '', '/');
    expect([names.map(({ value }) => value), files]).toEqual([['--after', '--comm', '--watchdog'], 'none']);
    expect(await agentFlags({ name: './prog', words: [], isSimulated: false }, '', '/')).toEqual({
      names: [],
      files: 'file',
    });
    const simulated = await agentFlags({ name: 'fifo', words: [], isSimulated: true }, '', '/');
    expect(simulated.names.map(({ value }) => value)).toEqual(['--slice']);
    expect(await agentFlags({ name: 'nothing', words: [], isSimulated: false }, '', '/')).toEqual({
      names: [],
      files: 'none',
    });
  });
});
