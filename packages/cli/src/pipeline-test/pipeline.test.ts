/** The committed workflows, run against a local region: what each event does, the good way and bad ways. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  ExecuteChangeSetCommand,
  UpdateStackCommand,
  waitUntilStackUpdateComplete,
} from '@aws-sdk/client-cloudformation';
import { DescribeTasksCommand, ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { PlanFile } from '../plan/plan-document.ts';
import { type DeliveredService, deliveredService } from './delivered-service.ts';
import { type JobReport, type RunHooks, type RunReport, runEvent } from './pipeline.ts';
import type { Event } from './workflow.ts';

const main: Event = { name: 'push', ref: 'refs/heads/main' };
const apply = 'plimsoll-deliver.yml/apply/apply';

/** What a feature brings. */
const index = 'CREATE INDEX links_created_at ON links (created_at);\n';

async function succeeds(service: DeliveredService, event: Event, hooks?: RunHooks): Promise<RunReport> {
  const report = await runEvent(service.pipeline, event, hooks);
  const failed = Object.entries(report.jobs).filter(([, { result }]) => result === 'failure');
  const ends = failed.map(([path, { log }]) => `${path} failed:\n… ${log.slice(-2_500)}`);
  assert.ok(failed.length === 0, ends.join('\n'));
  return report;
}

function resultsOf({ jobs }: RunReport): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(jobs).map(([path, { result }]) => [path.replace('plimsoll-', ''), result]),
  );
}

function jobOf({ jobs }: RunReport, path: string): JobReport {
  const job = jobs[path];
  assert.ok(job, `${path} is a job of the run: ${Object.keys(jobs).join(', ')}`);
  return job;
}

async function imageOf(service: DeliveredService, environment: string): Promise<string | undefined> {
  const stack = await service.stack(`devops-app-${environment}-service`);
  return stack?.Parameters?.find(({ ParameterKey }) => ParameterKey === 'ImageDigest')?.ParameterValue;
}

/** What the tasks run, by the digests that they pulled. */
async function runningImages(
  { pipeline: { endpoint } }: DeliveredService,
  environment: string,
): Promise<readonly (string | undefined)[]> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const ecs = new ECSClient({ endpoint, region: 'eu-central-1', credentials });
  const cluster = `devops-app-${environment}`;
  const { taskArns: tasks } = await ecs.send(new ListTasksCommand({ cluster }));
  const found = await ecs.send(new DescribeTasksCommand({ cluster, tasks }));
  ecs.destroy();
  return (found.tasks ?? []).flatMap(({ containers = [] }) =>
    containers.map(({ imageDigest }) => imageDigest),
  );
}

const byHand = (inputs: Readonly<Record<string, string>>): Event => ({
  name: 'workflow_dispatch',
  ref: 'refs/heads/feature',
  inputs,
});

/** Where the run keeps the plan's file between its jobs. */
const planOf = ({ pipeline }: DeliveredService, runId: string): string =>
  join(pipeline.temporary, 'artifacts', runId, 'plan-stage/plan.json');

test('each event does what the table of the pipeline says', { timeout: 1_800_000 }, async (t) => {
  const service = await deliveredService(t);
  const approved: string[] = [];
  const isApproved = async (job: string): Promise<boolean> => {
    approved.push(job);
    return true;
  };
  Object.assign(service.pipeline.environments, { stage: { isApproved }, prod: { isApproved } });

  await t.test('a push to main publishes, plans, and applies to stage what was approved', async () => {
    const run = await succeeds(service, main);
    assert.deepEqual(resultsOf(run), {
      'deliver.yml/publish/publish': 'success',
      'deliver.yml/plan/plan': 'success',
      'deliver.yml/apply/apply': 'success',
    });
    assert.deepEqual(approved, [apply]);
    assert.equal(jobOf(run, apply).concurrency, 'plimsoll-apply-stage');
    const image = jobOf(run, 'plimsoll-deliver.yml/publish/publish').outputs['image'];
    assert.match(image ?? '', /^sha256:[0-9a-f]{64}$/);
    assert.equal(await imageOf(service, 'stage'), image);
    const plan = JSON.parse(await readFile(planOf(service, run.runId), 'utf8')) as PlanFile;
    for (const { name } of plan.waves.flatMap(({ stacks }) => stacks))
      assert.match((await service.stack(name))?.StackStatus ?? '', /^(CREATE|UPDATE)_COMPLETE$/, name);
  });

  await t.test('the same commit again changes nothing, and nobody is asked', async () => {
    const run = await succeeds(service, main);
    assert.equal(jobOf(run, 'plimsoll-deliver.yml/plan/plan').outputs['changes'], 'false');
    assert.deepEqual(resultsOf(run)['deliver.yml/apply'], 'skipped');
    assert.equal(approved.length, 1);
  });

  await t.test(
    'a pull request is tested, planned for stage with the picture as a comment, and rehearsed',
    async () => {
      await service.branch('feature');
      await service.write('migrations/0002-created-at.sql', index);
      await service.commit('feature');
      const run = await succeeds(service, {
        name: 'pull_request',
        ref: 'refs/pull/7/merge',
        payload: { pull_request: { number: 7, head: { repo: { full_name: 'plimsoll/plimsoll' } } } },
      });
      assert.deepEqual(resultsOf(run), {
        'preview.yml/test': 'success',
        'preview.yml/plan/plan': 'success',
        'preview.yml/comment': 'success',
        'preview.yml/rehearse': 'success',
      });
      const comment = await readFile(join(service.pipeline.temporary, 'comment.md'), 'utf8');
      assert.match(comment, /devops-app/);
      const { log, summary } = jobOf(run, 'plimsoll-preview.yml/rehearse');
      assert.match(summary, /passed/i, log);
      await service.checkout('main');
    },
  );

  const testAndRehearse = ['plimsoll-preview.yml/test', 'plimsoll-preview.yml/rehearse'];

  await t.test('a pull request of a fork gets no token and no plan', async () => {
    const event: Event = {
      name: 'pull_request',
      ref: 'refs/pull/8/merge',
      payload: { pull_request: { number: 8, head: { repo: { full_name: 'somebody/fork' } } } },
    };
    // What it is tested and rehearsed by is what every pull request is.
    const run = await runEvent(service.pipeline, event, { leftOut: testAndRehearse });
    assert.equal(resultsOf(run)['preview.yml/plan'], 'skipped');
    assert.equal(resultsOf(run)['preview.yml/comment'], 'skipped');
  });

  await t.test(
    'a push to a feature branch is planned for stage, and there is nothing to comment on',
    async () => {
      const event: Event = { name: 'push', ref: 'refs/heads/feature' };
      const run = await succeeds(service, event, { leftOut: testAndRehearse });
      assert.equal(resultsOf(run)['preview.yml/plan/plan'], 'success');
      assert.equal(resultsOf(run)['preview.yml/comment'], 'skipped');
    },
  );

  await t.test('a tag takes the very image that runs on stage to prod, and builds nothing', async () => {
    const run = await succeeds(service, { name: 'push', ref: 'refs/tags/v1' });
    assert.deepEqual(resultsOf(run), {
      'deliver.yml/publish': 'skipped',
      'deliver.yml/plan/plan': 'success',
      'deliver.yml/apply/apply': 'success',
    });
    assert.deepEqual(approved, [apply, apply]);
    const image = await imageOf(service, 'stage');
    assert.equal(await imageOf(service, 'prod'), image);
    assert.deepEqual(await runningImages(service, 'prod'), [image, image]);
  });

  await t.test('a dispatch takes a feature branch to dev', async () => {
    await service.checkout('feature');
    await succeeds(service, byHand({}), { only: 'plimsoll-deliver.yml' });
    assert.notEqual(await imageOf(service, 'dev'), await imageOf(service, 'stage'));
  });

  await t.test(
    'publish, plan and apply by hand do the same, and of two applies at once the second waits and finds it done',
    async () => {
      await service.commit('by-hand');
      const environment = 'dev';
      const published = await succeeds(service, byHand({ environment }), { only: 'plimsoll-publish.yml' });
      const { image = '' } = jobOf(published, 'plimsoll-publish.yml/publish').outputs;
      const planned = await succeeds(service, byHand({ environment, image }), { only: 'plimsoll-plan.yml' });
      const { sha256 = '' } = jobOf(planned, 'plimsoll-plan.yml/plan').outputs;
      const seen: (string | undefined)[] = [];
      const hooks = {
        only: 'plimsoll-apply.yml',
        beforeJob: async () => void seen.push(await imageOf(service, environment)),
      };
      const event = byHand({ environment, sha256, 'run-id': planned.runId });
      const applies = await Promise.all([
        runEvent(service.pipeline, event, hooks),
        runEvent(service.pipeline, event, hooks),
      ]);
      const jobs = applies.map((run) => jobOf(run, 'plimsoll-apply.yml/apply'));
      // Which of the two is the first is left to chance, as on GitHub.
      const first = jobs.find(({ result }) => result === 'success');
      const second = jobs.find((job) => job !== first);
      assert.ok(first, jobs.map(({ log }) => log).join('\n'));
      assert.equal(first.concurrency, 'plimsoll-apply-dev');
      assert.equal(seen.length, 2);
      assert.notEqual(seen[0], image, 'the first finds what was there');
      assert.equal(seen[1], image, 'the second begins when the first has ended');
      assert.match(second?.log ?? '', /applied already/);
      await service.checkout('main');
    },
  );

  await badWays(t, service);
});

async function badWays(t: TestContext, service: DeliveredService): Promise<void> {
  const before = await imageOf(service, 'stage');
  const refused = async (hooks: RunHooks, said: RegExp): Promise<JobReport> => {
    const run = await runEvent(service.pipeline, main, hooks);
    const job = jobOf(run, apply);
    assert.equal(job.result, 'failure', job.log);
    assert.match(job.log, said);
    assert.equal(await imageOf(service, 'stage'), before, 'stage runs what it ran');
    return job;
  };

  await t.test(
    'the job of a plan cannot apply: its role executes no change set, and it gets no other',
    async () => {
      const change = await plannedChangeSet(service);
      const subject = 'repo:plimsoll/plimsoll:ref:refs/heads/main';
      const planner = await assumed(service, 'AWS_PLAN_ROLE_ARN', subject);
      await assert.rejects(planner.send(new ExecuteChangeSetCommand({ ChangeSetName: change })), {
        name: 'AccessDenied',
        message: /plimsoll-plan\/test is not authorized to perform: cloudformation:ExecuteChangeSet/,
      });
      await assert.rejects(assumed(service, 'AWS_DEPLOY_ROLE_ARN', subject), notTrusted);
    },
  );

  await t.test(
    'a branch that may not deploy to stage gets no job there, and without the environment no role',
    async () => {
      const event: Event = {
        name: 'workflow_dispatch',
        ref: 'refs/heads/feature',
        inputs: { environment: 'stage', sha256: 'x', 'run-id': '1001' },
      };
      const allows = (ref: string): boolean => ref === 'refs/heads/main';
      const pipeline = { ...service.pipeline, environments: { stage: { allows } } };
      const run = await runEvent(pipeline, event, { only: 'plimsoll-apply.yml' });
      assert.match(jobOf(run, 'plimsoll-apply.yml/apply').log, /not allowed to deploy to stage/);
      for (const role of ['AWS_DEPLOY_ROLE_ARN', 'AWS_PUSH_ROLE_ARN'])
        await assert.rejects(
          assumed(service, role, 'repo:plimsoll/plimsoll:ref:refs/heads/feature'),
          notTrusted,
        );
    },
  );

  await t.test(
    'a plan that was changed between its jobs is refused by its hash, and by plimsoll itself',
    async () => {
      await service.commit('two');
      const beforeJob = async (path: string, runId: string): Promise<void> => {
        if (path === apply) await edit(planOf(service, runId));
      };
      const job = await refused({ beforeJob }, /plan\.json: FAILED/);
      assert.doesNotMatch(job.log, /plimsoll-apply|creating|updating/);
      const file = planOf(service, '1001');
      await edit(file);
      await assert.rejects(
        service.administrator('apply', file, '--target', 'aws'),
        /was changed after it was made/,
      );
    },
  );

  await t.test(
    'a plan that stage has moved away from is refused, and the summary says what to do',
    async () => {
      const beforeJob = async (path: string): Promise<void> => {
        if (path === apply) await moveStage(service);
      };
      const run = await runEvent(service.pipeline, main, { beforeJob });
      const job = jobOf(run, apply);
      assert.equal(job.result, 'failure', job.log);
      assert.match(job.log, /devops-app-stage-service/);
      assert.match(job.summary, /The plan was not applied to stage/);
      assert.match(job.summary, /make a new plan; nothing was changed/);
      assert.equal(await imageOf(service, 'stage'), before);
    },
  );

  await t.test('an apply that fails leaves what ran, and the summary says why and what to do', async () => {
    await service.write('migrations/0009-broken.sql', 'SELECT no_such_function();\n');
    await service.commit('broken');
    const { summary } = await refused({}, /0009-broken/);
    assert.match(summary, /The plan was not applied to stage/);
    assert.match(summary, /0009-broken/);
    assert.match(summary, /A stack failed: it was rolled back/);
    assert.deepEqual(await runningImages(service, 'stage'), [before, before]);
    await service.write('migrations/0009-broken.sql', undefined);
    await service.commit('mended');
  });

  await t.test('what nobody approves is not applied', async () => {
    Object.assign(service.pipeline.environments, { stage: { isApproved: async () => false } });
    await refused({}, /the deployment was rejected/);
  });
}

const notTrusted = {
  name: 'AccessDenied',
  message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
};

/** CloudFormation as a job with this subject in its token would ask for it. */
async function assumed(service: DeliveredService, role: string, sub: string): Promise<CloudFormationClient> {
  const { endpoint, variables } = service.pipeline;
  const region = 'eu-central-1';
  const sts = new STSClient({ endpoint, region, credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  const iss = 'https://token.actions.githubusercontent.com';
  const exp = Math.floor(Date.now() / 1000) + 300;
  try {
    const { Credentials: opened } = await sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: variables[role],
        RoleSessionName: 'test',
        WebIdentityToken: service.issuer.token({ iss, sub, aud: 'sts.amazonaws.com', exp }),
      }),
    );
    const credentials = {
      accessKeyId: opened?.AccessKeyId ?? '',
      secretAccessKey: opened?.SecretAccessKey ?? '',
      sessionToken: opened?.SessionToken ?? '',
    };
    return new CloudFormationClient({ endpoint, region, credentials });
  } finally {
    sts.destroy();
  }
}

/** A change set of stage that waits for its execution. */
async function plannedChangeSet(service: DeliveredService): Promise<string> {
  await service.commit('planned');
  Object.assign(service.pipeline.environments, { stage: { isApproved: async () => false } });
  const run = await runEvent(service.pipeline, main);
  Object.assign(service.pipeline.environments, { stage: {} });
  const plan = JSON.parse(await readFile(planOf(service, run.runId), 'utf8')) as PlanFile;
  const found = plan.waves.flatMap(({ stacks }) => stacks).find(({ changeSet }) => changeSet !== undefined);
  assert.ok(found?.changeSet);
  return found.changeSet.id;
}

async function edit(file: string): Promise<void> {
  const plan = JSON.parse(await readFile(file, 'utf8')) as PlanFile;
  await writeFile(file, `${JSON.stringify({ ...plan, environment: 'prod' }, undefined, 1)}\n`);
}

/** Somebody changes the service's stack by hand. */
async function moveStage({ cloudformation: client, stack }: DeliveredService): Promise<void> {
  const StackName = 'devops-app-stage-service';
  const { Parameters = [], Tags = [] } = (await stack(StackName)) ?? {};
  await client.send(
    new UpdateStackCommand({
      StackName,
      UsePreviousTemplate: true,
      Parameters: Parameters.map(({ ParameterKey }) => ({ ParameterKey, UsePreviousValue: true })),
      Tags: [...Tags, { Key: 'by', Value: 'hand' }],
      Capabilities: ['CAPABILITY_NAMED_IAM'],
    }),
  );
  const patience = { client, maxWaitTime: 120, minDelay: 1, maxDelay: 1 };
  await waitUntilStackUpdateComplete(patience, { StackName }).catch(async () => {
    const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName }));
    const failed = StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('FAILED'));
    assert.fail(
      failed.map((event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason}`).join('\n'),
    );
  });
}
