import {
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cacheDir } from '../../src/platform/paths.ts';
import { cacheWithoutKernels } from '../support/cache-without-kernels.ts';
import { damagingProxy } from '../support/damaging-proxy.ts';
import { buildRoot, fetchFromDebian } from '../support/debian-packages.ts';
import {
  type DevboxOptions,
  devbox,
  latestRecord,
  startDevbox,
  temporaryDirectory,
} from '../support/devbox.ts';
import { leftovers } from '../support/leftovers.ts';

/** Runs devbox in a place of its own and looks whether anything was left behind. */
async function attempt(args: readonly string[], options: DevboxOptions = {}, cwd?: string) {
  using runtime = temporaryDirectory('dbr-');
  chmodSync(runtime.path, 0o700);
  const env = { XDG_RUNTIME_DIR: runtime.path, ...options.env };
  const run = await devbox(args, { ...options, env, ...(cwd === undefined ? {} : { cwd }) });
  expect(leftovers(runtime.path)).toEqual([]);
  return run;
}

/** What a user is told when a command line cannot be: one error on standard error, and no record. */
async function refused(cwd: string, args: readonly string[], options: DevboxOptions = {}) {
  const run = await attempt(args, options, cwd);
  expect(run.stderr.match(/^devbox: /gm), run.stdout + run.stderr).toHaveLength(1);
  expect(run.stderr).not.toMatch(/bug|\bat .*\.js:/);
  expect(readdirSync(cwd).filter((name) => name === '.devbox' && runsIn(cwd) > 0)).toEqual([]);
  return { code: run.code, says: run.stderr };
}

function runsIn(cwd: string): number {
  return readdirSync(join(cwd, '.devbox/runs')).filter((name) => /^\d/.test(name)).length;
}

const ELF_ARM64 = Buffer.concat([
  Buffer.from('7f454c46020101000000000000000000', 'hex'),
  Buffer.from('0200b70001000000', 'hex'),
  Buffer.alloc(40),
]);

describe('what cannot be is refused with one error, exit code 64 and nothing left behind', () => {
  it.each<[args: string[], says: RegExp]>([
    [['--kernel', './nowhere', 'fifo'], /no kernel at .*nowhere/],
    [['--kernel', './txt', 'fifo'], /Did you mean \S+\/text\?/],
    [['--kernel', 'scy', 'fifo'], /no kernel named "scy"/],
    [['--kernel', './text', 'fifo'], /text is not a kernel: it is text/],
    [['--kernel', './program', 'fifo'], /not a kernel/],
    [['--kernel', './empty', 'fifo'], /an empty file/],
    [['--kernel', './cut-short', 'fifo'], /kernel \S+cut-short is cut short/],
    [['--kernel', './cut-short-vmlinux', 'fifo'], /kernel \.\/cut-short-vmlinux is cut short/],
    [['--kernel', './tree', 'fifo'], /holds no built kernel/],
    [['--kernel', '/dev/zero', 'fifo'], /not a regular file/],
    [['--smp', '0', 'fifo'], /"0" is not a number of vCPUs/],
    [['--smp', 'x', 'fifo'], /"x" is not a number of vCPUs/],
    [['--smp', '256', 'fifo'], /at most 255/],
    [['--smp', 'sockets=16,cores=16', 'fifo'], /at most 255/],
    [['--memory', '64M', 'fifo'], /needs at least 128 MiB/],
    [['--memory', '128M', '--smp', '64', 'fifo'], /needs at least 192 MiB/],
    [['--memory', '900T', 'fifo'], /more than this machine can spare/],
    [['--share', 'nowhere', 'fifo'], /"nowhere", does not exist/],
    [['--share', 'text', 'fifo'], /"text" is not a directory/],
    [['--share', 'a\nb\u001b[31m', 'fifo'], /"a\\nb\\u001b\[31m", does not exist/],
    [['./nowhere'], /nowhere does not exist/],
    [['./progam'], /Did you mean \S+\/program\?/],
    [['./tree/..'], /There are programs in it: \S+\/arm64, \S+\/nonsense, \S+\/program/],
    [['./text'], /text is not executable/],
    [['./tree'], /is a directory/],
    [['./arm64'], /for AArch64 .*the guest is x86-64/],
    [['./nonsense'], /neither an ELF program nor a script/],
    [['/bin/true'], /in no directory that the guest can see/],
    [['fifi'], /no agent "fifi".*"fifo"/],
    [['--workload', 'domo', 'fifo'], /no workload "domo"/],
  ])('run %j', async (args, says) => {
    using dir = temporaryDirectory();
    const at = (name: string) => join(dir.path, name);
    writeFileSync(at('text'), 'hello\n');
    writeFileSync(at('empty'), '');
    writeFileSync(at('nonsense'), 'hello\n', { mode: 0o755 });
    writeFileSync(at('arm64'), ELF_ARM64, { mode: 0o755 });
    const vmlinux = await defaultVmlinux();
    writeFileSync(at('cut-short'), firstBytes(join(vmlinux, '../bzImage'), 3_000_000));
    writeFileSync(at('cut-short-vmlinux'), firstBytes(vmlinux, 3_000_000));
    cpSync('/bin/true', at('program'));
    mkdirSync(at('tree'));
    const { code, says: said } = await refused(dir.path, ['run', ...args]);
    expect(said).toMatch(says);
    expect(said).toMatch(/^ {2}hint: \S/m);
    expect(code).toBe(64);
  });

  it('a share whose name is not UTF-8, as a word and as the current directory', async () => {
    using dir = temporaryDirectory();
    const inOdd = (script: string) => ['sh', '-c', `d=$(printf 'odd\\377'); mkdir -p "$d"; ${script}`];
    const asWord = inOdd('exec "$0" exec --share "$d" -- true');
    const asDirectory = inOdd('cd "$d"; exec "$0" exec -- true');
    for (const under of [asWord, asDirectory]) {
      const { code, says } = await refused(dir.path, [], { under });
      expect(says).toMatch(/not valid UTF-8/);
      expect(code).toBe(64);
    }
  });
});

async function defaultVmlinux(): Promise<string> {
  const { stdout } = await devbox(['kernel', 'show', 'scx', '--json'], { cwd: '/' });
  return JSON.parse(stdout).vmlinux;
}

function firstBytes(file: string, count: number): Buffer {
  const fd = openSync(file, 'r');
  const bytes = Buffer.alloc(count);
  readSync(fd, bytes, 0, count, 0);
  closeSync(fd);
  return bytes;
}

describe('a kernel without sched_ext', () => {
  let image: string;
  let modules: string;
  beforeAll(async () => {
    const dir = await fetchFromDebian({
      name: 'kernel-without-sched-ext',
      script: `
        apt-get $apt download "$(apt-cache $apt depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: //p' | head -n 1)"
        dpkg-deb -x ./*.deb .
        rm ./*.deb
        ln -s usr/lib lib
        depmod --basedir . "$(ls lib/modules)"`,
    });
    const [release = ''] = readdirSync(join(dir, 'lib/modules'));
    image = join(dir, 'boot', `vmlinuz-${release}`);
    modules = join(dir, 'lib/modules', release);
  });

  it('is refused before it boots when it says so itself', async () => {
    using dir = temporaryDirectory();
    const { code, says } = await refused(dir.path, ['run', '--kernel', image, 'fifo']);
    expect(says).toContain('CONFIG_SCHED_CLASS_EXT');
    expect(code).toBe(64);
  });

  it('is found out within a second of its hello when it does not', async () => {
    using dir = temporaryDirectory();
    const { stdout } = await devbox(['kernel', 'show', image, '--json'], { cwd: dir.path });
    // Without its configuration, and with the types that tell of it out of sight.
    const vmlinux = readFileSync(JSON.parse(stdout).vmlinux);
    vmlinux.write('.XTF', vmlinux.lastIndexOf('\0.BTF\0') + 1, 'latin1');
    cpSync(modules, join(dir.path, 'kernel'), { recursive: true });
    writeFileSync(join(dir.path, 'kernel/vmlinux'), vmlinux);
    writeFileSync(join(dir.path, 'scx_mine'), '#!/bin/sh\nsleep 1000\n', { mode: 0o755 });
    const run = await attempt(['run', '--kernel', './kernel/vmlinux', './scx_mine'], {}, dir.path);
    const record = latestRecord(dir.path);
    const { verdict } = record.result as { verdict: { kind: string; summary: string } };
    expect(verdict, run.stdout).toMatchObject({ kind: 'agent-failed' });
    expect(verdict.summary).toContain('CONFIG_SCHED_CLASS_EXT');
    expect(run.code).toBe(101);
    const events = record.read('events.ndjson').trim().split('\n');
    const times = events
      .map((text) => JSON.parse(text))
      .filter(({ type }) => /guest-ready|verdict/.test(type));
    // A second of a guest that is not emulated.
    expect(times[1].t - times[0].t).toBeLessThan(5000);
  });
});

describe('an agent that the guest cannot run', () => {
  async function verdictOf(dir: string, agent: string) {
    const run = await attempt(['run', '--smp', '1', agent], {}, dir);
    const { verdict } = latestRecord(dir).result as {
      verdict: { kind: string; summary: string; evidence: string[]; hint?: string };
    };
    expect(verdict.kind, run.stdout).toBe('agent-failed');
    expect(run.code).toBe(101);
    return verdict;
  }

  it('for want of a library: the loader says which', async () => {
    using dir = temporaryDirectory();
    const root = await buildRoot();
    await root.run({
      argv: [
        ...['sh', '-euc'],
        `echo 'int f(void) { return 0; }' | gcc -shared -x c - -o libnowhere.so
         echo 'int f(void); int main(void) { return f(); }' | gcc -x c - -o scx_mine -L. -lnowhere
         rm libnowhere.so`,
      ],
      binds: [{ host: dir.path, guest: '/mnt/out', readOnly: false }],
      cwd: '/mnt/out',
      name: 'test-agent',
      title: 'Compiling a test agent',
    });
    const verdict = await verdictOf(dir.path, './scx_mine');
    expect(verdict.summary).toContain('exited with code 127');
    expect(verdict.evidence.join('\n')).toContain('libnowhere.so');
  });

  it('for want of its interpreter', async () => {
    using dir = temporaryDirectory();
    writeFileSync(join(dir.path, 'scx_mine'), '#!/no/such/shell\n', { mode: 0o755 });
    const verdict = await verdictOf(dir.path, './scx_mine');
    expect(verdict.summary).toMatch(/could not be started.*no such file/);
  });
});

/** Runs what follows with a tmpfs of that size at `at`, which nobody else sees. */
function withTmpfs(at: string, options: string, then = ''): string[] {
  const own = userInfo().uid === 0 ? [] : ['--user', '--map-root-user'];
  const script = `mount -t tmpfs -o mode=700,${options} tmpfs "$0"; ${then} exec "$@"`;
  return ['unshare', ...own, '--mount', '--propagation', 'private', '--', 'sh', '-ec', script, at];
}

describe('a full disk', () => {
  it.each([
    ['50m', / 50\.0 MiB free, \S+ [GM]iB needed/],
    ['4k', /0 B free/],
  ])('under a cache of %s', async (size, says) => {
    using dir = temporaryDirectory();
    using cache = temporaryDirectory('dbc-');
    const options = { env: { DEVBOX_CACHE: cache.path }, under: withTmpfs(cache.path, `size=${size}`) };
    const run = await attempt(['run', 'fifo'], options, dir.path);
    expect(run.stdout).toMatch(says);
    expect(run.stdout).toMatch(/^infrastructure-failed: The disk that holds \S+ is full/m);
    expect(run.code).toBe(107);
  });

  it('under the sockets', async () => {
    using dir = temporaryDirectory();
    using runtime = temporaryDirectory('dbr-');
    const fill = 'head -c 4096 /dev/zero > "$0/x";';
    const run = await devbox(['exec', '--no-share', '--', 'true'], {
      cwd: dir.path,
      env: { XDG_RUNTIME_DIR: runtime.path },
      under: withTmpfs(runtime.path, 'size=4k', fill),
    });
    expect(run.stderr).toMatch(/The disk that holds \S+ is full/);
    expect(run.code).toBe(107);
  });

  it('under the record: the run ends, and what could be kept is kept', async () => {
    using dir = temporaryDirectory();
    const inside = 'cd "$0";';
    const keep = 'shift; "$@"; code=$?; cat .devbox/runs/latest/result.json >&2; exit $code';
    const run = await attempt(['run', '--smp', '1', '--workload', 'head -c 5000000 /dev/zero', 'fifo'], {
      cwd: dir.path,
      under: [...withTmpfs(dir.path, 'size=1m', inside), 'sh', '-c', keep, 'sh', 'sh'],
    });
    expect(run.stdout).toMatch(/^infrastructure-failed: The disk is full: the run's record/m);
    expect(run.code).toBe(107);
    expect(JSON.parse(run.stderr)).toMatchObject({ verdict: { kind: 'infrastructure-failed' } });
  });
});

it('a file-sharing daemon that is killed ends the run with a word about it', async () => {
  using dir = temporaryDirectory();
  using runtime = temporaryDirectory('dbr-');
  chmodSync(runtime.path, 0o700);
  const run = startDevbox(['run', '--json', '--smp', '1', '--workload', 'sleep 600', 'fifo'], {
    cwd: dir.path,
    env: { XDG_RUNTIME_DIR: runtime.path },
  });
  await run.seen('"type":"agent-ready"');
  const [lease = ''] = readdirSync(join(runtime.path, 'devbox'));
  const children = readFileSync(join(runtime.path, 'devbox', lease, 'children'), 'utf8')
    .trim()
    .split('\n');
  const pids = children.map((line) => line.split(' ')[0] as string);
  const daemon = pids.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('virtiofsd'));
  process.kill(Number(daemon), 'SIGKILL');
  expect((await run.result).code).toBe(107);
  expect(latestRecord(dir.path).result).toMatchObject({
    verdict: { kind: 'infrastructure-failed', summary: 'The file-sharing daemon ended (SIGKILL).' },
  });
  expect(leftovers(runtime.path)).toEqual([]);
});

it('a download that is cut short is refused, leaves nothing in the store, and works the next time', async () => {
  using dir = temporaryDirectory();
  const store = cacheWithoutKernels(join(dir.path, 'cache'));
  await using proxy = await damagingProxy('.deb');
  const env = { DEVBOX_CACHE: join(dir.path, 'cache') };
  const cut = { env: { ...env, http_proxy: proxy.url } };
  const run = await attempt(['exec', '--no-share', '--', 'true'], cut, dir.path);
  expect(run.stderr).toMatch(/infrastructure-failed: Fetching the kernel \S+ failed/);
  expect(run.stderr).toContain('damaged or incomplete');
  expect(run.code).toBe(107);
  expect(proxy.cut).toBeGreaterThan(0);
  expect(readdirSync(join(store, 'kernel'))).toEqual([]);
  const again = await attempt(['exec', '--no-share', '--', 'true'], { env }, dir.path);
  expect(again.code, again.stderr).toBe(0);
});

/** The directory of the entry that a run has just looked up. */
function lastUsed(kind: string): string {
  const parent = join(cacheDir(), 'store', kind);
  const entries = readdirSync(parent).filter((name) => !name.startsWith('.'));
  const age = (name: string) => statSync(join(parent, name, 'used')).mtimeMs;
  return join(parent, entries.sort((a, b) => age(b) - age(a))[0] as string);
}

/** As a failing disk would: the size and the time stamp stay. */
function flipByte(file: string): void {
  const { size, atime, mtime } = statSync(file);
  const fd = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  readSync(fd, byte, 0, 1, size >> 1);
  writeSync(fd, Buffer.from([~(byte[0] as number)]), 0, 1, size >> 1);
  closeSync(fd);
  utimesSync(file, atime, mtime);
}

it('damaged artifacts are found by their digests and made anew', async () => {
  using dir = temporaryDirectory();
  const before = await attempt(['exec', '--no-share', '--', 'true'], {}, dir.path);
  expect(before.code).toBe(0);
  const damaged = [
    await defaultVmlinux(),
    join(lastUsed('guest-image'), 'disk.ext4'),
    join(lastUsed('native'), 'init'),
    join(lastUsed('initramfs'), 'initramfs.cpio'),
  ];
  for (const file of damaged) flipByte(file);
  const run = await attempt(['run', '--smp', '1', '--workload', '/bin/true', 'fifo'], {}, dir.path);
  expect(run.code, run.stdout).toBe(0);
  expect(run.stdout).toMatch(/guest image .*the digest of disk\.ext4 is not the recorded one/);
  expect(run.stdout).toMatch(/kernel .*the digest of vmlinux is not the recorded one/);
  expect(run.stdout).toMatch(/the digest of init is not the recorded one/);
});
