/** What a piece of text means; how it looks is the renderer's affair. */
export type Tone = 'plain' | 'good' | 'bad' | 'warning' | 'dim' | 'strong';

export interface StyledLine {
  readonly text: string;
  readonly tone: Tone;
}

export function line(text: string, tone: Tone = 'plain'): StyledLine {
  return { text, tone };
}
