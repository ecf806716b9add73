import { z } from 'zod';
import { kernelSchema } from '../../build/kernel-definitions/definition-schema.ts';

/** devbox.config.ts or devbox.config.json. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('For editors'),
  kernels: z
    .record(
      z.string().regex(/^[a-zA-Z0-9][\w.+-]*$/, 'letters, digits, and . + - _ after the first'),
      kernelSchema,
    )
    .optional()
    .describe('Kernels by name, for `devbox kernel build NAME` and `--kernel NAME`'),
});

export type DevboxConfig = z.input<typeof configSchema>;
