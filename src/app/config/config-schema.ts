import { z } from 'zod';
import { kernelSchema } from '../../build/kernel-definitions/definition-schema.ts';
import { suiteSchema } from './suite-schema.ts';

const NAME = z.string().regex(/^[a-zA-Z0-9][\w.+-]*$/, 'letters, digits, and . + - _ after the first');

/** devbox.config.ts or devbox.config.json. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('For editors'),
  kernels: z
    .record(NAME, kernelSchema)
    .optional()
    .describe('Kernels by name, for `devbox kernel build NAME` and `--kernel NAME`'),
  suites: z
    .record(NAME, suiteSchema)
    .optional()
    .describe(
      'Suites of tests by name, for `devbox test NAME`; `default` is the one that `devbox test` runs',
    ),
});

export type DevboxConfig = z.input<typeof configSchema>;
