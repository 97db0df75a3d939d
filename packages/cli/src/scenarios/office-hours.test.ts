import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RegionStatus } from '../status/region-status.ts';
import { tinyService } from '../testing/tiny-service.ts';

const definition = `
  import { defineService, officeHours } from '@plimsoll/blueprint';
  export default defineService({
    name: 'tiny',
    image: { command: ['node', 'dist/main.mjs'] },
    scaling: { min: 1, schedule: officeHours('08:00', '18:00', 'MON-FRI', 'UTC') },
    environments: { local: { region: 'eu-central-1', deletionProtection: false } },
  });
`;

// 2026-11-27 is a Friday.
test('a service is online in its hours and has no task in all others, whatever is released meanwhile', {
  timeout: 180_000,
}, async (t) => {
  const service = await tinyService(t);
  await service.definition(definition);
  const run = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await service.plimsoll(...args);
    assert.equal(code, 0, `${args.join(' ')}\n${stdout}\n${stderr}`);
    return stdout;
  };
  const answer = async (): Promise<readonly [number, string]> => {
    const { services } = JSON.parse(await run('status', '--json')) as RegionStatus;
    const response = await fetch(`${services[0]?.url}/health`);
    return [response.status, await response.text()];
  };
  const up = await run(
    ...['up', '--detach', '--port', '0', '--http-port', '0'],
    ...['--clock', '2026-11-27T17:50:00Z'],
  );
  assert.match(up, /Schedule +runs until Fri 2026-11-27 18:00 UTC/);
  assert.deepEqual(await answer(), [200, 'one']);

  await run('clock', 'set', '2026-11-27T17:59:00Z');
  await run('clock', 'advance', '2m');
  assert.equal((await answer())[0], 503);
  await service.answer('two');
  const release = await run('deploy');
  assert.match(release, /✔ tiny-local-service: UPDATE_COMPLETE/);
  assert.match(release, /is deployed, at zero, its URL/);
  assert.match(release, /Schedule: at zero until Mon 2026-11-30 08:00 UTC/);
  assert.equal((await answer())[0], 503);

  await run('clock', 'set', '2026-11-30T07:59:55Z');
  await run('clock', 'advance', '30s');
  assert.deepEqual(await answer(), [200, 'two']);
});
