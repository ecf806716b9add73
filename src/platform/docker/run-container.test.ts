import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connectDaemon, type Daemon } from './daemon.ts';
import { type FakeDaemon, frame, startFakeDaemon } from './fake-daemon.fixture.ts';
import { runContainer } from './run-container.ts';

let cache: string;
let fake: FakeDaemon;
let daemon: Daemon;
beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), 'devbox-cache-'));
  vi.stubEnv('DEVBOX_CACHE', cache);
  fake = await startFakeDaemon();
  daemon = await connectDaemon(fake.endpoint);
});
afterEach(async () => {
  daemon[Symbol.dispose]();
  await fake[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

const spec = { image: 'x', argv: ['make'], env: {}, cwd: '/', user: '1:1', network: false, mounts: [] };

function run(signal?: AbortSignal, patienceMs = 5000) {
  let said = '';
  const sink = {
    add: (chunk: Buffer, fd: 1 | 2) => {
      said += `${fd}:${chunk}`;
      return true;
    },
    whenWritten: (then: () => void) => then(),
  };
  const watch = { pauseMs: 5, patienceMs };
  const result = runContainer(daemon, spec, { what: 'run a test', sink, signal, watch });
  result.catch(() => {}); // Looked at later.
  return { result, said: () => said };
}

const removed = () => fake.requests.some((request) => /^DELETE \/containers\/devbox-/.test(request));

test('a container runs to its end, its streams are told apart, and it is removed', async () => {
  const waiting = Promise.withResolvers<void>();
  fake.on('POST /containers/:id/wait', async (_, response) => {
    await waiting.promise;
    response.end('{"StatusCode": 3}');
  });
  const { result, said } = run();
  const stream = await fake.attached();
  stream.write(frame(1, 'out'));
  stream.end(frame(2, 'err'));
  waiting.resolve();
  expect(await result).toEqual({ code: 3, isOutOfMemory: false });
  expect(said()).toBe('1:out2:err');
  expect(removed()).toBe(true);
});

test('a process killed for lack of memory is told from one that failed', async () => {
  fake.on('POST /containers/:id/wait', { StatusCode: 137 });
  fake.on('GET /containers/:id/json', { State: { OOMKilled: true } });
  const { result } = run();
  (await fake.attached()).end();
  expect(await result).toEqual({ code: 137, isOutOfMemory: true });
});

test('an abort removes the container', async () => {
  const controller = new AbortController();
  fake.on('POST /containers/:id/wait', () => controller.abort());
  const { result } = run(controller.signal);
  await expect(result).rejects.toMatchObject({ kind: 'cancelled' });
  expect(removed()).toBe(true);
});

test('an abort while it is being created removes what may have been created', async () => {
  const controller = new AbortController();
  fake.on('POST /containers/create', (_, response) => {
    controller.abort();
    response.writeHead(201).end('{"Id": "made"}');
  });
  await expect(run(controller.signal).result).rejects.toMatchObject({ kind: 'cancelled' });
  expect(removed()).toBe(true);
});

test('a daemon that dies in the middle is lost, and its address is named', async () => {
  fake.on('POST /containers/:id/wait', () => fake.die());
  const { result } = run();
  await expect(result).rejects.toMatchObject({ kind: 'infrastructure', code: 'docker-lost' });
  await expect(result).rejects.toThrow(fake.endpoint.socketPath);
});

test('a daemon that hangs in the middle is lost too, and a note says where something may be left', async () => {
  fake.on('POST /containers/:id/wait', () => fake.hang());
  await expect(run(undefined, 40).result).rejects.toMatchObject({ code: 'docker-lost' });
  expect(readdirSync(join(cache, 'docker/in-use'))).toHaveLength(1);
  await vi.waitFor(() => expect(fake.connections()).toBe(0));
});

test('a container that could be removed leaves no note to clear up', async () => {
  fake.on('POST /containers/:id/wait', { StatusCode: 0 });
  const { result } = run();
  (await fake.attached()).end();
  await result;
  expect(readdirSync(join(cache, 'docker/in-use'))).toEqual([]);
});

test('what the daemon refuses is said in its words', async () => {
  fake.on('POST /containers/:id/wait', {});
  fake.on('POST /containers/:id/start', (_, response) => {
    response.writeHead(500).end('{"message": "OCI runtime create failed"}');
  });
  await expect(run().result).rejects.toThrow(/would not start a container: OCI runtime create failed\./);
  expect(removed()).toBe(true);
});
