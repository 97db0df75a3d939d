import type { Principal } from '../../kernel/context.ts';

/** Where ECR keeps bytes. `manifestStore` of the registry plane implements it. */
export interface ManifestStore {
  /** Keeps a manifest beside the layers, so that it can be pulled by its digest. Idempotent. */
  keep(manifest: string): Promise<void>;
  /** Drops every blob that is not named (SHA-256 in hexadecimal) and was not written lately. */
  keepOnly(sha256s: readonly string[]): Promise<void>;
}

/** What the registry plane (the OCI distribution API) needs of ECR. Refusals are `AwsError`s. */
export interface ImageRegistry {
  /** Who logged in with this password of GetAuthorizationToken, or `undefined` when it is unknown or expired. */
  authenticate(password: string): Promise<Principal | undefined>;
  repositories(caller: Principal): Promise<readonly string[]>;
  tags(caller: Principal, repositoryName: string): Promise<readonly string[]>;
  /** Bytes of a layer or config that this repository holds. */
  layerSize(caller: Principal, repositoryName: string, digest: string): Promise<number | undefined>;
  /** Notes a layer whose bytes are already in the blob store. */
  addLayer(
    caller: Principal,
    repositoryName: string,
    layer: { readonly digest: string; readonly sizeInBytes: number },
  ): Promise<void>;
  /** @param reference a tag or a digest */
  image(caller: Principal, repositoryName: string, reference: string): Promise<RegistryImage>;
  /** Pushing what is there already under that tag succeeds. */
  putImage(
    caller: Principal,
    repositoryName: string,
    image: { readonly reference: string; readonly manifest: string; readonly mediaType: string | undefined },
  ): Promise<{ readonly digest: string }>;
  deleteImage(caller: Principal, repositoryName: string, reference: string): Promise<void>;
}

export interface RegistryImage {
  readonly digest: string;
  readonly manifest: string;
  readonly mediaType: string;
}

/** What an image's name in a task definition stands for. */
export type ResolvedImage =
  | { readonly kind: 'found'; readonly digest: string; readonly manifest: string; readonly mediaType: string }
  /** `reason` is the text after `CannotPullContainerError: `. */
  | { readonly kind: 'failed'; readonly reason: string };
