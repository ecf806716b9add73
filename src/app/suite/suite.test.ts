import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findSuite } from './suite.ts';

const dir = mkdtempSync(join(tmpdir(), 'devbox-suite-'));
afterAll(() => rmSync(dir, { recursive: true }));

async function agentsOf(suite: Readonly<Record<string, unknown>>) {
  const config = { suites: { default: { files: '*.sh', ...suite } } };
  writeFileSync(join(dir, 'devbox.config.json'), JSON.stringify(config));
  return (await findSuite(undefined, dir)).agents;
}

describe('the agents of a suite', () => {
  it('are one with its flags, several, or none', async () => {
    expect(await agentsOf({})).toEqual([[]]);
    expect(await agentsOf({ agent: 'cfs  --latency 5ms' })).toEqual([['cfs', '--latency', '5ms']]);
    expect(await agentsOf({ agent: ['cfs', '--latency 5ms'] })).toEqual([['cfs', '--latency', '5ms']]);
    expect(await agentsOf({ agents: ['none', 'fifo', ['cfs', '--latency=5ms']] })).toEqual([
      ...[[], ['fifo'], ['cfs', '--latency=5ms']],
    ]);
  });

  it('are said in one way only', async () => {
    await expect(agentsOf({ agent: 'fifo', agents: ['cfs'] })).rejects.toThrow('has both agent and agents');
  });
});
