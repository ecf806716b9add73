import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { BuildEnvironment, EnvironmentCommand } from '../../src/build/environment/environment.ts';
import { findToolchain } from '../../src/build/environment/find-toolchain.ts';
import { openEnvironment } from '../../src/build/environment/open-environment.ts';
import { connectDaemon, type Daemon } from '../../src/platform/docker/daemon.ts';
import { findDaemon, notReachable } from '../../src/platform/docker/find-daemon.ts';
import { LABEL, labelFilter, ownLabels } from '../../src/platform/docker/labels.ts';
import { removeOldVolumes } from '../../src/platform/docker/old-volumes.ts';
import { openStore } from '../../src/platform/store.ts';
import { temporaryDirectory } from '../support/devbox.ts';

const options = { emit: () => {}, store: openStore(), offline: false };
let daemon: Daemon;
let docker: BuildEnvironment;

beforeAll(async () => {
  const found = await findDaemon();
  if (!found.endpoint) throw notReachable(found);
  daemon = await connectDaemon(found.endpoint);
  docker = await openEnvironment({ ...options, builder: 'docker' });
});

function shell(script: string, more: Partial<EnvironmentCommand> = {}): EnvironmentCommand {
  return { argv: ['sh', '-c', script], name: 'test', title: 'Testing', mounts: [], ...more };
}

/** States of the containers that a process has made and that are still there, ended ones too. */
async function containers(pid: number | undefined = process.pid): Promise<string[]> {
  const list = await daemon.client.listContainers({ all: true, filters: labelFilter(ownLabels()) });
  return list
    .filter(({ Labels: labels }) => labels[LABEL.owner]?.startsWith(`${pid}-`))
    .map(({ State: state }) => state);
}

/** What it keeps at the daemon. */
async function volumes(holds: string): Promise<string[]> {
  const filters = JSON.stringify({ label: [`${LABEL.holds}=${holds}`] });
  return (await daemon.client.listVolumes({ filters })).Volumes.map(({ Name: name }) => name).sort();
}

describe('the build environment', () => {
  it('is there at once when its image has been built, and known without starting anything', async () => {
    const emit = vi.fn();
    const again = await openEnvironment({ ...options, emit, builder: 'auto', offline: true });
    expect(again.image).toBe(docker.image);
    expect(emit).toHaveBeenCalledWith(expect.objectContaining({ type: 'stage-finished', outcome: 'cached' }));
    const found = await findToolchain({ ...options, builder: 'auto' });
    expect(found).toEqual({ builder: 'docker', image: docker.image, toolchain: docker.toolchain });
  });

  it('has the same toolchain in Docker and embedded', async () => {
    const embedded = await openEnvironment({ ...options, builder: 'embedded' });
    expect(embedded.toolchain).toEqual(docker.toolchain);
    expect(await findToolchain({ ...options, builder: 'embedded' })).toMatchObject({
      toolchain: docker.toolchain,
    });
  });

  it('is the pinned one or none', async () => {
    const frozen = await openEnvironment({ ...options, builder: 'docker', frozenImage: docker.image });
    expect(frozen.image).toBe(docker.image);
    const moved = openEnvironment({ ...options, builder: 'docker', frozenImage: `sha256:${'0'.repeat(64)}` });
    await expect(moved).rejects.toMatchObject({ code: 'image-moved' });
  });

  it('says which step of an image failed, with what it said', async () => {
    using dir = temporaryDirectory();
    writeFileSync(
      join(dir.path, 'Dockerfile'),
      'FROM debian:trixie-slim\nRUN echo "E: no such thing" && exit 3\n',
    );
    const failing = openEnvironment({ ...options, builder: 'docker', image: dir.path });
    await expect(failing).rejects.toMatchObject({ kind: 'build', code: 'image-failed' });
    const { message, evidence, log } = await failing.catch((error) => error);
    expect(message).toMatch(/failed at step 2\/\d+ of its Dockerfile/);
    expect(evidence.join('\n')).toMatch(/RUN echo.*E: no such thing.*non-zero code: 3/s);
    expect(readFileSync(log, 'utf8')).toContain('E: no such thing');
  });
});

describe('a command in Docker', () => {
  it('is an ordinary user without rights or network, who reads sources and writes only where it may', async () => {
    using dir = temporaryDirectory();
    for (const name of ['source', 'private', 'work', 'out']) mkdirSync(join(dir.path, name));
    writeFileSync(join(dir.path, 'source/a'), 'of the source');
    writeFileSync(join(dir.path, 'private/b'), 'of nobody else', { mode: 0o600 });
    chmodSync(join(dir.path, 'private'), 0o700);
    const { stdout } = await docker.run(
      shell(
        `id -u; cat /mnt/source/a /mnt/private/b; echo
        for file in /mnt/source/a /mnt/private/b /usr/new; do { echo x >>$file; } 2>/dev/null && echo wrote $file; done
        grep -E "^(CapEff|CapBnd|NoNewPrivs)" /proc/self/status | tr -d "\\t "; ls /sys/class/net
        umask 077; echo w >/mnt/work/w; mkdir /mnt/out/d; echo o >/mnt/out/d/o`,
        {
          mounts: (['source', 'private', 'work', 'out'] as const).map((name) => ({
            host: join(dir.path, name),
            guest: `/mnt/${name}`,
            mode: name === 'work' ? 'work' : name === 'out' ? 'output' : 'input',
          })),
        },
      ),
    );
    const [uid, ...rest] = stdout.trim().split('\n');
    expect(Number(uid)).toBeGreaterThan(0);
    expect(rest).toEqual([
      'of the sourceof nobody else',
      ...['CapEff:0000000000000000', 'CapBnd:0000000000000000', 'NoNewPrivs:1', 'lo'],
    ]);
    expect(readFileSync(join(dir.path, 'source/a'), 'utf8')).toBe('of the source');
    expect(statSync(join(dir.path, 'out/d/o')).uid).toBe(userInfo().uid);
    await docker.run(
      shell('cat /mnt/work/w', {
        mounts: [{ host: join(dir.path, 'work'), guest: '/mnt/work', mode: 'work' }],
      }),
    );
  });

  it('has the network when it asks for it', async () => {
    const mirror = '$(sed -nE "s,^deb .*//([^/]+)/.*,\\1,p" /etc/apt/sources.list | head -1)';
    await docker.run(shell(`getent hosts ${mirror}`, { network: true }));
    await expect(docker.run(shell(`getent hosts ${mirror}`))).rejects.toMatchObject({ code: 'build-failed' });
  });

  it('has two streams, of which all is logged', async () => {
    const lines: string[] = [];
    const script = 'for i in 1 2 3; do echo out $i; done; echo err >&2';
    const { stdout, log } = await docker.run(shell(script, { onLine: (line) => lines.push(line) }));
    expect(stdout).toBe('out 1\nout 2\nout 3\n');
    expect(lines.toSorted()).toEqual(['err', 'out 1', 'out 2', 'out 3']);
    expect(readFileSync(log, 'utf8')).toContain('err\n');
    const failing = docker.run(shell('echo "a.c:1: error: bad"; exit 5'));
    await expect(failing).rejects.toMatchObject({ evidence: ['a.c:1: error: bad'] });
    await expect(failing).rejects.toThrow('Testing failed with exit code 5.');
  });

  it('that goes over its memory is told so, with the limit', async () => {
    const script = 'python3 -c "x = bytearray(256 * 2**20)"; exit 2';
    const failing = docker.run(shell(script, { limits: { memoryBytes: 64 * 2 ** 20, cpus: 1 } }));
    await expect(failing).rejects.toMatchObject({ code: 'out-of-memory' });
    await expect(failing).rejects.toThrow(/its limit of 64\.0 MiB/);
  });

  it('that is cancelled is gone, though it ignores signals', async () => {
    const controller = new AbortController();
    const script = 'trap "" TERM INT; echo up; while :; do sleep 1; done';
    const running = docker.run(
      shell(script, { signal: controller.signal, onLine: () => controller.abort() }),
    );
    await expect(running).rejects.toMatchObject({ kind: 'cancelled' });
    expect(await containers()).toEqual([]);
  });
});

const SCRIPT = resolve(import.meta.dirname, '../support/environment-command.ts');

/** Asks and answers through all three kinds of mounts; the second time what was kept in `work` is there. */
const ANSWERING = `echo x >>/mnt/work/rounds
  { cat /mnt/input/question; echo " answered in round $(wc -l </mnt/work/rounds)"; } >/mnt/out/answer`;

/** A devbox of its own that runs a script in Docker. */
function start(script: string, env: NodeJS.ProcessEnv = {}, before: readonly string[] = []) {
  const [program = '', ...args] = [...before, process.execPath, SCRIPT, script];
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  return { child, said: () => said };
}

async function untilSaid({ child, said }: { child: ChildProcess; said: () => string }, text: string) {
  while (!said().includes(text)) await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
}

describe('what a killed devbox left', () => {
  it('ends by itself, and is removed by the next start', async () => {
    using dir = temporaryDirectory();
    const started = start('echo up; sleep 1000', { TMPDIR: dir.path });
    await untilSaid(started, 'up');
    started.child.kill('SIGKILL');
    const { pid } = started.child;
    await vi.waitFor(async () => expect(await containers(pid)).toEqual(['exited']), 20_000);
    await openEnvironment({ ...options, builder: 'docker' });
    expect(await containers(pid)).toEqual([]);
  });
});

describe('a daemon elsewhere', () => {
  /** The cache and the sources lie where the daemon cannot see them. */
  it("that does not see this machine's files gets copies, and its artifacts are copied back", async () => {
    using dir = temporaryDirectory();
    const own = userInfo().uid === 0 ? [] : ['--user', '--map-current-user', '--keep-caps'];
    const hide = ['sh', '-ec', 'mount -t tmpfs tmpfs "$1"; shift; exec "$@"', 'sh', dir.path];
    const env = { DEVBOX_CACHE: join(dir.path, 'cache'), TMPDIR: dir.path };
    const { child, said } = start(ANSWERING, env, [
      'unshare',
      ...own,
      '--mount',
      '--propagation',
      'private',
      '--',
      ...hide,
    ]);
    const [code] = await once(child, 'close');
    expect(said()).toMatch(/^notice: .*does not see this machine's files/);
    expect(said().split('\n').at(-2)).toBe('question answered in round 2');
    expect(code).toBe(0);
    expect(await containers(child.pid)).toEqual([]);
    const kept = await volumes('of the test');
    expect(kept).toHaveLength(2);
    // Where the second one's work would lie is gone.
    expect(await removeOldVolumes(daemon)).toBeGreaterThan(0);
    expect(await volumes('of the test')).toEqual(kept);
    for (const name of kept) await daemon.client.getVolume(name).remove();
  });

  it('is reached by ssh', async () => {
    using dir = temporaryDirectory();
    const { endpoint } = daemon;
    if (endpoint.kind !== 'unix') throw new Error('the tests’ daemon listens on a Unix socket');
    // In the place of ssh: what `docker system dial-stdio` would do on the other machine.
    const dial = `require('node:net').connect('${endpoint.socketPath}', function () { process.stdin.pipe(this).pipe(process.stdout); })`;
    const log = join(dir.path, 'log');
    writeFileSync(
      join(dir.path, 'ssh'),
      `#!/bin/sh\necho "$@" >>${log}\nexec ${process.execPath} -e "${dial}"\n`,
      { mode: 0o755 },
    );
    const env = { DOCKER_HOST: 'ssh://ann@lab:2222', PATH: `${dir.path}:${process.env.PATH}` };
    const { child, said } = start(ANSWERING, env);
    await once(child, 'close');
    expect(said()).toBe('question answered in round 2\n');
    expect(readFileSync(log, 'utf8')).toMatch(/-p 2222 -- ann@lab docker system dial-stdio$/m);
  });
});
