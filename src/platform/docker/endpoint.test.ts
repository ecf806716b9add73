import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sshArgs } from './dial-ssh.ts';
import { endpointText, parseEndpoint } from './endpoint.ts';
import { listEndpoints } from './list-endpoints.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-docker-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function addContext(name: string, host: string): string {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = join(dir, 'contexts', 'meta', id);
  mkdirSync(meta, { recursive: true });
  writeFileSync(
    join(meta, 'meta.json'),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  );
  return join(dir, 'contexts', 'tls', id, 'docker');
}

const from = 'DOCKER_HOST';

test.each([
  ['unix:///run/x.sock', { kind: 'unix', socketPath: '/run/x.sock' }],
  ['unix://', { kind: 'unix', socketPath: '/var/run/docker.sock' }],
  ['tcp://lab', { kind: 'tcp', host: 'lab', port: 2375 }],
  ['lab:1234', { kind: 'tcp', host: 'lab', port: 1234 }],
  ['http://lab:80', { kind: 'tcp', host: 'lab', port: 80 }],
  ['https://lab', { kind: 'tcp', host: 'lab', port: 2376, tls: { verify: true } }],
  ['tcp://[::1]:2375', { kind: 'tcp', host: '::1', port: 2375 }],
  ['ssh://ann@lab:2222', { kind: 'ssh', destination: 'ann@lab', port: 2222 }],
  ['ssh://lab/run/d.sock', { kind: 'ssh', destination: 'lab', socketPath: '/run/d.sock' }],
])('%s is understood', (text, endpoint) => {
  expect(parseEndpoint(text, from)).toEqual({ from, ...endpoint });
});

test.each(['npipe:////./pipe/docker', 'tcp://', 'ssh://', 'ssh://-oProxyCommand=x', 'gopher://x'])(
  '%s is refused by name',
  (text) => expect(() => parseEndpoint(text, from)).toThrow(text),
);

test('DOCKER_HOST comes before a context, and nothing is tried beside it', () => {
  const env = { DOCKER_HOST: 'tcp://lab:1', DOCKER_CONTEXT: 'other', DOCKER_CONFIG: dir };
  const { endpoints, isNamed } = listEndpoints(env);
  expect(isNamed).toBe(true);
  expect(endpoints.map(endpointText)).toEqual(['tcp://lab:1 (DOCKER_HOST)']);
});

test('certificates make it TLS', () => {
  for (const name of ['ca', 'cert', 'key']) writeFileSync(join(dir, `${name}.pem`), name);
  const env = { DOCKER_HOST: 'tcp://lab', DOCKER_CERT_PATH: dir, DOCKER_TLS_VERIFY: '1' };
  expect(listEndpoints(env).endpoints).toEqual([
    {
      ...{ from, kind: 'tcp', host: 'lab', port: 2376 },
      tls: { verify: true, ca: Buffer.from('ca'), cert: Buffer.from('cert'), key: Buffer.from('key') },
    },
  ]);
});

test('the context is that of DOCKER_CONTEXT, else the current one, with its own keys', () => {
  mkdirSync(addContext('lab', 'tcp://lab:2376'), { recursive: true });
  addContext('far', 'ssh://far');
  writeFileSync(join(dir, 'config.json'), '{"currentContext": "lab"}');
  const texts = (env: Record<string, string>) =>
    listEndpoints({ DOCKER_CONFIG: dir, ...env }).endpoints.map(endpointText);
  expect(texts({})).toEqual(['tcp://lab:2376 (the Docker context "lab")']);
  expect(listEndpoints({ DOCKER_CONFIG: dir }).endpoints).toMatchObject([{ tls: { verify: true } }]);
  expect(texts({ DOCKER_CONTEXT: 'far' })).toEqual(['ssh://far (the Docker context "far")']);
  expect(() => texts({ DOCKER_CONTEXT: 'near' })).toThrow('"near"');
});

test('else the usual sockets of Docker and Podman, for everybody and for this user', () => {
  const { endpoints, isNamed } = listEndpoints({ HOME: '/home/ann', XDG_RUNTIME_DIR: '/run/user/7' });
  expect(isNamed).toBe(false);
  expect(endpoints.map(endpointText)).toEqual([
    'unix:///var/run/docker.sock',
    'unix:///run/user/7/docker.sock',
    'unix:///home/ann/.docker/run/docker.sock',
    'unix:///home/ann/.docker/desktop/docker.sock',
    'unix:///run/podman/podman.sock',
    'unix:///run/user/7/podman/podman.sock',
  ]);
});

test("ssh gets a destination and a command, and nothing that could be an option of the user's", () => {
  const args = sshArgs({ kind: 'ssh', destination: 'ann@lab', port: 22, socketPath: '/run/d.sock' });
  expect(args.slice(args.indexOf('-p')).join(' ')).toBe(
    '-p 22 -- ann@lab docker --host unix:///run/d.sock system dial-stdio',
  );
});
