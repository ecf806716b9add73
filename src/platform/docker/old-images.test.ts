import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { connectDaemon } from './daemon.ts';
import { type FakeDaemon, startFakeDaemon } from './fake-daemon.fixture.ts';
import { LABEL, ownLabels } from './labels.ts';
import { noteImageUse, removeOldImages } from './old-images.ts';

const DAY = 24 * 3600_000;
const now = Date.now();

let cache: string;
let fake: FakeDaemon;
beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), 'devbox-cache-'));
  vi.stubEnv('DEVBOX_CACHE', cache);
  fake = await startFakeDaemon();
  fake.on('DELETE /images/:id', (request, response) => {
    const isNeeded = request.url?.includes('needed');
    response.writeHead(isNeeded ? 409 : 200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(isNeeded ? { message: 'image has dependent child images' } : []));
  });
});
afterEach(async () => {
  await fake[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

/** The daemon has images that were made so many days ago. */
function images(
  ...list: readonly { id: string; days: number; tags?: readonly string[]; labels?: object | null }[]
): void {
  fake.on('GET /images/json', (_, response) => {
    const all = list.map(({ id, days, tags, labels }) => ({
      Id: `sha256:${id}`,
      Created: Math.floor((now - days * DAY) / 1000),
      RepoTags: tags ?? [`${id}:1`],
      Labels: labels === undefined ? ownLabels() : labels,
    }));
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(all));
  });
}

const removals = () => fake.requests.filter((request) => request.startsWith('DELETE'));

it('removes what nobody has used for two weeks, of this machine and user only', async () => {
  images(
    { id: 'old', days: 20 },
    { id: 'new', days: 3 },
    { id: 'anothers', days: 20, labels: { ...ownLabels(), [LABEL.user]: '-1' } },
    { id: 'strange', days: 20, labels: null },
  );
  using daemon = await connectDaemon(fake.endpoint);
  expect(await removeOldImages(daemon, { now })).toBe(1);
  expect(removals()).toEqual(['DELETE /images/old:1']);
});

it('keeps one that is old but was used', async () => {
  images({ id: 'old', days: 20 });
  noteImageUse('sha256:old');
  using daemon = await connectDaemon(fake.endpoint);
  expect(await removeOldImages(daemon, { now })).toBe(0);
  expect(await removeOldImages(daemon, { now: now + 15 * DAY })).toBe(1);
});

it('takes all names of one away, and one without a name by its id', async () => {
  images({ id: 'two', days: 20, tags: ['a:1', 'b:1'] }, { id: 'none', days: 20, tags: ['<none>:<none>'] });
  using daemon = await connectDaemon(fake.endpoint);
  expect(await removeOldImages(daemon, { now })).toBe(2);
  expect(removals()).toEqual(['DELETE /images/a:1', 'DELETE /images/b:1', 'DELETE /images/sha256:none']);
});

it('leaves one that the daemon still needs', async () => {
  images({ id: 'needed', days: 20 }, { id: 'old', days: 20 });
  using daemon = await connectDaemon(fake.endpoint);
  expect(await removeOldImages(daemon, { now })).toBe(1);
});
