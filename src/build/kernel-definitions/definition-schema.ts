import { z } from 'zod';

const source = z.union([
  z
    .string()
    .min(1)
    .describe('As for --source: a directory, a git URL#ref, an archive#sha256=…, debian:PACKAGE'),
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('debian-prebuilt'), suite: z.string(), flavour: z.string() }),
    z.strictObject({
      kind: z.literal('debian-source'),
      package: z.string(),
      suite: z.string(),
      version: z.string().optional(),
    }),
    z.strictObject({ kind: z.literal('git'), url: z.string(), ref: z.string() }),
    z.strictObject({
      kind: z.literal('tarball'),
      location: z.string(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 hexadecimal digits'),
    }),
    z.strictObject({ kind: z.literal('tree'), path: z.string() }),
  ]),
]);

/** A kernel as it is written in devbox.config or kernel-configs/NAME.json. */
export const kernelSchema = z.strictObject({
  extends: z.string().optional().describe('A named kernel to begin with; what is said here comes after it'),
  description: z.string().optional(),
  source: source.optional().describe('Where the sources come from; paths are relative to this file'),
  base: z
    .string()
    .regex(/^[a-z0-9_.-]*config$/, 'a make target such as tinyconfig, allnoconfig or defconfig')
    .optional()
    .describe('The make target that the configuration begins with (default tinyconfig)'),
  fragments: z
    .array(z.string())
    .optional()
    .describe('Names of kernel-configs/NAME.config, or paths of files relative to this file'),
  set: z.array(z.string()).optional().describe('Options after the fragments: CONFIG_X=y'),
  make: z
    .record(z.string().regex(/^[A-Z][A-Z0-9_]*$/, "a variable of make's"), z.string())
    .optional()
    .describe("Variables for make's command line"),
  image: z.string().optional().describe('A directory with a Dockerfile to build in, relative to this file'),
  append: z.array(z.string()).optional().describe("Words for the kernel's command line at every boot"),
});

export type KernelInput = z.infer<typeof kernelSchema>;
