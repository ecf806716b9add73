import type { BuiltSourceSpec } from '../../core/kernel-definition.ts';
import type { ResolvedSource, SourceContext } from './source.ts';
export async function resolveGit(_s: BuiltSourceSpec, _c: SourceContext): Promise<ResolvedSource> {
  throw new Error('not yet');
}
