import { registerHooks } from 'node:module';
import { serveStripped } from '../stripped-modules.ts';

/** Loaded before a test: `devbox/guest` means the library that lies beside this file. */
const url = new URL('../../guest.js', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'devbox/guest' ? { url, shortCircuit: true } : next(specifier, context),
});

serveStripped();
