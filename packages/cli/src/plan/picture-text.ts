/** A plan as people read it: lines for the terminal, Markdown for a pull request. Pure. */
import type { Colour } from '../render/terminal.ts';
import { type PropertyChange, pendingValue, type ResourceChange } from './picture.ts';
import {
  changesAnything,
  type DriftedResource,
  isChanging,
  type PlanFile,
  type PlannedStack,
  type Wave,
} from './plan-document.ts';
import { type Warning, warningsOf } from './warnings.ts';

type Paint = (colour: Colour, text: string) => string;

const signs = { add: '+', modify: '~', remove: '-' } as const;
const colours = { add: 'green', modify: 'yellow', remove: 'red' } as const;
const longest = 100;
/** What stays of a common beginning that is cut. */
const lead = 20;

export function planLines(plan: PlanFile, paint: Paint): readonly string[] {
  const changing = plan.waves.flatMap(({ stacks }) => stacks).filter(isChanging);
  return [
    paint('bold', `Plan ${plan.hash.slice(0, 12)}: ${plan.service} (${plan.environment}), ${titleOf(plan)}`),
    `Account ${plan.account}, region ${plan.region}; made ${plan.createdAt}, good until ${plan.expiresAt}`,
    ...(plan.commit
      ? [`Commit ${plan.commit.id}${plan.commit.isDirty ? ' with changes that are not in it' : ''}`]
      : []),
    ...(plan.image ? [`Image ${plan.image.repository}@${plan.image.digest}`] : []),
    ...(plan.migrate && changing.length > 0
      ? [`Migration ${plan.migrate.join(' ')}, unless the image has migrated`]
      : []),
    ...warningsOf(plan).map((warning) => paint('red', `! ${warningText(warning)}`)),
    '',
    ...plan.waves.flatMap((wave, number) => waveLines(wave, number, plan.waves.length, paint)),
    summary(plan),
    ...byHand(plan),
  ];
}

/** What stands in the stacks is told at the end once more: it is easily overlooked, and no property of the plan. */
function byHand({ waves }: PlanFile): readonly string[] {
  const count = waves.flatMap(({ stacks }) => stacks.flatMap(({ base }) => base?.drifted ?? [])).length;
  if (count === 0) return [];
  return [`${count} ${count === 1 ? 'resource was' : 'resources were'} changed by hand; see: plimsoll drift`];
}

function titleOf({ kind }: PlanFile): string {
  return kind === 'destroy' ? 'removal' : 'what would change';
}

export function warningText({ stack, logicalId, text }: Warning): string {
  return `${stack} ${logicalId}: ${text}`;
}

function waveLines(wave: Wave, number: number, waves: number, paint: Paint): readonly string[] {
  const stacks = wave.stacks.flatMap((stack) => stackLines(stack, paint));
  return waves === 1 ? stacks : [paint('dim', `Wave ${number + 1}${certainty(wave)}`), ...stacks];
}

function certainty({ stacks }: Wave): string {
  const kinds = new Set(stacks.filter(isChanging).map(({ exactness }) => exactness));
  return kinds.size === 0 ? '' : `, ${[...kinds].sort().reverse().join(' and ')}`;
}

function stackLines(stack: PlannedStack, paint: Paint): readonly string[] {
  const { name, action, changes, kept = [], lifts = [], terminationProtectionWas: was } = stack;
  const protection =
    was === undefined ? [] : [`    termination protection: ${was} → ${stack.terminationProtection}`];
  const drifted = (stack.base?.drifted ?? []).map((one) => paint('red', `    ! ${driftText(one)}`));
  if (stack.staysFor !== undefined) return [`  ${name}: stays, ${stack.staysFor}`];
  if (action === 'none') return [`  ${name}: no changes`, ...drifted, ...protection];
  return [
    `  ${paint('bold', name)}: ${action}${stack.exactness === 'derived' ? ', derived' : ''}`,
    ...doubts(stack).map((line) => paint('dim', `    ${line}`)),
    ...drifted,
    ...lifts.map((what) => paint('yellow', `    ! lifted: ${what}`)),
    ...changes.flatMap((change) => changeLines(change, paint)),
    ...(changes.length === 0 && action === 'update' ? ['    only outputs, metadata or tags'] : []),
    ...kept.map(({ logicalId, type, why }) => `    = ${type} ${logicalId} is kept: ${why}`),
    ...protection,
  ];
}

function driftText({ logicalId, type, status, paths }: DriftedResource): string {
  return status === 'DELETED'
    ? `${type} ${logicalId} was deleted by hand`
    : `${type} ${logicalId} was changed by hand: ${paths.join(', ')}; what the plan does not change of it stays so`;
}

/** Why it can turn out differently; then it is not applied. */
function doubts({ exactness, unsettled = [] }: PlannedStack): readonly string[] {
  if (exactness === 'exact') return [];
  const [first = '', ...more] = unsettled;
  const rest = more.length === 0 ? '' : ` and ${more.length} more`;
  return [
    `reads ${first}${rest}, which change${rest === '' ? 's' : ''} before it; applied only if it is still this then`,
  ];
}

function changeLines(change: ResourceChange, paint: Paint): readonly string[] {
  const { action, type, logicalId, replacement, oldOne, properties } = change;
  const replaced = replacement === 'yes' ? ' (replaced)' : replacement === 'maybe' ? ' (maybe replaced)' : '';
  const rest =
    oldOne === 'snapshot' ? ', a snapshot is kept' : oldOne === 'retained' ? ', the old one is kept' : '';
  const head = paint(colours[action], `    ${signs[action]} ${type} ${logicalId}${replaced}${rest}`);
  return action === 'modify' ? [head, ...properties.map((one) => `        ${propertyText(one)}`)] : [head];
}

export function propertyText({ path, before, after, because, replaces }: PropertyChange): string {
  const [was, is] = whereTheyDiffer(before, after).map((value) => shortened(value) ?? 'none');
  const values = `${was} → ${is}`;
  const notes = [...(because === undefined ? [] : [because]), ...(replaces ? ['replaces it'] : [])];
  return `${path}: ${values}${notes.length === 0 ? '' : `  (${notes.join('; ')})`}`;
}

/** Long values that begin alike are shown from a little before the place where they part. */
function whereTheyDiffer(
  before: string | undefined,
  after: string | undefined,
): readonly (string | undefined)[] {
  if (before === undefined || after === undefined) return [before, after];
  if (before.length <= longest && after.length <= longest) return [before, after];
  let same = 0;
  while (same < before.length && before[same] === after[same]) same += 1;
  const start = same - lead;
  return start <= lead ? [before, after] : [before, after].map((text) => `…${text.slice(start)}`);
}

function shortened(value: string | undefined): string | undefined {
  const text = value?.replaceAll(pendingValue, 'known after apply');
  return text === undefined || text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

function summary(plan: PlanFile): string {
  const changes = plan.waves.flatMap(({ stacks }) => stacks.flatMap((stack) => stack.changes));
  const count = (matches: (change: ResourceChange) => boolean): number => changes.filter(matches).length;
  const replaced = count(({ action, replacement }) => action === 'modify' && replacement !== 'no');
  if (!changesAnything(plan)) return 'Nothing would change.';
  return (
    `${count(({ action }) => action === 'add')} to add, ${count(({ action }) => action === 'modify') - replaced} to change, ` +
    `${replaced} to replace, ${count(({ action }) => action === 'remove')} to remove.`
  );
}

/** For a comment on a pull request. */
export function planMarkdown(plan: PlanFile): string {
  const warnings = warningsOf(plan);
  return [
    `### Plan for ${plan.service} (${plan.environment})`,
    '',
    [summary(plan), ...byHand(plan)].join(' '),
    '',
    ...warnings.map((warning) => `- ⚠️ **${warning.kind}** ${warningText(warning)}`),
    ...(warnings.length > 0 ? [''] : []),
    ...plan.waves.flatMap(({ stacks }) => stacks.flatMap(markdownOfStack)),
    `Account \`${plan.account}\`, region \`${plan.region}\`, good until ${plan.expiresAt}.` +
      `${plan.image ? ` Image \`${plan.image.digest}\`.` : ''} Hash \`${plan.hash}\`.`,
    '',
  ].join('\n');
}

function markdownOfStack(stack: PlannedStack): readonly string[] {
  const plain: Paint = (_colour, text) => text;
  if (!isChanging(stack) && stack.staysFor === undefined) return [];
  const [head = '', ...lines] = stackLines(stack, plain);
  if (lines.length === 0) return [`- ${head.trim()}`, ''];
  const { length } = stack.changes;
  return [
    `<details><summary><b>${stack.name}</b>: ${stack.action}, ${length} ${length === 1 ? 'resource' : 'resources'}${
      stack.exactness === 'derived' ? ' (derived)' : ''
    }</summary>`,
    '',
    '```diff',
    ...lines.map((line) => line.slice(4).replace(/^~/, '!')),
    '```',
    '',
    '</details>',
    '',
  ];
}
