import { AwsError } from '../kernel/aws-error.ts';
import { formParameters } from './form.ts';
import type { Protocol } from './protocol.ts';
import { deserializeForm, xmlAnswer } from './query.ts';
import type { QueryDialect } from './query-shape.ts';
import { operationNamed } from './shape.ts';
import { attribute, element, textElement, writeMembers, XML_DECLARATION } from './xml-writer.ts';

const dialect: QueryDialect = {
  memberKey(name, member) {
    const { ec2QueryName, xmlName } = member.getMergedTraits();
    if (typeof ec2QueryName === 'string') return ec2QueryName;
    const key = xmlName ?? name;
    return key.charAt(0).toUpperCase() + key.slice(1);
  },
  isFlat: () => true,
  // Confirmed by docs: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (the code).
  refuse: (value, expected, path) =>
    new AwsError(
      'InvalidParameterValue',
      `Value (${value}) for parameter ${path} is invalid. Expected a ${expected}.`,
    ),
};

/** EC2's variant of the query protocol: every list flat, names capitalized, no result element, its own error document. */
export const ec2Query: Protocol = {
  name: 'ec2-query',
  operationOf: (request) => formParameters(request).get('Action') ?? undefined,
  deserialize: (request, model, operation) => deserializeForm(request, model, operation, dialect),
  serialize(model, operation, output, requestId) {
    const { output: schema } = operationNamed(model, operation);
    const members = schema.isUnitSchema() ? '' : writeMembers(schema, output ?? {});
    // Confirmed by docs: operations without output answer <return>true</return>.
    const content =
      textElement('requestId', requestId) + (schema.isUnitSchema() ? textElement('return', 'true') : members);
    const namespace = attribute('xmlns', `${model.xmlNamespace}/`);
    return xmlAnswer(200, requestId, XML_DECLARATION + element(`${operation}Response`, content, namespace));
  },
  serializeError(_model, _operation, error, requestId) {
    const errors = element('Error', textElement('Code', error.code) + textElement('Message', error.message));
    const content = element('Errors', errors) + textElement('RequestID', requestId);
    return xmlAnswer(error.status, requestId, XML_DECLARATION + element('Response', content));
  },
};
