import { validationError } from './errors.ts';
import type { Operation, Stack } from './state.ts';

interface Statement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: {
    readonly [operator: string]: { readonly [key: string]: string | readonly string[] };
  };
}

/**
 * Why a stack's policy does not let an update touch a resource; `undefined` when it does.
 * Confirmed by docs: protect-stack-resources — without a policy all is allowed, with one everything that it does not
 * allow is denied, and a deny wins. A policy for one update replaces the stack's while that lasts.
 */
export function policyDenial(
  { stack, operation }: { readonly stack: Stack; readonly operation: Pick<Operation, 'policyDuringUpdate'> },
  logicalId: string,
  type: string,
  change: 'update' | 'replace' | 'delete',
): string | undefined {
  const text = operation.policyDuringUpdate ?? stack.policy;
  if (text === undefined) return undefined;
  const action = actions[change];
  const resource = `LogicalResourceId/${logicalId}`;
  const statements = readPolicy(text).map((statement, index) => ({ statement, number: index + 1 }));
  const matching = statements.filter(({ statement }) => applies(statement, action, resource, type));
  const denying = matching.find(({ statement }) => statement.Effect === 'Deny');
  // Known: AWS's wording.
  if (denying) {
    return `Action denied by stack policy: Statement [#${denying.number}] does not allow [${action}] for resource [${resource}];`;
  }
  if (matching.some(({ statement }) => statement.Effect === 'Allow')) return undefined;
  return `Action not allowed by stack policy: no statement allows [${action}] for resource [${resource}];`;
}

const actions = { update: 'Update:Modify', replace: 'Update:Replace', delete: 'Update:Delete' } as const;

function applies(statement: Statement, action: string, resource: string, type: string): boolean {
  const named = (patterns: string | readonly string[] | undefined, not: typeof patterns, value: string) =>
    patterns === undefined ? not !== undefined && !matches(not, value) : matches(patterns, value);
  if (!named(statement.Action, statement.NotAction, action)) return false;
  if (!named(statement.Resource, statement.NotResource, resource)) return false;
  return Object.values(statement.Condition ?? {}).every((keys) =>
    Object.entries(keys).every(([key, patterns]) => key === 'ResourceType' && matches(patterns, type)),
  );
}

function matches(patterns: string | readonly string[], value: string): boolean {
  return [patterns].flat().some((pattern) => {
    const expression = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
    return new RegExp(`^${expression}$`).test(value);
  });
}

/** Refuses a text that is no stack policy. */
export function readPolicy(text: string): readonly Statement[] {
  const refuse = (why: string) => validationError(`Error validating stack policy: ${why}`);
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    throw refuse('Malformed policy document');
  }
  const statements = (policy as { Statement?: unknown } | null)?.Statement;
  if (statements === undefined) throw refuse('A policy must have a Statement');
  return [statements].flat() as Statement[];
}
