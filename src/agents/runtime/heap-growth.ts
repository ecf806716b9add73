const KEPT = 64;

/** How fast a heap grows, looked at once a second, in memory that never grows. */
export class HeapGrowth {
  /** Bytes; after the first second, and when last looked at. */
  first = 0;
  last = 0;
  readonly #growths = new Float64Array(KEPT);
  #looks = 0;

  look(bytes: number): void {
    if (this.#looks > 0) this.#growths[(this.#looks - 1) % KEPT] = bytes - this.last;
    else this.first = bytes;
    this.last = bytes;
    this.#looks += 1;
  }

  /**
   * Median of the last 64 seconds, bytes: neither what the engine takes while it still makes code, nor a collection in between
   * shows in it. NaN: never looked at twice.
   */
  perSecond(): number {
    const known = this.#growths.slice(0, Math.min(KEPT, Math.max(0, this.#looks - 1))).sort();
    return known[known.length >>> 1] ?? Number.NaN;
  }
}
