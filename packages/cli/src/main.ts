/** The binary: finds the command, hands it its flags, turns its end into an exit code. */
import { createRequire } from 'node:module';
import { killAllChildren } from './children.ts';
import type { Command, Host } from './command.ts';
import { Interrupted, UserError } from './errors.ts';
import { explainAws } from './explain-aws.ts';
import { nearest, parseFlags, splitArguments } from './flags.ts';
import { helpOf, overview } from './help.ts';
import { Terminal } from './render/terminal.ts';

/** A command has this long to end after the first signal. */
const stopLimitMs = 9_500;

// One command per file, loaded when it is called: `plimsoll --help` waits for no SDK.
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import('./commands/up.ts')).up,
  down: async () => (await import('./commands/down.ts')).down,
  deploy: async () => (await import('./commands/deploy.ts')).deploy,
  plan: async () => (await import('./commands/plan.ts')).plan,
  show: async () => (await import('./commands/show.ts')).show,
  rehearse: async () => (await import('./commands/rehearse.ts')).rehearse,
  apply: async () => (await import('./commands/apply.ts')).apply,
  publish: async () => (await import('./commands/publish.ts')).publish,
  image: async () => (await import('./commands/image.ts')).image,
  drift: async () => (await import('./commands/drift.ts')).drift,
  releases: async () => (await import('./commands/releases.ts')).releases,
  rollback: async () => (await import('./commands/rollback.ts')).rollback,
  synth: async () => (await import('./commands/synth.ts')).synth,
  status: async () => (await import('./commands/status.ts')).status,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  logs: async () => (await import('./commands/logs.ts')).logs,
  load: async () => (await import('./commands/load.ts')).load,
  dashboard: async () => (await import('./commands/dashboard.ts')).dashboard,
  mail: async () => (await import('./commands/mail.ts')).mail,
  clock: async () => (await import('./commands/clock.ts')).clock,
  iam: async () => (await import('./commands/iam.ts')).iam,
  init: async () => (await import('./commands/init.ts')).init,
};

/** @param args what follows `plimsoll` on the command line */
export async function main(args: readonly string[]): Promise<void> {
  const terminal = new Terminal({ out: process.stdout, err: process.stderr, env: process.env });
  // Output cut short by `| head` is no failure of ours.
  process.stdout.on('error', () => process.exit(0));
  const code = await run(args, terminal).catch((error: unknown) => {
    terminal.show([]);
    return explain(error, terminal);
  });
  killAllChildren();
  process.exit(code);
}

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const all = await Promise.all(Object.values(commands).map((load) => load()));
    terminal.print(overview(all));
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-v') {
    terminal.print(version());
    return 0;
  }
  const command = await load(name);
  if (rest.some((arg) => arg === '--help' || arg === '-h')) {
    terminal.print(helpOf(command));
    return 0;
  }
  const { given, rest: flagged } =
    command.arguments === undefined
      ? { given: [], rest }
      : splitArguments(name, command.flags, rest, command.arguments.length);
  const flags = parseFlags(name, command.flags, flagged);
  const signals = endOnSignals(command.isPatient ?? false);
  return command.run({ terminal, ...signals, env: process.env, cwd: process.cwd() }, flags, ...given);
}

async function load(name: string): Promise<Command> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return command();
  const names = Object.keys(commands);
  const near = nearest(name, names);
  throw new UserError(
    [
      `plimsoll: unknown command '${name}'${near === undefined ? '' : `; did you mean '${near}'?`}`,
      `Commands: ${names.join(', ')}. See: plimsoll --help`,
    ],
    2,
  );
}

/**
 * The first signal asks the command to end; a second, or the time limit, ends it by force. A patient command is asked twice,
 * and the limit counts from the second.
 */
function endOnSignals(isPatient: boolean): Pick<Host, 'signal' | 'insisted'> {
  const first = new AbortController();
  const second = new AbortController();
  const force = (): void => {
    killAllChildren();
    process.exit(130);
  };
  const onSignal = (): void => {
    if (!first.signal.aborted) {
      first.abort(new Interrupted());
      if (isPatient) return;
    } else if (isPatient && !second.signal.aborted) second.abort(new Interrupted());
    else force();
    setTimeout(force, stopLimitMs).unref();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  return { signal: first.signal, insisted: second.signal };
}

function explain(error: unknown, terminal: Terminal): number {
  if (error instanceof Interrupted) {
    terminal.complain(error.message);
    return 130;
  }
  if (error instanceof UserError) {
    terminal.complain(`${terminal.paint('red', '✖')} ${error.message}`);
    return error.exitCode;
  }
  const text = explainAws(error);
  if (text !== undefined) {
    terminal.complain(`${terminal.paint('red', '✖')} ${text}`);
    return 1;
  }
  terminal.complain(
    `This is a mistake in plimsoll, not yours. Please report it with the text below.\n${
      error instanceof Error ? error.stack : String(error)
    }`,
  );
  return 70;
}

function version(): string {
  const { version: text } = createRequire(import.meta.url)('../package.json') as { version: string };
  return text;
}
