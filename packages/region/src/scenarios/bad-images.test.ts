/**
 * Held to 3 of the issue of releases: images that cannot serve, each released to a service that serves. With the blueprint's
 * settings: two tasks, so that three failures trip the circuit breaker. Time goes fast, on the container plane less so: there the start of a task takes a real second.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ScenarioPlane, scenarioPlanes } from './testing/planes.ts';
import { defaultListen, type Program } from './testing/program.ts';
import { type ReleaseChanges, ReleasedService } from './testing/released-service.ts';
import { the } from './testing/template.ts';
import { Visitors } from './testing/visitors.ts';

const rates = { process: 10, container: 4 } as const;

interface BadImage {
  /** None: the digest is of no image. */
  readonly program?: Omit<Program, 'version'>;
  readonly changes?: ReleaseChanges;
  /** Why ECS says that a task stopped. */
  readonly stopped: RegExp;
  /** Of its containers. */
  readonly container?: { readonly exitCode?: number; readonly reason?: RegExp };
  /** What the service's events say besides. */
  readonly event?: RegExp;
}

const unhealthy = (reason: string): Pick<BadImage, 'stopped' | 'event'> => ({
  stopped: /^Task failed ELB health checks in \(target-group arn:\S+\)$/,
  event: new RegExp(`is unhealthy in \\(target-group \\S+\\) due to \\(reason ${reason}\\)$`),
});

const badImages: Readonly<Record<string, BadImage>> = {
  'exits at once': {
    program: { first: "console.error('no cargo'); process.exit(3);" },
    stopped: /^Essential container in task exited$/,
    container: { exitCode: 3 },
  },
  'is never healthy': {
    program: { health: 500 },
    ...unhealthy('Health checks failed with these codes: \\[500\\]'),
  },
  'listens too late': {
    program: { listen: `setTimeout(() => { ${defaultListen} }, ${20_000});` },
    ...unhealthy('Health checks failed'),
  },
  'listens on a wrong port': {
    program: { listen: "server.listen(0, '127.0.0.1');" },
    ...unhealthy('Health checks failed'),
  },
  'is missing': {
    stopped: /^CannotPullContainerError: .*not found/,
    container: { reason: /^CannotPullContainerError: / },
  },
  'needs a secret that is missing': {
    program: {},
    changes: {
      template: (template) => {
        const { Properties } = the(template, 'AWS::ECS::TaskDefinition');
        const [container] = Properties['ContainerDefinitions'] as Record<string, unknown>[];
        const ValueFrom = 'arn:aws:secretsmanager:eu-central-1:000000000000:secret:nowhere-AbCdEf';
        if (container) container['Secrets'] = [{ Name: 'KEY', ValueFrom }];
      },
    },
    stopped:
      // As on AWS: who may not read a secret is not told that there is none.
      /^ResourceInitializationError: unable to pull secrets or registry auth: .*AccessDeniedException: User: \S+ is not authorized to perform: secretsmanager:GetSecretValue on resource: \S+:secret:nowhere-AbCdEf/,
  },
};

for (const { plane, skip, start } of await scenarioPlanes()) {
  test(`an image that cannot serve is rolled back by the circuit breaker, no request fails, ${plane} plane`, {
    skip,
    timeout: 300_000,
  }, async (t) => {
    const region = await start(t);
    const service = await ReleasedService.create(region, { version: 'good' });
    // What serves was started at the pace of the machine, and runs on.
    await setRate(region.endpoint, rates[plane]);
    const url = `http://127.0.0.1:${region.httpPort}/`;
    for (const [name, bad] of Object.entries(badImages)) {
      await t.test(`an image that ${name}`, async (t) => {
        const visitors = new Visitors({ url, perSecond: 20, connections: 8, keepAlive: true });
        const digest = bad.program ? await service.push({ ...bad.program, version: name }) : nowhere;
        await service.release(digest, bad.changes);
        assert.equal(await service.settled(), 'UPDATE_ROLLBACK_COMPLETE');
        const { failures, answered } = await visitors.stop();
        assert.deepEqual(failures, []);
        assert.deepEqual(Object.keys(answered), ['good']);
        await assertTold(service, bad);
        const seconds = await secondsOf(service);
        t.diagnostic(`${seconds} s of the region`);
        assert.ok(seconds <= 180, `${seconds} s`);
      });
    }
    assert.deepEqual(region.errors, []);
  });
}

// Known: a task that passed its health checks and then stops does not trip the breaker, whose deployment may be complete by
// then. https://repost.aws/knowledge-center/ecs-deployment-roll-back-failure What watches on are the deployment's alarms.
test('an image that is healthy and dies after 20 s is rolled back by the alarms of the deployment', {
  timeout: 300_000,
}, async (t) => {
  const [{ start }] = (await scenarioPlanes()) as [ScenarioPlane];
  const region = await start(t);
  const service = await ReleasedService.create(region, { version: 'good' }, { hasAlarms: true });
  const rate = rates.process;
  await setRate(region.endpoint, rate);
  const url = `http://127.0.0.1:${region.httpPort}/`;
  const visitors = new Visitors({ url, perSecond: 20, connections: 8, keepAlive: true });
  const first = `setTimeout(() => { console.error('out of cargo'); process.exit(5); }, ${20_000 / rate});`;
  await service.release(await service.push({ version: 'bad', first }), { hasAlarms: true });
  assert.equal(await service.settled(), 'UPDATE_ROLLBACK_COMPLETE');
  await visitors.stop();
  assert.match((await service.failures()).join(), /operation 'ECS deployment alarms: alarm detected'\./);
  const events = (await service.eventsSince(0)).join('\n');
  assert.match(events, /\(deployment ecs-svc\/\d+\) deployment failed: alarm detected\./);
  const { alarms } = await service.newestDeployment();
  assert.deepEqual(alarms?.triggeredAlarmNames, ['devops-app-prod-deployment-errors']);
  const seconds = await secondsOf(service);
  t.diagnostic(`${seconds} s of the region`);
  // Its alarms look at two whole minutes.
  assert.ok(seconds <= 240, `${seconds} s`);
  assert.deepEqual(region.errors, []);
});

async function setRate(endpoint: string, rate: number): Promise<void> {
  const answer = await fetch(`${endpoint}/_plimsoll/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rate }),
  });
  assert.equal(answer.status, 200, await answer.text());
}

const nowhere = `sha256:${'0'.repeat(64)}`;

async function assertTold(service: ReleasedService, bad: BadImage): Promise<void> {
  assert.match(
    (await service.failures()).join('\n'),
    /^ServiceD69D759B: Resource handler returned message: "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'\."/,
  );
  const start = (await service.stackEvents()).at(-1)?.Timestamp?.getTime() ?? 0;
  const events = await service.eventsSince(start);
  const told = (pattern: RegExp): void =>
    assert.ok(
      events.some((event) => pattern.test(event)),
      `${pattern} is not told: ${events.join('\n')}`,
    );
  told(/\(deployment ecs-svc\/\d+\) deployment failed: tasks failed to start\.$/);
  told(/rolling back to deployment ecs-svc\/\d+\.$/);
  if (bad.event) told(bad.event);
  const stopped = (await service.tasks('STOPPED')).filter(
    ({ createdAt }) => (createdAt?.getTime() ?? 0) >= start,
  );
  const failed = stopped.filter(({ stoppedReason = '' }) => bad.stopped.test(stoppedReason));
  assert.ok(failed.length >= 3, stopped.map(({ stoppedReason }) => stoppedReason).join('\n'));
  for (const task of failed) {
    const [container] = task.containers ?? [];
    if (bad.container?.exitCode !== undefined) assert.equal(container?.exitCode, bad.container.exitCode);
    if (bad.container?.reason) assert.match(container?.reason ?? '', bad.container.reason);
  }
  const { status, statusReason, deploymentCircuitBreaker: breaker } = await service.newestDeployment();
  assert.equal(status, 'ROLLBACK_SUCCESSFUL');
  assert.equal(statusReason, 'ECS deployment circuit breaker: tasks failed to start.');
  assert.equal(breaker?.status, 'TRIGGERED');
  assert.equal(breaker?.threshold, 3);
  // Both tasks of the second round may fail at the same time.
  assert.ok(breaker?.failureCount === 3 || breaker?.failureCount === 4, `${breaker?.failureCount} failures`);
}

/** How long the update and its rollback took, on the region's clock. */
async function secondsOf(service: ReleasedService): Promise<number> {
  const times = (await service.stackEvents()).map(({ Timestamp }) => Timestamp?.getTime() ?? 0);
  return Math.round((Math.max(...times) - Math.min(...times)) / 1000);
}
