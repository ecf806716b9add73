import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../platform/paths.ts';
import { POLICY_TEXT } from '../new-policy/templates.ts';
import { checkTypes } from '../policy/check-types.ts';
import { runSimulation } from './run-simulation.ts';
import type { SimulationRequest } from './simulation-request.ts';

const dir = mkdtempSync(join(tmpdir(), 'devbox-simulate-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const inspection = { types: 'off', warn: () => {}, signal: new AbortController().signal } as const;

function simulated(text: string, request: Partial<SimulationRequest> = {}) {
  const path = join(dir, 'mine.ts');
  writeFileSync(path, text);
  const policy = { kind: 'path', path } as const;
  return runSimulation({ policy, args: [], smp: '2', seed: 1, duration: '100ms', ...request }, inspection);
}

describe('runSimulation', () => {
  it('runs the policy of the README as it stands there, whose types are right', async () => {
    const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
    const [, policy = ''] = /```ts\n(import \{ definePolicy[\s\S]*?)```/.exec(readme) ?? [];
    expect(policy.trimEnd().split('\n')).toHaveLength(20);
    expect(policy).toBe(POLICY_TEXT);
    const result = await simulated(policy, { workload: 'spin: --threads 5', args: ['--slice', '1ms'] });
    expect(result).toMatchObject({ cpus: 2, tasksAlive: 5 });
    expect(result.utilisation).toBeGreaterThan(0.99);
    expect(result.jain).toBeGreaterThan(0.95);
    expect(await checkTypes(join(dir, 'mine.ts'))).toEqual([]);
  });

  it('gives more than a pipe takes at once', async () => {
    const policy = { kind: 'named', name: 'fifo' } as const;
    const { perCpu } = await simulated('', { policy, smp: '1000', duration: '5ms' });
    expect(perCpu).toHaveLength(1000);
  });

  it('gives the same for the same seed, and one of ours by its name', async () => {
    const policy = { kind: 'named', name: 'fifo' } as const;
    const request = { policy, workload: 'requests', duration: '50ms' };
    const first = await simulated('', { ...request, seed: 3 });
    expect(await simulated('', { ...request, seed: 3 })).toEqual(first);
    expect(await simulated('', { ...request, seed: 4 })).not.toEqual(first);
  });

  it('says where a policy throws, and what it was asked then', async () => {
    const text = POLICY_TEXT.replace(
      '=> waiting.push(task)',
      "{\n        throw new Error('no');\n      }",
    ).replace('taskRunnable: (task) {', 'taskRunnable(task) {');
    await expect(simulated(text)).rejects.toMatchObject({
      kind: 'agent',
      message: expect.stringMatching(/mine\.ts:10:15: The policy failed in taskRunnable\(\d+\): .*no$/),
    });
  });

  it('says where a policy runs a task on a CPU that there is not', async () => {
    await expect(
      simulated(POLICY_TEXT.replace('run(task, cpu,', 'run(task, cpu + 7,')),
    ).rejects.toMatchObject({
      kind: 'agent',
      message: expect.stringMatching(/mine\.ts:15:30: The policy failed in schedule/),
      evidence: ['          if (task !== NONE) run(task, cpu + 7, params.slice);', `${' '.repeat(29)}^`],
    });
  });

  it.each<[Partial<SimulationRequest>, message: RegExp]>([
    [{ args: ['--slise', '1ms'] }, /policy mine has no flag --slise\. Did you mean "--slice"\?/],
    [{ args: ['--slice', '1h'] }, /--slice takes a time from 1us to 10s/],
    [{ workload: 'sipn' }, /no simulated workload "sipn"\. Did you mean "spin"\?/],
    [{ workload: 'spin: --thread 3' }, /Did you mean "--threads"\?/],
    [{ smp: '5000' }, /the simulator has at most 4096/],
    [{ smp: 'cors=2' }, /unknown key "cors"/],
  ])('refuses %j', async (request, message) => {
    await expect(simulated(POLICY_TEXT, request)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(message),
    });
  });

  it('takes a topology', async () => {
    const text = POLICY_TEXT.replace(
      'const waiting = queue();',
      'const waiting = queue();\n    if (cpus.core(1) !== 0 || cpus.node(1) !== 0 || cpus.node(2) !== 1) throw new Error();',
    );
    expect(await simulated(text, { smp: 'sockets=2,threads=2' })).toMatchObject({ cpus: 4 });
  });

  it('tells how a process ended that a policy ended', async () => {
    const text = POLICY_TEXT.replace('const waiting', 'process.exit(3);\n    const waiting');
    await expect(simulated(text)).rejects.toMatchObject({ kind: 'agent', code: 'simulation-died' });
  });
});
