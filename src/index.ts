/** What `import … from 'devbox'` gives. */
export type { DevboxConfig } from './app/config/config-schema.ts';
export { defineConfig } from './app/config/define-config.ts';
