import {
  clusterNotFound,
  invalidParameter,
  serviceNotActive,
  serviceNotFound,
  taskDefinitionInactive,
  taskDefinitionMissing,
  taskNotFound,
} from './errors.ts';
import type { ClusterRecord, EcsState, ServiceRecord, TaskDefinitionRecord, TaskRecord } from './state.ts';

/** The name in a name or ARN of a cluster; no reference means the cluster `default`. */
export function clusterNameOf(reference: string | undefined): string {
  if (reference === undefined || reference === '') return 'default';
  return reference.startsWith('arn:') ? reference.slice(reference.lastIndexOf('/') + 1) : reference;
}

export function activeCluster(state: EcsState, reference: string | undefined): ClusterRecord {
  const cluster = state.clusters.get(clusterNameOf(reference));
  if (cluster?.status !== 'ACTIVE') throw clusterNotFound();
  return cluster;
}

/** `cluster/service` of a name or ARN. */
export function serviceKey(cluster: string, reference: string): string {
  return `${cluster}/${reference.slice(reference.lastIndexOf('/') + 1)}`;
}

export function existingService(
  state: EcsState,
  cluster: string | undefined,
  reference: string,
): ServiceRecord {
  const { name } = activeCluster(state, cluster);
  const service = state.services.get(serviceKey(name, reference));
  if (service === undefined) throw serviceNotFound();
  return service;
}

export function activeService(
  state: EcsState,
  cluster: string | undefined,
  reference: string,
): ServiceRecord {
  const service = existingService(state, cluster, reference);
  if (service.status !== 'ACTIVE') throw serviceNotActive();
  return service;
}

export function findTask(state: EcsState, cluster: string, reference: string): TaskRecord | undefined {
  const task = state.tasks.get(reference.slice(reference.lastIndexOf('/') + 1));
  return task?.cluster === cluster ? task : undefined;
}

export function existingTask(state: EcsState, cluster: string | undefined, reference: string): TaskRecord {
  const { name } = activeCluster(state, cluster);
  const task = findTask(state, name, reference);
  if (task === undefined) throw taskNotFound();
  return task;
}

/** By `family`, `family:revision` or ARN; a family alone means its latest ACTIVE revision. */
export function findTaskDefinition(state: EcsState, reference: string): TaskDefinitionRecord | undefined {
  const name = reference.slice(reference.lastIndexOf('/') + 1);
  if (name.includes(':')) return state.taskDefinitions.get(name);
  for (let revision = state.families.get(name) ?? 0; revision > 0; revision -= 1) {
    const definition = state.taskDefinitions.get(`${name}:${revision}`);
    if (definition?.status === 'ACTIVE') return definition;
  }
  return undefined;
}

/** One that new tasks and services may use. */
export function activeTaskDefinition(state: EcsState, reference: string): TaskDefinitionRecord {
  const definition = findTaskDefinition(state, reference);
  if (definition === undefined) throw taskDefinitionMissing();
  if (definition.status !== 'ACTIVE') throw taskDefinitionInactive();
  return definition;
}

export function taskDefinitionOf(state: EcsState, arn: string): TaskDefinitionRecord {
  const definition = findTaskDefinition(state, arn);
  if (definition === undefined) throw new Error(`task definition ${arn} is used but gone`);
  return definition;
}

/** A page of a list, by numbers as tokens. */
export function page<T>(
  items: readonly T[],
  {
    maxResults = 100,
    nextToken,
  }: { readonly maxResults?: number | undefined; readonly nextToken?: string | undefined },
): { readonly items: T[]; readonly nextToken?: string } {
  if (!Number.isInteger(maxResults) || maxResults < 1 || maxResults > 100) {
    throw invalidParameter('maxResults must be between 1 and 100.');
  }
  const from = nextToken === undefined ? 0 : Number(nextToken);
  if (!Number.isInteger(from) || from < 0) throw invalidParameter('Invalid token.');
  const end = from + maxResults;
  return { items: items.slice(from, end), ...(end < items.length ? { nextToken: String(end) } : {}) };
}
