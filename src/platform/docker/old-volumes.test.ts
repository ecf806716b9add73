import { expect, it } from 'vitest';
import { connectDaemon } from './daemon.ts';
import { startFakeDaemon } from './fake-daemon.fixture.ts';
import { LABEL, ownLabels } from './labels.ts';
import { removeOldVolumes } from './old-volumes.ts';

it('removes volumes of this machine and user only, whatever a daemon lists', async () => {
  await using fake = await startFakeDaemon();
  const labels = { ...ownLabels(), [LABEL.holds]: 'the key of an input' };
  fake.on('GET /volumes', {
    Volumes: [
      { Name: 'ours', CreatedAt: '2020-01-01T00:00:00Z', Labels: labels },
      { Name: 'young', CreatedAt: new Date().toISOString(), Labels: labels },
      { Name: 'anothers', CreatedAt: '2020-01-01T00:00:00Z', Labels: { ...labels, [LABEL.user]: '-1' } },
      { Name: 'elsewhere', CreatedAt: '2020-01-01T00:00:00Z', Labels: { ...labels, [LABEL.machine]: 'x' } },
    ],
  });
  fake.on('DELETE /volumes/:id', (_, response) => response.writeHead(204).end());
  using daemon = await connectDaemon(fake.endpoint);
  expect(await removeOldVolumes(daemon)).toBe(1);
  expect(fake.requests.filter((request) => request.startsWith('DELETE'))).toEqual(['DELETE /volumes/ours']);
});
