/**
 * Reads what the last stage of a Dockerfile says about the image, so that an image packed without an engine holds the same
 * files at the same paths and starts the same way. Nothing is run: what a stage would have built is taken from the same
 * path beside the Dockerfile, where the package's own build has put it (decision 0022).
 */
import { posix } from 'node:path';

/** What an image is made of, by its Dockerfile's last stage. */
export interface ImageDescription {
  /** Paths below the context, each found at the same path below the working directory. `.` is all of it. */
  readonly include: readonly string[];
  readonly workingDirectory: string;
  readonly command: readonly string[];
  readonly entrypoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly port?: number;
  readonly stopSignal?: string;
}

interface Instruction {
  readonly name: string;
  readonly rest: string;
  readonly line: number;
}

/** A Dockerfile that says what only an engine can do. The message names the line. */
export class DockerfileError extends Error {
  constructor({ line }: Instruction, message: string) {
    super(`Dockerfile:${line}: ${message}`);
    this.name = 'DockerfileError';
  }
}

/** @throws DockerfileError */
export function describeImage(dockerfile: string): ImageDescription {
  const all = instructions(dockerfile);
  const stage = all.slice(all.findLastIndex(({ name }) => name === 'FROM') + 1);
  const workingDirectory = stage.findLast(({ name }) => name === 'WORKDIR')?.rest ?? '/';
  const port = Number.parseInt(stage.find(({ name }) => name === 'EXPOSE')?.rest ?? '', 10);
  const stopSignal = stage.findLast(({ name }) => name === 'STOPSIGNAL')?.rest;
  return {
    include: stage.filter(isCopy).flatMap((instruction) => copied(instruction, workingDirectory)),
    workingDirectory,
    command: commandOf(stage.findLast(({ name }) => name === 'CMD')),
    entrypoint: commandOf(stage.findLast(({ name }) => name === 'ENTRYPOINT')),
    environment: Object.assign({}, ...stage.filter(({ name }) => name === 'ENV').map(variables)),
    ...(!Number.isNaN(port) && { port }),
    ...(stopSignal !== undefined && { stopSignal }),
  };
}

function instructions(dockerfile: string): readonly Instruction[] {
  const found: Instruction[] = [];
  let open: { name: string; rest: string; line: number } | undefined;
  for (const [index, raw] of dockerfile.split(/\r?\n/).entries()) {
    const text = raw.trim();
    if (text === '' || text.startsWith('#')) continue;
    const part = text.replace(/\\$/, '').trim();
    if (open === undefined) {
      const [name = ''] = part.split(/\s/, 1);
      open = { name: name.toUpperCase(), rest: part.slice(name.length).trim(), line: index + 1 };
    } else {
      open.rest = `${open.rest} ${part}`.trim();
    }
    if (text.endsWith('\\')) continue;
    found.push(open);
    open = undefined;
  }
  return found;
}

function isCopy({ name }: Instruction): boolean {
  return name === 'COPY' || name === 'ADD';
}

function copied(instruction: Instruction, workingDirectory: string): readonly string[] {
  const words = instruction.rest.startsWith('[')
    ? jsonWords(instruction, instruction.rest)
    : instruction.rest.split(/\s+/);
  const fromStage = words.some((word) => word.startsWith('--from='));
  const paths = words.filter((word) => !word.startsWith('--'));
  const destination = paths.at(-1);
  const sources = paths.slice(0, -1);
  if (destination === undefined || sources.length === 0)
    throw new DockerfileError(instruction, `${instruction.name} needs a source and a destination`);
  return sources.map((source) => {
    const place = placeOf(source, destination, { fromStage, isOnly: sources.length === 1 });
    const path = posix.relative(workingDirectory, posix.resolve(workingDirectory, place)) || '.';
    if (path.startsWith('..')) {
      throw new DockerfileError(
        instruction,
        `${place} is outside of the working directory ${workingDirectory}: only an engine can build this`,
      );
    }
    if (!fromStage && path !== (posix.normalize(source).replace(/^\/|\/$/g, '') || '.')) {
      throw new DockerfileError(
        instruction,
        `${source} would become ${path}: without an engine files keep their paths`,
      );
    }
    return path;
  });
}

/** A file copied to a folder keeps its name; what another stage built is a folder's content or is named like the destination. */
function placeOf(
  source: string,
  destination: string,
  { fromStage, isOnly }: { readonly fromStage: boolean; readonly isOnly: boolean },
): string {
  const isFolder = destination.endsWith('/') || destination === '.' || !isOnly;
  const name = posix.basename(posix.normalize(source));
  const isWhole = source === '.' || source === './';
  if (!isFolder || isWhole) return destination;
  // `COPY --from=build /build/dist/ ./dist/`: folders are copied by their content.
  if (fromStage && name === posix.basename(posix.normalize(destination))) return destination;
  return posix.join(destination, name);
}

function commandOf(instruction: Instruction | undefined): readonly string[] {
  if (instruction === undefined) return [];
  if (instruction.rest.startsWith('[')) return jsonWords(instruction, instruction.rest);
  return ['/bin/sh', '-c', instruction.rest];
}

function jsonWords(instruction: Instruction, text: string): readonly string[] {
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words)) return words.map(String);
  } catch {
    // Told below.
  }
  throw new DockerfileError(instruction, `${text} is no list in JSON`);
}

/** `ENV A=1 B="two words"`, and the old `ENV A one value`. */
function variables({ rest }: Instruction): Record<string, string> {
  if (!/^[^\s=]+=/.test(rest)) {
    const [name = '', ...words] = rest.split(/\s+/);
    return { [name]: words.join(' ') };
  }
  const pairs = rest.matchAll(/([^\s=]+)=("(?:[^"\\]|\\.)*"|'[^']*'|(?:[^\s\\]|\\.)*)/g);
  return Object.fromEntries([...pairs].map(([, name = '', value = '']) => [name, unquoted(value)]));
}

function unquoted(value: string): string {
  if (value.startsWith("'")) return value.slice(1, -1);
  const inner = value.startsWith('"') ? value.slice(1, -1) : value;
  return inner.replaceAll(/\\(.)/g, '$1');
}
