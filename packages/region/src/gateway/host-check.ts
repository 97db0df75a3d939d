/**
 * A page in a browser can make requests to 127.0.0.1, and by DNS rebinding even read the answers; the `Host` header then
 * carries the page's own name. So only names that mean this machine are answered, and the AWS names that a client sends
 * when its endpoint is set by a proxy or a hosts file.
 */
export function isAllowedHost(host: string | undefined, extra: readonly string[] = []): boolean {
  if (host === undefined) return false;
  const name = host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '');
  if (/^127(\.\d{1,3}){3}$/.test(name) || name === '::1') return true;
  return ['localhost', 'amazonaws.com', ...extra].some(
    (suffix) => name === suffix || name.endsWith(`.${suffix}`),
  );
}
