import type { OperationModel, Schema, ServiceModel } from '../models/model.ts';
import type { HttpRequest } from './http.ts';
import { requiredMembers } from './shape.ts';

export interface Route {
  readonly operation: string;
  /** Values of the URI template's labels, percent-decoded. */
  readonly labels: Readonly<Record<string, string>>;
}

interface Candidate {
  readonly operation: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly labelNames: readonly string[];
  /** Labels of the input that the template does not have: S3's `Bucket`, which is taken from the address. */
  readonly outerLabels: readonly string[];
  /** Query parameters that the template fixes, `x-id` aside. */
  readonly literals: readonly (readonly [name: string, value: string])[];
  readonly id: string | undefined;
  readonly requiredQuery: readonly string[];
  readonly requiredHeaders: readonly string[];
  /** How much the operation asks for: of several that fit, the one that asks for most is meant. */
  readonly demands: number;
}

const tables = new WeakMap<ServiceModel, readonly Candidate[]>();

/**
 * Finds the operation of a REST request by method, path, fixed query and required parameters: `PUT /key?partNumber=1&
 * uploadId=x` is UploadPart because PutObject asks for less. `x-id` names the operation outright, but only AWS's newer
 * SDKs send it.
 * @param outer labels that the caller already took from the address
 */
export function findRoute(
  request: HttpRequest,
  model: ServiceModel,
  outer: Readonly<Record<string, string>> = {},
): Route | undefined {
  const parameters = new URLSearchParams(request.query);
  const id = parameters.get('x-id');
  const fitting = candidates(model)
    .filter((candidate) => fits(candidate, request, parameters, outer))
    .sort((a, b) => b.demands - a.demands);
  const chosen = fitting.find((candidate) => id !== null && candidate.id === id) ?? fitting[0];
  if (chosen === undefined) return undefined;
  const values = chosen.pattern.exec(request.path)?.slice(1) ?? [];
  const inner = chosen.labelNames.map((name, index) => [name, decodeLabel(values[index] ?? '')]);
  return { operation: chosen.operation, labels: { ...outer, ...Object.fromEntries(inner) } };
}

function fits(
  candidate: Candidate,
  request: HttpRequest,
  parameters: URLSearchParams,
  outer: Readonly<Record<string, string>>,
): boolean {
  return (
    candidate.method === request.method &&
    candidate.pattern.test(request.path) &&
    candidate.outerLabels.length === Object.keys(outer).length &&
    candidate.literals.every(([name, value]) =>
      value === '' ? parameters.has(name) : parameters.get(name) === value,
    ) &&
    candidate.requiredQuery.every((name) => parameters.has(name)) &&
    candidate.requiredHeaders.every((name) => name in request.headers)
  );
}

function candidates(model: ServiceModel): readonly Candidate[] {
  let table = tables.get(model);
  if (table === undefined) {
    table = model.operationNames
      .map((name) => model.operation(name))
      .flatMap((operation) => (operation?.http === undefined ? [] : [candidate(operation, operation.http)]));
    tables.set(model, table);
  }
  return table;
}

function candidate(operation: OperationModel, http: NonNullable<OperationModel['http']>): Candidate {
  const [method, uri] = http;
  const [template = '/', search = ''] = uri.split('?');
  const query = [...new URLSearchParams(search)];
  const literals = query.filter(([name]) => name !== 'x-id');
  const labelNames = [...template.matchAll(LABEL)].map(([, name]) => name ?? '');
  const requiredQuery = requiredBindings(operation.input, 'httpQuery');
  const requiredHeaders = requiredBindings(operation.input, 'httpHeader').map((name) => name.toLowerCase());
  return {
    operation: operation.name,
    method,
    pattern: pattern(template),
    labelNames,
    outerLabels: labels(operation.input).filter((name) => !labelNames.includes(name)),
    literals,
    id: query.find(([name]) => name === 'x-id')?.[1],
    requiredQuery,
    requiredHeaders,
    demands: 100 * (literals.length + requiredQuery.length + requiredHeaders.length) - labelNames.length,
  };
}

const LABEL = /\{([^}+]+)\+?\}/g;

function pattern(template: string): RegExp {
  const escaped = template.replace(/[.*^$()|[\]\\]/g, '\\$&');
  const source = escaped.replace(/\{[^}+]+(\+?)\}/g, (_, greedy) => (greedy === '' ? '([^/]+)' : '(.+)'));
  return new RegExp(`^${source}$`);
}

const labels = (input: Schema): readonly string[] =>
  input.isUnitSchema()
    ? []
    : [...input.structIterator()]
        .filter(([, member]) => member.getMergedTraits().httpLabel === 1)
        .map(([name]) => name);

function requiredBindings(input: Schema, trait: 'httpQuery' | 'httpHeader'): readonly string[] {
  return requiredMembers(input).flatMap((name) => input.getMemberSchema(name).getMergedTraits()[trait] ?? []);
}

/** A malformed escape stays as it is. */
export function decodeLabel(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
