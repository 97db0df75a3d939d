import { AwsError } from '../../kernel/aws-error.ts';

// Texts Known: as AWS's CLI shows them in public reports, unless a line says otherwise.

export function loadBalancerNotFound(names?: readonly string[]): AwsError {
  const text = names
    ? `Load balancers '[${names.join(', ')}]' not found`
    : 'One or more load balancers not found';
  return new AwsError('LoadBalancerNotFound', text);
}

export function targetGroupNotFound(): AwsError {
  return new AwsError('TargetGroupNotFound', 'One or more target groups not found');
}

export function listenerNotFound(): AwsError {
  return new AwsError('ListenerNotFound', 'One or more listeners not found');
}

export function ruleNotFound(): AwsError {
  return new AwsError('RuleNotFound', 'One or more rules not found');
}

export function duplicateLoadBalancerName(name: string): AwsError {
  return new AwsError(
    'DuplicateLoadBalancerName',
    `A load balancer with the same name '${name}' exists, but with different settings`,
  );
}

export function duplicateTargetGroupName(name: string): AwsError {
  return new AwsError(
    'DuplicateTargetGroupName',
    `A target group with the same name '${name}' exists, but with different settings`,
  );
}

export function duplicateListener(loadBalancerArn: string): AwsError {
  return new AwsError(
    'DuplicateListener',
    `A listener already exists on this port for this load balancer '${loadBalancerArn}'`,
  );
}

export function targetGroupInUse(arn: string): AwsError {
  return new AwsError('ResourceInUse', `Target group '${arn}' is currently in use by a listener or a rule`);
}

export function targetGroupOfOtherLoadBalancer(arn: string): AwsError {
  return new AwsError(
    'TargetGroupAssociationLimit',
    `The following target groups cannot be associated with more than one load balancer: ${arn}`,
  );
}

export function priorityInUse(priority: number): AwsError {
  return new AwsError('PriorityInUse', `Priority '${priority}' is currently in use`);
}

export function operationNotPermitted(message: string): AwsError {
  return new AwsError('OperationNotPermitted', message);
}

export function invalidConfiguration(message: string): AwsError {
  return new AwsError('InvalidConfigurationRequest', message);
}

export function invalidLoadBalancerAction(message: string): AwsError {
  return new AwsError('InvalidLoadBalancerAction', message);
}

/** `InvalidConfigurationRequest` where a target group is changed: the other one is none of that operation's errors. */
export function groupStickinessRequired(
  code: 'InvalidLoadBalancerAction' | 'InvalidConfigurationRequest' = 'InvalidLoadBalancerAction',
): AwsError {
  return new AwsError(
    code,
    'You must enable group stickiness on a rule if you enabled target stickiness on one of its target groups',
  );
}

export function subnetNotFound(message: string): AwsError {
  return new AwsError('SubnetNotFound', message);
}

export function invalidSecurityGroup(message: string): AwsError {
  return new AwsError('InvalidSecurityGroup', message);
}

export function invalidTarget(message: string): AwsError {
  return new AwsError('InvalidTarget', message);
}

export function unsupportedProtocol(message: string): AwsError {
  return new AwsError('UnsupportedProtocol', message);
}

export function sslPolicyNotFound(name: string): AwsError {
  return new AwsError('SSLPolicyNotFound', `SSL policy '${name}' not found`);
}

export function certificateNotFound(arn: string): AwsError {
  return new AwsError('CertificateNotFound', `Certificate '${arn}' not found`);
}

export function unsupportedCertificate(arn: string): AwsError {
  return new AwsError(
    'UnsupportedCertificate',
    `The certificate '${arn}' must have a fully-qualified domain name, a supported signature, and a supported key size.`,
  );
}

/** Text ours. */
export function alpnPolicyNotSupported(): AwsError {
  return new AwsError(
    'ALPNPolicyNotFound',
    "ALPN policies are not supported by load balancers with type 'application'",
  );
}

export function limitExceeded(code: string, message: string): AwsError {
  return new AwsError(code, message);
}

export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}
