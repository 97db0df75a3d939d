import { createRequire } from 'node:module';
import { type CommandOptions, succeed } from './command.ts';

const require = createRequire(import.meta.url);

/** Runs the CDK CLI as installed and gives all that it says; throws that when it fails. */
export async function runCdk(args: readonly string[], options: CommandOptions): Promise<string> {
  const cli = require.resolve('aws-cdk/bin/cdk');
  const { stdout, stderr } = await succeed(process.execPath, [cli, ...args, '--no-notices'], options);
  return stdout + stderr;
}
