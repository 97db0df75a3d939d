import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkDelivery, type DeliveryOptions } from './delivery-options.ts';

/** The stack `<organization>-delivery`: one template, without parameters, for any account and region. */
export interface DeliveryTemplate {
  readonly stackName: string;
  readonly template: Readonly<Record<string, unknown>>;
}

/**
 * The template of what GitHub Actions needs in an account: see `DeliveryStack`.
 * @throws Error naming what is wrong with the options
 */
export async function synthesizeDelivery(options: DeliveryOptions): Promise<DeliveryTemplate> {
  const delivery = checkDelivery(options);
  // Loaded here, because a definition imports this package and must not wait for the CDK.
  const { createDeliveryApp } = await import('./create-delivery-app.ts');
  const outdir = mkdtempSync(join(tmpdir(), 'plimsoll-delivery-'));
  try {
    const { app, stack } = createDeliveryApp(delivery, { outdir });
    const { stackName, template } = app.synth().getStackArtifact(stack.artifactId);
    return { stackName, template };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
