import { describe, expect, it } from 'vitest';
import { Failure } from '../core/failure.ts';
import { runChild, startChild } from './child.ts';
import { processIdentity } from './process-identity.ts';

describe('runChild', () => {
  it('collects both streams and the exit code, which is no error', async () => {
    const result = await runChild({ argv: ['sh', '-c', 'echo out; echo err >&2; exit 3'] });
    expect(result).toEqual({ exit: { code: 3 }, stdout: 'out\n', stderr: 'err\n' });
  });

  it('hands input over and survives a child that does not read it', async () => {
    expect((await runChild({ argv: ['cat'], input: 'text' })).stdout).toBe('text');
    expect((await runChild({ argv: ['true'], input: 'x'.repeat(1_000_000) })).exit).toEqual({ code: 0 });
  });

  it('tells a signal from an exit code', async () => {
    expect((await runChild({ argv: ['sh', '-c', 'kill -SEGV $$'] })).exit).toEqual({ signal: 'SIGSEGV' });
  });

  it('names a program that is not installed', async () => {
    await expect(runChild({ argv: ['no-such-program'] })).rejects.toMatchObject({
      code: 'command-missing',
      message: 'The program "no-such-program" is not installed.',
    });
  });

  it('keeps the last MiB of endless output', async () => {
    const { stdout } = await runChild({ argv: ['sh', '-c', 'head -c 5000000 /dev/zero; echo end'] });
    expect(stdout.length).toBe(2 ** 20);
    expect(stdout.endsWith('end\n')).toBe(true);
  });

  it('ends the whole process group when aborted', async () => {
    const controller = new AbortController();
    const { promise: printed, resolve } = Promise.withResolvers<number>();
    const running = runChild({
      argv: ['sh', '-c', 'sleep 1000 & echo $!; wait'],
      signal: controller.signal,
      onOutput: (chunk) => resolve(Number(chunk.toString())),
    });
    const grandchild = await printed;
    controller.abort(new Failure({ kind: 'cancelled', code: 'test', message: 'enough' }));
    await expect(running).rejects.toMatchObject({ code: 'test' });
    expect(processIdentity(grandchild)).toBeUndefined();
  });
});

describe('terminate', () => {
  it('ends members of the group that ignore SIGTERM when their leader does not', async () => {
    const script = `trap '' TERM; sleep 1000 & trap - TERM; echo $!; wait`;
    const child = await startChild({ argv: ['sh', '-c', script] });
    const printed = await new Promise<Buffer>((resolve) => child.stdout?.once('data', resolve));
    expect(await child.terminate()).toEqual({ signal: 'SIGTERM' });
    // SIGKILL is on its way; on a busy machine the kernel takes a moment to carry it out.
    await expect.poll(() => processIdentity(Number(printed.toString()))).toBeUndefined();
  });
});

describe('startChild', () => {
  it('gives the child a process group of its own and ends it on disposal', async () => {
    let pid: number;
    {
      await using child = await startChild({ argv: ['sleep', '1000'] });
      pid = child.pid;
      expect(processIdentity(pid)).toBeDefined();
    }
    expect(processIdentity(pid)).toBeUndefined();
  });
});
