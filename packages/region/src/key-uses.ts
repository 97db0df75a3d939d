import type { Instant } from './kernel/instant.ts';
import type { ServiceName } from './kernel/service-calls.ts';
import { catalog } from './models/catalog.ts';
import type { KeyUse, KeyUses } from './services/iam/ports.ts';

/**
 * When users' access keys were last used, for GetAccessKeyLastUsed. In memory: a write for each request would cost more
 * than the request, and what is asked is whether a key is still in use.
 */
export class KeyUsesInMemory implements KeyUses {
  readonly #region: string;
  readonly #uses = new Map<string, KeyUse>();

  constructor(region: string) {
    this.#region = region;
  }

  note(accessKeyId: string | undefined, service: ServiceName, at: Instant): void {
    if (!accessKeyId?.startsWith('AKIA')) return;
    this.#uses.set(accessKeyId, { at, service: catalog[service].signingName, region: this.#region });
  }

  lastUse(accessKeyId: string): KeyUse | undefined {
    return this.#uses.get(accessKeyId);
  }
}
