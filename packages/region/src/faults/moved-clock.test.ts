/** A region whose clock is moved: what stays true for clients, and over kills. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { regionClock } from '../clock-client.ts';
import { FaultyRegion } from './testing/faulty-region.ts';

const friday = '2026-11-27T17:58:00.000Z';
const secondsAfter = (time: string, start: string): number => (Date.parse(time) - Date.parse(start)) / 1000;

test('requests are signed by the machine’s time, whatever the region’s clock reads', async (t) => {
  const region = await FaultyRegion.create(t, { clock: { start: '2031-01-01T00:00:00Z', rate: 0 } });
  await region.start();
  const ssm = new SSMClient(region.client);
  await ssm.send(new PutParameterCommand({ Name: '/a', Value: 'b', Type: 'String' }));
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/a' }));
  assert.equal(Parameter?.LastModifiedDate?.toISOString(), '2031-01-01T00:00:00.000Z');
});

test('sessions expire by the region’s clock', async (t) => {
  const region = await FaultyRegion.create(t, { clock: { start: friday, rate: 0 } });
  await region.start();
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
  };
  const iam = new IAMClient(region.client);
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  const may = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'ssm:PutParameter', Resource: '*' }],
  };
  await iam.send(
    new PutRolePolicyCommand({ RoleName: 'r', PolicyName: 'p', PolicyDocument: JSON.stringify(may) }),
  );
  const { Credentials } = await new STSClient(region.client).send(
    new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'me', DurationSeconds: 900 }),
  );
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  const credentials = {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
  };
  const ssm = new SSMClient({ ...region.client, credentials });
  const put = () =>
    ssm.send(new PutParameterCommand({ Name: '/a', Value: 'b', Type: 'String', Overwrite: true }));
  const clock = regionClock(region.endpoint);
  await clock.advance(899);
  await put();
  await clock.advance(1);
  await assert.rejects(put(), { name: 'ExpiredTokenException' });
});

test('a killed region’s clock goes on where it was, and never back', async (t) => {
  const region = await FaultyRegion.create(t, { clock: { rate: 500 } });
  await region.start();
  const ssm = new SSMClient(region.client);
  const { Version } = await ssm.send(new PutParameterCommand({ Name: '/a', Value: 'b', Type: 'String' }));
  assert.equal(Version, 1);
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/a' }));
  const stored = Parameter?.LastModifiedDate?.getTime() ?? 0;
  await region.kill();
  await region.start();
  const { now, rate } = await regionClock(region.endpoint).read();
  assert.equal(rate, 500);
  assert.ok(Date.parse(now) >= stored);
});

test('what moves the clock is kept before it is answered', async (t) => {
  const region = await FaultyRegion.create(t);
  await region.start();
  const clock = regionClock(region.endpoint);
  const monday = '2036-11-30T08:00:00.000Z';
  await clock.set(monday);
  await region.kill();
  await region.start();
  const at = await clock.read();
  assert.ok(secondsAfter(at.now, monday) >= 0 && secondsAfter(at.now, monday) < 60, at.now);
  await clock.setRate(0);
  const held = await clock.read();
  await region.kill();
  await region.start();
  assert.equal((await clock.read()).now, held.now);
});

test('a wrong wish is refused by name and changes nothing', async (t) => {
  const region = await FaultyRegion.create(t, { clock: { start: friday, rate: 0 } });
  await region.start();
  const clock = regionClock(region.endpoint);
  await assert.rejects(clock.set('2026-11-27'), /cannot go back: it reads 2026-11-27T17:58:00.000Z/);
  await assert.rejects(clock.set('tomorrow'), /A time such as 2026-11-27T17:58:00Z .*"tomorrow" was given/);
  await assert.rejects(clock.advance(-1), /advance must be 0 to 31622400 seconds, -1 was given/);
  await assert.rejects(clock.setRate(5000), /rate must be 0 to 1000 .* 5000 was given/);
  const plain = await fetch(`${region.endpoint}/_plimsoll/clock`, { method: 'POST', body: '{"rate":1}' });
  assert.equal(plain.status, 415, 'a page in a browser cannot move the clock');
  assert.deepEqual(await clock.read().then(({ now, rate }) => ({ now, rate })), { now: friday, rate: 0 });
  await region.stop();
  const back = new FaultyRegion(region.home, region.port, region.httpPort, {
    clock: { start: '2020-01-01' },
  });
  await assert.rejects(back.start(), /cannot go back/);
  await region.start();
});
