/** Names that stacks agree on. They are a contract with what is already deployed: changing one replaces resources. */

export const networkStackName = (environment: string): string => `network-${environment}`;
export const registryStackName = (service: string): string => `${service}-registry`;
export const dataStackName = (service: string, environment: string): string =>
  `${service}-${environment}-data`;
export const serviceStackName = (service: string, environment: string): string =>
  `${service}-${environment}-service`;

export const monitoringStackName = (service: string, environment: string): string =>
  `${service}-${environment}-monitoring`;

/** Names of resources that several stacks name. One service has one cluster and one database for each environment. */
export const environmentOf = (service: string, environment: string): string => `${service}-${environment}`;

export const logGroupName = (service: string, environment: string): string =>
  `/plimsoll/${environment}/${service}`;

/** SSM parameters that the network stack publishes. */
export function networkParameters(environment: string) {
  const prefix = `/plimsoll/${environment}/network`;
  return {
    vpcId: `${prefix}/vpc-id`,
    publicSubnetIds: `${prefix}/public-subnet-ids`,
    privateSubnetIds: `${prefix}/private-subnet-ids`,
  } as const;
}

/** SSM parameters that a service's own stack publishes, for what watches it. */
export function serviceParameters(service: string, environment: string) {
  const prefix = `/plimsoll/${environment}/${service}/service`;
  return {
    loadBalancer: `${prefix}/load-balancer`,
    targetGroup: `${prefix}/target-group`,
  } as const;
}

/** SSM parameters that a service's data stack publishes. */
export function databaseParameters(service: string, environment: string) {
  const prefix = `/plimsoll/${environment}/${service}/database`;
  return {
    host: `${prefix}/host`,
    port: `${prefix}/port`,
    name: `${prefix}/name`,
    secretArn: `${prefix}/secret-arn`,
    securityGroupId: `${prefix}/security-group-id`,
  } as const;
}
