import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const RIG = resolve(import.meta.dirname, '../../tests/support/scripted-run.ts');
const MAIN = resolve(import.meta.dirname, 'main.ts');
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-session-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function end(child: ChildProcess): Promise<Ended> {
  const texts = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('latin1').on('data', (chunk) => {
    texts.stdout += chunk;
  });
  child.stderr?.setEncoding('latin1').on('data', (chunk) => {
    texts.stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...texts };
}

const start = (...words: string[]) => spawn(process.execPath, [RIG, ...words], { cwd: dir });
const play = (...words: string[]) => {
  const child = start(...words);
  child.stdin.end();
  return end(child);
};
const devbox = (...words: string[]) => end(spawn(process.execPath, [MAIN, ...words], { cwd: dir }));
const latest = (file: string) => readFileSync(join(dir, '.devbox/runs/latest', file), 'utf8');

/** Resolves when the child has printed the text. */
async function printed(child: ChildProcess, text: string): Promise<void> {
  let seen = '';
  for await (const [chunk] of on(child.stdout as NodeJS.ReadableStream & NodeJS.EventEmitter, 'data')) {
    seen += String(chunk);
    if (seen.includes(text)) return;
  }
}

describe('a session', () => {
  it.each([[[]], [['--json']], [['--quiet']]])('is replayed byte for byte, %j', async (flags) => {
    for (const scenario of ['fifo', 'binary', 'build']) {
      const live = await play(scenario, ...flags);
      const replayed = await devbox('runs', 'replay', 'latest', ...flags);
      expect(live.stdout).not.toBe('');
      expect(replayed.stdout).toBe(live.stdout);
    }
  });

  it("passes a command's bytes and exit code through, and replays both streams", async () => {
    const live = await play('binary', '--exec');
    expect(live.code).toBe(3);
    expect(Buffer.from(live.stdout.slice(0, 256), 'latin1')).toEqual(
      Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
    );
    expect(live.stderr).toBe(live.stdout);
    expect(await devbox('runs', 'replay', 'latest')).toEqual({ ...live, code: 0 });
  });

  it('feeds standard input to the command', async () => {
    const child = start('cat', '--exec');
    const bytes = Buffer.alloc(300_000, Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));
    child.stdin.end(bytes);
    expect(await end(child)).toEqual({ code: 0, stdout: bytes.toString('latin1'), stderr: '' });
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'puts things away on %s and exits with 130',
    async (signal) => {
      const child = start('endless');
      const ended = end(child);
      await printed(child, 'ready to be cancelled');
      child.kill(signal);
      const { code, stdout } = await ended;
      expect(code).toBe(130);
      expect(stdout).toContain('putting things away');
      expect(stdout).toMatch(new RegExp(`cancelled: Cancelled.*${signal}`));
      expect(JSON.parse(latest('result.json'))).toMatchObject({
        exitCode: 130,
        verdict: { kind: 'cancelled' },
      });
    },
  );

  it('ends at once on a second Ctrl-C, with its record complete', async () => {
    const child = start('endless', '--stuck');
    const ended = end(child);
    await printed(child, 'ready to be cancelled');
    child.kill('SIGINT');
    await printed(child, 'putting things away');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(JSON.parse(latest('result.json'))).toMatchObject({ verdict: { kind: 'cancelled' } });
    expect(latest('events.ndjson').trimEnd().split('\n').at(-1)).toContain('"run-finished"');
  });

  it('ends quietly when nobody reads its output any more', async () => {
    const command = `"${process.execPath}" "${RIG}" flood | head -n 1`;
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', command], { cwd: dir });
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stderr).toBe('');
    expect(JSON.parse(latest('result.json'))).toMatchObject({ verdict: { kind: 'cancelled' } });
  });

  it.each([
    ['usage', 64, 'devbox: There is no kernel "x".\n  hint: See.\n'],
    ['host', 69, 'devbox: QEMU is not installed.\n  hint: devbox setup\n'],
  ])('that is refused (%s) prints one error and leaves nothing behind', async (scenario, code, stderr) => {
    const before = readFileSync(join(dir, '.devbox/runs/latest/request.json'), 'utf8');
    expect(await play(scenario)).toEqual({ code, stdout: '', stderr });
    expect(latest('request.json')).toBe(before);
  });

  it('turns a failure on the way into a verdict with its evidence', async () => {
    const { code, stdout } = await play('build');
    expect(code).toBe(107);
    expect(stdout).toContain(
      'infrastructure-failed: The kernel does not build.\n  │ make: *** [Makefile:1] Error 2\n'.replace(
        '│',
        '\u00e2\u0094\u0082',
      ),
    );
  });

  it.each(['bug', 'crash'])(
    'calls what nobody expected a bug, keeps the stack and exits with 70 (%s)',
    async (scenario) => {
      const { code, stderr } = await play(scenario);
      expect(code).toBe(70);
      expect(stderr).toMatch(/^devbox: This is a bug in devbox: .*\n {2}The details are in .*crash\.log\n$/);
      expect(latest('crash.log')).toContain('scripted-run.ts');
    },
  );

  it('that was killed shows as interrupted, and can be replayed up to its last event', async () => {
    const child = start('endless');
    const ended = end(child);
    await printed(child, 'ready to be cancelled');
    child.kill('SIGKILL');
    const { stdout } = await ended;
    expect((await devbox('runs', 'list')).stdout).toMatch(/^\S+ +interrupted +devbox run endless$/m);
    const replayed = await devbox('runs', 'replay', 'latest');
    expect(replayed.stdout).toBe(stdout);
    expect(replayed.stderr).toContain('It was interrupted');
  });

  it('makes no record for a command line that is wrong', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'devbox-session-'));
    const { code } = await end(spawn(process.execPath, [MAIN, 'run', '--smp', '0', 'fifo'], { cwd: empty }));
    expect(code).toBe(64);
    expect(existsSync(join(empty, '.devbox'))).toBe(false);
    rmSync(empty, { recursive: true });
  });

  it('says that a name is not UTF-8 instead of using another', async () => {
    const command = `"${process.execPath}" "${MAIN}" exec --share "$(printf 'x\\377')" -- true`;
    await expect(promisify(execFile)('sh', ['-c', command], { cwd: dir })).rejects.toMatchObject({
      code: 64,
      stderr: expect.stringContaining('not valid UTF-8'),
    });
  });
});
