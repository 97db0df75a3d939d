import type { Access } from '../kernel/access.ts';
import type { Policy } from './evaluate.ts';
import { matchesArn, matchesPattern } from './policy-patterns.ts';

/** One action that a policy grants and that was never used on its resources. */
export interface Unused {
  readonly policy: string;
  readonly action: string;
  readonly resources: readonly string[];
}

interface Statement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
}

/** What of these policies was granted and never used. Conditions are not looked at; denials grant nothing. */
export function unusedOf(policies: readonly Policy[], used: readonly Access[]): readonly Unused[] {
  return policies.flatMap(({ name, document }) =>
    statementsOf(document)
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap((statement) => unusedActions(statement, used).map((unused) => ({ policy: name, ...unused }))),
  );
}

function unusedActions(statement: Statement, used: readonly Access[]): readonly Omit<Unused, 'policy'>[] {
  const resources = listOf(statement.Resource ?? '*');
  const onThese = used.filter(({ resource }) =>
    statement.NotResource === undefined
      ? resources.some((pattern) => matchesResource(pattern, resource))
      : !listOf(statement.NotResource).some((pattern) => matchesResource(pattern, resource)),
  );
  if (statement.NotAction !== undefined) {
    const except = listOf(statement.NotAction);
    const isUsed = onThese.some(({ action }) => !except.some((pattern) => matchesAction(pattern, action)));
    return isUsed ? [] : [{ action: `all but ${except.join(', ')}`, resources }];
  }
  return listOf(statement.Action ?? [])
    .filter((pattern) => !onThese.some(({ action }) => matchesAction(pattern, action)))
    .map((action) => ({ action, resources }));
}

function statementsOf(document: string): readonly Statement[] {
  const { Statement } = JSON.parse(document) as { Statement?: Statement | readonly Statement[] };
  return [Statement ?? []].flat() as readonly Statement[];
}

function listOf(value: string | readonly string[]): readonly string[] {
  return [value].flat();
}

/** The letter case of actions does not count: see policy-statements.ts. */
function matchesAction(pattern: string, action: string): boolean {
  return matchesPattern(pattern.toLowerCase(), action.toLowerCase());
}

/** What holds a policy variable matches whatever stands in its place. */
function matchesResource(pattern: string, resource: string): boolean {
  return pattern === '*' || matchesArn(pattern.replace(/\$\{[^}]*\}/g, '*'), resource);
}
