import { expect, test } from 'vitest';
import type { DockerEndpoint } from './endpoint.ts';
import { startFakeDaemon } from './fake-daemon.fixture.ts';
import { findDaemon, notReachable, pingDaemon } from './find-daemon.ts';

const nowhere: DockerEndpoint = { kind: 'unix', socketPath: '/nonexistent/docker.sock' };

test('the first daemon that answers is taken, and what did not answer is known', async () => {
  await using fake = await startFakeDaemon();
  const found = await findDaemon({ choice: { endpoints: [nowhere, fake.endpoint], isNamed: false } });
  expect(found).toEqual({
    endpoint: fake.endpoint,
    missed: [{ endpoint: nowhere, why: 'no such socket' }],
    isNamed: false,
  });
});

test('a daemon that takes connections and says nothing is not waited for', async () => {
  await using fake = await startFakeDaemon();
  fake.hang();
  expect(await pingDaemon(fake.endpoint, undefined, 20)).toBe('no answer in 0.02 s');
});

test('what answers but is no healthy daemon is quoted', async () => {
  await using fake = await startFakeDaemon();
  fake.on('GET /_ping', (_, response) => response.writeHead(503).end('starting\n'));
  expect(await pingDaemon(fake.endpoint)).toBe('it answers with HTTP status 503: starting');
});

test('when none answers each place is named with its reason, and what to do', async () => {
  const closed: DockerEndpoint = { from: 'DOCKER_HOST', kind: 'tcp', host: '127.0.0.1', port: 1 };
  const failure = notReachable(await findDaemon({ choice: { endpoints: [closed, nowhere], isNamed: true } }));
  expect(failure).toMatchObject({ kind: 'host', code: 'docker-not-reachable' });
  expect(failure.evidence).toEqual([
    'tcp://127.0.0.1:1 (DOCKER_HOST): nobody listens there',
    'unix:///nonexistent/docker.sock: no such socket',
  ]);
  expect(failure.hint).toMatch(/--builder embedded/);
});

test('whoever may not use the socket is told how to be allowed', () => {
  const missed = [{ endpoint: nowhere, why: 'permission denied' }];
  expect(notReachable({ missed, isNamed: false }).hint).toMatch(/usermod -aG docker/);
});
