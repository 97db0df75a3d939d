import type { ManifestStore } from '../../services/ecr/ports.ts';
import type { BlobStore } from '../blobs/blob-store.ts';

/** Chosen: longer than any push takes between its first layer and its manifest. */
const unusedForMs = 60 * 60 * 1000;

/** ECR's manifests beside their layers, in the blob store of the registry. */
export function blobManifestStore(blobs: BlobStore): ManifestStore {
  return {
    keep: async (manifest) => {
      await blobs.put(Buffer.from(manifest));
    },
    keepOnly: (sha256s) => blobs.keepOnly(new Set(sha256s), { unusedForMs }),
  };
}
