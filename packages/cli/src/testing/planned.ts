/** What scenarios of plans do: a region, plans that are saved, and what happened against what was shown. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { localTarget, type Target } from '../deploy/clients.ts';
import { StackEventReader } from '../deploy/stack-events.ts';
import { allStacks } from '../deploy/stacks.ts';
import type { PlanFile, PlannedStack } from '../plan/plan-document.ts';
import type { RegionStatus } from '../status/region-status.ts';
import { type TinyService, tinyService } from './tiny-service.ts';

/** @param flags of `up`: a test that catches nothing in the middle need not wait for the machine's clock */
export async function emptyRegion(
  t: TestContext,
  ...flags: readonly string[]
): Promise<{ service: TinyService; target: Target }> {
  const service = await tinyService(t);
  const ports = ['--port', '0', '--http-port', '0'];
  const up = await service.plimsoll('up', '--empty', '--detach', ...ports, ...flags);
  assert.equal(up.code, 0, up.stderr);
  assert.match(up.stdout, /Nothing was deployed to it/);
  const status = await statusOf(service);
  assert.deepEqual(status.stacks, []);
  return { service, target: localTarget(status.endpoint, status.region) };
}

export async function statusOf(service: TinyService): Promise<RegionStatus> {
  const { stdout, stderr, code } = await service.plimsoll('status', '--json');
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as RegionStatus;
}

export async function answer(service: TinyService): Promise<string> {
  const response = await fetch(`${(await statusOf(service)).services[0]?.url}/`);
  return response.text();
}

export function definition(rest: string): string {
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
export async function planned(
  service: TinyService,
  file: string,
  ...flags: readonly string[]
): Promise<PlanFile> {
  const { code, stderr, stdout } = await service.plimsoll('plan', '--out', file, ...flags);
  assert.equal(code, 2, `${stdout}\n${stderr}`);
  return JSON.parse(await readFile(join(service.folder, file), 'utf8')) as PlanFile;
}

/** Applies it, and compares what happened with what was shown. */
export async function applied(
  service: TinyService,
  target: Target,
  plan: PlanFile,
  file: string,
): Promise<void> {
  const before = await happenings(target);
  const { code, stdout, stderr } = await service.plimsoll('apply', file);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.deepEqual(whatHappened(before, await happenings(target, plan)), shownIn(plan));
}

type Happenings = ReadonlyMap<string, readonly StackEvent[]>;

/** What was done since, as `shownIn` tells it. */
export function whatHappened(before: Happenings, after: Happenings): readonly string[] {
  return [...after]
    .flatMap(([name, events]) => changesOfEvents(name, events.slice(before.get(name)?.length ?? 0)))
    .sort();
}

/** Every event of every stack, also of those that the plan removed. */
export async function happenings(target: Target, plan?: PlanFile): Promise<Happenings> {
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
    const how = had(id, 'UPDATE_COMPLETE')
      ? 'modify'
      : had(id, 'CREATE_COMPLETE')
        ? 'add'
        : had(id, 'DELETE_SKIPPED')
          ? 'keep'
          : 'remove';
    return `${stack} ${id} ${how}`;
  });
}

/** What the plan shows, resource by resource. */
export function shownIn(plan: PlanFile): readonly string[] {
  return plan.waves
    .flatMap(({ stacks }) =>
      stacks.flatMap(({ name, changes, kept = [] }) => [
        ...changes.map(({ logicalId, action }) => `${name} ${logicalId} ${action}`),
        ...kept.map(({ logicalId }) => `${name} ${logicalId} keep`),
      ]),
    )
    .sort();
}

export function changesIn(plan: PlanFile): readonly string[] {
  return plan.waves
    .flatMap(({ stacks }) => stacks)
    .flatMap(({ name, changes }) =>
      changes.map(
        ({ logicalId, action, properties }) =>
          `${name} ${logicalId} ${action} ${properties.map(({ path }) => path).join(' ')}`,
      ),
    );
}

export function stackOf(plan: PlanFile, name: string): PlannedStack {
  const stack = plan.waves.flatMap(({ stacks }) => stacks).find((one) => one.name === name);
  assert.ok(stack);
  return stack;
}
