import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    reporters: ['default', './tests/support/plain-summary.ts'],
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts', 'tests/unit/**/*.test.ts'] } },
      {
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          // These run inside guests: `devbox test integration`.
          exclude: ['tests/integration/guest/**'],
          globalSetup: './tests/support/prepare-host.ts',
          // A guest under emulation on a busy machine is slow, and the first one waits for images to be made.
          testTimeout: 300_000,
          hookTimeout: 900_000,
          // Guests share the machine's cores: one file at a time keeps their timeouts honest.
          fileParallelism: false,
        },
      },
    ],
  },
});
