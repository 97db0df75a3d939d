import type { ProtocolName } from '../models/catalog.ts';
import type { ServiceModel } from '../models/model.ts';
import type { HttpRequest, HttpResponse } from './http.ts';

/** An error as services throw it (`AwsError` is one), to be written in the protocol's own form. */
export interface WireError {
  /** The wire code, or the name of the SDK's error class. */
  readonly code: string;
  readonly message: string;
  readonly status: number;
  readonly fault: 'client' | 'server';
  /** Further members of the error's shape. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface Deserialized {
  /** As the SDK's types have it: Date for timestamps, Uint8Array for blobs. Members that were not sent are absent. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Top-level members that the request names and the model does not have. AWS ignores most and refuses some. */
  readonly unknownMembers: readonly string[];
}

/**
 * The server's side of one AWS protocol, driven by a service's schemas. Malformed requests are thrown as `AwsError` with
 * the code that AWS uses in that protocol and a message that says where.
 */
export interface Protocol {
  readonly name: ProtocolName;
  /** @returns the operation's name as the request has it or as its route says; the model may not know it. */
  operationOf(request: HttpRequest, model: ServiceModel): string | undefined;
  /** A streaming member of the input is left out: see `streamingInputMember`. */
  deserialize(request: HttpRequest, model: ServiceModel, operation: string): Deserialized;
  /** A streaming member of the output that is neither string nor bytes is left to the caller: the body is empty. */
  serialize(model: ServiceModel, operation: string, output: unknown, requestId: string): HttpResponse;
  serializeError(
    model: ServiceModel,
    operation: string | undefined,
    error: WireError,
    requestId: string,
  ): HttpResponse;
}

/**
 * A service that once spoke the query protocol tells its clients the old code beside the new shape's name.
 * Confirmed by docs: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html (awsQueryCompatible).
 */
export function queryErrorHeader(model: ServiceModel, error: WireError): Readonly<Record<string, string>> {
  if (model.isQueryCompatible !== true) return {};
  const code = model.error(error.code)?.code ?? error.code;
  return { 'x-amzn-query-error': `${code};${error.fault === 'server' ? 'Receiver' : 'Sender'}` };
}
