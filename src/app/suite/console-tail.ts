/** The newest lines of a console, and what came since a moment. */
export class ConsoleTail {
  readonly #max: number;
  #lines: string[] = [];
  #dropped = 0;

  constructor(max: number) {
    this.#max = max;
  }

  push(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length < 2 * this.#max) return;
    this.#lines = this.#lines.slice(-this.#max);
    this.#dropped += this.#max;
  }

  /** How many there have been: for `since`. */
  now(): number {
    return this.#dropped + this.#lines.length;
  }

  /** What came after `moment`; of much the newest. */
  since(moment: number): readonly string[] {
    return this.#lines.slice(Math.max(0, moment - this.#dropped)).slice(-this.#max);
  }
}
