import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { UntimedEvent } from '../../core/event.ts';
import { POLICY_TEXT } from '../new-policy/templates.ts';
import { type PolicyPlanOptions, planPolicy } from './plan-policy.ts';

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'devbox-plan-')));
mkdirSync(join(dir, 'shared'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const shared = (path: string) =>
  path.startsWith(join(dir, 'shared/')) ? path.replace(dir, '/guest') : undefined;
const WRONG = POLICY_TEXT.replace('params.slice)', "params.slice, 'now')");

async function plan(text: string, options: Partial<PolicyPlanOptions> = {}) {
  const file = join(dir, 'shared/mine.ts');
  writeFileSync(file, text);
  const events: UntimedEvent[] = [];
  const emit = (event: UntimedEvent) => void events.push(event);
  const signal = new AbortController().signal;
  const defaults = { file, guestPath: shared, args: [], types: 'warn', emit, signal } as const;
  return { manifest: await planPolicy({ ...defaults, ...options }), events };
}

describe('planPolicy', () => {
  it('runs the file where the guest sees it, under a name of its own', async () => {
    const { manifest, events } = await plan(POLICY_TEXT, { args: ['--slice', '1ms', '--mode=full'] });
    expect(manifest.argv.at(-1)).toBe('/guest/shared/mine.ts');
    expect(manifest).toMatchObject({ name: 'mine', schedulerName: 'devbox_mine' });
    expect(events).toEqual([]);
  });

  it('warns of wrong types, refuses them, or does not look, as it is told', async () => {
    const warning = {
      type: 'notice',
      level: 'warning',
      message: expect.stringMatching(/mine\.ts:15:\d+: TS2345/),
    };
    expect((await plan(WRONG)).events).toEqual([warning]);
    expect((await plan(WRONG, { types: 'off' })).events).toEqual([]);
    await expect(plan(WRONG, { types: 'error' })).rejects.toMatchObject({
      ...{ kind: 'usage', code: 'policy-types', message: expect.stringContaining('a mistake in') },
      evidence: [expect.stringMatching(/mine\.ts:15:\d+: TS2345/)],
    });
  });

  it('refuses a flag that the policy does not have', async () => {
    await expect(plan(POLICY_TEXT, { args: ['--mod=full'] })).rejects.toMatchObject({
      message: 'The agent mine has no flag --mod. Did you mean "--mode"?',
    });
  });

  it('refuses what the guest does not see, imported files among it', async () => {
    await expect(plan(POLICY_TEXT, { guestPath: () => undefined })).rejects.toMatchObject({
      code: 'agent-not-shared',
    });
    writeFileSync(join(dir, 'outside.ts'), 'export {};\n');
    await expect(plan(`import '../outside.ts';\n${POLICY_TEXT}`)).rejects.toMatchObject({
      ...{ kind: 'usage', code: 'agent-not-shared' },
      message: expect.stringContaining(`needs ${join(dir, 'outside.ts')}, which is in no directory`),
    });
    symlinkSync(join(dir, 'outside.ts'), join(dir, 'shared/link.ts'));
    await expect(plan(`import './link.ts';\n${POLICY_TEXT}`)).rejects.toMatchObject({
      code: 'agent-not-shared',
    });
  });
});
