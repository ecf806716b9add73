import { LineSplitter } from '../../core/escape-bytes.ts';
import type { GuestOutput } from '../../core/event.ts';
import { type Source, sourceOf } from './source.ts';

export interface SourceLine {
  readonly source: Source;
  readonly text: string;
}

/** Cuts each stream into lines by itself, so that a line held back in one never mixes with another. */
export class StreamLines {
  readonly #splitters = new Map<Source, LineSplitter>();

  push(event: GuestOutput): SourceLine[] {
    const source = sourceOf(event);
    const splitter = this.#splitters.get(source) ?? new LineSplitter();
    this.#splitters.set(source, splitter);
    return splitter.push(event.data).map((text) => ({ source, text }));
  }

  /** Lines that never got their newline. */
  end(): SourceLine[] {
    return [...this.#splitters].flatMap(([source, splitter]) =>
      splitter.end().map((text) => ({ source, text })),
    );
  }
}
