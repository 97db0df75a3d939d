/**
 * A plan as it can be applied to another region than the one it was made for. Its change sets cannot be taken over: each is
 * made anew from the plan's own template and parameters when its wave has come, and is executed only if it shows what the
 * plan shows. Pure.
 */
import { type PropertyChange, pendingValue } from '../plan/picture.ts';
import { type Fingerprint, type PlanFile, type PlannedStack, sealed } from '../plan/plan-document.ts';

export interface Place {
  readonly account: string;
  /** What the stacks start from there, by name. */
  readonly bases: ReadonlyMap<string, Fingerprint>;
  /** Digests of images, and of those that stand in for them there. */
  readonly standIns: ReadonlyMap<string, string>;
}

export function rehearsedPlan({ hash: _, ...plan }: PlanFile, place: Place): PlanFile {
  const translated = translate(plan, [[plan.account, place.account], ...place.standIns]);
  return sealed({
    ...translated,
    waves: translated.waves.map(({ stacks }) => ({
      stacks: stacks.map((stack) => rehearsedStack(stack, place)),
    })),
  });
}

function rehearsedStack(stack: PlannedStack, { bases }: Place): PlannedStack {
  const { changeSet: _, base: __, ...rest } = stack;
  const base = bases.get(stack.name);
  return {
    ...rest,
    exactness: 'derived',
    ...(base && { base }),
    changes: stack.changes.map((change) => ({ ...change, properties: change.properties.map(comparable) })),
  };
}

/** Templates too: what they name literally, such as an account, is another one there. */
export function translate<T>(value: T, pairs: readonly (readonly [string, string])[]): T {
  const text = pairs.reduce((json, [from, to]) => json.replaceAll(from, to), JSON.stringify(value));
  return JSON.parse(text) as T;
}

/** What AWS makes up differs in every region: where a value has such a part, that it changes is all that can be compared. */
function comparable(property: PropertyChange): PropertyChange {
  const { after } = property;
  return after !== undefined && isMadeUp(after) ? { ...property, after: pendingValue } : property;
}

const madeUp: readonly RegExp[] = [
  // subnet-0a1b2c3d4e5f60718
  /\b[a-z]+-[0-9a-f]{8,17}\b/,
  // The end of a load balancer's ARN: app/shop/0123456789abcdef
  /\/[0-9a-f]{16}\b/,
  /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/,
  /\.[a-z0-9]{12}\.[a-z0-9-]+\.rds\./,
  /-\d{8,}\.[a-z0-9-]+\.elb\./,
  /:secret:\S*-[A-Za-z0-9]{6}\b/,
  // Names by CloudFormation: shop-prod-service-LogGroup-1A2B3C4D5E6F
  /-(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Z])[A-Za-z0-9]{8,13}\b/,
];

/** Whether the text has a part that AWS makes up. */
export function isMadeUp(text: string): boolean {
  return madeUp.some((pattern) => pattern.test(text));
}
