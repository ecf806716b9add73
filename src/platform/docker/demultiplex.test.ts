import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { demultiplex, type OutputSink } from './demultiplex.ts';
import { frame } from './fake-daemon.fixture.ts';

function collect() {
  const said = { 1: '', 2: '' };
  const sink: OutputSink = {
    add: (chunk, fd) => {
      said[fd] += chunk.toString('latin1');
      return true;
    },
    whenWritten: (then) => then(),
  };
  return { said, sink };
}

test('both streams come out whole, however the connection cuts them', async () => {
  const frames = fc.array(
    fc.tuple(fc.constantFrom(1 as const, 2 as const), fc.string({ unit: 'binary-ascii', maxLength: 40 })),
  );
  await fc.assert(
    fc.asyncProperty(frames, fc.integer({ min: 1, max: 60 }), async (written, size) => {
      const bytes = Buffer.concat(written.map(([fd, text]) => frame(fd, text)));
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      const { said, sink } = collect();
      await demultiplex(Readable.from(pieces), sink);
      const all = (fd: 1 | 2) => written.map(([which, text]) => (which === fd ? text : '')).join('');
      expect(said).toEqual({ 1: all(1), 2: all(2) });
    }),
    { numRuns: 200 },
  );
});

test.each([
  ['in a header', frame(1, 'x').subarray(0, 5)],
  ['in a payload', frame(1, 'hello').subarray(0, 10)],
])('an end %s is an error', async (_, bytes) => {
  await expect(demultiplex(Readable.from([bytes]), collect().sink)).rejects.toThrow('broke off');
});

test('what is no such stream is refused', async () => {
  await expect(demultiplex(Readable.from([Buffer.from('plain text')]), collect().sink)).rejects.toThrow(
    /unknown stream/,
  );
});

test('a sink that is behind stops the stream until it has caught up', async () => {
  let goOn: (() => void) | undefined;
  let taken = 0;
  const sink: OutputSink = {
    add: () => {
      taken += 1;
      return false;
    },
    whenWritten: (then) => {
      goOn = then;
    },
  };
  const stream = new Readable({ read: () => {} });
  const done = demultiplex(stream, sink);
  stream.push(frame(1, 'a'));
  stream.push(frame(1, 'b'));
  stream.push(null);
  await new Promise((resolve) => setImmediate(resolve));
  expect(taken).toBe(1);
  goOn?.();
  await new Promise((resolve) => setImmediate(resolve));
  goOn?.();
  await done;
  expect(taken).toBe(2);
});
