/**
 * The key that signs SNS's messages: made with the first message, kept in the home, readable by its owner only. Receivers
 * check signatures by its certificate, which the region serves at the URL that each message names.
 */
import {
  createPrivateKey,
  createPublicKey,
  createSign,
  generateKeyPair,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { MessageSigner as MessageSignerPort, Signature } from '../../services/sns/ports.ts';
import { selfSigned } from './certificate.ts';

/** As AWS's path begins. */
export const certificatePath = '/SimpleNotificationService-';

export interface MessageSignerOptions {
  readonly home: string;
  readonly endpointUrl: () => string;
  /** Milliseconds since 1970: the certificate is valid from then. */
  readonly now: () => number;
}

interface Keys {
  readonly key: KeyObject;
  /** PEM. */
  readonly certificate: string;
  readonly name: string;
}

export class MessageSigner implements MessageSignerPort {
  readonly #options: MessageSignerOptions;
  #keys: Promise<Keys> | undefined;

  constructor(options: MessageSignerOptions) {
    this.#options = options;
  }

  async sign(text: string, version: '1' | '2'): Promise<Signature> {
    const { key, name } = await this.#load();
    const signature = createSign(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256')
      .update(text, 'utf8')
      .sign(key, 'base64');
    return { signature, certificateUrl: `${this.#options.endpointUrl()}${certificatePath}${name}.pem` };
  }

  /** The certificate (PEM) that is served at this path; undefined when there is none. */
  async certificate(path: string): Promise<string | undefined> {
    const { certificate, name } = await this.#load();
    return path === `${certificatePath}${name}.pem` ? certificate : undefined;
  }

  #load(): Promise<Keys> {
    this.#keys ??= this.#read().catch((error: unknown) => {
      this.#keys = undefined;
      throw error;
    });
    return this.#keys;
  }

  async #read(): Promise<Keys> {
    const file = join(this.#options.home, 'sns-signing.pem');
    const pem = await readFile(file, 'utf8').catch(() => undefined);
    const text = pem ?? (await this.#create(file));
    const certificate = text.slice(text.indexOf('-----BEGIN CERTIFICATE'));
    const key = createPrivateKey(text);
    const body = certificate.replace(/-----[^-]+-----|\s/g, '');
    return { key, certificate, name: Buffer.from(body, 'base64').toString('hex').slice(-32) };
  }

  async #create(file: string): Promise<string> {
    const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
    const certificate = selfSigned({
      privateKey,
      publicKey: createPublicKey(privateKey),
      commonName: 'sns.amazonaws.com of a local Plimsoll region',
      serial: randomBytes(8),
      from: this.#options.now(),
    });
    const text = `${privateKey.export({ type: 'pkcs8', format: 'pem' })}${certificate}`;
    const handle = await open(`${file}.new`, 'w', 0o600);
    await handle.writeFile(text);
    await handle.sync();
    await handle.close();
    await rename(`${file}.new`, file);
    return text;
  }
}
