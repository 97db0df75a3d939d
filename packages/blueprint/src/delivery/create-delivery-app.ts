import { App, type IStackSynthesizer, LegacyStackSynthesizer } from 'aws-cdk-lib';
import type { DeliveryOptions } from './delivery-options.ts';
import { DeliveryStack } from './delivery-stack.ts';

/** The app of the delivery stack: one for each account, apart from the environments' own. */
export function createDeliveryApp(
  delivery: Required<DeliveryOptions>,
  { outdir, validate = false }: { readonly outdir: string; readonly validate?: boolean },
): { readonly app: App; readonly stack: DeliveryStack } {
  const app = new App({
    outdir,
    analyticsReporting: false,
    treeMetadata: false,
    builtinCloudFormationValidation: validate,
  });
  const stack = new DeliveryStack(app, `${delivery.organization}-delivery`, {
    delivery,
    // The cast: CDK's own classes do not meet its interfaces under exactOptionalPropertyTypes.
    synthesizer: new LegacyStackSynthesizer() as IStackSynthesizer,
    tags: { 'plimsoll:organization': delivery.organization },
  });
  return { app, stack };
}
