import { AwsError } from '../kernel/aws-error.ts';
import type { ServiceModel } from '../models/model.ts';
import { formParameters, formTree, isEnvelope } from './form.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import type { Deserialized, Protocol, WireError } from './protocol.ts';
import { type QueryDialect, readQuery } from './query-shape.ts';
import { operationNamed } from './shape.ts';
import { attribute, element, textElement, writeMembers } from './xml-writer.ts';

const dialect: QueryDialect = {
  memberKey: (name, member) => member.getMergedTraits().xmlName ?? name,
  isFlat: (list) => list.getMergedTraits().xmlFlattened === 1,
  // Chosen: AWS answers MalformedInput without saying more; the place and the value are ours.
  refuse: (value, expected, path) =>
    new AwsError('MalformedInput', `Could not read '${value}' at ${path} as a ${expected}`),
};

/** AWS query: parameters in a form, the answer in XML within `<Operation>Response` and `<Operation>Result`. */
export const query: Protocol = {
  name: 'query',
  operationOf: (request) => formParameters(request).get('Action') ?? undefined,
  deserialize: (request, model, operation) => deserializeForm(request, model, operation, dialect),
  serialize(model, operation, output, requestId) {
    const { output: schema } = operationNamed(model, operation);
    const result = schema.isUnitSchema()
      ? ''
      : element(`${operation}Result`, writeMembers(schema, output ?? {}));
    const metadata = element('ResponseMetadata', textElement('RequestId', requestId));
    return xmlAnswer(200, requestId, element(`${operation}Response`, result + metadata, xmlns(model)));
  },
  serializeError(model, _operation, error, requestId) {
    const shape = model.error(error.code);
    const content =
      textElement('Type', error.fault === 'server' ? 'Receiver' : 'Sender') +
      textElement('Code', shape?.code ?? error.code) +
      textElement('Message', error.message) +
      (shape ? writeMembers(shape.schema, fieldsOf(error)) : '');
    const body = element(
      'ErrorResponse',
      element('Error', content) + textElement('RequestId', requestId),
      xmlns(model),
    );
    return xmlAnswer(shape?.status ?? error.status, requestId, body);
  },
};

/** Shared by the query protocol and EC2's. */
export function deserializeForm(
  request: HttpRequest,
  model: ServiceModel,
  operation: string,
  dialect: QueryDialect,
): Deserialized {
  const tree = formTree(formParameters(request));
  const { input: schema } = operationNamed(model, operation);
  const members = schema.isUnitSchema() ? [] : [...schema.structIterator()];
  const known = new Set(members.map(([name, member]) => dialect.memberKey(name, member)));
  return {
    input: schema.isUnitSchema() ? {} : (readQuery(schema, tree, dialect) as Record<string, unknown>),
    unknownMembers: [...tree.children.keys()].filter((name) => !known.has(name) && !isEnvelope(name)),
  };
}

/** The error's further members; its message has its own place. */
export function fieldsOf(error: WireError): Readonly<Record<string, unknown>> {
  const { message: _, Message: __, ...fields } = error.fields ?? {};
  return fields;
}

export function xmlAnswer(status: number, requestId: string, body: string): HttpResponse {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}

const xmlns = (model: ServiceModel): string =>
  model.xmlNamespace === undefined ? '' : attribute('xmlns', model.xmlNamespace);
