import { ContainerError } from '../processes/container-plane.ts';
import { startFailureText } from '../processes/executable.ts';

/**
 * Words a refused start as Fargate does. Engines put their own words around the runtime's, e.g. Podman:
 * `runc: runc create failed: unable to start container process: exec: "x": … in $PATH: OCI runtime attempted to invoke …`
 */
export function cannotStart(error: unknown): ContainerError {
  if (error instanceof ContainerError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const [, detail] =
    /unable to start container process: (?:error during container init: )?(.*?)(?:: unknown|: OCI [^:]*)*$/s.exec(
      text,
    ) ?? [];
  return new ContainerError(
    'CannotStartContainerError',
    detail === undefined ? text : startFailureText(detail),
  );
}
