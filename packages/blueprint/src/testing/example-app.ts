// What the stacks' tests share: the reference service in one environment, as an app in a folder of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { defineService } from '../definition/define-service.ts';
import { resolveEnvironment } from '../definition/resolved-environment.ts';
import type { EnvironmentOptions } from '../definition/service-definition.ts';
import { createApp, type ServiceApp } from '../stacks/create-app.ts';

export interface ExampleOptions {
  /** @default true */
  readonly database?: boolean;
  /** @default false */
  readonly validate?: boolean;
}

/** The app of a service like devops-app. `overrides` are the environment's own options. */
export function exampleApp(overrides: EnvironmentOptions = {}, options: ExampleOptions = {}): ServiceApp {
  const { database = true, validate = false } = options;
  const definition = defineService({
    name: 'devops-app',
    image: { command: ['node', 'dist/main.js'] },
    ...(database && { database: { engine: 'postgres', version: '17', multiAz: true } }),
    environments: { prod: { region: 'eu-central-1', ...overrides } },
  });
  return createApp(resolveEnvironment(definition, 'prod'), { outdir: temporaryFolder(), validate });
}

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-blueprint-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
