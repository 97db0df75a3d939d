import type { ManifestStore } from '../../services/ecr/ports.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { ImageStore } from '../images/image-store.ts';

/** Chosen: longer than any push takes between its first layer and its manifest. */
const unusedForMs = 60 * 60 * 1000;

/**
 * ECR's bytes: manifests beside their layers in the blob store, and images made ready from them.
 * @param stores.blobs a store of ECR's own: whatever ECR does not name is removed from it
 */
export function manifestStore(stores: {
  readonly blobs: BlobStore;
  readonly images: Pick<ImageStore, 'keepOnly'>;
}): ManifestStore {
  const { blobs, images } = stores;
  return {
    async keep(manifest) {
      await blobs.put(Buffer.from(manifest));
    },
    async keepOnly(sha256s) {
      const wanted = new Set(sha256s);
      await blobs.keepOnly(wanted, { unusedForMs });
      await images.keepOnly(wanted);
    },
  };
}
