/** Sums for Jain's index of fairness: 1 when all have the same, 1/n when one has everything. Bounded, however many are added. */
export class JainIndex {
  #count = 0;
  #sum = 0;
  #squares = 0;

  add(share: number): void {
    this.#count += 1;
    this.#sum += share;
    this.#squares += share * share;
  }

  /** 1 for nobody, as for nothing to share. */
  value(): number {
    return this.#squares === 0 ? 1 : this.#sum ** 2 / (this.#count * this.#squares);
  }
}
