import { expect, it } from 'vitest';
import { remoteHint } from './git-remote.ts';

it.each([
  ["fatal: Authentication failed for 'https://localhost/linux.git/'", /who you are/],
  ['git@localhost: Permission denied (publickey).', /who you are/],
  ['Host key verification failed.', /host key/],
  [
    "fatal: unable to access 'https://localhost/linux.git/': server certificate verification failed. CAfile: none CRLfile: none",
    /GIT_SSL_CAINFO/,
  ],
  ["fatal: repository 'https://localhost/none.git/' not found", /Check the URL/],
])('says of %j what to do', (complaint, hint) => {
  expect(remoteHint(complaint)).toMatch(hint);
});
