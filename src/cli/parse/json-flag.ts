import type { FlagSpec } from './table.ts';

export const JSON_FLAG: FlagSpec = { name: 'json', summary: 'Print JSON' };
