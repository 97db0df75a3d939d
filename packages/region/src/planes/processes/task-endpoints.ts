import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the endpoints answer with; given by the composition root from ECS's views and STS. */
export interface TaskDocuments {
  /** Metadata of one container, as `${ECS_CONTAINER_METADATA_URI_V4}` answers it. */
  container(containerId: string, taskArn: string): Promise<object | undefined>;
  /** Metadata of the task, as `/task` answers it; with tags for `/taskWithTags`. */
  task(taskArn: string, options: { readonly withTags: boolean }): Promise<object | undefined>;
  /** Credentials of the task's role. */
  credentials(taskArn: string, taskRoleArn: string): Promise<TaskCredentials>;
}

export interface TaskCredentials {
  readonly RoleArn: string;
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly Token: string;
  /** ISO 8601. */
  readonly Expiration: string;
}

export interface TaskEndpoint {
  /** `ECS_CONTAINER_METADATA_URI_V4` */
  readonly metadataUri: string;
  /** `AWS_CONTAINER_CREDENTIALS_FULL_URI` and `AWS_CONTAINER_AUTHORIZATION_TOKEN`; absent without a task role. */
  readonly credentials?: { readonly uri: string; readonly authorizationToken: string };
}

interface Registration {
  readonly containerId: string;
  readonly taskArn: string;
  readonly taskRoleArn?: string;
  readonly authorizationToken: string;
}

/**
 * The task metadata endpoint version 4 and the container credentials endpoint. On AWS they are at 169.254.170.2, which
 * only the task reaches; here they are at 127.0.0.1, so their paths are unguessable and credentials ask for a token.
 */
export class TaskEndpoints {
  readonly #documents: TaskDocuments;
  readonly #server: Server;
  /** By the secret id in the path. */
  readonly #registrations = new Map<string, Registration>();

  constructor(documents: TaskDocuments) {
    this.#documents = documents;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Listens on a free port of 127.0.0.1. */
  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => resolve());
    });
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  register(
    containerId: string,
    task: { readonly taskArn: string; readonly taskRoleArn?: string },
  ): TaskEndpoint {
    const id = randomBytes(16).toString('hex');
    const authorizationToken = randomBytes(32).toString('hex');
    this.#registrations.set(id, { containerId, ...task, authorizationToken });
    const { port } = this.#server.address() as AddressInfo;
    const base = `http://127.0.0.1:${port}`;
    return {
      metadataUri: `${base}/v4/${id}`,
      ...(task.taskRoleArn === undefined
        ? {}
        : { credentials: { uri: `${base}/v2/credentials/${id}`, authorizationToken } }),
    };
  }

  unregister(containerId: string): void {
    for (const [id, registration] of this.#registrations) {
      if (registration.containerId === containerId) this.#registrations.delete(id);
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const [status, body] = await this.#route(request);
      const text = JSON.stringify(body);
      response.writeHead(status, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(text),
      });
      response.end(text);
    } catch (error) {
      response.writeHead(500, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ code: 'InternalServerError', message: String(error) }));
    }
  }

  async #route(request: IncomingMessage): Promise<[number, object]> {
    if (request.method !== 'GET')
      return [405, { code: 'MethodNotAllowed', message: 'only GET is answered here' }];
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const [, kind, id = '', path] = /^\/(v4|v2\/credentials)\/([0-9a-f]+)(?:\/(.*))?$/.exec(pathname) ?? [];
    const registration = this.#registrations.get(id);
    if (registration === undefined) return notFound;
    return kind === 'v4'
      ? this.#metadata(registration, path ?? '')
      : this.#credentials(registration, request.headers.authorization);
  }

  async #metadata({ containerId, taskArn }: Registration, path: string): Promise<[number, object]> {
    switch (path) {
      case '':
        return found(await this.#documents.container(containerId, taskArn));
      case 'task':
        return found(await this.#documents.task(taskArn, { withTags: false }));
      case 'taskWithTags':
        return found(await this.#documents.task(taskArn, { withTags: true }));
      case 'stats':
      case 'task/stats':
        return [
          501,
          { code: 'NotModelled', message: 'container statistics are not modelled by this local region yet' },
        ];
      default:
        return notFound;
    }
  }

  async #credentials(
    { taskArn, taskRoleArn, authorizationToken }: Registration,
    given: string | undefined,
  ): Promise<[number, object]> {
    if (taskRoleArn === undefined) return notFound;
    if (!isSame(given ?? '', authorizationToken)) {
      return [
        401,
        { code: 'AccessDenied', message: 'the Authorization header is not this container’s token' },
      ];
    }
    return [200, await this.#documents.credentials(taskArn, taskRoleArn)];
  }
}

const notFound: [number, object] = [404, { code: 'NotFound', message: 'there is no such container or path' }];

function found(document: object | undefined): [number, object] {
  return document === undefined ? notFound : [200, document];
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
