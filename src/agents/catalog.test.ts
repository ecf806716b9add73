import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findAgent, listAgents } from './catalog.ts';
import { parseFlags } from './flag.ts';

const RUNTIME = resolve(import.meta.dirname, 'runtime');

describe('the agents', () => {
  it('leave the test schedulers out of the list', () => {
    expect(listAgents().map(({ name }) => name)).toEqual(['fifo']);
    expect(listAgents({ hidden: true }).map(({ name }) => name)).toEqual(['fifo', 'stall', 'error']);
  });

  it('can be found by name, hidden or not', () => {
    expect(findAgent('stall').schedulerName).toBe('devbox_stall');
    expect(() => findAgent('fifi')).toThrow('There is no agent "fifi". Did you mean "fifo"?');
  });

  it.each(listAgents({ hidden: true }).map((agent) => [agent.name, agent] as const))(
    '%s has defaults that its own parser takes',
    (_, agent) => {
      expect(() => parseFlags(agent.name, agent.flags, [])).not.toThrow();
    },
  );

  it('are known to the program in the guest, by the scheduler name they load', () => {
    const sources = ['fifo', 'faulty']
      .map((name) => readFileSync(`${RUNTIME}/${name}.ts`, 'utf8'))
      .join('\n');
    for (const { schedulerName } of listAgents({ hidden: true }))
      expect(sources).toContain(`'${schedulerName}'`);
    expect(existsSync(`${RUNTIME}/main.ts`)).toBe(true);
  });
});
