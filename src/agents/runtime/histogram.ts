/** As hdr-histogram's JSON has it: values at percentiles. */
export interface HistogramJson {
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p97_5: number;
  readonly p99: number;
  readonly p99_9: number;
  readonly p99_99: number;
  readonly p99_999: number;
  readonly max: number;
  readonly totalCount: number;
}

export interface HistogramOptions {
  /** How exact values are: 2 is to 1 %, 3 to 0.1 %. */
  readonly significantDigits?: 2 | 3;
  /** Larger values count as this one. Default: an hour, in ns. */
  readonly highest?: number;
}

const HOUR_NS = 3.6e12;
const WORD = 2 ** 32;
const FIRST_SIZE = 256;

/**
 * Counts whole numbers from 0 in buckets whose width grows with the value: log-linear, as HdrHistogram does it. Recording
 * makes no garbage; memory grows to what the largest value needs, tens of kilobytes.
 */
export class Histogram {
  readonly highest: number;
  /** Below 2^bits every value has a bucket of its own; each further power of two has half as many as there are. */
  readonly #bits: number;
  #counts = new Float64Array(FIRST_SIZE);
  /** count, sum, smallest, largest: numbers of their own would be new objects each time that they change. */
  readonly #totals = new Float64Array([0, 0, Number.POSITIVE_INFINITY, 0]);

  constructor({ significantDigits = 2, highest = HOUR_NS }: HistogramOptions = {}) {
    this.highest = highest;
    this.#bits = Math.ceil(Math.log2(2 * 10 ** significantDigits));
  }

  get count(): number {
    return this.#totals[0] as number;
  }

  /** 0 when empty, as the others. */
  get min(): number {
    return this.count === 0 ? 0 : (this.#totals[2] as number);
  }

  get max(): number {
    return this.#totals[3] as number;
  }

  get mean(): number {
    return this.count === 0 ? 0 : (this.#totals[1] as number) / this.count;
  }

  /** Negative values and NaN count as 0. */
  record(value: number): void {
    const whole = value > 0 ? Math.floor(Math.min(value, this.highest)) : 0;
    const index = this.#index(whole);
    if (index >= this.#counts.length) this.#grow(index);
    const totals = this.#totals;
    this.#counts[index] = (this.#counts[index] as number) + 1;
    totals[0] = (totals[0] as number) + 1;
    totals[1] = (totals[1] as number) + whole;
    if (whole < (totals[2] as number)) totals[2] = whole;
    if (whole > (totals[3] as number)) totals[3] = whole;
  }

  /** A value of two words of an event, the low one first: it never becomes an object. */
  recordWords(words: Uint32Array, at: number): void {
    this.record((words[at] as number) + (words[at + 1] as number) * WORD);
  }

  /** Adds what `other` counted. Throws a RangeError when it is not as exact as this one. */
  add(other: Histogram): void {
    if (other.#bits !== this.#bits) throw new RangeError('histograms of different precision cannot be added');
    if (other.count === 0) return;
    if (other.#counts.length > this.#counts.length) this.#grow(other.#counts.length - 1);
    other.#counts.forEach((count, index) => {
      this.#counts[index] = (this.#counts[index] as number) + count;
    });
    this.#totals[0] = this.count + other.count;
    this.#totals[1] = (this.#totals[1] as number) + (other.#totals[1] as number);
    this.#totals[2] = Math.min(this.#totals[2] as number, other.min);
    this.#totals[3] = Math.max(this.max, other.max);
  }

  /** The value that `percent` of all are not above, to the precision; 0 when empty. */
  percentile(percent: number): number {
    if (this.count === 0) return 0;
    // Divided last: 99.9 / 100 is a little more than it should be.
    const wanted = Math.max(1, Math.ceil((Math.min(100, Math.max(0, percent)) * this.count) / 100));
    let seen = 0;
    for (let index = this.#index(this.min); index < this.#counts.length; index += 1) {
      seen += this.#counts[index] as number;
      if (seen >= wanted) return Math.max(this.min, Math.min(this.max, this.#last(index)));
    }
    return this.max;
  }

  toJSON(): HistogramJson {
    const at = (percent: number) => this.percentile(percent);
    return {
      ...{ p50: at(50), p75: at(75), p90: at(90), p97_5: at(97.5), p99: at(99), p99_9: at(99.9) },
      ...{ p99_99: at(99.99), p99_999: at(99.999), max: this.max, totalCount: this.count },
    };
  }

  #index(value: number): number {
    const bits = value < WORD ? 32 - Math.clz32(value) : 64 - Math.clz32(value / WORD);
    const shift = bits - this.#bits;
    if (shift <= 0) return value;
    const half = 1 << (this.#bits - 1);
    const top = value < WORD ? value >>> shift : Math.floor(value / 2 ** shift);
    return shift * half + top;
  }

  /** The largest value of a bucket. */
  #last(index: number): number {
    const half = 1 << (this.#bits - 1);
    if (index < 2 * half) return index;
    const shift = Math.floor(index / half) - 1;
    return (index - shift * half + 1) * 2 ** shift - 1;
  }

  #grow(index: number): void {
    const larger = new Float64Array(2 ** Math.ceil(Math.log2(index + 1)));
    larger.set(this.#counts);
    this.#counts = larger;
  }
}
