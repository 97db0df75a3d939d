// For users who say in CDK what a definition cannot: the app and its stacks, to be extended before they are synthesized.
export { DeliveryStack } from './delivery/delivery-stack.ts';
export { type AppOptions, createApp, type ServiceApp } from './stacks/create-app.ts';
export { DataStack } from './stacks/data-stack.ts';
export { MonitoringStack } from './stacks/monitoring-stack.ts';
export { NetworkStack } from './stacks/network-stack.ts';
export { RegistryStack } from './stacks/registry-stack.ts';
export { ServiceStack } from './stacks/service-stack.ts';
