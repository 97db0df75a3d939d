import { type ChildProcess, fork } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ResolvedEnvironment, Synthesis } from '@plimsoll/blueprint';
import { endOf } from '../children.ts';
import { deferred } from '../deferred.ts';
import { UserError } from '../errors.ts';
import { rememberSynthesis } from './cache.ts';
import type { SynthesisMessage, SynthesisRequest } from './messages.ts';

export interface RunningSynthesis {
  /** The environment, merged and checked: there long before the templates are. */
  readonly resolved: Promise<ResolvedEnvironment>;
  readonly synthesis: Promise<Synthesis>;
}

/**
 * Reads the definition in a process of its own.
 * @throws UserError that tells every problem of the definition
 */
export function readDefinition(
  { definition, environment }: Pick<SynthesisRequest, 'definition' | 'environment'>,
  signal: AbortSignal,
): Promise<ResolvedEnvironment> {
  return start({ definition, environment }, signal).resolved;
}

/**
 * Reads the definition and synthesizes its stacks in a process of its own.
 * Both promises reject with a UserError that tells every problem of the definition.
 */
export function startSynthesis(
  request: SynthesisRequest & { readonly outdir: string },
  signal: AbortSignal,
): RunningSynthesis {
  return start(request, signal);
}

function start(request: SynthesisRequest, signal: AbortSignal): RunningSynthesis {
  const resolved = deferred<ResolvedEnvironment>();
  const synthesis = deferred<Synthesis>();
  const refuse = (error: Error): void => {
    resolved.reject(error);
    synthesis.reject(error);
  };
  // Whoever waits for the other one learns it there.
  resolved.promise.catch(() => {});
  synthesis.promise.catch(() => {});
  run(request, signal, (message) => {
    if (message.kind === 'resolved') resolved.resolve(message.resolved);
    else if (message.kind === 'synthesized') {
      synthesis.resolve(message.synthesis);
      if (message.key !== undefined && request.cache !== undefined)
        void rememberSynthesis(request.cache, message.key, message.synthesis);
    } else refuse(new UserError(message.text));
  }).catch(refuse);
  return { resolved: resolved.promise, synthesis: synthesis.promise };
}

async function run(
  request: SynthesisRequest,
  signal: AbortSignal,
  onMessage: (message: SynthesisMessage) => void,
): Promise<void> {
  if (request.outdir !== undefined) await mkdir(request.outdir, { recursive: true });
  const file = fileURLToPath(new URL('./child.js', import.meta.url));
  const child: ChildProcess = fork(file, [JSON.stringify(request)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const said: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => said.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => said.push(chunk));
  child.on('message', (message) => onMessage(message as SynthesisMessage));
  const code = await endOf(child, signal);
  if (code === 0) return;
  throw new UserError(`The synthesis ended with exit code ${code}.\n${Buffer.concat(said).toString('utf8')}`);
}
