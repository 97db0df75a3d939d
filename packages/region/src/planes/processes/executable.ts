import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { pathInImage } from './command.ts';
import { ContainerError } from './container-plane.ts';

/**
 * The file to run. A name is looked up on PATH, where `node` is the Node.js that runs the region. An absolute path means
 * the image's file if there is one, else this machine's (`/bin/sh`); so does the script that Node.js is given.
 */
export async function executableOf(from: {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly rootfs: string;
  readonly path: string;
}): Promise<{ readonly file: string; readonly args: readonly string[] }> {
  const [command = '', ...rest] = from.argv;
  if (command === '') throw cannotStart('no command specified');
  if (command === 'node') return { file: process.execPath, args: await scriptInImage(rest, from.rootfs) };
  for (const candidate of await candidates(command, from)) {
    if (!(await isFile(candidate))) continue;
    if (await isExecutable(candidate)) return { file: candidate, args: rest };
    throw cannotStart(`exec: ${JSON.stringify(command)}: permission denied`);
  }
  throw cannotStart(
    command.includes('/')
      ? `exec: ${JSON.stringify(command)}: stat ${command}: no such file or directory`
      : `exec: ${JSON.stringify(command)}: executable file not found in $PATH`,
  );
}

async function candidates(
  command: string,
  { cwd, rootfs, path }: { readonly cwd: string; readonly rootfs: string; readonly path: string },
): Promise<readonly string[]> {
  if (isAbsolute(command)) return [pathInImage(rootfs, command), command];
  if (command.includes('/')) return [resolve(cwd, command)];
  return path.split(delimiter).map((folder) => join(folder, command));
}

async function scriptInImage(args: readonly string[], rootfs: string): Promise<readonly string[]> {
  const at = args.findIndex((arg) => !arg.startsWith('-'));
  const script = args[at];
  if (script === undefined || !isAbsolute(script)) return args;
  const inImage = pathInImage(rootfs, script);
  return (await isFile(inImage)) ? args.with(at, inImage) : args;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function cannotStart(detail: string): ContainerError {
  return new ContainerError('CannotStartContainerError', startFailureText(detail));
}

/** Known: the text around the runtime's own words, as Fargate reports a command that cannot be run. */
export function startFailureText(detail: string): string {
  return (
    'ResourceInitializationError: failed to create new container runtime task: failed to create shim task: ' +
    `OCI runtime create failed: runc create failed: unable to start container process: ${detail}: unknown`
  );
}
