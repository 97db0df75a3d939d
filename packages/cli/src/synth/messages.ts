import type { ResolvedEnvironment, Synthesis } from '@plimsoll/blueprint';

/** What the synthesis process is asked to do. */
export interface SynthesisRequest {
  readonly definition: string;
  readonly environment: string;
  /** Folder for the cloud assembly. Absent: the definition is read, and nothing is synthesized. */
  readonly outdir?: string;
  /** Default: no. */
  readonly validate?: boolean;
  /** Folder in which a synthesis is remembered, absolute. */
  readonly cache?: string;
}

/** What it answers: the definition as soon as it is read, then the stacks; or why not. */
export type SynthesisMessage =
  | { readonly kind: 'resolved'; readonly resolved: ResolvedEnvironment }
  | { readonly kind: 'synthesized'; readonly synthesis: Synthesis; readonly key?: string }
  | { readonly kind: 'refused'; readonly text: string };
