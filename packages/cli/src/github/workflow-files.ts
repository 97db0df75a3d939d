import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What differs between repositories. */
export interface WorkflowSettings {
  /** The definition's folder, from the repository's root. */
  readonly folder: string;
  /** Installs plimsoll in the runner. */
  readonly install: string;
  readonly region: string;
}

const templates = fileURLToPath(new URL('../../github/', import.meta.url));

/** The files under `.github`, by their paths there. */
export async function workflowFiles(settings: WorkflowSettings): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(templates, { recursive: true });
  const paths = entries.filter((path) => path.endsWith('.yml')).sort();
  const texts = await Promise.all(
    paths.map(
      async (path) => [path, filled(await readFile(join(templates, path), 'utf8'), settings)] as const,
    ),
  );
  return new Map(texts);
}

function filled(text: string, { folder, install, region }: WorkflowSettings): string {
  return text
    .replaceAll('__FOLDER__', folder)
    .replaceAll('__INSTALL__', install)
    .replaceAll('__REGION__', region);
}
