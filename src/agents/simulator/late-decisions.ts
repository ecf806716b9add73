import { DECISION_WORDS } from '../runtime/relay-records.ts';
import type { SimKernel } from './sim-kernel.ts';

/** Decisions on their way to the kernel. */
export class LateDecisions {
  count = 0;
  #words = new Uint32Array(64 * DECISION_WORDS);

  add(decisions: Uint32Array, count: number): void {
    const end = (this.count + count) * DECISION_WORDS;
    while (end > this.#words.length) {
      const larger = new Uint32Array(this.#words.length * 2);
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words.set(decisions.subarray(0, count * DECISION_WORDS), this.count * DECISION_WORDS);
    this.count += count;
  }

  carryOut(kernel: SimKernel): void {
    kernel.carryOut(this.#words, this.count);
    this.count = 0;
  }
}
