/** Stacks that read what stacks before them change: shown as it will be, and applied in the same plan. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { ResolvedEnvironment, StackArtifact } from '@plimsoll/blueprint';
import type { Target } from '../deploy/clients.ts';
import type { Operation } from '../deploy/operation.ts';
import { applyAlone } from '../plan/apply.ts';
import { makePlan } from '../plan/make-plan.ts';
import { type PlanFile, sealed } from '../plan/plan-document.ts';
import { emptyRegion, happenings, shownIn, stackOf, whatHappened } from '../testing/planned.ts';

type Resources = Readonly<Record<string, { readonly Type: string; readonly Properties: object }>>;

const published = (name: string, value: unknown, type = 'String') => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Name: name, Type: type, Value: value },
});

const logs = (name: string) => ({ Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: name } });

const base = (Resources: Resources, Outputs: object = {}): StackArtifact =>
  artifact('base', { Resources, Outputs });

/** @param reads names of SSM parameters by the id of the template's parameter, with their types where they are no strings */
function reader(
  reads: Readonly<Record<string, string | readonly [name: string, type: string]>>,
  Resources: Resources,
): StackArtifact {
  const sources = Object.entries(reads).map(
    ([id, read]) => [id, typeof read === 'string' ? ([read, 'String'] as const) : read] as const,
  );
  const Parameters = Object.fromEntries(
    sources.map(([id, [Default, type]]) => [id, { Type: `AWS::SSM::Parameter::Value<${type}>`, Default }]),
  );
  const parameters = Object.fromEntries(sources.map(([id, [name]]) => [id, { from: 'ssm', name } as const]));
  return { ...artifact('reader', { Parameters, Resources }), dependsOn: ['base'], parameters };
}

function artifact(name: string, template: object): StackArtifact {
  return {
    name,
    template: template as StackArtifact['template'],
    templateFile: '',
    parameters: {},
    tags: {},
    dependsOn: [],
    terminationProtection: false,
  };
}

const note = (value: unknown) => published('/t/note', value);
const ref = (id: string) => ({ Ref: id });

interface Case {
  readonly what: string;
  readonly from: readonly [StackArtifact, StackArtifact];
  readonly to: readonly [StackArtifact, StackArtifact];
  /** What the plan shows of the reader. */
  readonly shown: readonly string[];
}

const one = base({ Name: published('/t/name', 'one') });
const readsName = reader({ Name: '/t/name' }, { Note: note(ref('Name')) });
const withGroup = (name: string): StackArtifact =>
  base({ Logs: logs(name), Name: published('/t/name', ref('Logs')) });
const withList = (first: string, size = 2): StackArtifact =>
  base({
    Logs: logs(first),
    Other: logs('/t/other'),
    List: published(
      '/t/list',
      { 'Fn::Join': [',', [ref('Logs'), ref('Other')].slice(0, size)] },
      'StringList',
    ),
  });
const readsList = reader(
  { List: ['/t/list', 'List<String>'] },
  {
    Note: note({ 'Fn::Select': [0, ref('List')] }),
    Second: published('/t/second', { 'Fn::Select': [1, ref('List')] }),
  },
);

const nothing = [base({ Logs: logs('/t/none') }), reader({}, { None: logs('/t/nothing') })] as const;

const cases: readonly Case[] = [
  {
    what: 'a value that the plan knows',
    from: [one, readsName],
    to: [base({ Name: published('/t/name', 'two') }), readsName],
    shown: ['Note Value "one" → "two" parameter Name'],
  },
  {
    what: 'a parameter that is not there yet, of a stack that is there',
    from: [base({ Logs: logs('/t/one') }), reader({}, { Note: note('none') })],
    to: [withGroup('/t/one'), readsName],
    shown: ['Note Value "none" → "/t/one" parameter Name'],
  },
  {
    what: 'the name of a resource that is replaced',
    from: [withGroup('/t/one'), readsName],
    to: [withGroup('/t/two'), readsName],
    shown: ['Note Value "/t/one" → "{{changeSet:KNOWN_AFTER_APPLY}}" parameter Name'],
  },
  {
    what: 'what replaces the resource that reads it',
    from: [
      withGroup('/t/one'),
      reader({ Name: '/t/name' }, { Copy: published({ 'Fn::Sub': '/t/copy${Name}' } as never, 'x') }),
    ],
    to: [
      withGroup('/t/two'),
      reader({ Name: '/t/name' }, { Copy: published({ 'Fn::Sub': '/t/copy${Name}' } as never, 'x') }),
    ],
    shown: ['Copy Name "/t/copy/t/one" → "/t/copy{{changeSet:KNOWN_AFTER_APPLY}}" parameter Name replaces'],
  },
  {
    what: 'a list of which items are selected',
    from: [withList('/t/one'), readsList],
    to: [withList('/t/two'), readsList],
    shown: ['Note Value "/t/one" → "{{changeSet:KNOWN_AFTER_APPLY}}" parameter List'],
  },
  {
    what: 'a parameter that is not there yet, named in the text',
    from: [base({ Logs: logs('/t/one') }), reader({}, { Note: note('none') })],
    to: [withGroup('/t/one'), reader({}, { Note: note('{{resolve:ssm:/t/name}}') })],
    shown: ['Note Value "none" → "{{changeSet:KNOWN_AFTER_APPLY}}"'],
  },
  {
    what: 'an export that is not there yet',
    from: [base({ Logs: logs('/t/one') }), reader({}, { Note: note('none') })],
    to: [
      base({ Logs: logs('/t/one') }, { Name: { Value: ref('Logs'), Export: { Name: 'base-name' } } }),
      reader({}, { Note: note({ 'Fn::ImportValue': 'base-name' }) }),
    ],
    shown: ['Note Value "none" → "{{changeSet:KNOWN_AFTER_APPLY}}"'],
  },
];

test('a stack that reads what a stack before it changes is shown as it will be, and applied so', {
  timeout: 600_000,
}, async (t) => {
  const { target } = await emptyRegion(t);
  for (const { what, from, to, shown } of cases) {
    await t.test(what, async (t) => {
      await applyTo(target, t, await planFor(target, t, nothing));
      await applyTo(target, t, await planFor(target, t, from));
      const plan = await planFor(target, t, to);
      const { exactness, changes } = stackOf(plan, 'reader');
      assert.equal(exactness, 'derived');
      assert.deepEqual(
        changes.flatMap(({ logicalId, properties }) =>
          properties.map(({ path, before, after, because, replaces }) =>
            [logicalId, path, before, '→', after, because, replaces ? 'replaces' : undefined]
              .filter((part) => part !== undefined)
              .join(' '),
          ),
        ),
        shown,
      );
      const before = await happenings(target);
      await applyTo(target, t, plan);
      assert.deepEqual(whatHappened(before, await happenings(target, plan)), shownIn(plan));
    });
  }
});

test('a derived stack whose change set is not what was shown is not touched, and what differs is told by property', {
  timeout: 600_000,
}, async (t) => {
  const { target } = await emptyRegion(t);
  const ssm = await target.clients.ssm();
  const put = (Value: string) =>
    ssm.send(new PutParameterCommand({ Name: '/others', Type: 'String', Value, Overwrite: true }));
  await put('before');
  const readsBoth = reader(
    { Name: '/t/name', Others: '/others' },
    { Note: note(ref('Name')), Copy: published('/t/copy', ref('Others')) },
  );
  await applyTo(target, t, await planFor(target, t, [one, readsBoth]));
  const plan = await planFor(target, t, [base({ Name: published('/t/name', 'two') }), readsBoth]);
  await put('after');
  await assert.rejects(applyTo(target, t, plan), (error: Error) => {
    assert.equal(
      error.message,
      [
        'What would change in reader is not what the plan shows, so it is not applied:',
        '  not shown: modify AWS::SSM::Parameter Copy: Value: "before" → "after"  (parameter Others)',
        'Of this plan: applied base; not applied reader.',
        'Correct the cause and make a new plan; what is applied stays.',
      ].join('\n'),
    );
    return true;
  });
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/t/note' }));
  assert.equal(Parameter?.Value, 'one');
  const again = await planFor(target, t, [base({ Name: published('/t/name', 'two') }), readsBoth]);
  assert.equal(stackOf(again, 'reader').exactness, 'exact', 'what it reads is there');
  await applyTo(target, t, again);
  const { StackResources = [] } = await (await target.clients.cloudformation()).send(
    new DescribeStackResourcesCommand({ StackName: 'reader' }),
  );
  assert.deepEqual(
    StackResources.map(({ ResourceStatus }) => ResourceStatus),
    ['UPDATE_COMPLETE', 'UPDATE_COMPLETE'],
  );
  await assert.rejects(
    applyTo(target, t, plan),
    /This plan is stale:\n.*reader[\s\S]*\nNothing more was changed\.\nOf this plan: applied base; not applied reader\./,
  );
});

function operationOn(target: Target, t: TestContext): Operation {
  return { target, report: () => {}, signal: t.signal };
}

async function planFor(target: Target, t: TestContext, stacks: readonly StackArtifact[]): Promise<PlanFile> {
  const resolved = { service: 'tiny', environment: 'local', region: 'eu-central-1' } as ResolvedEnvironment;
  return sealed(
    await makePlan(operationOn(target, t), {
      resolved,
      synthesis: { environment: 'local', region: 'eu-central-1', stacks, warnings: [], outdir: '' },
      image: Promise.resolve(undefined),
      account: '000000000000',
      allowedDataLoss: ['Logs', 'None', 'Other'],
      now: new Date(),
      validForMs: 3_600_000,
    }),
  );
}

function applyTo(target: Target, t: TestContext, plan: PlanFile): Promise<void> {
  return applyAlone(operationOn(target, t), plan, { ensureImage: async () => {}, migrate: async () => {} });
}
