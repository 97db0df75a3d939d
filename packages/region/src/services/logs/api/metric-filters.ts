import type {
  DeleteMetricFilterRequest,
  DescribeMetricFiltersRequest,
  DescribeMetricFiltersResponse,
  MetricFilter as MetricFilterShape,
  MetricTransformation as MetricTransformationShape,
  PutMetricFilterRequest,
  TestMetricFilterRequest,
  TestMetricFilterResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Context } from '../../../kernel/context.ts';
import { page } from '../../../kernel/page.ts';
import { invalidParameter, invalidToken, limitExceeded, metricFilterNotFound } from '../errors.ts';
import { isNumber } from '../filter-pattern/condition.ts';
import { parseFilterPattern } from '../filter-pattern/filter-pattern.ts';
import type { FilterPattern } from '../filter-pattern/pattern.ts';
import {
  findGroup,
  type LogsState,
  type MetricFilter,
  type MetricTransformation,
  metricFiltersOf,
  streamKey,
} from '../state.ts';
import { pageLimit } from './limit.ts';

/** Confirmed by docs: 100 filters in a group, three dimensions in a filter. */
const limits = { filters: 100, dimensions: 3 } as const;

/** Creates or replaces. Only events that come in from now on are counted. */
export function putMetricFilter(ctx: Context, state: LogsState, input: PutMetricFilterRequest): object {
  const group = findGroup(state, input.logGroupName);
  const name = checkName(input.filterName ?? '');
  const pattern = input.filterPattern ?? '';
  const transformation = checkTransformations(input.metricTransformations, parseFilterPattern(pattern));
  const key = streamKey(group.name, name);
  const known = state.metricFilters.get(key);
  if (!known && metricFiltersOf(state, group.name).length >= limits.filters) throw limitExceeded();
  state.metricFilters.put(key, {
    groupName: group.name,
    name,
    pattern,
    transformation,
    created: known?.created ?? ctx.now,
  });
  return {};
}

export function deleteMetricFilter(ctx: Context, state: LogsState, input: DeleteMetricFilterRequest): object {
  const group = findGroup(state, input.logGroupName);
  const key = streamKey(group.name, input.filterName ?? '');
  if (!state.metricFilters.has(key)) throw metricFilterNotFound();
  state.metricFilters.delete(key);
  ctx.timers.drop(key);
  return {};
}

export function describeMetricFilters(
  _ctx: Context,
  state: LogsState,
  input: DescribeMetricFiltersRequest,
): DescribeMetricFiltersResponse {
  const { logGroupName, filterNamePrefix: prefix = '', metricName, metricNamespace } = input;
  if ((metricName === undefined) !== (metricNamespace === undefined)) {
    throw invalidParameter('metricName and metricNamespace have to be given together.');
  }
  const group = logGroupName === undefined ? undefined : findGroup(state, logGroupName);
  const found = state.metricFilters
    .filter(
      ({ name, groupName, transformation }) =>
        name.startsWith(prefix) &&
        (group === undefined || groupName === group.name) &&
        (metricName === undefined ||
          (transformation.metricName === metricName && transformation.metricNamespace === metricNamespace)),
    )
    .sort((a, b) => (streamKey(a.name, a.groupName) < streamKey(b.name, b.groupName) ? -1 : 1));
  const { items, nextToken } = page(found, input.nextToken, pageLimit(input.limit, 50), invalidToken);
  return { metricFilters: items.map(shape), ...(nextToken !== undefined && { nextToken }) };
}

export function testMetricFilter(
  _ctx: Context,
  _state: LogsState,
  { filterPattern, logEventMessages = [] }: TestMetricFilterRequest,
): TestMetricFilterResponse {
  if (logEventMessages.length === 0 || logEventMessages.length > 50) {
    throw invalidParameter(
      "1 validation error detected: Value at 'logEventMessages' failed to satisfy constraint: Member must have length between 1 and 50",
    );
  }
  const pattern = parseFilterPattern(filterPattern);
  return {
    matches: logEventMessages.flatMap((eventMessage, index) => {
      const lookup = pattern.match(eventMessage);
      if (lookup === undefined) return [];
      const extracted = pattern.selectors.flatMap((selector) => {
        const value = lookup(selector);
        return value === undefined ? [] : [[selector, value] as const];
      });
      return [{ eventNumber: index + 1, eventMessage, extractedValues: Object.fromEntries(extracted) }];
    }),
  };
}

function checkName(name: string): string {
  if (/^[^:*]{1,512}$/.test(name) && !name.includes('\u0000')) return name;
  throw invalidParameter(
    `1 validation error detected: Value '${name}' at 'filterName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*`,
  );
}

function checkTransformations(
  transformations: readonly MetricTransformationShape[] | undefined,
  pattern: FilterPattern,
): MetricTransformation {
  const [given, ...others] = transformations ?? [];
  if (given === undefined || others.length > 0) {
    throw invalidParameter(
      "1 validation error detected: Value at 'metricTransformations' failed to satisfy constraint: Member must have length equal to 1",
    );
  }
  const { metricName = '', metricNamespace = '', metricValue = '', defaultValue, dimensions, unit } = given;
  checkMetric('metricName', metricName);
  checkMetric('metricNamespace', metricNamespace);
  // Confirmed by docs (namespaces): `AWS/` is for AWS's services. Chosen: the text.
  if (/^AWS\//.test(metricNamespace)) {
    throw invalidParameter(
      `Invalid metric transformation: the metric namespace ${metricNamespace} may not begin with AWS/.`,
    );
  }
  if (!isNumber(metricValue) && !(metricValue.startsWith('$') && pattern.isStructured)) {
    throw invalidParameter(`Invalid metric transformation: metric value ${metricValue} is invalid.`);
  }
  checkDimensions(dimensions, defaultValue, pattern);
  return {
    metricName,
    metricNamespace,
    metricValue,
    ...(defaultValue !== undefined && { defaultValue }),
    ...(dimensions !== undefined && { dimensions }),
    ...(unit !== undefined && { unit }),
  };
}

function checkMetric(member: string, value: string): void {
  if (/^[^:*$]{1,255}$/.test(value)) return;
  throw invalidParameter(
    `1 validation error detected: Value '${value}' at 'metricTransformations.1.member.${member}' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*$]*`,
  );
}

// Confirmed by docs: dimensions need a JSON or space-delimited pattern, and exclude a default value.
function checkDimensions(
  dimensions: Readonly<Record<string, string>> | undefined,
  defaultValue: number | undefined,
  pattern: FilterPattern,
): void {
  const selectors = Object.values(dimensions ?? {});
  if (selectors.length === 0) return;
  if (selectors.length > limits.dimensions) {
    throw invalidParameter(
      `Invalid metric transformation: at most ${limits.dimensions} dimensions are allowed.`,
    );
  }
  if (defaultValue !== undefined) {
    throw invalidParameter(
      'Invalid metric transformation: dimensions and default value are mutually exclusive properties.',
    );
  }
  const wrong = selectors.find((selector) => !selector.startsWith('$'));
  if (wrong === undefined && pattern.isStructured) return;
  throw invalidParameter(
    'Invalid metric transformation: dimensions need the fields of a JSON or space-delimited filter pattern.',
  );
}

function shape({ name, pattern, transformation, created, groupName }: MetricFilter): MetricFilterShape {
  return {
    filterName: name,
    filterPattern: pattern,
    metricTransformations: [{ ...transformation }],
    creationTime: created,
    logGroupName: groupName,
    applyOnTransformedLogs: false,
  };
}
