// devbox-test: agent=unloaded
// Origin: ghOSt's capabilities_test (RunNoNice, AgentNoNice, DisableBpfProgLoad, DisableBpfProgLoadFork).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { agentUnderTest, readSchedState } from 'devbox/guest';

const command = JSON.parse(process.env.DEVBOX_AGENT_COMMAND ?? '[]') as readonly string[];
/** None, and none to be had; its children have none either. */
const WITHOUT = ['setpriv', '--bounding-set=-all', '--inh-caps=-all', 'sh', '-c', '"$@" & wait $!', 'sh'];

test('nobody without capabilities loads a scheduler, nor do his children', {
  skip: agentUnderTest() === undefined && 'the suite has no agent',
}, () => {
  const before = readSchedState();
  const [file = '', ...words] = [...WITHOUT, ...command];
  const { status, stderr } = spawnSync(file, words, { encoding: 'utf8' });
  assert.notEqual(status, 0);
  assert.notEqual(status, null);
  assert.match(stderr, /not permitted|EPERM|capab/i);
  assert.deepEqual(readSchedState(), before);
});
