import { verdictLine } from '../../results/summary-lines.ts';
import type { Output } from '../output.ts';
import { bareLine } from './format-line.ts';
import type { Renderer } from './renderer.ts';

/** The verdict, on one line. */
export function createQuietRenderer(out: Output, color: boolean): Renderer {
  return {
    sink: (event) => {
      if (event.type !== 'verdict') return;
      const { text, tone } = verdictLine(event.verdict);
      return out.write(bareLine({ text: text.replaceAll('\n', ' '), tone }, color));
    },
    finish: async () => {},
  };
}
