import type { ServiceName } from '../kernel/service-calls.ts';
import { catalog, type ProtocolName, type ServiceEntry, serviceNames } from '../models/catalog.ts';
import { formParameters } from './form.ts';
import type { HttpRequest } from './http.ts';

/** Whose request it is and how it is written. */
export interface Identity {
  readonly service: ServiceName;
  readonly protocol: ProtocolName;
}

/**
 * @param signing the service in the SigV4 credential scope, if the request is signed
 * @returns undefined if the request belongs to no service of the region
 */
export function identify(request: HttpRequest, signing: { readonly service?: string }): Identity | undefined {
  return (
    byRpcPath(request) ?? byTarget(request) ?? byAction(request, signing.service) ?? byRest(signing.service)
  );
}

const RPC_PATH = /^\/(?:.*\/)?service\/([^/]+)\/operation\/[^/]+$/;

function byRpcPath(request: HttpRequest): Identity | undefined {
  if (request.headers['smithy-protocol'] !== 'rpc-v2-cbor') return undefined;
  const target = RPC_PATH.exec(request.path)?.[1];
  const service = find((entry) => entry.target === target);
  return service && { service, protocol: 'rpc-cbor' };
}

function byTarget(request: HttpRequest): Identity | undefined {
  const target = request.headers['x-amz-target']?.split('.')[0];
  if (target === undefined) return undefined;
  const service = find((entry) => entry.target === target);
  const version = request.headers['content-type']?.startsWith('application/x-amz-json-1.0')
    ? 'json-1.0'
    : 'json-1.1';
  return service && { service, protocol: version };
}

/** Unsigned requests (STS `AssumeRoleWithWebIdentity`) and those signed for another name are told by their `Version`. */
function byAction(request: HttpRequest, signingName: string | undefined): Identity | undefined {
  const signed = find((entry) => entry.signingName === signingName);
  if (signed !== undefined && !isQuery(catalog[signed])) return undefined;
  const parameters = formParameters(request);
  if (!parameters.has('Action')) return undefined;
  const version = parameters.get('Version');
  const service =
    version === null
      ? signed
      : find(
          (entry) =>
            isQuery(entry) &&
            entry.version === version &&
            (signingName === undefined || entry.signingName === signingName),
        );
  return service && { service, protocol: catalog[service].protocol };
}

/** What is left are REST requests. Unsigned ones can only be meant for S3, which allows anonymous access. */
function byRest(signingName: string | undefined): Identity | undefined {
  const service = find((entry) =>
    signingName === undefined ? entry.protocol === 's3' : entry.signingName === signingName,
  );
  return service && { service, protocol: catalog[service].protocol };
}

const isQuery = (entry: ServiceEntry): boolean =>
  entry.protocol === 'query' || entry.protocol === 'ec2-query';

const find = (matches: (entry: ServiceEntry) => boolean): ServiceName | undefined =>
  serviceNames.find((service) => matches(catalog[service]));
