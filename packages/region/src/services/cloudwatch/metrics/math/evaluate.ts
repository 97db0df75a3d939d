import { notModelled } from '../../../../kernel/aws-error.ts';
import { arrayOf, fill, functions, sort, type Timeline, wrongArguments } from './functions.ts';
import { mapSeries, operate } from './operators.ts';
import { mapPoints, type Series, type Value } from './series.ts';
import { type Expression, MathSyntaxError } from './syntax.ts';

/** What an expression may refer to. */
export interface Scope extends Timeline {
  /** The result of the query with this id; absent: there is none. */
  query(id: string): Value | undefined;
  /** The metrics of the request whose id holds the text, in their order. */
  metrics(idPart: string): readonly Series[];
  search(text: string, statistic: string, periodSeconds: number | undefined): readonly Series[];
}

/** Functions of AWS that need what this region has not. */
const unmodelled = new Set([
  'ANOMALY_DETECTION_BAND',
  'INSIGHT_RULE_METRIC',
  'SERVICE_QUOTA',
  'DB_PERF_INSIGHTS',
  'LAMBDA',
]);

/** Throws `MathSyntaxError` for what AWS refuses, and names what is not modelled. */
export function evaluateExpression(expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'string':
      throw new MathSyntaxError(`Unexpected text '${expression.value}'`);
    case 'name':
      return named(expression.name, scope);
    case 'list':
      return expression.items.flatMap((item) => arrayOf(evaluateExpression(item, scope), '[]'));
    case 'negation': {
      const value = evaluateExpression(expression.of, scope);
      return typeof value === 'number' ? -value : mapSeries(value, (series) => mapPoints(series, (v) => -v));
    }
    case 'operation':
      return operate(
        expression.operator,
        evaluateExpression(expression.left, scope),
        evaluateExpression(expression.right, scope),
      );
    case 'call':
      return call(expression.name, expression.arguments, scope);
  }
}

function named(name: string, scope: Scope): Value {
  const value = scope.query(name);
  if (value === undefined)
    throw new MathSyntaxError(`The following metrics or expressions are undefined: ${name}`);
  return value;
}

function call(name: string, given: readonly Expression[], scope: Scope): Value {
  if (unmodelled.has(name)) throw notModelled(`cloudwatch metric math function ${name}`, 'cloudwatch');
  checkArgumentCount(name, given.length);
  const value = (i: number): Value | undefined => {
    const argument = given[i];
    return argument && evaluateExpression(argument, scope);
  };
  if (name === 'METRICS') return scope.metrics(given[0] ? textOf(given[0], name) : '');
  if (name === 'SEARCH') return search(given, scope);
  if (name === 'SORT') return sort(value(0) ?? [], wordOf(given[1]), wordOf(given[2]), value(3));
  if (name === 'FILL') {
    const [series, filler] = [value(0), wordOf(given[1])];
    if (series === undefined || given[1] === undefined) throw wrongArguments(name);
    const isWord = filler === 'REPEAT' || filler === 'LINEAR';
    return fill(scope, series, isWord ? filler : evaluateExpression(given[1], scope));
  }
  const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!known) throw new MathSyntaxError(`The function ${name} does not exist`);
  return known(
    scope,
    given.map((argument) => evaluateExpression(argument, scope)),
    name,
  );
}

/** Of functions that do not take one argument: the fewest and the most. */
const argumentCounts: Readonly<Record<string, readonly [least: number, most: number]>> = {
  FILL: [2, 2],
  IF: [2, 3],
  METRICS: [0, 1],
  SEARCH: [2, 3],
  SLICE: [2, 3],
  SORT: [3, 4],
};

/** What a function would not look at is refused, not left out: `MAX(m1, m2)` is not the greater of both. */
function checkArgumentCount(name: string, count: number): void {
  const [least, most] = (Object.hasOwn(argumentCounts, name) && argumentCounts[name]) || [1, 1];
  const isKnown = Object.hasOwn(argumentCounts, name) || Object.hasOwn(functions, name);
  if (isKnown && (count < least || count > most)) throw wrongArguments(name);
}

function search([query, statistic, period]: readonly Expression[], scope: Scope): readonly Series[] {
  if (!query || !statistic) throw wrongArguments('SEARCH');
  const seconds = period && evaluateExpression(period, scope);
  if (seconds !== undefined && typeof seconds !== 'number') throw wrongArguments('SEARCH');
  return scope.search(textOf(query, 'SEARCH'), textOf(statistic, 'SEARCH'), seconds);
}

function textOf(expression: Expression, name: string): string {
  if (expression.kind !== 'string') throw wrongArguments(name);
  return expression.value;
}

function wordOf(expression: Expression | undefined): string {
  return expression?.kind === 'name' ? expression.name : '';
}
