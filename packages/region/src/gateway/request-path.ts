import { AwsError } from '../kernel/aws-error.ts';
import type { BlobRef } from '../kernel/blob.ts';
import type { Principal } from '../kernel/context.ts';
import type { ServiceName } from '../kernel/service-calls.ts';
import { loadModel, type ServiceModel } from '../models/model.ts';
import { dechunked, isAwsChunked } from '../wire/aws-chunked.ts';
import type { HttpRequest, HttpResponse } from '../wire/http.ts';
import { identify } from '../wire/identify.ts';
import type { Protocol } from '../wire/protocol.ts';
import { loadProtocol } from '../wire/protocols.ts';
import { streamingInputMember, streamingOutputMember } from '../wire/shape.ts';
import { unknownOperation } from '../wire/unknown-operation.ts';
import { authenticate, type Clocks, type FindCredential, signedService } from './authentication.ts';
import { decompressed, isCompressed } from './content-encoding.ts';

/** An answer's head and, for large bodies, where its bytes come from. */
export interface Answer {
  readonly response: HttpResponse;
  readonly stream?: AsyncIterable<Uint8Array>;
}

/** A streaming output as services give it: bytes `start` to `end` (inclusive) of blobs one after the other. */
export interface StreamedBody {
  readonly blobs: readonly BlobRef[];
  readonly start: number;
  readonly end: number;
}

export interface RequestPathOptions {
  readonly clocks: () => Clocks;
  readonly newRequestId: () => string;
  readonly region: string;
  readonly findCredential: FindCredential;
  readonly dispatch: (request: {
    readonly service: ServiceName;
    readonly operation: string;
    readonly input: object;
    readonly caller: Principal;
    readonly requestId: string;
  }) => Promise<unknown>;
  readonly storeBody: (body: Uint8Array) => Promise<BlobRef>;
  readonly readBody: (body: StreamedBody) => AsyncIterable<Uint8Array>;
  readonly warn: (code: string, text: string) => void;
}

/**
 * What happens to each AWS request, in this order: whose is it, who sends it, what is asked, is it well-formed; then the
 * kernel's `invoke` decides whether the caller may, and runs it. Everything refused is answered in the protocol's form.
 */
export async function answerRequest(options: RequestPathOptions, request: HttpRequest): Promise<Answer> {
  const requestId = options.newRequestId();
  const signedFor = signedService(request);
  const plain = isCompressed(request) ? await decompressed(request) : request;
  const identity = identify(plain, signedFor === undefined ? {} : { service: signedFor });
  if (!identity) return { response: unknownService(signedFor, requestId) };
  const [model, protocol] = await Promise.all([loadModel(identity.service), loadProtocol(identity.protocol)]);
  let operation: string | undefined;
  try {
    operation = protocol.operationOf(plain, model);
    const target = { ...identity, operation };
    const caller = authenticate(request, target, options.region, options.findCredential, options.clocks());
    const known = knownOperation(protocol, model, operation);
    const whole = isAwsChunked(plain) ? dechunked(plain) : plain;
    const input = await readInput(options, protocol, model, known, whole);
    const output = await options.dispatch({
      service: identity.service,
      operation: known,
      input,
      caller,
      requestId,
    });
    return writeOutput(options, protocol, model, known, output, requestId);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { response: protocol.serializeError(model, operation, error, requestId) };
  }
}

function knownOperation(protocol: Protocol, model: ServiceModel, operation: string | undefined): string {
  if (operation !== undefined && model.operation(operation)) return operation;
  throw unknownOperation(protocol.name, operation, model);
}

async function readInput(
  options: RequestPathOptions,
  protocol: Protocol,
  model: ServiceModel,
  operation: string,
  request: HttpRequest,
): Promise<object> {
  const { input, unknownMembers } = protocol.deserialize(request, model, operation);
  for (const member of unknownMembers) {
    options.warn(
      'unknown-member',
      `${model.service} ${operation}: ${member} is no member of this operation; ignored.`,
    );
  }
  const streaming = streamingInputMember(model, operation);
  if (streaming === undefined) return input;
  return { ...input, [streaming]: await options.storeBody(request.body) };
}

function writeOutput(
  options: RequestPathOptions,
  protocol: Protocol,
  model: ServiceModel,
  operation: string,
  output: unknown,
  requestId: string,
): Answer {
  const response = protocol.serialize(model, operation, output ?? {}, requestId);
  const streaming = streamingOutputMember(model, operation);
  const body =
    streaming === undefined ? undefined : (output as Record<string, StreamedBody | undefined>)[streaming];
  if (!body || !('blobs' in body)) return { response };
  const length = body.end - body.start + 1;
  const status = response.headers['content-range'] === undefined ? response.status : 206;
  const headers = { ...response.headers, 'content-length': String(length) };
  return { response: { ...response, status, headers }, stream: options.readBody(body) };
}

function unknownService(service: string | undefined, requestId: string): HttpResponse {
  const message =
    service === undefined
      ? 'The request names no AWS service: it is not signed and has no X-Amz-Target or Action.'
      : `The service ${service} is not modelled by this local region. What is: packages/region/README.md`;
  return {
    status: 501,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': 'NotModelled',
    },
    body: JSON.stringify({ __type: 'NotModelled', message }),
  };
}
