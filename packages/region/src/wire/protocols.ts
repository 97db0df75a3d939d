import type { ProtocolName } from '../models/catalog.ts';
import type { Protocol } from './protocol.ts';

const loaders: { readonly [P in ProtocolName]: () => Promise<Protocol> } = {
  query: async () => (await import('./query.ts')).query,
  'ec2-query': async () => (await import('./ec2-query.ts')).ec2Query,
  'json-1.0': async () => (await import('./json.ts')).json10,
  'json-1.1': async () => (await import('./json.ts')).json11,
  'rest-xml': async () => (await import('./rest-xml.ts')).restXml,
  'rest-json': async () => (await import('./rest-json.ts')).restJson,
  'rpc-cbor': async () => (await import('./rpc-cbor.ts')).rpcCbor,
  s3: async () => (await import('./s3.ts')).s3,
};

/** The protocol's implementation, loaded on first use. */
export const loadProtocol = (name: ProtocolName): Promise<Protocol> => loaders[name]();
