import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A workflow file, as far as ours go. */
export interface Workflow {
  readonly file: string;
  readonly name: string;
  readonly on: Readonly<Record<string, Trigger | null>>;
  readonly permissions?: Permissions;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Trigger {
  readonly branches?: readonly string[];
  readonly tags?: readonly string[];
  readonly 'branches-ignore'?: readonly string[];
  readonly inputs?: Readonly<Record<string, { readonly default?: string; readonly required?: boolean }>>;
  readonly outputs?: Readonly<Record<string, { readonly value: string }>>;
}

export type Permissions = Readonly<Record<string, string>>;

export interface Job {
  readonly needs?: string | readonly string[];
  readonly if?: string;
  readonly permissions?: Permissions;
  readonly environment?: string;
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress'?: boolean };
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly defaults?: { readonly run?: { readonly 'working-directory'?: string } };
  readonly steps?: readonly Step[];
}

export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly 'working-directory'?: string;
}

/** A composite action's file. */
export interface CompositeAction {
  readonly inputs?: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

/** What happened on GitHub. */
export interface Event {
  readonly name: 'push' | 'pull_request' | 'workflow_dispatch';
  /** `refs/heads/main`, `refs/tags/v1`, `refs/pull/7/merge`. */
  readonly ref: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Of a dispatch. */
  readonly inputs?: Readonly<Record<string, string>>;
}

/** All workflows of a repository. */
export async function readWorkflows(repository: string): Promise<readonly Workflow[]> {
  const folder = join(repository, '.github/workflows');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yml')).sort();
  return Promise.all(
    files.map(async (file) => ({
      ...(parse(await readFile(join(folder, file), 'utf8')) as Omit<Workflow, 'file'>),
      file,
    })),
  );
}

/** Whether the event starts the workflow. Patterns: `*` within a name. */
export function isStartedBy({ on }: Workflow, { name, ref }: Event): boolean {
  if (!(name in on)) return false;
  const trigger = on[name] ?? {};
  if (name !== 'push') return true;
  const [, kind, short = ''] = /^refs\/(heads|tags)\/(.*)$/.exec(ref) ?? [];
  const { branches, tags, 'branches-ignore': ignored } = trigger;
  const matches = (patterns: readonly string[]): boolean => patterns.some((pattern) => like(short, pattern));
  if (kind === 'tags') return tags !== undefined && matches(tags);
  if (ignored !== undefined) return !matches(ignored);
  return branches === undefined ? tags === undefined : matches(branches);
}

function like(text: string, pattern: string): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*');
  return new RegExp(`^${source}$`).test(text);
}

export function needsOf({ needs = [] }: Job): readonly string[] {
  return [needs].flat();
}

/** Each job after those that it needs. */
export function inOrder({ file, jobs }: Workflow): readonly (readonly [string, Job])[] {
  const done: (readonly [string, Job])[] = [];
  const left = new Map(Object.entries(jobs));
  while (left.size > 0) {
    const next = [...left].find(([, job]) => needsOf(job).every((need) => !left.has(need)));
    if (!next) throw new Error(`${file}: jobs need each other`);
    left.delete(next[0]);
    done.push(next);
  }
  return done;
}

/** A called workflow's jobs have no more than their caller. */
export function lesser(asked: Permissions, granted: Permissions | undefined): Permissions {
  if (granted === undefined) return asked;
  return Object.fromEntries(
    Object.entries(asked).filter(([name, level]) => granted[name] === 'write' || granted[name] === level),
  );
}
