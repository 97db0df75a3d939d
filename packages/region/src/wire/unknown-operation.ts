import { AwsError } from '../kernel/aws-error.ts';
import type { ProtocolName } from '../models/catalog.ts';
import type { ServiceModel } from '../models/model.ts';

/**
 * The answer to an operation that the service's API does not have, or to a request that names none.
 * Confirmed by docs: InvalidAction is among the common errors of query services, MethodNotAllowed among those of S3;
 * UnknownOperationException is what the JSON protocols define: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export function unknownOperation(
  protocol: ProtocolName,
  operation: string | undefined,
  model: ServiceModel,
): AwsError {
  switch (protocol) {
    case 'query':
      return operation === undefined
        ? new AwsError('MissingAction', 'Missing Action')
        : new AwsError('InvalidAction', `Could not find operation ${operation} for version ${model.version}`);
    case 'ec2-query':
      return operation === undefined
        ? new AwsError('MissingAction', 'The request is missing an action or a required parameter.')
        : new AwsError('InvalidAction', `The action ${operation} is not valid for this web service.`);
    case 's3':
    case 'rest-xml':
      return new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
        status: 405,
      });
    default:
      return new AwsError(
        'UnknownOperationException',
        operation === undefined ? '' : `Unknown operation ${operation}`,
        {
          status: protocol === 'rpc-cbor' || protocol === 'rest-json' ? 404 : 400,
        },
      );
  }
}
