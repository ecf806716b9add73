import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { projectRoot } from '../platform/paths.ts';

// Before anything else is loaded: from the second start on, modules come compiled. Beside the code, so that whoever can
// write the cache could have written the code.
enableCompileCache(join(projectRoot, 'dist', '.compile-cache'));

const { main } = await import('./entry.ts');
process.exit(await main(process.argv.slice(2)));
