import type { DevboxConfig } from './config-schema.ts';

/** Gives `devbox.config.ts` its types: `export default defineConfig({ kernels: { … } })`. */
export function defineConfig(config: DevboxConfig): DevboxConfig {
  return config;
}
