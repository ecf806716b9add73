import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { thisProcess } from '../store-lease.ts';
import { connectDaemon } from './daemon.ts';
import { hasDeadNotes, noteDaemon } from './dead-notes.ts';
import { type FakeDaemon, startFakeDaemon } from './fake-daemon.fixture.ts';
import { LABEL } from './labels.ts';
import { sweepContainers, sweepDeadNotes } from './leftovers.ts';

let cache: string;
let fake: FakeDaemon;
beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), 'devbox-cache-'));
  vi.stubEnv('DEVBOX_CACHE', cache);
  fake = await startFakeDaemon();
  fake.on('GET /containers/json', (request, response) => {
    asked.push(decodeURIComponent(request.url ?? ''));
    response.end(JSON.stringify(containers));
  });
});
afterEach(async () => {
  await fake[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
  asked.length = 0;
});

/** A pid that the kernel never gives. */
const dead = thisProcess().replace(/^\d+/, '99999999');
const elsewhere = thisProcess().replace(/^\d+-\d+-\d+/, '99999999-1-1');
const asked: string[] = [];
const containers = [
  { Id: 'dead', Labels: { [LABEL.owner]: dead } },
  { Id: 'mine', Labels: { [LABEL.owner]: thisProcess() } },
  { Id: 'of-another-pid-namespace', Labels: { [LABEL.owner]: elsewhere } },
  { Id: 'of-nobody', Labels: {} },
];
const removals = () => fake.requests.filter((request) => request.startsWith('DELETE'));

test('only what a dead devbox of this machine and user left is removed', async () => {
  using daemon = await connectDaemon(fake.endpoint);
  using _note = noteDaemon(fake.endpoint);
  writeFileSync(join(cache, 'docker/in-use', `${dead}.1`), JSON.stringify(fake.endpoint));
  expect(await sweepContainers(daemon)).toBe(1);
  expect(hasDeadNotes()).toBe(false);
  expect(removals()).toEqual(['DELETE /containers/dead']);
  expect(asked[0]).toMatch(/devbox\.machine=[0-9a-f]{32}.*devbox\.user=\d+/);
});

test('a living process has a note, which is nobody else’s business', () => {
  using _note = noteDaemon(fake.endpoint);
  expect(readdirSync(join(cache, 'docker/in-use'))).toHaveLength(1);
  expect(hasDeadNotes()).toBe(false);
});

test("a dead one's note leads to what it left", async () => {
  using _note = noteDaemon(fake.endpoint);
  writeFileSync(join(cache, 'docker/in-use', `${dead}.1`), JSON.stringify(fake.endpoint));
  expect(hasDeadNotes()).toBe(true);
  expect(await sweepDeadNotes()).toBe(1);
  expect(hasDeadNotes()).toBe(false);
});

test('the note of a daemon that does not answer is kept for another time', async () => {
  using _note = noteDaemon(fake.endpoint);
  writeFileSync(join(cache, 'docker/in-use', `${dead}.1`), JSON.stringify(fake.endpoint));
  fake.die();
  expect(await sweepDeadNotes()).toBe(0);
  expect(hasDeadNotes()).toBe(true);
});
