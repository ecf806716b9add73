import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheDir } from '../../src/platform/paths.ts';
import { type DevboxOptions, devbox, temporaryDirectory } from '../support/devbox.ts';

const exec = (cwd: string, args: readonly string[], command: string, env: DevboxOptions['env'] = {}) =>
  devbox(['exec', ...args, '--', 'sh', '-c', command], { cwd, env });

/** As if that way of entering a root had been found to be the one that works on this machine. */
function runBy(runner: 'bubblewrap' | 'unshare', cache: string): { readonly DEVBOX_CACHE: string } {
  for (const name of readdirSync(cacheDir())) {
    if (name !== 'runner.json') symlinkSync(join(cacheDir(), name), join(cache, name));
  }
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const machine = `${boot} ${userInfo().uid}`;
  writeFileSync(join(cache, 'runner.json'), JSON.stringify({ machine, name: runner }));
  return { DEVBOX_CACHE: cache };
}

describe('a share', () => {
  it('is the current directory by default: read-write, at the same path, and where commands start', async () => {
    using dir = temporaryDirectory();
    writeFileSync(join(dir.path, 'from-host'), 'host');
    const run = await exec(
      dir.path,
      [],
      'pwd; cat from-host; echo guest > from-guest; mkdir sub; mv from-guest sub/',
    );
    expect(run.stdout).toBe(`${dir.path}\nhost`);
    expect(readFileSync(join(dir.path, 'sub/from-guest'), 'utf8')).toBe('guest\n');
  });

  it('may have blanks, quotes, commas, colons and newlines in its name', async () => {
    using dir = temporaryDirectory();
    const odd = join(dir.path, 'a b\'c"d,e:f\ng=h');
    mkdirSync(odd);
    writeFileSync(join(odd, 'file'), 'found');
    const run = await exec(odd, [], 'cat file; pwd');
    expect(run.stdout).toBe(`found${odd}\n`);
  });

  it('cannot be written when it is read-only, not even by remounting it', async () => {
    using dir = temporaryDirectory();
    writeFileSync(join(dir.path, 'file'), 'same');
    const run = await exec(
      dir.path,
      ['--share', `${dir.path}:/data:ro`],
      'echo x > /data/file; mount -o remount,rw /data; echo x > /data/file; rm /data/file; touch /data/new; cat /data/file',
    );
    expect(run.stdout).toBe('same');
    expect(readFileSync(join(dir.path, 'file'), 'utf8')).toBe('same');
    expect(existsSync(join(dir.path, 'new'))).toBe(false);
  });

  it('does not follow what the guest swaps under the daemon', async () => {
    using dir = temporaryDirectory();
    const shared = join(dir.path, 'shared');
    mkdirSync(join(shared, 'd'), { recursive: true });
    writeFileSync(join(dir.path, 'target'), 'secret');
    writeFileSync(join(shared, 'd/target'), 'mine');
    linkSync(join(shared, 'd/target'), join(shared, 'linked'));
    const race = `
import os, threading, time
end = time.time() + 3
seen = set()
def swap():
    while time.time() < end:
        try: os.rename('/data/d', '/data/e'); os.symlink('..', '/data/d'); os.unlink('/data/d'); os.rename('/data/e', '/data/d')
        except OSError: pass
thread = threading.Thread(target=swap); thread.start()
while time.time() < end:
    try: seen.add(open('/data/d/target').read())
    except OSError: pass
thread.join(); print(sorted(seen))`;
    const run = await devbox(['exec', '--share', `${shared}:/data`, '--', 'python3', '-c', race], {
      cwd: '/',
    });
    expect(run.code).toBe(0);
    expect(run.stdout).not.toContain('secret');
  });
});

describe.each(['bubblewrap', 'unshare'] as const)('a share that %s confines', (runner) => {
  it('lets the guest read and write nothing outside it, nor make devices', async () => {
    using dir = temporaryDirectory();
    using cache = temporaryDirectory();
    const env = runBy(runner, cache.path);
    const shared = join(dir.path, 'shared');
    const outside = join(dir.path, 'outside');
    mkdirSync(shared);
    writeFileSync(outside, 'secret');
    symlinkSync(outside, join(shared, 'absolute'));
    symlinkSync('../outside', join(shared, 'relative'));
    symlinkSync('..', join(shared, 'parent'));
    const tries = [
      'cat absolute relative parent/outside ../outside parent/shared/../outside',
      'echo x > absolute; echo x > relative; echo x > ../outside; echo x > parent/planted',
      'ln ../outside hard; ln /data/relative hard2; mv /data/parent/outside .; mv ../outside .; cp -a ../outside copied',
      'mknod disk b 254 0; mknod memory c 1 1; mkfifo pipe; mount --bind / /data/parent',
      'ln -s /proc/1/root escape; cat /data/escape/$OUTSIDE; cat /proc/self/root/$OUTSIDE',
      "python3 -c \"import os; fd = os.open('/data', os.O_PATH); print(os.listdir('/proc/self/fd/%d/..' % fd))\"",
    ].join('\n');
    const run = await exec(
      dir.path,
      ['--fresh-boot', '--share', `${shared}:/data`],
      `cd /data; OUTSIDE=${outside}\n${tries}\necho mine > mine`,
      env,
    );
    expect(readFileSync(join(shared, 'mine'), 'utf8')).toBe('mine\n');
    expect(run.code).toBe(0);
    expect(run.stdout).not.toContain('secret');
    expect(readFileSync(outside, 'utf8')).toBe('secret');
    expect(existsSync(join(dir.path, 'planted'))).toBe(false);
    expect(existsSync(join(shared, 'disk'))).toBe(false);
    expect(existsSync(join(shared, 'memory'))).toBe(false);
    expect(lstatSync(join(shared, 'parent')).isSymbolicLink()).toBe(true);
  });

  it('makes nothing set-user-id or set-group-id, which would lend the rights of its user to others', async () => {
    using dir = temporaryDirectory();
    using cache = temporaryDirectory();
    writeFileSync(join(dir.path, 'there'), '', { mode: 0o755 });
    const open = `
import os
for flags in (os.O_CREAT, os.O_CREAT | os.O_EXCL | os.O_WRONLY, os.O_TMPFILE | os.O_WRONLY):
    for mode in (0o4755, 0o2755, 0o6777):
        try:
            name = '.' if flags & os.O_TMPFILE == os.O_TMPFILE else 'opened%o' % mode
            fd = os.open(name, flags, mode)
            if name == '.': os.link('/proc/self/fd/%d' % fd, 'linked%o' % mode, follow_symlinks=True)
        except OSError: pass`;
    const script = [
      'umask 0; cp /bin/true set; for m in u+s g+s 4755 2755 6777; do chmod $m set there; done',
      'cp -p /usr/bin/passwd .; install -m 6755 /bin/true installed; mkdir -m 2777 d; chmod g+s d',
      `python3 -c "$OPEN"; chmod 750 there; touch last`,
    ].join('\n');
    const env = runBy(runner, cache.path);
    const run = await exec(dir.path, ['--fresh-boot'], `OPEN=$(cat <<'END'\n${open}\nEND\n)\n${script}`, env);
    expect(run.code).toBe(0);
    const modes = readdirSync(dir.path).map((name) => [name, lstatSync(join(dir.path, name)).mode & 0o6000]);
    expect(modes.filter(([, mode]) => mode !== 0)).toEqual([]);
    expect(lstatSync(join(dir.path, 'there')).mode & 0o777).toBe(0o750);
    expect(existsSync(join(dir.path, 'last'))).toBe(true);
  });
});
