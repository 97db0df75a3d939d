import { createRequire } from 'node:module';
import { type CommandOptions, succeed } from './command.ts';

/** Runs the CDK CLI as installed and gives all that it says; throws that when it fails. */
export async function runCdk(args: readonly string[], options: CommandOptions): Promise<string> {
  const cli = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
  const { stdout, stderr } = await succeed(process.execPath, [cli, ...args, '--no-notices'], options);
  return stdout + stderr;
}
