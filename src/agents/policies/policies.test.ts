import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { paramFlags, readParams } from '../policy/params.ts';
import { loadPolicy } from './load-policy.ts';
import { findPolicy, POLICIES } from './policies.ts';

describe.each(Object.entries(POLICIES))('the policy %s', (name, definition) => {
  it('says in its file and to its user what it is good and bad at', () => {
    const text = readFileSync(join(import.meta.dirname, `${name}.ts`), 'utf8');
    expect(text).toMatch(/Good at: /);
    expect(text).toMatch(/Bad at: /);
    expect(definition.description?.join(' ')).toMatch(/does badly/);
    expect(definition.summary.length).toBeLessThan(100);
  });

  it('has defaults that it takes itself', () => {
    expect(() => readParams(name, definition.params ?? {}, [])).not.toThrow();
  });
});

describe('the policies', () => {
  it("have flags as ghOSt's agents have them", () => {
    const flags = (name: string) =>
      paramFlags(findPolicy(name).params).map((flag) => `--${flag.name} ${flag.defaultText}`);
    expect(flags('cfs')).toEqual(['--min-granularity 1ms', '--latency 10ms']);
    expect(flags('fifo-centralized')).toEqual(['--preemption-time-slice 20ms', '--global-cpu -1']);
    expect(flags('shinjuku')).toEqual(['--preemption-time-slice 50us', '--global-cpu -1']);
  });

  it('are found by name, and the nearest is named', () => {
    expect(findPolicy('edf')).toBe(POLICIES.edf);
    expect(() => findPolicy('fifp')).toThrow('There is no policy "fifp". Did you mean "fifo"?');
    expect(() => findPolicy('toString')).toThrow('There is no policy "toString".');
  });

  it('are loaded one by one, and what lies beside them is none', async () => {
    for (const [name, definition] of Object.entries(POLICIES))
      expect(await loadPolicy(name)).toBe(definition);
    await expect(loadPolicy('fifp')).rejects.toThrow('Did you mean "fifo"?');
    await expect(loadPolicy('idle-first')).rejects.toThrow('There is no policy "idle-first".');
  });
});
