/** Who is at fault: AWS answers 4xx for the client and 5xx for the server. */
export type Fault = 'client' | 'server';

export interface AwsErrorOptions {
  /** HTTP status; default 400. */
  readonly status?: number;
  readonly fault?: Fault;
  /** Further members of the error's shape, as the SDK's error class names them. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/**
 * What AWS would refuse. Thrown by operations and lookups, put on the wire in the protocol's own form, and recorded by
 * CloudFormation as a resource's reason; nothing else catches it. The code is the wire code (`awsQueryError` where the
 * service has one), without the `Exception` that some SDK classes add.
 */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly fault: Fault;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: AwsErrorOptions = {}) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = options.status ?? 400;
    this.fault = options.fault ?? (this.status >= 500 ? 'server' : 'client');
    this.fields = options.fields ?? {};
  }
}

/**
 * The answer to everything that this region does not model: it names itself. 501 because clients do not retry it.
 * @param what for instance `ecs CreateTaskSet` or `ecs CreateService: member serviceConnectConfiguration`
 */
export function notModelled(what: string, service: string): AwsError {
  return new AwsError(
    'NotModelled',
    `${what} is not modelled by this local region. What is: packages/region/src/services/${service}/README.md`,
    { status: 501 },
  );
}
