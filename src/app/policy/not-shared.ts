import { Failure } from '../../core/failure.ts';

export function notShared(message: string): Failure {
  return new Failure({
    kind: 'usage',
    code: 'agent-not-shared',
    message,
    hint: 'Share its directory too, as in --share DIR.',
  });
}
