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
  return byRpcPath(request) ?? byTarget(request) ?? bySigning(request, signing.service);
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

/**
 * A query service is told by the `Version` as well: unsigned requests have nothing else (STS `AssumeRoleWithWebIdentity`),
 * and services of one signing name differ in it. Other unsigned requests can only be meant for S3, which knows anonymous
 * access.
 */
function bySigning(request: HttpRequest, signingName: string | undefined): Identity | undefined {
  const signed = find((entry) => entry.signingName === signingName);
  if (signed !== undefined && !readsQuery(catalog[signed])) return identity(signed);
  const parameters = formParameters(request);
  if (parameters.has('Action'))
    return queryIdentity(
      byVersion(parameters.get('Version'), signed, signingName) ?? byUnsigned(parameters.get('Action')),
    );
  if (signingName !== undefined) return identity(signed);
  return identity(find((entry) => entry.protocol === 's3'));
}

function byVersion(
  version: string | null,
  signed: ServiceName | undefined,
  signingName: string | undefined,
): ServiceName | undefined {
  if (version === null) return signed;
  const isSigner = (entry: ServiceEntry): boolean =>
    signingName === undefined || entry.signingName === signingName;
  return find((entry) => readsQuery(entry) && entry.version === version && isSigner(entry));
}

/** Links in messages name the operation alone: `/?Action=ConfirmSubscription&…`. */
function byUnsigned(action: string | null): ServiceName | undefined {
  return find((entry) => action !== null && entry.unsigned?.includes(action) === true);
}

const identity = (service: ServiceName | undefined): Identity | undefined =>
  service && { service, protocol: catalog[service].protocol };

const queryIdentity = (service: ServiceName | undefined): Identity | undefined =>
  service && { service, protocol: isQuery(catalog[service]) ? catalog[service].protocol : 'query' };

const readsQuery = (entry: ServiceEntry): boolean => isQuery(entry) || entry.isQueryCompatible === true;

const isQuery = (entry: ServiceEntry): boolean =>
  entry.protocol === 'query' || entry.protocol === 'ec2-query';

const find = (matches: (entry: ServiceEntry) => boolean): ServiceName | undefined =>
  serviceNames.find((service) => matches(catalog[service]));
