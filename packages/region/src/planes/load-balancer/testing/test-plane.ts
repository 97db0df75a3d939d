/** A plane with real sockets for one file of tests: its targets are servers of this process, its clients speak bytes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type {
  ConfigureOutcome,
  CounterReport,
  LoadBalancerConfiguration,
  LoggedRequest,
  RuleConfiguration,
  TargetConfiguration,
  TargetGroupConfiguration,
  TlsCertificate,
  TlsConfiguration,
} from '../../../services/elbv2/ports.ts';
import {
  type CertificateOptions,
  type TestCertificate,
  testCertificate,
} from '../../../testing/certificates.ts';
import { AddressBook } from '../../address-book.ts';
import { LoadBalancerPlane, type LoadBalancerPlaneOptions } from '../load-balancer-plane.ts';

export const GET = get('/');

export function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
}

export interface TestTarget<S extends Server | TcpServer = Server | TcpServer> extends TargetConfiguration {
  readonly server: S;
  readonly local: number;
}

/** Everything is closed by `close`, to be given to `after`. */
export function testPlane(options: Omit<LoadBalancerPlaneOptions, 'addresses'> = {}) {
  const book = new AddressBook();
  const counted: CounterReport[] = [];
  const logged: LoggedRequest[] = [];
  const reported = new EventTarget();
  const plane = new LoadBalancerPlane({ addresses: book, httpPort: 0, httpsPort: 0, ...options });
  plane.watchCounters((reports) => {
    counted.push(...reports);
    reported.dispatchEvent(new Event('report'));
  });
  plane.watchRequests((batches) => {
    logged.push(...batches.flatMap(({ requests }) => requests));
    reported.dispatchEvent(new Event('logged'));
  });
  const servers: (Server | TcpServer)[] = [];
  const sockets = new Set<Socket>();
  let names = 0;

  async function close(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    await plane.close();
    for (const server of servers) {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
    }
  }

  function httpTarget(listener: RequestListener): Promise<TestTarget<Server>> {
    return listening(createServer(listener));
  }

  function tcpTarget(accept: (socket: Socket) => void): Promise<TestTarget<TcpServer>> {
    return listening(
      createTcpServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        accept(socket);
      }),
    );
  }

  async function listening<S extends Server | TcpServer>(server: S): Promise<TestTarget<S>> {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const local = address !== null && typeof address === 'object' ? address.port : 0;
    names += 1;
    const ip = `10.0.0.${names}`;
    book.register(ip, 3000, { host: '127.0.0.1', port: local });
    return { server, local, ip, port: 3000, status: 'healthy' };
  }

  /** A load balancer of its own in the plane, and clients for it. */
  async function balanced(
    targets: readonly TargetConfiguration[],
    attributes: Partial<LoadBalancerConfiguration['attributes']> = {},
    rules: readonly RuleConfiguration[] = [],
    group: Partial<TargetGroupConfiguration> = {},
  ) {
    names += 1;
    const name = `lb-${names}`;
    const configure = (now: readonly TargetConfiguration[]) =>
      plane.configure(configuration(name, now, attributes, rules, group));
    return reached(name, await configure(targets), configure);
  }

  /** Any configuration, and clients for its first listener. */
  async function configured(given: LoadBalancerConfiguration) {
    return reached(given.loadBalancerArn, await plane.configure(given), undefined);
  }

  function reached<R>(name: string, { listeners }: ConfigureOutcome, retarget: R) {
    const [listener] = listeners;
    assert.equal(listener?.kind, 'listening');
    const port = listener?.kind === 'listening' ? listener.port : 0;
    return {
      name,
      port,
      retarget,
      remove: () => plane.remove(name),
      connect: () => client(port),
      connectTls: (options: ConnectionOptions = {}) => tlsClient(port, options),
      /** Sends a request and returns the whole answer. */
      async ask(request: string): Promise<string> {
        const asked = await client(port);
        asked.write(request);
        const answer = await asked.answer();
        asked.close();
        return answer;
      },
    };
  }

  const client = (port: number) => clientOf(connect({ host: '127.0.0.1', port }), 'connect');

  /** One that trusts every certificate, and asks for `localhost` unless told otherwise. */
  async function tlsClient(port: number, options: ConnectionOptions) {
    const socket = connectTls({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      rejectUnauthorized: false,
      ...options,
    });
    return { socket, ...(await clientOf(socket, 'secureConnect')) };
  }

  async function clientOf(socket: Socket, connected: string) {
    sockets.add(socket);
    let text = '';
    let isOver = false;
    const changed = new EventTarget();
    const tell = () => changed.dispatchEvent(new Event('change'));
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      tell();
    });
    socket.on('close', () => {
      isOver = true;
      tell();
    });
    await once(socket, connected);
    socket.on('error', () => {});
    const wait = async (isDone: () => boolean): Promise<void> => {
      while (!isDone()) await once(changed, 'change', { signal: AbortSignal.timeout(10_000) });
    };
    return {
      write: (data: string) => socket.write(data, 'latin1'),
      close: () => socket.destroy(),
      end: () => socket.end(),
      received: () => text,
      ended: () => wait(() => isOver),
      async until(pattern: RegExp): Promise<string> {
        await wait(() => pattern.test(text) || isOver);
        assert.match(text, pattern);
        return text;
      },
      /** One whole answer, by its length, its last chunk or its end. */
      async answer(): Promise<string> {
        await wait(() => isOver || isWhole(text));
        return text;
      },
    };
  }

  return {
    book,
    plane,
    sockets,
    counted,
    logged,
    reported,
    httpTarget,
    tcpTarget,
    balanced,
    configured,
    close,
  };
}

export function configuration(
  name: string,
  targets: readonly TargetConfiguration[],
  attributes: Partial<LoadBalancerConfiguration['attributes']>,
  rules: readonly RuleConfiguration[],
  group: Partial<TargetGroupConfiguration> = {},
): LoadBalancerConfiguration {
  const forward = { kind: 'forward', targetGroups: [{ targetGroupArn: 'tg', weight: 1 }] } as const;
  return {
    loadBalancerArn: name,
    dnsName: `${name}.elb.amazonaws.com`,
    cookieKey: '00112233445566778899aabbccddeeff',
    attributes: {
      idleTimeoutSeconds: 60,
      clientKeepAliveSeconds: 3600,
      desyncMitigationMode: 'defensive',
      dropInvalidHeaderFields: false,
      preserveHostHeader: false,
      xffHeaderProcessing: 'append',
      xffClientPort: false,
      http2: true,
      tlsHeaders: false,
      ...attributes,
    },
    listeners: [
      {
        listenerArn: `${name}/80`,
        port: 80,
        serverHeader: true,
        rules: [...rules, { priority: 0, conditions: [], action: forward }],
      },
    ],
    targetGroups: [
      {
        targetGroupArn: 'tg',
        algorithm: 'round_robin',
        ...group,
        targets: targets.map(({ ip, port, status, share }) => ({
          ip,
          port,
          status,
          ...(share !== undefined && { share }),
        })),
      },
    ],
  };
}

/** The same load balancer with its listener on 443, by TLS. */
export function overTls(
  given: LoadBalancerConfiguration,
  defaultCertificate: TlsCertificate,
  more: Partial<TlsConfiguration> = {},
): LoadBalancerConfiguration {
  return {
    ...given,
    listeners: given.listeners.map((listener) => ({
      ...listener,
      port: 443,
      tls: {
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.3',
        ciphers: ['TLS_AES_128_GCM_SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
        defaultCertificate,
        certificates: [],
        ...more,
      },
    })),
  };
}

/** A certificate as a listener is given it. */
export function listenerCertificate(
  options: CertificateOptions = {},
  name = options.names?.[0] ?? 'localhost',
): TlsCertificate & { readonly made: TestCertificate } {
  const made = testCertificate(options);
  const isRsa = made.key.asymmetricKeyType === 'rsa';
  return {
    made,
    certificateArn: `arn:aws:acm:eu-central-1:000000000000:certificate/${name}`,
    certificate: made.certificate,
    privateKey: made.privateKey,
    names: options.names ?? ['localhost'],
    keyAlgorithm: isRsa ? 'RSA_2048' : 'EC_prime256v1',
    signatureAlgorithm: isRsa ? 'SHA256WITHRSA' : 'SHA256WITHECDSA',
    notBefore: 0,
    notAfter: 0,
  };
}

function isWhole(text: string): boolean {
  const head = text.slice(0, text.indexOf('\r\n\r\n') + 4);
  if (head === '' || /Connection: close/i.test(head)) return false;
  const length = /^Content-Length: (\d+)/im.exec(head)?.[1];
  return length === undefined ? text.endsWith('0\r\n\r\n') : text.length >= head.length + Number(length);
}
