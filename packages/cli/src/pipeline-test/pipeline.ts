/**
 * GitHub Actions on this machine: runs the committed workflow files against a local region. Steps are run by bash, for
 * real; the few actions that the workflows use have local equivalents; jobs run one after the other in the order of
 * `needs`, each in a workspace of its own. It knows what our workflows use, and fails by name at anything else.
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { TokenIssuer } from '@plimsoll/region/testing/token-issuer.js';
import { parse } from 'yaml';
import { messageOf } from '../errors.ts';
import type { ConcurrencyGroups } from './concurrency-groups.ts';
import { filled, interpolate, isMet, type Outputs, type Scope } from './expressions.ts';
import { JobState } from './job-state.ts';
import { type ActionContext, knownActions } from './known-actions.ts';
import { runScript } from './run-script.ts';
import {
  type CompositeAction,
  type Event,
  inOrder,
  isStartedBy,
  type Job,
  lesser,
  needsOf,
  type Permissions,
  readWorkflows,
  type Step,
  type Workflow,
} from './workflow.ts';

/** An environment as it is set at GitHub. */
export interface Environment {
  /** Which refs may deploy to it. Default: all. */
  readonly allows?: (ref: string) => boolean;
  /** Asked before a job in it starts. Default: nobody has to approve. */
  readonly isApproved?: (job: string) => Promise<boolean>;
}

export interface PipelineOptions {
  /** `owner/name` at GitHub, and the git repository here. */
  readonly repository: { readonly name: string; readonly folder: string };
  readonly variables: Readonly<Record<string, string>>;
  readonly environments: Readonly<Record<string, Environment>>;
  /** The local region that stands for AWS. */
  readonly endpoint: string;
  readonly issuer: TokenIssuer;
  /** Kept by the pipeline: workspaces and artifacts. */
  readonly temporary: string;
  /** Folder of stand-ins for the runner's tools. */
  readonly tools: string;
  /** Shared by all runs of the repository. */
  readonly groups: ConcurrencyGroups;
}

export interface JobReport {
  readonly result: 'success' | 'failure' | 'skipped' | 'cancelled';
  readonly outputs: Readonly<Record<string, string>>;
  /** All that its steps printed, and why a step failed. */
  readonly log: string;
  readonly summary: string;
  readonly concurrency?: string;
}

export interface RunReport {
  readonly runId: string;
  readonly result: 'success' | 'failure';
  /** By the workflow's file and the path of the job: `plimsoll-deliver.yml/apply/apply`. */
  readonly jobs: Readonly<Record<string, JobReport>>;
}

export interface RunHooks {
  /** Before a job that will run: the world may change meanwhile. */
  readonly beforeJob?: (path: string, runId: string) => Promise<void>;
  /** Only this workflow, though the event starts others too. */
  readonly only?: string;
  /** Jobs that nobody looks at: they do not run, and whoever needs them does not either. */
  readonly leftOut?: readonly string[];
}

interface Call {
  readonly path: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** What the caller lets its jobs have; undefined: whatever they ask for. */
  readonly granted?: Permissions;
}

interface JobCall extends Call {
  readonly environment: string;
}

let runs = 0;

/** Runs whatever workflows the event starts. */
export async function runEvent(
  options: PipelineOptions,
  event: Event,
  hooks: RunHooks = {},
): Promise<RunReport> {
  runs += 1;
  const run = new Run(
    options,
    event,
    hooks,
    String(1000 + runs),
    await readWorkflows(options.repository.folder),
  );
  return run.all();
}

class Run {
  readonly #options: PipelineOptions;
  readonly #event: Event;
  readonly #hooks: RunHooks;
  readonly #runId: string;
  readonly #workflows: readonly Workflow[];
  readonly #reports: Record<string, JobReport> = {};

  constructor(
    options: PipelineOptions,
    event: Event,
    hooks: RunHooks,
    runId: string,
    workflows: readonly Workflow[],
  ) {
    this.#options = options;
    this.#event = event;
    this.#hooks = hooks;
    this.#runId = runId;
    this.#workflows = workflows;
  }

  async all(): Promise<RunReport> {
    const { only } = this.#hooks;
    const started = this.#workflows.filter(
      (workflow) => isStartedBy(workflow, this.#event) && (only === undefined || workflow.file === only),
    );
    for (const workflow of started)
      await this.#workflow(workflow, { path: workflow.file, inputs: this.#event.inputs ?? {} });
    const result = isFailed(Object.values(this.#reports)) ? 'failure' : 'success';
    return { runId: this.#runId, result, jobs: this.#reports };
  }

  /** @returns the workflow's outputs and result, for who called it */
  async #workflow(workflow: Workflow, call: Call): Promise<Pick<JobReport, 'result' | 'outputs'>> {
    const jobs: Record<string, Pick<JobReport, 'result' | 'outputs'>> = {};
    for (const [id, job] of inOrder(workflow)) {
      const path = `${call.path}/${id}`;
      const needs = Object.fromEntries(needsOf(job).map((need) => [need, jobs[need]]));
      const results = Object.values(needs).map((need) => need?.result);
      // A need that was skipped skips its followers too, unless their condition asks for the status.
      const status = { hasFailed: results.some((result) => result !== 'success') };
      const scope: Scope = { contexts: { ...this.#contexts(call), needs }, status };
      if (!isMet(job.if, scope) || this.#hooks.leftOut?.includes(path)) {
        jobs[id] = { result: 'skipped', outputs: {} };
        this.#reports[path] = { result: 'skipped', outputs: {}, log: '', summary: '' };
        continue;
      }
      const granted = lesser(job.permissions ?? workflow.permissions ?? {}, call.granted);
      jobs[id] =
        job.uses === undefined
          ? await this.#job(path, job, scope, { ...call, granted })
          : await this.#called(path, job, scope, granted);
    }
    const outputs = workflow.on['workflow_call']?.outputs ?? {};
    const scope: Scope = { contexts: { jobs }, status: { hasFailed: false } };
    return {
      result: isFailed(Object.values(jobs)) ? 'failure' : 'success',
      outputs: Object.fromEntries(
        Object.entries(outputs).map(([name, { value }]) => [name, interpolate(value, scope)]),
      ),
    };
  }

  #called(path: string, job: Job, scope: Scope, granted: Permissions) {
    const file = job.uses?.replace('./.github/workflows/', '');
    const workflow = this.#workflows.find((one) => one.file === file);
    if (!workflow) throw new Error(`${path}: there is no workflow ${job.uses}`);
    const declared = workflow.on['workflow_call']?.inputs ?? {};
    const given = filled(job.with ?? {}, scope);
    for (const [name, { required }] of Object.entries(declared))
      if (required && given[name] === undefined) throw new Error(`${path}: the input ${name} is missing`);
    const inputs = Object.fromEntries(
      Object.entries(declared).map(([name, { default: usual }]) => [name, given[name] ?? usual ?? '']),
    );
    return this.#workflow(workflow, { path, inputs, granted });
  }

  async #job(path: string, job: Job, scope: Scope, call: Call): Promise<JobReport> {
    const environment = job.environment === undefined ? '' : interpolate(job.environment, scope);
    const refusal = await this.#refusalOf(path, environment);
    const report = refusal ?? (await this.#inItsGroup(path, job, scope, { ...call, environment }));
    this.#reports[path] = report;
    return report;
  }

  async #inItsGroup(path: string, job: Job, scope: Scope, call: JobCall): Promise<JobReport> {
    const group = job.concurrency && interpolate(job.concurrency.group, scope);
    if (group === undefined) return this.#steps(path, job, scope, call);
    if (job.concurrency?.['cancel-in-progress'] !== false)
      throw new Error(`${path}: a job that cancels what is in progress is not known here`);
    const { groups } = this.#options;
    if (!(await groups.enter(group)))
      return { result: 'cancelled', outputs: {}, log: `A newer job waits for ${group}.`, summary: '' };
    try {
      return { ...(await this.#steps(path, job, scope, call)), concurrency: group };
    } finally {
      groups.leave(group);
    }
  }

  async #refusalOf(path: string, environment: string): Promise<JobReport | undefined> {
    const { environments } = this.#options;
    const { ref } = this.#event;
    const refused = (log: string): JobReport => ({ result: 'failure', outputs: {}, log, summary: '' });
    if (environment === '') return undefined;
    const rules = environments[environment];
    if (!rules) throw new Error(`${path}: the environment ${environment} is not set up`);
    if (rules.allows?.(ref) === false)
      return refused(
        `${ref} is not allowed to deploy to ${environment} due to environment protection rules.`,
      );
    if ((await rules.isApproved?.(path)) === false)
      return refused(`${environment}: the deployment was rejected.`);
    return undefined;
  }

  async #steps(path: string, job: Job, outer: Scope, call: JobCall): Promise<JobReport> {
    await this.#hooks.beforeJob?.(path, this.#runId);
    const { temporary, repository, endpoint, issuer } = this.#options;
    const folder = await mkdtemp(join(temporary, 'job-'));
    const runnerTemp = join(folder, 'temp');
    await mkdir(runnerTemp);
    const context: ActionContext = {
      workspace: join(folder, 'work'),
      runId: this.#runId,
      repository,
      endpoint,
      issuer,
      mayAskForToken: call.granted?.['id-token'] === 'write',
      subject: this.#subject(call.environment),
      ref: this.#event.ref,
      artifacts: join(temporary, 'artifacts'),
    };
    const contexts = {
      ...outer.contexts,
      runner: { temp: runnerTemp, os: 'Linux' },
      env: filled(job.env ?? {}, outer),
    };
    const state = new JobState(contexts, this.#environment(context, runnerTemp));
    await mkdir(context.workspace, { recursive: true });
    const cwd = job.defaults?.run?.['working-directory'] ?? '.';
    for (const step of job.steps ?? []) await this.#step(step, state, context, cwd);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    return {
      result: state.hasFailed ? 'failure' : 'success',
      outputs: filled(job.outputs ?? {}, state.scope()),
      log: state.log,
      summary: state.summary,
    };
  }

  async #step(step: Step, state: JobState, context: ActionContext, cwd: string): Promise<void> {
    const scope = state.scope();
    if (!isMet(step.if, scope)) return;
    state.log += `\n> ${step.name ?? step.uses ?? step.run?.split('\n', 1)[0]}\n`;
    try {
      if (step.uses?.startsWith('./')) await this.#composite(step, state, context);
      else if (step.uses !== undefined)
        await this.#action(step.uses, filled(step.with ?? {}, scope), state, context);
      else await this.#script(step, state, join(context.workspace, step['working-directory'] ?? cwd));
    } catch (error) {
      state.hasFailed = true;
      state.log += `${messageOf(error)}\n`;
    }
  }

  async #composite(step: Step, state: JobState, context: ActionContext): Promise<void> {
    const file = join(context.workspace, step.uses ?? '', 'action.yml');
    const { inputs: declared = {}, runs: body } = parse(await readFile(file, 'utf8')) as CompositeAction;
    const given = filled(step.with ?? {}, state.scope());
    const inputs = Object.fromEntries(
      Object.entries(declared).map(([name, { default: usual = '' }]) => [name, given[name] ?? usual]),
    );
    const inner = state.inside(inputs);
    for (const one of body.steps) await this.#step(one, inner, context, '.');
    state.take(inner);
  }

  async #action(uses: string, inputs: Outputs, state: JobState, context: ActionContext): Promise<void> {
    const [, name = ''] = /^([\w-]+\/[\w-]+)@[0-9a-f]{40}$/.exec(uses) ?? [];
    const action = knownActions[name];
    if (!action) throw new Error(`The action ${uses} is not known here, or not pinned by a commit.`);
    Object.assign(state.environment, await action(inputs, context));
  }

  async #script(step: Step, state: JobState, cwd: string): Promise<void> {
    const scope = state.scope();
    const env = { ...state.environment, ...state.variables(), ...filled(step.env ?? {}, scope) };
    const options = { cwd, env, temporary: this.#options.temporary };
    const outcome = await runScript(interpolate(step.run ?? '', scope), options);
    state.log += outcome.text;
    state.summary += outcome.summary;
    Object.assign(state.environment, outcome.environment);
    state.environment['PATH'] = [...outcome.paths, state.environment['PATH']].join(delimiter);
    if (step.id !== undefined) state.outputs[step.id] = { outputs: outcome.outputs };
    if (outcome.code !== 0) throw new Error(`Process completed with exit code ${outcome.code}.`);
  }

  /** Of GitHub's tokens. https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims */
  #subject(environment: string): string {
    const prefix = `repo:${this.#options.repository.name}`;
    if (environment !== '') return `${prefix}:environment:${environment}`;
    return this.#event.name === 'pull_request'
      ? `${prefix}:pull_request`
      : `${prefix}:ref:${this.#event.ref}`;
  }

  #contexts({ inputs }: Call): Readonly<Record<string, unknown>> {
    const { name, ref, payload = {} } = this.#event;
    const { repository, variables } = this.#options;
    const github = {
      base_ref: name === 'pull_request' ? 'main' : '',
      event_name: name,
      ref,
      event: payload,
      repository: repository.name,
      run_id: this.#runId,
      token: 'a-token-of-this-run',
    };
    return { github, vars: variables, inputs };
  }

  /** Nothing of this machine's AWS settings: a runner has none. */
  #environment({ workspace, endpoint }: ActionContext, runnerTemp: string): Record<string, string> {
    const { HOME = '', PATH = '', TMPDIR = '/tmp' } = process.env;
    return {
      HOME,
      TMPDIR,
      PATH: [this.#options.tools, PATH].join(delimiter),
      CI: 'true',
      GITHUB_WORKSPACE: workspace,
      GITHUB_RUN_ID: this.#runId,
      RUNNER_TEMP: runnerTemp,
      AWS_ENDPOINT_URL: endpoint,
    };
  }
}

function isFailed(jobs: readonly Pick<JobReport, 'result'>[]): boolean {
  return jobs.some(({ result }) => result === 'failure' || result === 'cancelled');
}
