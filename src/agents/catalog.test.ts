import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RELAY_FLAGS } from './agent-flags.ts';
import { findAgent, listAgents } from './catalog.ts';
import { parseFlags } from './flag.ts';
import { POLICIES } from './policies/policies.ts';
import { definitionMistake } from './policy-file/check-definition.ts';

const RUNTIME = resolve(import.meta.dirname, 'runtime');

describe('the agents', () => {
  it('leave the test schedulers out of the list', () => {
    const names = listAgents().map(({ name }) => name);
    expect(names).toContain('fifo');
    expect(names).not.toContain('stall');
    const hidden = listAgents({ hidden: true }).map(({ name }) => name);
    expect(hidden).toEqual([...names, 'stall', 'error', 'fifo-native']);
  });

  it('are policies before they are programs: fifo is written in TypeScript, as everybody else’s can be', () => {
    expect(findAgent('fifo').summary).toBe(POLICIES.fifo?.summary);
    expect(findAgent('fifo-bpf').summary).toContain('All in BPF');
  });

  it('have a name each, the policies written in TypeScript among them', () => {
    const names = listAgents({ hidden: true }).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(Object.keys(POLICIES)));
  });

  it.each(Object.entries(POLICIES))('%s is a policy that a file could hold', (_, definition) => {
    expect(definitionMistake(definition)).toBeUndefined();
  });

  it('can be found by name, hidden or not', () => {
    expect(findAgent('stall').schedulerName).toBe('devbox_stall');
    expect(() => findAgent('fifi')).toThrow('There is no agent "fifi". Did you mean "fifo"?');
  });

  it('are described in docs/policies.md, those written in TypeScript', () => {
    const docs = readFileSync(resolve(import.meta.dirname, '../../docs/policies.md'), 'utf8');
    for (const name of Object.keys(POLICIES)) expect(docs).toContain(`\n| \`${name}\` |`);
    for (const { name } of RELAY_FLAGS) expect(docs).toContain(`\`--${name}\``);
  });

  it.each(listAgents({ hidden: true }).map((agent) => [agent.name, agent] as const))(
    '%s has defaults that its own parser takes',
    (_, agent) => {
      expect(() => parseFlags(agent.name, agent.flags, [])).not.toThrow();
    },
  );

  it('are known to the program in the guest, by the scheduler name they load', () => {
    const sources = ['fifo-bpf', 'biff', 'faulty']
      .map((name) => readFileSync(`${RUNTIME}/${name}.ts`, 'utf8'))
      .join('\n');
    const inBpf = listAgents({ hidden: true }).filter(
      ({ flags }) => !flags.includes(RELAY_FLAGS[0] as never),
    );
    expect(inBpf.length).toBeGreaterThan(0);
    for (const { schedulerName } of inBpf) expect(sources).toContain(`'${schedulerName}'`);
    expect(existsSync(`${RUNTIME}/main.ts`)).toBe(true);
  });
});
