// The package's public face. The stacks are at '@plimsoll/blueprint/cdk', so that a definition does not load the CDK.
export type { Problem } from './definition/check.ts';
export { DefinitionError, defineService } from './definition/define-service.ts';
export { DefinitionFileError, loadDefinition } from './definition/load-definition.ts';
export { officeHours, type Schedule, type Weekday } from './definition/office-hours.ts';
export { type ResolvedEnvironment, resolveEnvironment } from './definition/resolved-environment.ts';
export type {
  EnvironmentOptions,
  ServiceDefinition,
  ServiceOptions,
} from './definition/service-definition.ts';
export { boundaryActions } from './delivery/boundary-actions.ts';
export type { DeliveryOptions } from './delivery/delivery-options.ts';
export { type DeliveryTemplate, synthesizeDelivery } from './delivery/synthesize-delivery.ts';
export {
  type ParameterSource,
  type StackArtifact,
  type Synthesis,
  type SynthesizeOptions,
  synthesize,
} from './synthesize.ts';
