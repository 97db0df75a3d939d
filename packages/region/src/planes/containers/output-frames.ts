import { PassThrough, type Readable } from 'node:stream';

/** The two streams of a container without a terminal. Both end when the source does. */
export interface SplitOutput {
  readonly stdout: Readable;
  readonly stderr: Readable;
}

const headBytes = 8;

/**
 * Takes apart what an engine sends of a container's output: frames of one byte for the stream (1 stdout, 2 stderr), three
 * zeros, four bytes of length, then the bytes. https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Container/operation/ContainerAttach
 */
export function splitOutput(source: Readable): SplitOutput {
  const output = { stdout: new PassThrough(), stderr: new PassThrough() };
  void pump(source, output);
  return output;
}

async function pump(source: Readable, output: { stdout: PassThrough; stderr: PassThrough }): Promise<void> {
  const head = Buffer.alloc(headBytes);
  let headSize = 0;
  let left = 0;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; ) {
        if (left === 0) {
          const taken = chunk.copy(head, headSize, at, at + headBytes - headSize);
          at += taken;
          headSize += taken;
          if (headSize < headBytes) break;
          left = head.readUInt32BE(4);
          headSize = 0;
          continue;
        }
        const bytes = chunk.subarray(at, at + left);
        at += bytes.length;
        left -= bytes.length;
        await write(head[0] === 2 ? output.stderr : output.stdout, bytes);
      }
    }
  } catch {
    // The connection broke: what arrived is kept.
  }
  output.stdout.end();
  output.stderr.end();
}

function write(stream: PassThrough, bytes: Buffer): Promise<void> | undefined {
  if (stream.write(bytes)) return undefined;
  return new Promise((resolve) => {
    stream.once('drain', resolve);
  });
}
