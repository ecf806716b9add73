export interface BeatWatch extends Disposable {
  /** Resolves when there was no beat for too long. */
  readonly stuck: Promise<'stuck'>;
}

/** Looks at a thread's beat, ns on the monotonic clock, and says when it stands still for `stallMs`. */
export function watchBeat(beatNs: () => number, stallMs: number): BeatWatch {
  const { promise, resolve } = Promise.withResolvers<'stuck'>();
  const everyMs = Math.max(5, stallMs / 4);
  let expected = now() + everyMs;
  const timer = setInterval(() => {
    // Whoever looks late was stopped with the machine, as the thread was: what it says then proves nothing.
    const late = now() - expected > stallMs / 2;
    expected = now() + everyMs;
    if (!late && now() - beatNs() / 1e6 > stallMs) resolve('stuck');
  }, everyMs);
  return { stuck: promise, [Symbol.dispose]: () => clearInterval(timer) };
}

/** Milliseconds on the clock that the beat is in. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
