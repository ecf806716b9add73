import { expect, it } from 'vitest';
import { startChild } from './child.ts';
import { untilIdle } from './until-idle.ts';

const FOR_EVER = 600_000;

it('waits while a descendant works, and no longer', async () => {
  // Its shell waits, its child works until it is told to stop.
  const busy = 'trap "exit 0" USR1; while :; do :; done';
  await using child = await startChild({
    argv: ['sh', '-c', `sh -c '${busy}' & echo $!; wait; exec sleep 1000`],
  });
  const worker = await new Promise<string>((resolve) =>
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString())),
  );
  await untilIdle(child.pid, 50);
  expect(() => process.kill(Number(worker), 'SIGUSR1')).not.toThrow();
  await untilIdle(child.pid, FOR_EVER);
});

it('does not wait for a process that is gone', async () => {
  const child = await startChild({ argv: ['true'] });
  await child.exited;
  await untilIdle(child.pid, FOR_EVER);
});
