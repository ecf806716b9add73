import { expect, it } from 'vitest';
import type { StoreListing } from '../../platform/store-list.ts';
import { otherBuildsNotice } from './other-builds.ts';

const ghost = { name: 'ghost', source: { kind: 'git', url: 'https://host/ghost', ref: 'v5' } } as const;

function listed(source: string, key: string, name = 'ghost'): StoreListing {
  const common = { kind: 'kernel', bytes: 1, lastUsed: 1, inUse: false, damaged: false };
  return { ...common, key: key.repeat(64), createdAt: `2026-01-0${key}`, meta: { name, source } };
}
const notice = (...entries: StoreListing[]) => otherBuildsNotice(ghost, { list: () => entries });

it('tells the name from the last build from somewhere else, which has a key', () => {
  const builds = [listed('/home/me/ghost (dirty)', '2'), listed('/home/me/old (dirty)', '1')];
  expect(notice(...builds)).toMatchObject({
    level: 'info',
    message:
      'ghost by its name alone is built from https://host/ghost. The one that was built from /home/me/ghost (dirty) is --kernel 222222222222.',
  });
});

it('has nothing to say where the name means what was built, or nothing was', () => {
  expect(notice()).toBe(undefined);
  expect(notice(listed('/home/me/linux (dirty)', '1', 'scx'))).toBe(undefined);
  expect(notice(listed('https://host/ghost v5 (abc)', '1'), listed('/home/me/ghost (dirty)', '2'))).toBe(
    undefined,
  );
});
