/**
 * What can be known before anything is changed. A stack that reads nothing that changes before it is exact, also where it is
 * applied later: its change set can be made now. One that reads an SSM parameter which a stack before it makes or changes is
 * derived. Pure.
 */
import type { StackArtifact } from '@plimsoll/blueprint';
import { resourcesOf } from '../deploy/parameters.ts';
import type { ResourceChange } from './picture.ts';
import { isChanging, type PlannedStack, type Wave } from './plan-document.ts';

export interface Placed {
  readonly stack: PlannedStack;
  /** From 0. */
  readonly wave: number;
}

/** A stack comes after those that it depends on, where they change. */
export function waveOf({ dependsOn }: StackArtifact, placed: ReadonlyMap<string, Placed>): number {
  const before = dependsOn.flatMap((name) => placed.get(name) ?? []);
  return Math.max(0, ...before.filter(({ stack }) => isChanging(stack)).map(({ wave }) => wave + 1));
}

/** What the stack reads that stacks before it make or change; empty if its change set can be made now. */
export function unsettledOf(stack: StackArtifact, before: readonly PlannedStack[]): readonly string[] {
  const text = JSON.stringify(stack.template);
  const changing = before.filter(({ action }) => action !== 'none');
  const moved = changing.flatMap(movedParameters).map(({ name }) => name);
  const named = moved.filter((name) => names(text, name));
  const imports =
    changing.length > 0 && text.includes('"Fn::ImportValue"') ? ['exports of other stacks'] : [];
  return [...new Set([...named, ...imports])];
}

/** Whether the name is in the text, and not as the beginning of a longer one. */
function names(text: string, name: string): boolean {
  return text
    .split(name)
    .slice(1)
    .some((rest) => !/^[\w.\-/]/.test(rest));
}

export interface MovedParameter {
  /** One whose name is not written in the template has it by its id. */
  readonly name: string;
  readonly change: ResourceChange;
}

/** The SSM parameters that get another value. */
export function movedParameters({ changes, template }: PlannedStack): readonly MovedParameter[] {
  const resources = resourcesOf(template);
  return changes
    .filter(({ type }) => type === 'AWS::SSM::Parameter')
    .filter(
      ({ action, replacement, properties }) =>
        action !== 'modify' || replacement !== 'no' || properties.some(({ path }) => path === 'Value'),
    )
    .map((change) => {
      const written = resources[change.logicalId]?.Properties?.['Name'];
      const name =
        typeof written === 'string' ? written : (nameBefore(change.properties) ?? change.logicalId);
      return { name, change };
    });
}

function nameBefore(properties: PlannedStack['changes'][number]['properties']): string | undefined {
  const before = properties.find(({ path }) => path === 'Name')?.before;
  const name: unknown = before === undefined ? undefined : JSON.parse(before);
  return typeof name === 'string' ? name : undefined;
}

export function wavesOf(placed: readonly Placed[]): readonly Wave[] {
  const numbers = [...new Set(placed.map(({ wave }) => wave))].sort((a, b) => a - b);
  return numbers.map((number) => ({
    stacks: placed.filter(({ wave }) => wave === number).map(({ stack }) => stack),
  }));
}
