/** A plan as people read it: lines for the terminal, Markdown for a pull request. Pure. */
import type { Colour } from '../render/terminal.ts';
import type { PropertyChange, ResourceChange } from './picture.ts';
import type { PlanFile, PlannedStack, Wave } from './plan-document.ts';
import { type Warning, warningsOf } from './warnings.ts';

type Paint = (colour: Colour, text: string) => string;

const signs = { add: '+', modify: '~', remove: '-' } as const;
const colours = { add: 'green', modify: 'yellow', remove: 'red' } as const;
const longest = 100;

export function planLines(plan: PlanFile, paint: Paint): readonly string[] {
  const changing = plan.waves.flatMap(({ stacks }) => stacks).filter(({ action }) => action !== 'none');
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
  ];
}

function titleOf({ kind }: PlanFile): string {
  return kind === 'destroy' ? 'removal' : 'what would change';
}

export function warningText({ stack, logicalId, text }: Warning): string {
  return `${stack} ${logicalId}: ${text}`;
}

function waveLines(wave: Wave, number: number, waves: number, paint: Paint): readonly string[] {
  const stacks = wave.stacks.flatMap((stack) => stackLines(stack, paint));
  if (waves === 1) return stacks;
  const how =
    wave.exactness === 'exact'
      ? 'exact: these change sets will be executed'
      : 'derived from templates: its change sets are made after the wave before, and must show the same';
  return [paint('dim', `Wave ${number + 1}, ${how}`), ...stacks];
}

function stackLines({ name, action, changes, kept = [] }: PlannedStack, paint: Paint): readonly string[] {
  if (action === 'none') return [`  ${name}: no changes`];
  return [
    `  ${paint('bold', name)}: ${action}`,
    ...changes.flatMap((change) => changeLines(change, paint)),
    ...kept.map(({ logicalId, type, why }) => `    = ${type} ${logicalId} is kept: ${why}`),
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
  const values = `${shortened(before) ?? 'none'} → ${shortened(after) ?? 'none'}`;
  const notes = [...(because === undefined ? [] : [because]), ...(replaces ? ['replaces it'] : [])];
  return `${path}: ${values}${notes.length === 0 ? '' : `  (${notes.join('; ')})`}`;
}

function shortened(value: string | undefined): string | undefined {
  const text = value?.replaceAll('{{changeSet:KNOWN_AFTER_APPLY}}', 'known after apply');
  return text === undefined || text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

function summary({ waves }: PlanFile): string {
  const changes = waves.flatMap(({ stacks }) => stacks.flatMap((stack) => stack.changes));
  const count = (matches: (change: ResourceChange) => boolean): number => changes.filter(matches).length;
  const replaced = count(({ action, replacement }) => action === 'modify' && replacement !== 'no');
  if (changes.length === 0) return 'Nothing would change.';
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
    summary(plan),
    '',
    ...warnings.map((warning) => `- ⚠️ **${warning.kind}** ${warningText(warning)}`),
    ...(warnings.length > 0 ? [''] : []),
    ...plan.waves.flatMap(({ stacks, exactness }) =>
      stacks.flatMap((stack) => markdownOfStack(stack, exactness)),
    ),
    `Account \`${plan.account}\`, region \`${plan.region}\`, good until ${plan.expiresAt}.` +
      `${plan.image ? ` Image \`${plan.image.digest}\`.` : ''} Hash \`${plan.hash}\`.`,
    '',
  ].join('\n');
}

function markdownOfStack(stack: PlannedStack, exactness: Wave['exactness']): readonly string[] {
  const plain: Paint = (_colour, text) => text;
  if (stack.action === 'none') return [];
  const lines = stackLines(stack, plain).slice(1);
  const note = exactness === 'derived' ? ' (derived from templates)' : '';
  return [
    `<details><summary><b>${stack.name}</b>: ${stack.action}, ${stack.changes.length} resources${note}</summary>`,
    '',
    '```diff',
    ...lines.map((line) => line.slice(4).replace(/^~/, '!')),
    '```',
    '',
    '</details>',
    '',
  ];
}
