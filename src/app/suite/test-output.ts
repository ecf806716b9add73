import type { SubtestResult } from '../../core/test-result.ts';
import { TapParser } from '../../results/tap/tap-parser.ts';
import type { TapResult } from '../../results/tap/tap-result.ts';
import { BoundedText } from './bounded-text.ts';
import type { TestFile } from './test-file.ts';

/** Kept of what a test prints, bytes; all of it is in the record. */
const OUTPUT_BYTES = 128 * 1024;
const STDERR_BYTES = 8 * 1024;
const STDERR_LINES = 20;

/** What a test has said so far: there also when the guest ends under it. */
export class TestOutput {
  readonly #both = new BoundedText(OUTPUT_BYTES);
  readonly #stderr = new BoundedText(STDERR_BYTES);
  readonly #isSelftest: boolean;
  readonly #tap: TapParser;
  #report: TapResult | undefined;

  constructor({ kind }: Pick<TestFile, 'kind'>) {
    this.#isSelftest = kind === 'selftest';
    this.#tap = new TapParser({ isUnannounced: this.#isSelftest });
  }

  push(fd: 1 | 2, data: Uint8Array): void {
    this.#both.push(data);
    if (fd === 1) this.#tap.push(data);
    else this.#stderr.push(data);
  }

  /** Both streams in order of arrival; of much the beginning and the end. */
  text(): string {
    return String(this.#both);
  }

  lastErrorLines(): readonly string[] {
    const text = String(this.#stderr).replace(/\n$/, '');
    return text === '' ? [] : text.split('\n').slice(-STDERR_LINES);
  }

  /** The tests that it is made of. The one that a selftest's runner tells of is the test itself. */
  subtests(): readonly SubtestResult[] {
    const { isTap, subtests } = this.report();
    return isTap && !this.#isSelftest ? subtests : [];
  }

  /** What its standard output says as TAP. Nothing may be pushed any more. */
  report(): TapResult {
    this.#report ??= this.#tap.end();
    return this.#report;
  }
}
