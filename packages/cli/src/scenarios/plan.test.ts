/** Plans against a local region: what is shown is what happens, resource by resource. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { localTarget, type Target } from '../deploy/clients.ts';
import { StackEventReader } from '../deploy/stack-events.ts';
import { allStacks } from '../deploy/stacks.ts';
import type { PlanFile, PlannedStack } from '../plan/plan-document.ts';
import type { RegionStatus } from '../status/region-status.ts';
import { type TinyService, tinyService } from '../testing/tiny-service.ts';

test('from an empty region to a removal, each plan shows what happens and nothing else happens', {
  timeout: 300_000,
}, async (t) => {
  const { service, target } = await emptyRegion(t);

  const first = await planned(service, 'first.plan');
  assert.deepEqual(
    first.waves.map(({ stacks }) =>
      stacks.map(({ name, action, exactness }) => `${name} ${action} ${exactness}`),
    ),
    [
      ['network-local create exact', 'tiny-registry create exact'],
      ['tiny-local-service create derived'],
      ['tiny-local-monitoring create derived'],
    ],
  );
  await applied(service, target, first, 'first.plan');
  assert.equal(await answer(service), 'one');
  assert.equal((await service.plimsoll('plan')).code, 0, 'nothing would change');

  await service.answer('two');
  const release = await planned(service, 'release.plan');
  assert.deepEqual(changesIn(release), [
    'tiny-local-service ServiceD69D759B modify TaskDefinition',
    'tiny-local-service TaskDefinitionB36D86D9 modify ContainerDefinitions.0.Image',
  ]);
  const [image] = stackOf(release, 'tiny-local-service').changes.filter(
    ({ replacement }) => replacement === 'yes',
  );
  assert.equal(image?.properties[0]?.because, 'parameter ImageDigest');
  await applied(service, target, release, 'release.plan');
  assert.equal(await answer(service), 'two');

  await service.definition(definition('scaling: { min: 1, max: 7 },'));
  const scaling = await planned(service, 'scaling.plan');
  assert.deepEqual(changesIn(scaling), [
    'tiny-local-service ServiceTaskCountTarget23E25614 modify MaxCapacity',
    'tiny-local-monitoring CpuE6EA7902 modify AlarmDescription',
    'tiny-local-monitoring Dashboard9E4231ED modify DashboardBody',
  ]);
  assert.equal(scaling.waves.length, 2);
  assert.equal(
    stackOf(scaling, 'tiny-local-monitoring').exactness,
    'exact',
    'it comes after the service and reads nothing that changes',
  );
  await applied(service, target, scaling, 'scaling.plan');

  const refused = await service.plimsoll('plan', '--destroy', '--out', 'no.plan');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /This would lose data, so there is no plan:\n {2}tiny-local-service LogGroup/);
  const allowed = /--allow-data-loss (\S+)/.exec(refused.stderr)?.[1] ?? '';
  const removal = await planned(service, 'removal.plan', '--destroy', '--allow-data-loss', allowed);
  assert.deepEqual(
    removal.waves.map(({ stacks }) => stacks.map(({ name }) => name).sort()),
    [['tiny-local-monitoring'], ['tiny-local-service'], ['network-local', 'tiny-registry']],
  );
  await applied(service, target, removal, 'removal.plan');
  assert.deepEqual(await allStacks(await target.clients.cloudformation()), []);
});

async function emptyRegion(t: TestContext): Promise<{ service: TinyService; target: Target }> {
  const service = await tinyService(t);
  const up = await service.plimsoll('up', '--empty', '--detach', '--port', '0', '--http-port', '0');
  assert.equal(up.code, 0, up.stderr);
  assert.match(up.stdout, /Nothing was deployed to it/);
  const status = await statusOf(service);
  assert.deepEqual(status.stacks, []);
  return { service, target: localTarget(status.endpoint, status.region) };
}

async function statusOf(service: TinyService): Promise<RegionStatus> {
  const { stdout, stderr, code } = await service.plimsoll('status', '--json');
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as RegionStatus;
}

async function answer(service: TinyService): Promise<string> {
  const response = await fetch(`${(await statusOf(service)).services[0]?.url}/`);
  return response.text();
}

function definition(rest: string): string {
  return `
    import { defineService } from '@plimsoll/blueprint';
    export default defineService({
      name: 'tiny',
      image: { command: ['node', 'dist/main.mjs'] },
      ${rest}
      environments: { local: { region: 'eu-central-1', deletionProtection: false } },
    });
  `;
}

/** Makes a plan that changes something and saves it. */
async function planned(service: TinyService, file: string, ...flags: readonly string[]): Promise<PlanFile> {
  const { code, stderr, stdout } = await service.plimsoll('plan', '--out', file, ...flags);
  assert.equal(code, 2, `${stdout}\n${stderr}`);
  return JSON.parse(await readFile(join(service.folder, file), 'utf8')) as PlanFile;
}

/** Applies it, and compares what happened with what was shown. */
async function applied(service: TinyService, target: Target, plan: PlanFile, file: string): Promise<void> {
  const before = await happenings(target);
  const { code, stdout, stderr } = await service.plimsoll('apply', file);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const happened = await happenings(target, plan);
  const fresh = [...happened].flatMap(([name, events]) =>
    changesOfEvents(name, events.slice(before.get(name)?.length ?? 0)),
  );
  assert.deepEqual(fresh.sort(), shownIn(plan).sort());
}

/** Every event of every stack, also of those that the plan removed. */
async function happenings(
  target: Target,
  plan?: PlanFile,
): Promise<ReadonlyMap<string, readonly StackEvent[]>> {
  const client = await target.clients.cloudformation();
  const ids = new Map(
    (await allStacks(client)).map(({ StackName = '', StackId = '' }) => [StackName, StackId]),
  );
  for (const { name, base } of plan?.waves.flatMap(({ stacks }) => stacks) ?? [])
    if (base !== undefined) ids.set(name, base.stackId);
  return new Map(
    await Promise.all(
      [...ids].map(async ([name, id]) => [name, await new StackEventReader(client, id).next()] as const),
    ),
  );
}

function changesOfEvents(stack: string, events: readonly StackEvent[]): readonly string[] {
  const resources = events.filter(({ PhysicalResourceId, StackId }) => PhysicalResourceId !== StackId);
  const had = (id: string, status: string): boolean =>
    resources.some(
      ({ LogicalResourceId, ResourceStatus }) => LogicalResourceId === id && ResourceStatus === status,
    );
  return [...new Set(resources.map(({ LogicalResourceId = '' }) => LogicalResourceId))].map((id) => {
    const how = had(id, 'UPDATE_COMPLETE') ? 'modify' : had(id, 'CREATE_COMPLETE') ? 'add' : 'remove';
    return `${stack} ${id} ${how}`;
  });
}

function shownIn(plan: PlanFile): string[] {
  return plan.waves.flatMap(({ stacks }) =>
    stacks.flatMap(({ name, changes }) =>
      changes.map(({ logicalId, action }) => `${name} ${logicalId} ${action}`),
    ),
  );
}

function changesIn(plan: PlanFile): readonly string[] {
  return plan.waves
    .flatMap(({ stacks }) => stacks)
    .flatMap(({ name, changes }) =>
      changes.map(
        ({ logicalId, action, properties }) =>
          `${name} ${logicalId} ${action} ${properties.map(({ path }) => path).join(' ')}`,
      ),
    );
}

function stackOf(plan: PlanFile, name: string): PlannedStack {
  const stack = plan.waves.flatMap(({ stacks }) => stacks).find((one) => one.name === name);
  assert.ok(stack);
  return stack;
}
