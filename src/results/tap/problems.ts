/** What is wrong with an output, with the lines where it shows. Keeps the first and counts the rest. */
export class Problems {
  /** From 1: the line being read. */
  line = 0;
  readonly #limit: number;
  readonly #kept: string[] = [];
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(text: string): void {
    this.#count += 1;
    if (this.#kept.length < this.#limit) this.#kept.push(`line ${this.line}: ${text}`);
  }

  get count(): number {
    return this.#count;
  }

  list(): string[] {
    const more = this.#count - this.#kept.length;
    return more === 0 ? [...this.#kept] : [...this.#kept, `line ${this.line}: ${more} more like these`];
  }
}
