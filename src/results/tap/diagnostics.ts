import type { KeptResult } from './kept-result.ts';
import { ownCopy, type TapLimits } from './tap-result.ts';

/** Shares out what diagnostics may take, so that much of them for what passed leaves enough for what failed. */
export class DiagnosticsBudget {
  readonly #limits: TapLimits;
  #failed: number;
  #others: number;

  constructor(limits: TapLimits) {
    this.#limits = limits;
    this.#failed = limits.diagnosticLength;
    this.#others = limits.diagnosticLength / 4;
  }

  add(result: KeptResult, lines: readonly string[]): void {
    const hasFailed = result.outcome === 'failed';
    for (const line of lines) {
      const left = hasFailed ? this.#failed : this.#others;
      if (result.diagnostics.length >= this.#limits.diagnosticLines || left < line.length) return;
      result.diagnostics.push(ownCopy(line, this.#limits.lineLength));
      if (hasFailed) this.#failed -= line.length + 1;
      else this.#others -= line.length + 1;
    }
  }
}
