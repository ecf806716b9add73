import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { PolicyDefinition } from '../policy/define-policy.ts';
import { serveStripped } from '../stripped-modules.ts';
import { definitionMistake } from './check-definition.ts';
import { placeLines, placeText } from './error-place.ts';
import { defaultExportPlace, importFailure, policyFailure } from './policy-failure.ts';

/**
 * The policy that a file exports by default, in the guest and on the host alike. Runs what stands in the file. Throws a
 * usage `Failure` with file and line: policy-syntax, policy-import, policy-throws, policy-no-default, bad-policy.
 */
export async function importPolicy(file: string): Promise<PolicyDefinition> {
  servePolicyApi();
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    throw importFailure(file, error);
  }
  if (module.default === undefined) {
    const others = Object.keys(module).filter((name) => name !== 'default');
    throw policyFailure('policy-no-default', `${file} has no default export.`, {
      hint: `${others.length > 0 ? `It exports ${others.join(', ')}. ` : ''}A policy is exported as in: export default definePolicy({ … })`,
    });
  }
  const mistake = definitionMistake(module.default);
  if (mistake === undefined) return module.default as PolicyDefinition;
  const place = defaultExportPlace(file);
  throw policyFailure(
    'bad-policy',
    `${place ? placeText(place) : file}: ${mistake.replace(/([^?.])$/, '$1.')}`,
    {
      evidence: place ? placeLines(place) : [],
    },
  );
}

let isServed = false;

/** `import … from 'devbox/policy'` means this devbox, wherever the file that says so lies. The guest has no devbox/sim. */
function servePolicyApi(): void {
  if (isServed) return;
  isServed = true;
  serveStripped();
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const modules = new Map(
    ['policy', 'sim'].map((name) => [
      `devbox/${name}`,
      new URL(`../../${name}.${extension}`, import.meta.url).href,
    ]),
  );
  registerHooks({
    resolve: (specifier, context, next) => {
      const url = modules.get(specifier);
      return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
    },
  });
}
