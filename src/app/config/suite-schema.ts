import { z } from 'zod';
import { VERDICT_KINDS } from '../../core/verdict.ts';

const smp = z.union([z.number().int().min(1).max(255), z.string().min(1)]);
const words = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

const known = z.strictObject({
  finding: z.string().min(1).describe("Part of the finding's title"),
  kernel: z.string().min(1).describe('Releases of kernels that do so: a glob such as 6.12.*'),
  files: z.string().min(1).optional().describe('Tests that bring it about: a glob (default all)'),
  why: z.string().min(1).describe('Whose fault it is and what will mend it'),
});

/** A suite as it is written in devbox.config. */
export const suiteSchema = z.strictObject({
  files: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe('Globs, relative to this file; what begins with ! is left out'),
  agent: words.optional().describe('The scheduler that is loaded: a name or a path, with its flags'),
  agents: z
    .array(words)
    .min(1)
    .optional()
    .describe('Several of them: every test is run under each; none for no scheduler'),
  kernels: z.array(z.string().min(1)).min(1).optional().describe('As --kernel takes them (default scx)'),
  smp: z.array(smp).min(1).optional().describe('As --smp takes them (default 2)'),
  memory: z.string().optional().describe('As --memory takes it (default 1G)'),
  timeout: z.string().optional().describe('For each test, longer when emulated (default 60s)'),
  retries: z
    .number()
    .int()
    .min(0)
    .max(10)
    .optional()
    .describe('How often a test that failed is tried again (default 0)'),
  vm: z
    .enum(['shared', 'per-test'])
    .optional()
    .describe('Whether tests share a guest as long as it is well (default shared)'),
  jobs: z
    .union([z.literal('auto'), z.number().int().min(1).max(64)])
    .optional()
    .describe('Guests side by side (default auto)'),
  expect: z
    .enum(VERDICT_KINDS)
    .optional()
    .describe('The verdict that every test of it must have (default passed)'),
  known: z
    .array(known)
    .optional()
    .describe('What kernels are known to complain about: a test that is fine otherwise is todo, not failed'),
});

export type SuiteInput = z.infer<typeof suiteSchema>;
