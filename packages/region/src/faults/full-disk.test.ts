/** A disk that takes no more: what was acknowledged stays, the region says what to do, and still answers and ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { FaultyRegion } from './testing/faulty-region.ts';
import { until } from './testing/until.ts';

const MiB = 1024;

test('a region whose disk is full refuses what it cannot store, answers on, and loses nothing', {
  timeout: 120_000,
}, async (t) => {
  const region = await FaultyRegion.create(t, { clock: { rate: 20 } });
  await region.start({ largestFile: 2 * MiB });
  const ssm = new SSMClient(region.client);
  const cloudwatch = new CloudWatchClient(region.client);
  // Deadlines that fall due over and over.
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: 'fast',
      Namespace: 'App',
      MetricName: 'Errors',
      Statistic: 'Sum',
      Period: 10,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
    }),
  );
  const put = (n: number) =>
    ssm.send(new PutParameterCommand({ Name: `p${n}`, Type: 'String', Value: String(n).padEnd(4000, '.') }));
  let acknowledged = 0;
  const refusal = await (async () => {
    for (;;) {
      try {
        await put(acknowledged + 1);
        acknowledged += 1;
      } catch (error) {
        return error as Error;
      }
    }
  })();
  assert.ok(acknowledged > 100, `${acknowledged} were acknowledged`);
  assert.match(refusal.message, /The region stopped, its state could not be written/);
  await until('the region says why', () => region.errors.length > 0);
  assert.equal(region.errors.length, 1);
  assert.match(region.errors[0] ?? '', /Nothing that was acknowledged is lost\. Free the disk/);

  const status = await fetch(`${region.endpoint}/_plimsoll/status`);
  assert.match(await status.text(), /State could not be written/);
  await assert.rejects(put(0), /The region stopped/);
  const clock = await fetch(`${region.endpoint}/_plimsoll/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"advance": 60}',
  });
  assert.equal(clock.status, 500, await clock.text());
  assert.equal((await region.stop()).code, 0);

  await region.start();
  for (let n = 1; n <= acknowledged; n += 1) {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: `p${n}` }));
    assert.equal(Parameter?.Value?.replaceAll('.', ''), String(n));
  }
});
