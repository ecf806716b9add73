import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { devbox, latestRecord, startDevbox, temporaryDirectory } from '../support/devbox.ts';
import { leftovers, untilGone } from '../support/leftovers.ts';

/** What has just happened when the run is interrupted, as its event says it. */
const STAGES = [
  '"type":"run-started"',
  '"type":"vm-started"',
  '"type":"guest-ready"',
  '"type":"agent-started"',
  '"type":"agent-ready"',
  '"type":"workload-started"',
  '"type":"workload-exited"',
];

function place() {
  const dir = temporaryDirectory('dbx-');
  chmodSync(dir.path, 0o700);
  return { dir, options: { cwd: dir.path, env: { XDG_RUNTIME_DIR: dir.path } } };
}

const RUN = ['run', '--smp', '2', '--json', '--workload', 'sleep 0.2; echo done', 'fifo'];

describe('nothing outlives the making of images', () => {
  it.each(['SIGINT', 'SIGKILL'] as const)('that %s ends', async (signal) => {
    const { dir, options } = place();
    using _dir = dir;
    const env = { ...options.env, DEVBOX_CACHE: join(dir.path, 'cache'), TMPDIR: dir.path };
    const run = startDevbox(RUN, { ...options, env });
    await run.seen('"stage":"guest-image","detail":');
    run.process.kill(signal);
    const { code } = await run.result;
    expect(code).toBe(signal === 'SIGINT' ? 130 : null);
    await untilGone(dir.path);
    expect(leftovers(dir.path).filter((left) => !left.startsWith('file '))).toEqual([]);
    const made = readdirSync(join(dir.path, 'cache/store/guest-image')).filter(
      (name) => !name.startsWith('.'),
    );
    expect(made).toEqual([]);
  });
});

describe('nothing outlives a run', () => {
  it('that ends by itself', async () => {
    const { dir, options } = place();
    using _dir = dir;
    expect((await devbox(RUN, options)).code).toBe(0);
    expect(leftovers(dir.path)).toEqual([]);
  });

  it.each(STAGES)('that is interrupted at %s', async (stage) => {
    const { dir, options } = place();
    using _dir = dir;
    const run = startDevbox(RUN, options);
    await run.seen(stage);
    run.process.kill('SIGINT');
    const { code } = await run.result;
    expect(code).toBe(130);
    expect(leftovers(dir.path)).toEqual([]);
    expect(latestRecord(dir.path).result).toMatchObject({ verdict: { kind: 'cancelled' } });
  });

  it('whose terminal is closed', async () => {
    const { dir, options } = place();
    using _dir = dir;
    const run = startDevbox(RUN, options);
    await run.seen('"type":"agent-ready"');
    run.process.kill('SIGHUP');
    await run.result;
    expect(leftovers(dir.path)).toEqual([]);
  });

  it('whose reader goes away', async () => {
    const { dir, options } = place();
    using _dir = dir;
    const run = startDevbox(['exec', '--', 'yes'], options);
    await run.seen('y\ny\n');
    run.process.stdout?.destroy();
    await run.result;
    expect(leftovers(dir.path)).toEqual([]);
  });

  it.each(STAGES)(
    'that is killed at %s: its processes go with it, the rest with the next start',
    async (stage) => {
      const { dir, options } = place();
      using _dir = dir;
      const run = startDevbox(RUN, options);
      await run.seen(stage);
      run.process.kill('SIGKILL');
      await run.result;
      const next = await devbox(['exec', '--no-share', '--', 'true'], options);
      expect(next.code).toBe(0);
      expect(leftovers(dir.path)).toEqual([]);
    },
  );
});
