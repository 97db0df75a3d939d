/** What can be asked for by id and tagged, by AWS's name of the resource type. */
export type ResourceKind =
  | 'vpc'
  | 'subnet'
  | 'network-acl'
  | 'internet-gateway'
  | 'route-table'
  | 'elastic-ip'
  | 'natgateway'
  | 'network-interface'
  | 'security-group'
  | 'security-group-rule'
  | 'vpc-endpoint'
  | 'vpc-flow-log';
