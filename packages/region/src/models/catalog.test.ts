import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog, type ProtocolName, serviceNames } from './catalog.ts';

interface ClientConfig {
  readonly protocol: { getShapeId(): string };
  readonly protocolSettings: {
    readonly version: string;
    readonly serviceTarget: string;
    readonly xmlNamespace?: string;
    readonly awsQueryCompatible?: boolean;
  };
  readonly defaultSigningName: string;
}

type Client = new (config: object) => { readonly config: ClientConfig; destroy(): void };

const shapeIds: Readonly<Record<ProtocolName, string>> = {
  query: 'aws.protocols#awsQuery',
  'ec2-query': 'aws.protocols#ec2Query',
  'json-1.0': 'aws.protocols#awsJson1_0',
  'json-1.1': 'aws.protocols#awsJson1_1',
  'rest-xml': 'aws.protocols#restXml',
  'rest-json': 'aws.protocols#restJson1',
  'rpc-cbor': 'smithy.protocols#rpcv2Cbor',
  s3: 'aws.protocols#restXml',
};

for (const service of serviceNames) {
  test(`the catalog says of ${service} what its SDK client is configured with`, async () => {
    const entry = catalog[service];
    const exported = (await import(entry.client)) as Record<string, unknown>;
    const name = Object.keys(exported).find((key) => /.Client$/.test(key)) ?? '';
    const client = new (exported[name] as Client)({ region: 'eu-central-1' });
    const { protocol, protocolSettings, defaultSigningName } = client.config;
    assert.equal(entry.signingName, defaultSigningName);
    assert.equal(shapeIds[entry.protocol], protocol.getShapeId());
    assert.equal(entry.version, protocolSettings.version);
    assert.equal(entry.target, protocolSettings.serviceTarget);
    assert.equal(entry.xmlNamespace, protocolSettings.xmlNamespace);
    assert.equal(entry.isQueryCompatible, protocolSettings.awsQueryCompatible);
    client.destroy();
  });
}
