/** The part of an OCI image's config that running it needs. Names are the OCI image specification's. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  readonly User?: string;
}

/** An image that lies unpacked on this machine, ready to run. */
export interface PulledImage {
  /** `sha256:<hex>` of the manifest that was asked for. */
  readonly digest: string;
  /** Absolute path of the unpacked file system. Shared by every container of this image: nothing writes there. */
  readonly rootfs: string;
  readonly config: ImageConfig;
}
