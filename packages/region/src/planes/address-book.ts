/** Where something with an address of the VPC really listens. */
export interface LocalAddress {
  readonly host: string;
  readonly port: number;
}

/** What the data planes need: real addresses, and word when they change. */
export interface AddressResolver {
  resolve(ip: string, port: number): LocalAddress | undefined;
  /** Calls `changed` after every change, until the returned function is called. */
  onChange(changed: () => void): () => void;
}

/**
 * Maps the region's private addresses (`10.0.1.23:3000`) to real ones (`127.0.0.1:41234`). The plane that runs a task
 * registers it; the load balancer resolves its targets here.
 */
export class AddressBook implements AddressResolver {
  readonly #addresses = new Map<string, LocalAddress>();
  readonly #listeners = new Set<() => void>();

  register(ip: string, port: number, address: LocalAddress): void {
    this.#addresses.set(`${ip}:${port}`, address);
    this.#tell();
  }

  /** Forgets one port of an address, or all of them when no port is given. */
  unregister(ip: string, port?: number): void {
    if (port !== undefined) this.#addresses.delete(`${ip}:${port}`);
    else for (const key of this.#addresses.keys()) if (key.startsWith(`${ip}:`)) this.#addresses.delete(key);
    this.#tell();
  }

  resolve(ip: string, port: number): LocalAddress | undefined {
    return this.#addresses.get(`${ip}:${port}`);
  }

  onChange(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
